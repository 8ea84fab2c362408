"""How much the text looks like an advertisement; usable without the rest of the project."""

from workers.checks.spam.score import check_spam, spam_score

__all__ = ["check_spam", "spam_score"]

"""How much the text looks like an advertisement; usable without the rest of the project."""

from workers.checks.spam.model import spam_probability

__all__ = ["spam_probability"]

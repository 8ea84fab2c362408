"""The site's word lists, whole words, matched on folded text."""

from commentdesk.domain.finding import Finding, Reason, bad, clean, suspect
from commentdesk.domain.submission import Submission
from commentdesk.domain.text import fold
from workers.checks.context import CheckContext, ListedWord

NAME = "words"
_BANNED = 0.9
_SUSPECT = 0.5


def check_words(submission: Submission, context: CheckContext) -> Finding:
    """Bad with a banned word, suspect with a suspect one; allowed phrases are taken out first."""
    text = _padded(f"{submission.name}\n{submission.title}\n{submission.content}")
    for word in context.words:
        if word.kind == "allowed":
            text = text.replace(f" {word.folded} ", "  ")
    banned = _found(text, context, "banned")
    doubtful = _found(text, context, "suspect")
    reasons = [Reason("word_banned", word.text) for word in banned]
    reasons += [Reason("word_suspect", word.text) for word in doubtful]
    if banned:
        return bad(NAME, _BANNED, reasons)
    return suspect(NAME, _SUSPECT, reasons) if doubtful else clean(NAME)


def _found(text: str, context: CheckContext, kind: str) -> list[ListedWord]:
    return [w for w in context.words if w.kind == kind and f" {w.folded} " in text]


def _padded(text: str) -> str:
    """Folded, punctuation as blanks, so that a whole word stands between blanks."""
    return " " + " ".join("".join(c if c.isalnum() else " " for c in fold(text)).split()) + " "

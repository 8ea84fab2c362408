"""The text, read once for all checks: folded for matching, with the way back to what was typed."""

from workers.checks.reading.contact import Contact, ContactKind
from workers.checks.reading.read import (
    Reading,
    SubmissionReading,
    read_submission,
    spaced,
)
from workers.checks.reading.view import View

__all__ = [
    "Contact",
    "ContactKind",
    "Reading",
    "SubmissionReading",
    "View",
    "read_submission",
    "spaced",
]

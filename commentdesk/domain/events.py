"""Changes of state as CloudEvents 1.0 records."""

from datetime import datetime
from typing import Any

from commentdesk.domain.moments import stamp
from commentdesk.domain.state import State

SOURCE = "/commentdesk/ledger"
# The event of a correction, which leads back to `received` without being received anew.
CORRECTED = "corrected"


def event_type(event: str) -> str:
    """Of a state that was entered, or CORRECTED."""
    return f"comment.{event}"


def cloud_event(
    event_id: str, state: State, submission: str, article: str, at: datetime
) -> dict[str, Any]:
    """The record (CloudEvents 1.0, JSON format); it carries no word of the reader's."""
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": SOURCE,
        "type": event_type(state),
        "subject": submission,
        "time": stamp(at),
        "datacontenttype": "application/json",
        "data": {"id": submission, "article": article, "state": str(state)},
    }

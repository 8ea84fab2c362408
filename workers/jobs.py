"""The jobs by their wire names: each hands its ids to the code that does the work."""

from commentdesk.ledger.erase import erase_old
from commentdesk.ledger.second_looks import pick_second_looks
from workers.check import check_submissions
from workers.learn import learn_from_decisions
from workers.process import this_process
from workers.publish import publish_comments, retract_comments
from workers.rehearse import rehearse_rules


def check(ids: list[str]) -> None:
    """Check, decide and record what of these still waits for it."""
    process = this_process()
    process.run(check_submissions(process, ids))


def publish(ids: list[str]) -> None:
    """Put what of these is approved into the article store."""
    process = this_process()
    process.run(publish_comments(process, ids))


def retract(ids: list[str]) -> None:
    """Take what of these is removed out of the article store."""
    process = this_process()
    process.run(retract_comments(process, ids))


def retain() -> None:
    """Erase personal data whose time is over."""
    process = this_process()
    process.run(erase_old(process.ledger))


def learn() -> None:
    """Learn from moderators' decisions what spam is here."""
    process = this_process()
    process.run(learn_from_decisions(process.ledger))


def second_look() -> None:
    """Pick decisions to come back to another moderator."""
    process = this_process()
    process.run(pick_second_looks(process.ledger))


def rehearse(ids: list[str] | None = None) -> None:
    """Try these rules, or all that wait, on what came lately."""
    process = this_process()
    process.run(rehearse_rules(process, ids))

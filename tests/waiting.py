"""Submissions put on the desk at once, past intake and checks: for what begins there."""

import secrets
from dataclasses import replace

from commentdesk.database import now
from commentdesk.domain.finding import Finding, Reason, clean, suspect
from commentdesk.domain.policy import Verdict
from commentdesk.domain.state import Action, Work
from commentdesk.domain.submission import Submission
from commentdesk.ledger import Ledger
from commentdesk.ledger.admit import Admission, admit
from commentdesk.ledger.changes import new_id
from commentdesk.ledger.claim import claim
from commentdesk.ledger.record import record_verdicts
from commentdesk.ledger.tables import fingerprints
from tests.reader import ARTICLE

LINK = suspect("links", 0.5, [Reason("link", "vidu.com")])
NOTHING = clean("links")
_MODEL = Submission(
    id="",
    article=ARTICLE,
    name="Nguyễn Thị Hương",
    title="Bài hay",
    content="Cảm ơn tác giả.",
    language="vi",
    received_at=now(),
    phone="0912345678",
    address="192.0.2.7",
    browser="b",
)


async def wait_for_moderators(
    ledger: Ledger, count: int = 1, finding: Finding = LINK, *, alike: bool = False, **fields: str
) -> list[str]:
    """So many with these fields, held for this finding; `alike`: they are one campaign. The ids."""
    made = [
        replace(_MODEL, id=new_id(), received_at=now(), **fields)  # type: ignore[arg-type]
        for _ in range(count)
    ]
    await admit(ledger, [Admission(each, secrets.token_bytes(16)) for each in made])
    ids = [each.id for each in made]
    claims = await claim(ledger, Work.CHECK, ids)
    verdict = Verdict(Action.HOLD, finding.score, (finding,))
    await record_verdicts(ledger, [(taken, verdict) for taken in claims])
    if alike:
        at = now()
        async with ledger.database.writing() as connection:
            await connection.execute(
                fingerprints.insert(),
                [
                    {"submission": each, "at": at, "article": ARTICLE, "campaign": ids[0]}
                    for each in ids
                ],
            )
    return ids

"""The check job on a ledger of its own: what is admitted, checked, decided, one after another."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sql
import uuid_utils

from commentdesk.database import now
from commentdesk.domain.submission import Submission
from commentdesk.ledger import desk
from commentdesk.ledger.admit import Admission, admit
from commentdesk.ledger.decide import decide
from commentdesk.ledger.desk import Entry
from commentdesk.ledger.tables import submissions
from tests.installation import Installation
from workers.check import check_submissions
from workers.process import WorkerProcess

ARTICLES = ("bai-mot", "bai-hai")
SAID = "Sáng nay tôi đi bộ quanh hồ, gặp nhiều người quen cũ và nói chuyện về bài báo này rất lâu."
HONEST = Submission(
    id="",
    article=ARTICLES[0],
    name="Nguyễn Thị Hương",
    title="Một ý kiến",
    content="Tôi thấy bài viết nói đúng.",
    language="vi",
    received_at=now(),
    address="203.0.113.7",
    browser="203.0.113.0/24\nFirefox\nvi",
)


class Worker:
    """A worker process, with the settings given in place of the installation's."""

    def __init__(self, site: Installation, **settings: Any) -> None:
        self.process = WorkerProcess(site.settings.model_copy(update=settings))
        self.ledger = self.process.ledger

    def close(self) -> None:
        self.process.close()

    def admit(self, **fields: Any) -> str:
        """A submission that waits for its check; its id."""
        made = replace(HONEST, id=str(uuid_utils.uuid7()), received_at=now())
        made = replace(made, **fields)
        self.process.run(admit(self.ledger, [Admission(made, secrets.token_bytes(16))]))
        return made.id

    def check(self, *ids: str) -> None:
        self.process.run(check_submissions(self.process, list(ids)))

    def checked(self, **fields: Any) -> Entry:
        """Admitted and checked; as the desk sees it."""
        submission = self.admit(**fields)
        self.check(submission)
        return self.entry(submission)

    def entry(self, submission: str) -> Entry:
        found = self.process.run(desk.entry(self.ledger, submission))
        assert found
        return found

    def decide(self, action: str, submission: str) -> None:
        version = self.entry(submission).version
        items = [(submission, version)]
        [done] = self.process.run(decide(self.ledger, items=items, action=action, actor="mai"))
        assert done.result == "done"

    def move(self, ids: Sequence[str], **columns: datetime | str | None) -> None:
        """Set columns by hand, as time or another process would."""
        self.run(submissions.update().where(submissions.c.id.in_(ids)).values(**columns))

    def run(self, *statements: Any) -> list[Any]:
        """Run statements in a transaction; the rows of the last."""

        async def ran() -> list[Any]:
            async with self.ledger.database.writing() as connection:
                for statement in statements:
                    result = await connection.execute(statement)
                return list(result.all()) if result.returns_rows else []

        return self.process.run(ran())

    def rows(self, table: sql.Table) -> list[Any]:
        return self.run(sql.select(table))


def codes(entry: Entry) -> set[str]:
    return {reason["code"] for finding in entry.findings for reason in finding["reasons"]}

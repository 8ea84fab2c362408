"""Moderators' decisions become a version of the site's own layer, and a version can be left."""

import secrets
from datetime import UTC, datetime

import pytest

from commentdesk.domain.submission import Submission
from commentdesk.ledger import Ledger
from commentdesk.ledger.admit import Admission, admit
from commentdesk.ledger.changes import new_id
from commentdesk.ledger.decide import decide
from commentdesk.ledger.erase import erase
from commentdesk.ledger.learned import (
    NoSuchVersion,
    judged_by_moderators,
    list_learned,
    newest_version,
    roll_back,
)
from tests.installation import Installation
from tests.operator import succeeds
from workers.check import check_submissions
from workers.learn import learn_from_decisions
from workers.lists import SiteLists
from workers.process import WorkerProcess

SPAM = "Hội yêu hoa lan mở buổi chia sẻ, ai có duyên hãy đến nhé lần {}!"
HONEST = "Xem http://vidu-{}.com để thấy đường này kẹt xe thế nào."


async def decided(site: Installation, ledger: Ledger, count: int) -> list[str]:
    """Comments of both kinds that moderators decided on; their ids, spam first."""
    await site.start("articles")
    texts = [SPAM.format(n) for n in range(count)] + [HONEST.format(n) for n in range(count)]
    made = [
        Submission(
            id=new_id(),
            article="pho-di-bo-mua-thu",
            name="Hương",
            title="Ý kiến",
            content=f"{text} vidu.com",
            language="vi",
            received_at=datetime.now(UTC),
        )
        for text in texts
    ]
    await admit(ledger, [Admission(each, secrets.token_bytes(16)) for each in made])
    ids = [each.id for each in made]
    process = WorkerProcess(site.settings)
    process.run(check_submissions(process, ids))
    process.close()
    for chosen, action, reason in ((ids[:count], "reject", "spam"), (ids[count:], "approve", "")):
        items = [(submission, 2) for submission in chosen]
        outcomes = await decide(ledger, items=items, action=action, actor="mai", reason=reason)
        assert {outcome.result for outcome in outcomes} == {"done"}
    return ids


async def test_decisions_are_learned_used_rolled_back_and_learned_again(
    fragile: Installation,
) -> None:
    ledger = fragile.ledger()
    lists = SiteLists(fragile.settings, ledger)
    assert await learn_from_decisions(ledger) is None
    assert not (await lists.facts()).learned.weights

    await decided(fragile, ledger, 15)
    assert await learn_from_decisions(ledger) == 1
    [version] = await list_learned(ledger)
    assert (version.facts["decisions"], version.facts["spam"]) == (30, 15)
    assert (await SiteLists(fragile.settings, ledger).facts()).learned.weights

    assert await roll_back(ledger, None, "mai") == 2
    assert not (await SiteLists(fragile.settings, ledger).facts()).learned.weights
    assert await learn_from_decisions(ledger) is None, "a roll-back holds"
    assert await newest_version(ledger) == 2

    told = command(fragile, "resume") + command(fragile, "now") + command(fragile, "versions")
    assert "version in force: 3" in told
    with pytest.raises(NoSuchVersion):
        await roll_back(ledger, 17, "mai")
    await ledger.close()


async def test_a_decision_taken_back_and_a_comment_erased_teach_nothing(
    fragile: Installation,
) -> None:
    ledger = fragile.ledger()
    ids = await decided(fragile, ledger, 3)
    [back] = await decide(ledger, items=[(ids[0], 3)], action="restore", actor="nam")
    assert back.result == "done"
    await erase(ledger, ids[1], "mai")
    judged = await judged_by_moderators(ledger, 100)
    assert sorted(each.spam for each in judged) == [False] * 4 + [True]
    assert len(await judged_by_moderators(ledger, 2)) == 2
    await ledger.close()


def command(site: Installation, *words: str) -> str:
    """`commentdesk learn …`, by the settings of the environment."""
    return succeeds("learn", *words, settings=site.environment)

"""What a caller may not set stays as it is, whatever else is written into the form."""

import re
from typing import Any

import pytest

from commentdesk.ledger.accounts import list_accounts
from commentdesk.ledger.tables import submissions, words
from tests.installation import PASSWORD, Installation
from tests.reader import ARTICLE, DOUBTFUL, Desk, Reader

NOT_THEIRS: dict[str, Any] = {
    **{"id": "1", "state": "published", "status": "approved", "version": 99, "work": "publish"},
    **{"received_at": "2000-01-01T00:00:00Z", "score": 0, "spam_score": 0, "fence": 7},
    **{"role": "admin", "actor": "mai", "client": {"form": "x"}, "address": "203.0.113.9"},
    **{"phone_proven": True, "phone_code": "123456"},
    **{"article": "library-of-things", "language": "xx", "stuck_at": None, "is_admin": True},
}


@pytest.mark.parametrize("kind", ["json", "data"])
async def test_a_reader_sets_the_forms_fields_alone(
    site: Installation, reader: Reader, kind: str
) -> None:
    form = {**reader.form(**DOUBTFUL), **NOT_THEIRS}
    if kind == "data":
        form = {name: str(value) for name, value in form.items()}
    url = f"{site.intake}/v1/articles/{ARTICLE}/comments"
    async with reader.http.post(url, **{kind: form}) as response:  # type: ignore[arg-type]
        assert response.status == 202
        submission = (await response.json())["id"]
    await reader.reaches(submission, "held")
    ledger = site.ledger()
    async with ledger.database.reading() as connection:
        query = submissions.select().where(submissions.c.id == submission)
        row = (await connection.execute(query)).one()
    await ledger.close()
    assert (row.article, row.state, row.version, row.work) == (ARTICLE, "held", 2, None)
    assert (row.language, row.stuck_at) == ("vi", None)
    assert row.received_at.year > 2000
    assert row.fence < NOT_THEIRS["fence"]
    assert row.phone_proven is False
    assert row.address_masked != "203.0.…"
    assert set(row.client) == {"form"}
    assert row.client["form"] != "x"


async def test_a_decision_is_signed_by_the_session(
    site: Installation, reader: Reader, desk: Desk
) -> None:
    submission = await reader.accepted(**DOUBTFUL)
    await reader.reaches(submission, "held")
    signed = {"actor": "nam", "at": "2000-01-01T00:00:00Z", "state": "published", "role": "admin"}
    await desk.decides("reject", submission, **signed)
    found = await desk.find(submission)
    assert (found["state"], found["decision"]["actor"]) == ("rejected", "mai")
    assert [row["actor"] for row in found["history"]] == ["mai"]
    assert found["decision"]["at"] > "2026"


async def test_no_moderator_makes_an_admin_of_anyone(site: Installation) -> None:
    nam = await Desk.log_in(site, "nam")
    headers = {"X-CSRF-Token": nam.csrf, "Origin": site.moderation}
    tries = {
        "/accounts": {"login": "eve", "role": "admin"},
        "/login": {"login": "nam", "password": PASSWORD, "role": "admin", "is_admin": "1"},
        "/stuck/replay": {"role": "admin", "login": "nam"},
        "/account/password": {"password": PASSWORD, "account": "mai", "role": "admin"},
    }
    for path, form in tries.items():
        async with nam.http.post(site.moderation + path, data=form, headers=headers) as response:
            assert response.status in {200, 403, 422}
        page = await nam.page("/")
        headers["X-CSRF-Token"] = re.findall(r'name="csrf" value="([^"]+)"', page)[0]
    ledger = site.ledger()
    roles = {account.login: account.role for account in await list_accounts(ledger)}
    await ledger.close()
    assert roles == {"mai": "admin", "nam": "moderator"}
    await nam.close()


async def test_a_word_is_signed_by_the_session(site: Installation, desk: Desk) -> None:
    form = {"text": "từ lạ", "kind": "suspect", "actor": "nam", "id": "1", "folded": "khac"}
    headers = {"X-CSRF-Token": desk.csrf, "Origin": site.moderation}
    url = f"{site.moderation}/rules/words"
    async with desk.http.post(url, data=form, headers=headers) as response:
        assert response.status == 200
    ledger = site.ledger()
    async with ledger.database.reading() as connection:
        query = words.select().where(words.c.text == "từ lạ")
        row = (await connection.execute(query)).one()
    await ledger.close()
    assert (row.actor, row.folded) == ("mai", "tu la")
    assert row.id != "1"


@pytest.mark.parametrize("extra", [{"views": 9}, {"id": "x"}, {"removed": True}, {"role": "admin"}])
async def test_the_store_refuses_fields_it_does_not_know(
    site: Installation, reader: Reader, extra: dict[str, Any]
) -> None:
    story = {
        **{"title": "Tựa", "lead": "", "body": "", "language": "vi"},
        **{"published_at": "2026-09-02T01:00:00Z", **extra},
    }
    headers = {"Authorization": f"Bearer {site.token}"}
    url = f"{site.articles}/v1/articles/mass-assigned"
    async with reader.http.put(url, json=story, headers=headers) as response:
        assert response.status == 422
    async with reader.http.get(url) as response:
        assert response.status == 404

"""The desk by its API: views and filters, batches and undo, notes, people, sections."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import unquote

import aiohttp
import pytest
import pytest_asyncio
import sqlalchemy as sql

from commentdesk.ledger import Ledger
from commentdesk.ledger.articles import KnownArticle, remember
from commentdesk.ledger.erase import erase
from commentdesk.ledger.tables import accounts, audit, decisions, notes
from tests.conftest import sqlite_urls
from tests.installation import Installation, Postgres, Redis, until
from tests.reader import ARTICLE, Desk
from tests.waiting import NOTHING, wait_for_moderators

NOBODYS = "0" * 36


@pytest_asyncio.fixture(
    scope="module",
    loop_scope="module",
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)],
)
async def bureau(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, redis: Redis
) -> AsyncIterator[Installation]:
    """The console alone: Mai, Nam and the editor Biên; Lan is there for the section sport."""
    folder = tmp_path_factory.mktemp("bureau")
    urls = sqlite_urls(folder)
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        urls = (await server.create(f"{secrets.token_hex(6)}-l"), urls[1])
    installation = Installation(folder, redis, urls, UNDO_SECONDS="60")
    installation.migrate()
    for login, role in (("mai", "moderator"), ("nam", "moderator"), ("bien", "editor")):
        await installation.account(login, role)
    await installation.account("lan")
    ledger = installation.ledger()
    for article, section in ((ARTICLE, "city"), ("tran-dau", "sport")):
        await remember(ledger, KnownArticle(article, article, "vi", "", "open", section))
    async with ledger.database.writing() as connection:
        await connection.execute(
            accounts.update().where(accounts.c.login == "lan").values(sections=["sport"])
        )
    await ledger.close()
    await installation.start("moderation")
    yield installation
    installation.stop()


@pytest.fixture
async def ledger(bureau: Installation) -> AsyncIterator[Ledger]:
    opened = bureau.ledger()
    yield opened
    await opened.close()


@pytest.fixture
async def at_desk(bureau: Installation) -> AsyncIterator[Callable[[str], Any]]:
    """Logs moderators in."""
    opened: list[Desk] = []

    async def log_in(login: str) -> Desk:
        opened.append(await Desk.log_in(bureau, login))
        return opened[-1]

    yield log_in
    for desk in opened:
        await desk.close()


async def send(
    desk: Desk, method: str, path: str, body: dict[str, Any] | None = None
) -> tuple[int, Any]:
    headers = {"X-CSRF-Token": desk.csrf, "Origin": desk.site.moderation}
    url = desk.site.moderation + path
    async with desk.http.request(method, url, json=body or {}, headers=headers) as response:
        text = await response.text()
        return response.status, json.loads(text) if text else None


async def search(desk: Desk, **fields: str) -> tuple[int, str]:
    """Where the search form leads."""
    headers = {"Origin": desk.site.moderation}
    url, form = f"{desk.site.moderation}/search", {"csrf": desk.csrf, **fields}
    async with desk.http.post(url, data=form, headers=headers, allow_redirects=False) as response:
        return response.status, response.headers.get("Location", "")


async def ids(desk: Desk, **query: str) -> list[str]:
    status, page = await desk.get("/v1/submissions", **{"limit": "100", **query})
    assert status == 200, page
    return [item["id"] for item in page["items"]]


async def test_each_filter_finds_what_it_says_and_no_more(
    ledger: Ledger, at_desk: Callable[[str], Any]
) -> None:
    mai = await at_desk("mai")
    # Never digits alone, which may be a phone number.
    token = f"dau{secrets.token_hex(4)}"
    [one] = await wait_for_moderators(
        ledger,
        name="Trần Văn Đức",
        title=f"Ý kiến {token}",
        content='Chỗ này bán "cốm làng Vòng" ngon.',
        phone="0987654321",
        address="198.51.100.9",
        language="en",
        article="tran-dau",
    )
    [other] = await wait_for_moderators(ledger, finding=NOTHING, title=f"Khác {token}")
    same = {"view": "waiting", "q": token}
    assert await ids(mai, **same) == [one, other]
    assert await ids(mai, **same, sort="newest") == [other, one]
    assert await ids(mai, **same, sort="riskiest") == [one, other]
    assert await ids(mai, **{**same, "view": "suspect"}) == [one]
    for said in (
        {"article": "tran-dau"},
        {"section": "sport"},
        {"check": "links"},
        {"reason": "link"},
        {"language": "en"},
        {"name": "van duc"},
        {"phone": one},
        {"ip": one},
        {"id": one},
        {"q": f"{token} COM lang"},
        {"q": f'"lang vong" {token}'},
        {"q": f'{token} name:"Văn Đức" section:sport lang:en check:links reason:link'},
    ):
        assert await ids(mai, **{**same, **said}) == [one], said
    assert await ids(mai, **{**same, "q": f'"vong lang" {token}'}) == []
    assert await ids(mai, **same, after="2020-01-01", before="2999-01-01") == [one, other]
    assert await ids(mai, **same, after="2999-01-01") == []
    assert await ids(mai, id=f"{one},{NOBODYS},{other}") == [one, other]
    # A decision is found by who made it and why.
    await mai.decides("reject", other, reason="off_topic")
    assert await ids(mai, view="mine", q=token) == [other]
    assert await ids(mai, state="all", decided_by="mai", reason="off_topic", q=token) == [other]
    assert await ids(mai, state="all", decided_by="machine", q=token) == []
    assert await ids(mai, view="rejected", q=f"{token} by:mai") == [other]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"view": "everything"}, "view"),
        ({"state": "gone"}, "state"),
        ({"q": "state:gone"}, "state"),
        ({"after": "yesterday"}, "after"),
        ({"q": "before:2026-13-01"}, "before"),
        ({"phone": "0912345678"}, "phone"),
        ({"q": "phone:0912345678"}, "phone"),
        ({"q": "ip:192.0.2.7"}, "ip"),
        ({"phone": NOBODYS}, "phone"),
        ({"campaign": "x"}, "campaign"),
        ({"fold": "on"}, "fold"),
        ({"id": "x"}, "id"),
        ({"id": ",".join([NOBODYS] * 101)}, "id"),
        ({"name": "a" * 201}, "name"),
    ],
)
async def test_what_cannot_be_answered_is_named(
    at_desk: Callable[[str], Any], query: dict[str, str], field: str
) -> None:
    mai = await at_desk("mai")
    status, answer = await mai.get("/v1/submissions", **query)
    assert status == 422
    assert [error["field"] for error in answer["errors"]] == [field]
    assert all("0912345678" not in str(error) for error in answer["errors"])
    async with mai.http.get(f"{mai.site.moderation}/", params=query) as response:
        assert response.status == 422


async def test_a_phone_or_address_that_is_searched_stands_in_no_address(
    ledger: Ledger, at_desk: Callable[[str], Any]
) -> None:
    mai = await at_desk("mai")
    [one] = await wait_for_moderators(ledger, phone="+84 355 123 987", address="2001:db8::7")
    for fields in (
        {"phone": "0355 123 987"},
        {"q": "phone:0355123987"},
        {"q": "0355 123 987"},
        {"q": "0355123987"},
        {"ip": "2001:db8::8"},
        {"q": "ip:2001:db8::7"},
        {"q": "2001:db8::9"},
    ):
        status, there = await search(mai, view="waiting", **fields)
        assert status == 303, fields
        assert "0355" not in there, fields
        assert "db8:" not in unquote(there), fields
        page = await mai.page(there.replace("%7E", "~"))
        assert one in page, (fields, there)
        assert "0355123987" not in page
    # A page that shows the filter masks it, and keeps it when more is asked.
    _, there = await search(mai, phone="0355123987")
    trace = there.partition("phone=")[2].replace("%7E", "~")
    assert (await search(mai, phone_now=trace, section="city"))[1].count("phone=") == 1
    assert (await search(mai, phone="12"))[0] == 422
    assert (await search(mai, ip="300.1.1.1"))[0] == 422
    status, there = await search(mai, view="suspect", q="state:rejected reason:spam hay")
    assert (status, there) == (303, "/?state=rejected&reason=spam&q=hay")


async def test_a_campaign_stands_as_one_is_decided_as_one_and_undone_as_one(
    ledger: Ledger, at_desk: Callable[[str], Any]
) -> None:
    mai, nam = await at_desk("mai"), await at_desk("nam")
    token = f"dau{secrets.token_hex(4)}"
    members = await wait_for_moderators(ledger, 150, alike=True, content=f"Mua ngay {token}")
    [alone] = await wait_for_moderators(ledger, content=f"Một mình {token}")
    query = {"view": "waiting", "q": token}
    status, page = await mai.get("/v1/submissions", **query)
    assert [item["id"] for item in page["items"]] == [members[0], alone]
    assert [item["campaign_waiting"] for item in page["items"]] == [150, 0]
    assert len(await ids(mai, **query, fold="off")) == 100
    assert await ids(mai, **query, campaign=members[0], limit="3") == members[:3]
    # The oldest that is left stands for the others.
    await mai.decides("approve", members[0])
    assert await ids(mai, **query) == [members[1], alone]
    body = {"campaign": members[0], "action": "reject", "reason": "spam"}
    status, answer = await send(mai, "POST", "/v1/decisions", body)
    assert status == 200
    assert {result["result"] for result in answer["results"]} == {"done"}
    assert len(answer["results"]) == 149
    assert await ids(mai, **query) == [alone]
    assert (await send(mai, "POST", "/v1/decisions", body))[0] == 404
    # One of them is decided meanwhile; the others go back.
    await nam.decides("restore", members[5])
    undo = f"/v1/decisions/{answer['batch']}/undo"
    assert (await send(nam, "POST", undo))[0] == 403
    status, undone = await send(mai, "POST", undo)
    assert status == 200
    results = {result["id"]: result for result in undone["results"]}
    assert results.pop(members[5])["decision"]["actor"] == "nam"
    assert {result["result"] for result in results.values()} == {"done"}
    assert {result["state"] for result in results.values()} == {"held"}
    assert (await send(mai, "POST", undo))[1]["results"][0]["result"] == "conflict"
    async with ledger.database.reading() as connection:
        query_of = sql.select(sql.func.count()).where(audit.c.submission.in_(members))
        rows = (await connection.execute(query_of)).scalar_one()
        made = sql.select(sql.func.count()).where(decisions.c.submission.in_(members))
        assert rows == (await connection.execute(made)).scalar_one() == 1 + 149 + 1 + 148


async def test_each_action_is_undone_to_where_it_was(
    ledger: Ledger, at_desk: Callable[[str], Any]
) -> None:
    mai, nam, bien = await at_desk("mai"), await at_desk("nam"), await at_desk("bien")
    [one] = await wait_for_moderators(ledger)
    assert (await send(mai, "POST", f"/v1/decisions/{NOBODYS}/undo"))[0] == 404
    for action, more, state in (
        ("approve", {}, "approved"),
        ("reject", {"reason": "spam"}, "rejected"),
        ("hold", {"held_for": "nam"}, "held"),
    ):
        answer = await mai.decides(action, one, **more)
        assert answer["undo_seconds"] == 60
        found = await mai.find(one)
        assert (found["state"], found["work"]) == (
            state,
            "publish" if state == "approved" else None,
        )
        assert found["held_for"] == more.get("held_for")
        if action == "hold":
            assert one in await ids(nam, view="mine")
        status, undone = await send(bien, "POST", f"/v1/decisions/{answer['batch']}/undo")
        assert status == 200, undone
        found = await mai.find(one)
        assert (found["state"], found["work"], found["held_for"]) == ("held", None, None)
        assert found["decision"]["action"] == "undo"
    # A restore goes back to the rejection it came from.
    await mai.decides("reject", one)
    answer = await mai.decides("restore", one)
    await send(mai, "POST", f"/v1/decisions/{answer['batch']}/undo")
    assert (await mai.find(one))["state"] == "rejected"
    # Once; and nothing is undone under a colleague's decision.
    status, refused = await send(mai, "POST", f"/v1/decisions/{answer['batch']}/undo")
    assert (status, refused["code"]) == (409, "conflict")
    assert refused["decision"]["action"] == "undo"
    for body in ({"action": "hold", "held_for": "nobody"}, {"action": "reject", "held_for": "nam"}):
        asked = {"items": [{"id": one, "seen_version": 9}], **body}
        assert (await send(mai, "POST", "/v1/decisions", asked))[0] == 422
    both = {"items": [{"id": one, "seen_version": 9}], "campaign": one, "action": "reject"}
    assert (await send(mai, "POST", "/v1/decisions", both))[0] == 422
    assert (await send(mai, "POST", "/v1/decisions", {"action": "reject"}))[0] == 422
    together = {"campaign": one, "action": "remove"}
    assert (await send(mai, "POST", "/v1/decisions", together))[0] == 422


async def test_notes_are_their_writers_and_go_with_their_submission(
    ledger: Ledger, at_desk: Callable[[str], Any]
) -> None:
    mai, nam = await at_desk("mai"), await at_desk("nam")
    [one] = await wait_for_moderators(ledger)
    path = f"/v1/submissions/{one}/notes"
    status, first = await send(mai, "POST", path, {"text": " Gọi <b>lại</b> cho tòa soạn "})
    assert status == 201
    assert first["text"] == "Gọi <b>lại</b> cho tòa soạn"
    _, second = await send(nam, "POST", path, {"text": "Xong"})
    assert [note["text"] for note in (await mai.find(one))["notes"]] == [first["text"], "Xong"]
    assert "&lt;b&gt;lại" in await mai.page(f"/submissions/{one}")
    assert (await send(mai, "DELETE", f"/v1/notes/{second['id']}"))[0] == 404
    assert (await send(nam, "DELETE", f"/v1/notes/{second['id']}"))[0] == 200
    for text in ("", "  \n", "a" * 2001, "a\x00"):
        assert (await send(mai, "POST", path, {"text": text}))[0] == 422
    assert (await send(mai, "POST", f"/v1/submissions/{NOBODYS}/notes", {"text": "a"}))[0] == 404
    await erase(ledger, one, "mai")
    async with ledger.database.reading() as connection:
        left = sql.select(notes).where(notes.c.submission == one)
        assert (await connection.execute(left)).all() == []
    assert (await send(mai, "POST", path, {"text": "noch"}))[0] == 404


async def test_a_ban_may_reject_what_waits_of_the_same(
    ledger: Ledger, at_desk: Callable[[str], Any]
) -> None:
    mai = await at_desk("mai")
    who: dict[str, Any] = {
        "phone": f"03551{secrets.randbelow(90000) + 10000}",
        "name": f"Kẻ {secrets.token_hex(3)}",
    }
    same = await wait_for_moderators(ledger, 3, **who)
    [named] = await wait_for_moderators(ledger, name=who["name"].upper())
    [other] = await wait_for_moderators(ledger)
    body = {"submission": same[0], "kind": "phone", "days": 7, "reject_waiting": True}
    status, made = await send(mai, "POST", "/v1/bans", body)
    assert (status, made["rejected"]) == (200, 3)
    assert [(await mai.find(each))["state"] for each in same] == ["rejected"] * 3
    assert [(await mai.find(each))["state"] for each in (named, other)] == ["held"] * 2
    status, person = await mai.get(f"/v1/submissions/{same[0]}/person")
    assert [(ban["kind"], ban["id"]) for ban in person["bans"]] == [("phone", made["id"])]
    assert person["phone"]["rejected"] == 2
    assert {item["id"] for item in person["phone"]["items"]} == set(same[1:])
    assert (await send(mai, "POST", f"/v1/decisions/{made['batch']}/undo"))[0] == 200
    assert (await send(mai, "DELETE", f"/v1/bans/{made['id']}"))[0] == 200
    status, made = await send(mai, "POST", "/v1/bans", {**body, "kind": "name"})
    assert (status, made["rejected"]) == (200, 4)
    status, made = await send(mai, "POST", "/v1/bans", {**body, "reject_waiting": False})
    assert (made["batch"], made["rejected"]) == (None, 0)


async def test_the_thread_above_and_the_texts_like_it_are_shown(
    ledger: Ledger, at_desk: Callable[[str], Any]
) -> None:
    mai = await at_desk("mai")
    parent: dict[str, Any] = {}
    made = []
    for depth in range(7):
        [each] = await wait_for_moderators(
            ledger, title=f"Tầng {depth}", content="x " * 300, **parent
        )
        parent = {"parent": each}
        made.append(each)
    found = await mai.find(made[-1])
    assert [above["id"] for above in found["parents"]] == made[1:6]
    assert all(len(above["excerpt"]) <= 201 for above in found["parents"])
    members = await wait_for_moderators(ledger, 8, alike=True)
    _, person = await mai.get(f"/v1/submissions/{members[0]}/person")
    assert person["campaign"]["waiting"] == 7
    assert [item["id"] for item in person["campaign"]["items"]] == members[:2:-1]
    part = await mai.page(f"/submissions/{members[0]}/person", part="person")
    assert "<html" not in part
    assert members[7] in part
    cards = await mai.page("/", part="cards", campaign=members[0])
    assert "<html" not in cards
    assert cards.count("<article") == 8
    card = await mai.page(f"/submissions/{members[0]}", part="card")
    assert (card.count("<article"), "<html" in card) == (1, False)


async def test_who_has_what_open_and_who_decided_is_heard(
    ledger: Ledger, at_desk: Callable[[str], Any]
) -> None:
    mai, nam = await at_desk("mai"), await at_desk("nam")
    [one] = await wait_for_moderators(ledger)
    heard: list[tuple[str, dict[str, Any]]] = []

    async def listen() -> None:
        async with mai.http.get(f"{mai.site.moderation}/v1/events") as stream:
            name = ""
            async for line in stream.content:
                kind, _, value = line.decode().strip().partition(": ")
                if kind == "event":
                    name = value
                elif kind == "data" and value.startswith("{"):
                    heard.append((name, json.loads(value)))
                elif kind == "data":
                    heard.append((name, {}))

    async def hears(name: str) -> dict[str, Any]:
        async def told() -> dict[str, Any] | None:
            return next((e for n, e in heard if n == name and e.get("id", one) == one), None)

        return dict(await until(lambda: _some(told), f"{name} is heard"))

    listening = asyncio.create_task(listen())
    await until(lambda: _true(heard), "the stream is there")
    path = f"/v1/submissions/{one}/presence"
    assert await send(nam, "POST", path, {"open": True}) == (204, None)
    assert await hears("presence") == {
        "type": "presence", "id": one, "login": "nam", "open": True,
    }  # fmt: skip
    assert (await mai.find(one))["opened_by"] == "nam"
    assert (await nam.find(one))["opened_by"] is None
    await send(nam, "POST", path, {"open": False})
    assert (await mai.find(one))["opened_by"] is None
    assert (await send(nam, "POST", path, {"open": "yes"}))[0] == 422
    assert (await send(nam, "POST", path.replace(one, NOBODYS), {"open": True}))[0] == 404
    await nam.decides("reject", one)
    change = await hears("change")
    assert (change["actor"], change["action"], change["version"]) == ("nam", "reject", 3)
    listening.cancel()


async def _true(value: Any) -> bool:
    return bool(value)


async def _some(ask: Callable[[], Any]) -> Any:
    return await ask()


async def test_a_moderator_of_sections_sees_and_decides_theirs_alone(
    ledger: Ledger, at_desk: Callable[[str], Any]
) -> None:
    lan, mai = await at_desk("lan"), await at_desk("mai")
    [theirs] = await wait_for_moderators(ledger, article="tran-dau")
    [others] = await wait_for_moderators(ledger, article=ARTICLE)
    [strange] = await wait_for_moderators(ledger, article="unknown-article")
    for query in ({"view": "waiting", "fold": "off"}, {"state": "all"}, {"view": "suspect"}):
        found = await ids(lan, **query, sort="newest")
        assert theirs in found
        assert not {others, strange} & set(found)
    assert await ids(lan, id=f"{theirs},{others}") == [theirs]
    page = await lan.page("/", fold="off", sort="newest")
    assert others not in page
    # Nor are the others' articles offered as filters.
    assert '<option value="tran-dau">' in page
    assert f'<option value="{ARTICLE}">' not in page
    assert '<option value="city">' not in page
    assert f'<option value="{ARTICLE}">' in await mai.page("/")
    counts = (await lan.get("/v1/stats"))[1]["counts"]
    assert counts["waiting"] == len(await ids(lan, view="waiting", fold="off"))
    assert counts["suspect"] == len(await ids(lan, view="suspect", fold="off"))
    assert counts["waiting"] < (await mai.get("/v1/stats"))[1]["counts"]["waiting"]
    for hidden in (others, strange):
        for method, path, body in (
            ("GET", f"/v1/submissions/{hidden}", None),
            ("GET", f"/v1/submissions/{hidden}/person", None),
            ("POST", f"/v1/submissions/{hidden}/reveal", None),
            ("POST", f"/v1/submissions/{hidden}/notes", {"text": "a"}),
            ("POST", f"/v1/submissions/{hidden}/presence", {"open": True}),
            ("POST", "/v1/bans", {"submission": hidden, "kind": "name"}),
            ("POST", "/v1/decisions", one_item(hidden, "reject")),
        ):
            assert (await send(lan, method, path, body))[0] == 404, path
        assert (await lan.get("/v1/submissions", phone=hidden))[0] == 422
        for path in (f"/submissions/{hidden}", f"/submissions/{hidden}/person"):
            async with lan.http.get(f"{lan.site.moderation}{path}") as response:
                assert response.status == 404
    # Of a campaign and of a batch, theirs alone.
    members = await wait_for_moderators(ledger, 2, alike=True, article=ARTICLE)
    body = {"campaign": members[0], "action": "reject"}
    assert (await send(lan, "POST", "/v1/decisions", body))[0] == 404
    both = {"items": [*one_item(theirs)["items"], *one_item(others)["items"]], "action": "reject"}
    _, answer = await send(lan, "POST", "/v1/decisions", both)
    assert [result["result"] for result in answer["results"]] == ["done", "unknown"]
    body = {"submission": theirs, "kind": "phone", "reject_waiting": True}
    _, made = await send(lan, "POST", "/v1/bans", body)
    assert (await mai.find(others))["state"] == "held"
    assert (await mai.find(members[0]))["state"] == "held"
    await send(lan, "DELETE", f"/v1/bans/{made['id']}")


def one_item(submission: str, action: str = "reject") -> dict[str, Any]:
    return {"items": [{"id": submission, "seen_version": 2}], "action": action}


async def test_the_forms_do_the_same_without_script(
    ledger: Ledger, at_desk: Callable[[str], Any]
) -> None:
    mai = await at_desk("mai")
    members = await wait_for_moderators(ledger, 3, alike=True, phone="0355999888")
    back = "/?view=suspect"

    async def post(path: str, **form: str) -> tuple[int, str]:
        headers = {"Origin": mai.site.moderation}
        sent = {"csrf": mai.csrf, "back": back, **form}
        url = mai.site.moderation + path
        async with mai.http.post(
            url, data=sent, headers=headers, allow_redirects=False
        ) as response:
            return response.status, response.headers.get("Location", await response.text())

    status, there = await post("/decisions", campaign=members[0], action="reject", reason="spam")
    assert status == 303
    assert there.startswith(f"{back}&done=reject&count=3&batch=")
    batch = there.rpartition("=")[2]
    assert batch in await mai.page(there)
    assert await post("/decisions/undo", batch=batch) == (303, f"{back}&done=undo&count=3")
    assert (await post("/decisions/undo", batch=batch))[0] == 409
    assert (await post("/decisions/undo", batch="x"))[0] == 422
    item = {f"item.{members[0]}": str((await mai.find(members[0]))["version"])}
    status, there = await post("/decisions", action="hold", held_for="nam", **item)
    assert there.startswith(f"{back}&done=hold&count=1&batch=")
    assert (await post(f"/submissions/{members[0]}/notes", text="Xem lại"))[1].endswith(
        "done=note&count=1"
    )
    note = (await mai.find(members[0]))["notes"][0]["id"]
    assert (await post("/notes/remove", note=note))[1].endswith("done=remove_note&count=1")
    path = f"/submissions/{members[0]}/ban"
    status, there = await post(path, kind="phone", days="", note="", reject_waiting="yes")
    assert there.startswith(f"{back}&done=ban&count=3&batch=")
    assert (await post(path, kind="phone", days="7"))[1] == f"{back}&done=ban&count=0"
    for wrong in (
        {"kind": "face"},
        {"kind": "phone", "days": "soon"},
        {"kind": "phone", "days": "0"},
    ):
        assert (await post(path, **wrong))[0] == 422
    async with aiohttp.ClientSession() as nobody:
        url = f"{mai.site.moderation}/search"
        async with nobody.post(url, data={"q": "0912345678"}, allow_redirects=False) as response:
            assert response.status in {303, 403}


async def test_a_ban_is_its_makers_to_lift_and_its_story_its_sections(
    ledger: Ledger, at_desk: Callable[[str], Any]
) -> None:
    lan, nam, bien = [await at_desk(login) for login in ("lan", "nam", "bien")]
    [theirs] = await wait_for_moderators(ledger, article="tran-dau")
    [others] = await wait_for_moderators(ledger, article=ARTICLE)
    body = {"submission": theirs, "kind": "name", "days": 7, "note": "của ban thể thao"}
    _, made = await send(lan, "POST", "/v1/bans", body)
    _, far = await send(nam, "POST", "/v1/bans", {**body, "submission": others, "kind": "phone"})

    async def seen(by: Any) -> dict[str, tuple[Any, str]]:
        items = (await by.get("/v1/bans"))[1]["items"]
        return {item["id"]: (item["submission"], item["note"]) for item in items}

    # It holds for everybody, and everybody sees it; what it came of, its section alone.
    assert (await seen(nam))[made["id"]] == (theirs, "của ban thể thao")
    assert (await seen(lan))[made["id"]] == (theirs, "của ban thể thao")
    assert (await seen(lan))[far["id"]] == (None, "")
    # Another may make it longer, and it stays its maker's; nobody shortens it but who may lift it.
    for days, longer in ((1, False), (30, True)):
        again = {**body, "days": days, "note": "của tôi"}
        _, standing = await send(nam, "POST", "/v1/bans", again)
        assert (standing["id"], standing["actor"]) == (made["id"], "lan")
        assert (standing["until"] > made["until"]) is longer
    for by, ban, status in ((nam, made, 403), (lan, far, 403), (lan, made, 200), (bien, far, 200)):
        found, answer = await send(by, "DELETE", f"/v1/bans/{ban['id']}")
        assert (found, answer.get("code")) == (status, "ban_of_another" if status == 403 else None)
    assert not {made["id"], far["id"]} & (await seen(bien)).keys()
    # The same by hand, from the page of whom it is on.
    _, made = await send(lan, "POST", "/v1/bans", body)
    path = f"/bans/{made['id']}/lift"
    page = f"/submissions/{theirs}/person"
    assert (path in await nam.page(page), path in await lan.page(page)) == (False, True)
    for by, status in ((nam, 403), (lan, 303)):
        url, form = by.site.moderation + path, {"csrf": by.csrf, "back": f"/submissions/{theirs}"}
        options = {"headers": {"Origin": by.site.moderation}, "allow_redirects": False}
        async with by.http.post(url, data=form, **options) as response:
            assert response.status == status
    assert made["id"] not in await seen(lan)

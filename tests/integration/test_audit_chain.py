"""The audit's chain, on both databases: it holds, and every way of cutting it shows."""

import asyncio
import secrets
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import pairwise
from pathlib import Path

import pytest
import pytest_asyncio
import sqlalchemy as sql
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.database import migrate_within
from commentdesk.ledger import Ledger
from commentdesk.ledger import audit as audits
from commentdesk.ledger.audit import Wanted, search
from commentdesk.ledger.backup import MIGRATIONS
from commentdesk.ledger.chain import Head
from commentdesk.ledger.tables import audit, audit_head
from commentdesk.ledger.verification import Fault, FaultKind, Walk
from tests.conftest import sqlite_urls
from tests.installation import ROOT, Installation, Postgres, Redis

KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=KINDS)
async def installed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, redis: Redis
) -> Installation:
    """A prepared ledger of each kind; nothing runs."""
    folder = tmp_path_factory.mktemp("chain")
    urls = sqlite_urls(folder)
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        name = secrets.token_hex(6)
        urls = (await server.create(f"{name}-l"), await server.create(f"{name}-a"))
    installation = Installation(folder, redis, urls)
    installation.migrate()
    return installation


@pytest.fixture
async def ledger(installed: Installation) -> AsyncIterator[Ledger]:
    """The ledger with a whole chain of seven rows and more."""
    opened = installed.ledger()
    async with opened.database.writing() as connection:
        await connection.execute(audit.delete())
        await connection.execute(audit_head.delete())
        head = Head()
        row = {"id": 1, "number": 0, "mac": head.mac, "seal": opened.chain_key.seal(head)}
        await connection.execute(audit_head.insert(), row)
    for number in range(1, 8):
        await write(opened, "mai", f"deed{number}", note="Gọi cho ông Tám" if number == 3 else "")
    yield opened
    await opened.close()


async def write(ledger: Ledger, actor: str, action: str, note: str = "") -> None:
    async with ledger.database.writing() as connection:
        await audits.record(connection, actor, action, "s-1", {"note": note, "state": "held"})


async def walked(ledger: Ledger) -> list[Fault]:
    walk = Walk(ledger)
    await walk.to_the_end()
    return list(walk.faults)


async def head_of(ledger: Ledger) -> Head:
    async with ledger.database.reading() as connection:
        return Head(
            *(await connection.execute(sql.select(audit_head.c.number, audit_head.c.mac))).one()
        )


async def test_rows_join_in_one_sequence_and_the_chain_holds(ledger: Ledger) -> None:
    assert await walked(ledger) == []
    assert [entry.number for entry in await search(ledger, Wanted())] == list(range(7, 0, -1))
    assert (await head_of(ledger)).number == 7


async def test_what_is_undone_leaves_no_number_behind(ledger: Ledger) -> None:
    with pytest.raises(ZeroDivisionError):
        async with ledger.database.writing() as connection:
            await audits.record(connection, "mai", "never", None, {})
            raise ZeroDivisionError
    await write(ledger, "mai", "after")
    assert [entry.action for entry in await search(ledger, Wanted(), 2)] == ["after", "deed7"]
    assert await walked(ledger) == []


async def test_a_row_cannot_be_recorded_where_nobody_would_write_it(ledger: Ledger) -> None:
    async with ledger.database.reading() as connection:
        with pytest.raises(TypeError):
            await audits.record(connection, "mai", "approve", None, {})


Tamper = Callable[[AsyncConnection], Awaitable[object]]


def at(place: int, **values: object) -> Tamper:
    return lambda connection: connection.execute(
        audit.update().where(audit.c.number == place).values(**values)
    )


def cut(*numbers: int) -> Tamper:
    return lambda connection: connection.execute(audit.delete().where(audit.c.number.in_(numbers)))


def several(*tampers: Tamper) -> Tamper:
    async def all_of_them(connection: AsyncConnection) -> None:
        for tamper in tampers:
            await tamper(connection)

    return all_of_them


async def insert_at_the_end(connection: AsyncConnection) -> None:
    last = (await connection.execute(sql.select(audit).where(audit.c.number == 7))).one()._mapping
    await connection.execute(audit.insert(), {**last, "id": "forged", "number": 8})


async def insert_in_the_middle(connection: AsyncConnection) -> None:
    row = (await connection.execute(sql.select(audit).where(audit.c.number == 4))).one()._mapping
    for number in (7, 6, 5):
        await at(number, number=number + 1)(connection)
    await connection.execute(audit.insert(), {**row, "id": "forged", "number": 5})
    await connection.execute(audit_head.update().values(number=8))


async def cut_with_the_head(connection: AsyncConnection) -> None:
    await cut(6, 7)(connection)
    last = (await connection.execute(sql.select(audit).where(audit.c.number == 5))).one()
    await connection.execute(audit_head.update().values(number=5, mac=last.mac))


async def delete_head(connection: AsyncConnection) -> None:
    await connection.execute(audit_head.delete())


CHANGED, MISSING, FOREIGN = FaultKind.CHANGED, FaultKind.MISSING, FaultKind.FOREIGN
FORGED, GONE = FaultKind.HEAD_FORGED, FaultKind.NOTE_GONE
TAMPERINGS: dict[str, tuple[Tamper, set[tuple[FaultKind, int, int]]]] = {
    "actor": (at(4, actor="nam"), {(CHANGED, 4, 4)}),
    "action": (at(4, action="approve"), {(CHANGED, 4, 4)}),
    "submission": (at(4, submission="s-2"), {(CHANGED, 4, 4)}),
    "submission taken away": (at(4, submission=None), {(CHANGED, 4, 4)}),
    "fact": (at(4, detail={"note": "", "state": "published"}), {(CHANGED, 4, 4)}),
    "fact added": (at(4, detail={"note": "", "state": "held", "x": 1}), {(CHANGED, 4, 4)}),
    "no object": (at(4, detail=["held"]), {(CHANGED, 4, 4)}),
    "note": (at(3, detail={"note": "Không gọi", "state": "held"}), {(CHANGED, 3, 3)}),
    "note put in": (at(4, detail={"note": "Có gọi", "state": "held"}), {(CHANGED, 4, 4)}),
    "note taken away": (
        at(3, detail={"note": "", "state": "held"}, note_salt=None, folded="held"),
        {(GONE, 3, 3)},
    ),
    "digest taken away": (
        at(3, detail={"note": "", "state": "held"}, note_digest=None, folded="held"),
        {(CHANGED, 3, 3)},
    ),
    "hidden from search": (at(4, folded=""), {(CHANGED, 4, 4)}),
    "id": (at(4, id="another"), {(CHANGED, 4, 4)}),
    "cut in the middle": (cut(4), {(MISSING, 4, 4)}),
    "cut twice": (cut(2, 3, 5), {(MISSING, 2, 3), (MISSING, 5, 5)}),
    "cut at the beginning": (cut(1, 2), {(MISSING, 1, 2)}),
    "cut at the end": (cut(6, 7), {(MISSING, 6, 7)}),
    "cut at the end with its head": (cut_with_the_head, {(FORGED, 5, 5)}),
    "all cut": (cut(*range(1, 8)), {(MISSING, 1, 7)}),
    "head gone": (delete_head, {(FORGED, 0, 0), (FOREIGN, 1, 7)}),
    "closed up": (
        several(cut(4), at(5, number=4), at(6, number=5), at(7, number=6)),
        {(CHANGED, 4, 4), (CHANGED, 5, 5), (CHANGED, 6, 6), (MISSING, 7, 7)},
    ),
    "swapped": (
        several(at(4, number=9), at(5, number=4), at(9, number=5)),
        {(CHANGED, 4, 4), (CHANGED, 5, 5), (CHANGED, 6, 6)},
    ),
    "put in at the end": (insert_at_the_end, {(CHANGED, 8, 8), (FOREIGN, 8, 8)}),
    "put in before the first": (several(insert_at_the_end, at(8, number=0)), {(FOREIGN, 0, 0)}),
    "put in the middle": (
        insert_in_the_middle,
        {(CHANGED, n, n) for n in (5, 6, 7, 8)} | {(FORGED, 8, 8)},
    ),
}


@pytest.mark.parametrize("name", TAMPERINGS)
async def test_every_tampering_shows(ledger: Ledger, name: str) -> None:
    tamper, expected = TAMPERINGS[name]
    async with ledger.database.writing() as connection:
        await tamper(connection)
    found = await walked(ledger)
    assert {(fault.kind, fault.number, fault.last) for fault in found} == expected
    if name in {"head gone", "put in at the end"}:
        return
    # What is done afterwards heals nothing.
    await write(ledger, "mai", "later")
    later = {(fault.kind, fault.number) for fault in await walked(ledger)}
    assert later >= {(kind, number) for kind, number, _ in expected if kind is not FORGED}
    assert later


async def test_a_moment_that_was_changed_shows(ledger: Ledger) -> None:
    async with ledger.database.writing() as connection:
        await connection.execute(sql.text('UPDATE audit SET "at" = "at" + 1 WHERE number = 4'))
    assert [(fault.kind, fault.number) for fault in await walked(ledger)] == [(CHANGED, 4)]


async def test_one_who_walks_on_sees_an_older_database(ledger: Ledger) -> None:
    """Rows and head put back together, as a copy of the files would."""
    async with ledger.database.reading() as connection:
        old = (await connection.execute(sql.select(audit_head))).one()._mapping
    await write(ledger, "mai", "seen")
    walk = Walk(ledger)
    await walk.to_the_end()
    seen = await head_of(ledger)
    async with ledger.database.writing() as connection:
        await cut(8)(connection)
        await connection.execute(audit_head.update().values(**old))
    assert await walked(ledger) == [], "by itself an older database is whole"
    assert not await Walk(ledger).passes(seen.number, seen.mac.hex())
    await write(ledger, "mai", "another")
    assert not await Walk(ledger).passes(seen.number, seen.mac.hex()), "nor once it has grown"
    assert await Walk(ledger).passes(old["number"], old["mac"].hex()[:12])
    await walk.step()
    assert [fault.kind for fault in walk.faults] == [FaultKind.REPLACED]


async def test_another_secret_holds_nothing(installed: Installation, ledger: Ledger) -> None:
    other = Ledger(installed.settings.model_copy(update={"secret": SecretStr("x" * 40)}))
    assert {fault.kind for fault in await walked(other)} == {CHANGED, FORGED}
    await other.close()


OLD = "INSERT INTO audit VALUES ('{id}', 5, 'mai', 'reject', 's-1', '{{\"note\": \"{note}\"}}')"


@pytest.mark.parametrize("kind", KINDS)
async def test_what_was_there_before_is_chained_by_the_migration(
    kind: str, redis: Redis, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    urls = sqlite_urls(tmp_path)
    if kind == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        urls = (await server.create(secrets.token_hex(6)), urls[1])
    site = Installation(tmp_path, redis, urls)
    ledger = site.ledger()
    async with ledger.database.writing() as connection:
        await connection.run_sync(migrate_within, MIGRATIONS, "0007")
        for name, note in (("b", "hai"), ("a", "một"), ("c", "")):
            await connection.execute(sql.text(OLD.format(id=name, note=note)))
    await ledger.close()
    site.run("commentdesk.ledger", "migrate")
    ledger = site.ledger()
    assert await walked(ledger) == []
    entries = list(await search(ledger, Wanted()))
    await ledger.close()
    assert [entry.number for entry in entries] == [4, 3, 2, 1]
    assert [entry.id for entry in entries[1:]] == ["c", "b", "a"]
    assert [entry.detail["note"] for entry in entries[1:]] == ["", "hai", "một"]


MANY = """
import asyncio, sys
from commentdesk.ledger import Ledger, audit
from commentdesk.settings import read_settings

async def one(ledger, n):
    async with ledger.database.writing() as connection:
        for part in range(1 + n % 3):
            await audit.record(connection, sys.argv[1], "deed", f"{n}", {"part": part})

async def main():
    ledger = Ledger(read_settings())
    print("ready", flush=True)
    sys.stdin.readline()
    await asyncio.gather(*(one(ledger, n) for n in range(250)))
    await ledger.close()

asyncio.run(main())
"""


async def test_five_hundred_deeds_of_two_processes_make_one_chain(
    installed: Installation, ledger: Ledger, tmp_path: Path
) -> None:
    script = tmp_path / "many.py"
    script.write_text(MANY)
    both = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, str(script), actor),
            env=installed.environ,
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        for actor in ("one", "two")
    ]
    # Started one after the other, the first could be done before the second begins.
    pipes = [(process.stdin, process.stdout) for process in both]
    for _, said in pipes:
        assert said
        assert await said.readline() == b"ready\n"
    for told, _ in pipes:
        assert told
        told.write(b"go\n")
    assert [await process.wait() for process in both] == [0, 0]
    assert await walked(ledger) == []
    rows = 7 + 2 * sum(1 + n % 3 for n in range(250))
    assert (await head_of(ledger)).number == rows
    entries = await search(ledger, Wanted(actions=("deed",)), 2000)
    assert [entry.number for entry in entries] == list(range(rows, 7, -1))
    turns = [entry.actor for entry in entries]
    # On SQLite who comes next between processes is luck: some ten turns, seldom fewer.
    assert sum(a != b for a, b in pairwise(turns)) > 1, "they took turns"

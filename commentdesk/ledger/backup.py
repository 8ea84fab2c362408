"""The ledger's part of a backup."""

from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from zipfile import ZipFile

import sqlalchemy as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from commentdesk.database import now
from commentdesk.domain.moments import stamp
from commentdesk.ledger import audit as audits
from commentdesk.ledger.chain import ChainKey, Head, rechain
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.erase import PERSONAL_DATA_ERASED
from commentdesk.ledger.redeliver import redeliver, release
from commentdesk.ledger.tables import (
    audit,
    audit_head,
    bans,
    recovery_codes,
    second_factors,
    submissions,
)
from commentdesk.manifest import Manifest, Refused, read_manifest
from commentdesk.sealing import Sealing
from commentdesk.settings import Settings
from commentdesk.snapshot import Part, both_agreed, dump, load, say

MIGRATIONS = Path(__file__).parent / "migrations"
# Whoever restores logs in anew: a session or a link is of use to a thief alone.
# Fingerprints and ways out are a memory of days, and made of what people wrote; so are orders on
# campaigns.
# Rehearsals are asked for again.
PART = Part(
    "ledger",
    MIGRATIONS,
    left_out=frozenset(
        {"sessions", "tickets", "fingerprints", "ways_out", "campaign_orders", "rehearsals"}
    ),
    planted=frozenset({"words", "audit", "audit_head", "reasons"}),
)
# The clocks of two machines may differ, and an event is dated just before its commit.
_MARGIN = timedelta(seconds=60)
_SEALED_OTHERWISE = (
    "ledger: the phone numbers and addresses in this backup are sealed with another secret than "
    "this installation's. Give the old one (--secret-file FILE, or COMMENTDESK_SECRET_FILE where "
    "the settings come from the environment), or go without them: --without-personal-data"
)


async def dump_ledger(settings: Settings, file: Path) -> None:
    """Add the ledger to the backup."""
    ledger = Ledger(settings)
    try:
        share = await dump(ledger.database, PART, file)
        say(share.model_copy(update={"secret_check": _secret_check(settings)}))
    finally:
        await ledger.close()


async def load_ledger(settings: Settings, file: Path, *, erased: bool) -> None:
    """Fill an empty ledger; committed when standard input says so."""
    with ZipFile(file) as archive:
        manifest = read_manifest(archive)
    if not erased and not _same_secret(settings, manifest):
        raise Refused(_SEALED_OTHERWISE)
    ledger = Ledger(settings)
    made_at, signed = manifest.made_at, _same_secret(settings, manifest)
    settle = partial(_settle, ledger.chain_key, made_at=made_at, signed=signed, erased=erased)
    try:
        await load(ledger.database, PART, file, settle, both_agreed)
    finally:
        await ledger.close()


async def _settle(
    key: ChainKey, connection: AsyncConnection, *, made_at: datetime, signed: bool, erased: bool
) -> None:
    at = now()
    await redeliver(connection, made_at - _MARGIN, at)
    await release(connection, at)
    if erased:
        # Keyed with a secret that is not this installation's, hashes would match nothing.
        await connection.execute(
            submissions.update().values(**PERSONAL_DATA_ERASED, receipt_hash=None)
        )
        await connection.execute(bans.delete())
        # Nobody could show a code: whose secret is sealed otherwise sets a second factor up anew.
        await connection.execute(recovery_codes.delete())
        await connection.execute(second_factors.delete())
    detail = {"made_at": stamp(made_at)}
    if not signed:
        old = (await connection.execute(sql.select(audit_head.c.number, audit_head.c.mac))).one()
        detail["head"] = str(Head(*old))
        await connection.run_sync(rechain, key, audit.c.number)
    await audits.record(connection, "commentdesk", "restore_ledger", None, detail)


def _same_secret(settings: Settings, manifest: Manifest) -> bool:
    share = manifest.databases.get(PART.name)
    return share is not None and share.secret_check == _secret_check(settings)


def _secret_check(settings: Settings) -> str:
    sealing = Sealing(settings.secret.get_secret_value(), "backup")
    return sealing.keyed_hash("is this the secret?").hex()

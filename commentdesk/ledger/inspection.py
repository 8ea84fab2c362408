"""`commentdesk audit verify` and `… reseal`: an operator asks whether the chain holds."""

import re
import sys

import sqlalchemy as sql

from commentdesk.ledger import audit as audits
from commentdesk.ledger.chain import ChainKey, Head, rechain
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.tables import audit, audit_head
from commentdesk.ledger.verification import LEAST_DIGITS, MOST_FAULTS, FaultKind, Walk
from commentdesk.manifest import Refused
from commentdesk.settings import Settings

_PINNED = re.compile(rf"(\d{{1,18}}):([0-9a-fA-F]{{{LEAST_DIGITS},64}})")
_WORDS = {
    FaultKind.CHANGED: "was changed",
    FaultKind.MISSING: "is missing",
    FaultKind.FOREIGN: "was put in past Commentdesk",
    FaultKind.REPLACED: "is another than it was",
    FaultKind.NOTE_GONE: "has lost its note, and no erasure tells of it",
    FaultKind.HEAD_FORGED: "is where the head stands, which was written past Commentdesk",
}


async def verify_audit(settings: Settings, pinned: str | None) -> None:
    """Walk the whole chain and say what is found; `pinned` is a head that was written down.

    Raises:
        Refused: the chain does not hold, or never had the pinned head.
    """
    ledger = Ledger(settings)
    try:
        walk = Walk(ledger)
        await walk.to_the_end()
        missed = pinned is not None and not await _had(walk, pinned)
    finally:
        await ledger.close()
    _say(walk)
    if missed:
        raise Refused(
            f"The head {pinned} is not in this chain: the database is older than it, "
            "or another one."
        )
    if walk.faults:
        raise Refused("The audit's chain is broken.")


async def reseal_audit(settings: Settings, old_secret: str, *, broken: bool) -> None:
    """Number and sign all rows anew, after a change of the secret or of a chain that was broken.

    That this was done, and what the head was before, becomes the chain's newest row.

    Raises:
        Refused: the chain does not hold by the old secret, and `broken` does not allow for it.
    """
    ledger = Ledger(settings)
    key = ledger.chain_key
    try:
        if old_secret:
            ledger.chain_key = ChainKey(old_secret)
        walk = Walk(ledger)
        await walk.to_the_end()
        _say(walk)
        if walk.faults and not broken:
            raise Refused(
                "The audit's chain does not hold, so nothing was signed. If the secret was "
                "changed, name the old one: --old-secret-file FILE. If the chain was looked "
                "into and shall begin anew as it is: --broken"
            )
        async with ledger.database.writing() as connection:
            await connection.execute(sql.select(audit_head).with_for_update())
            await connection.run_sync(rechain, key, audit.c.number)
            detail = {"head": str(walk.head), "faults": len(walk.faults)}
            await audits.record(connection, "commentdesk", "reseal_audit", None, detail)
    finally:
        await ledger.close()
    sys.stdout.write("Signed anew. Restart the moderation service.\n")


async def _had(walk: Walk, pinned: str) -> bool:
    if (found := _PINNED.fullmatch(pinned)) is None:
        raise Refused(
            f"a head is NUMBER:MAC, the MAC {LEAST_DIGITS} to 64 hexadecimal digits of it"
        )
    number, digits = int(found[1]), found[2]
    return Head().mac.hex().startswith(digits) if number == 0 else await walk.passes(number, digits)


def _say(walk: Walk) -> None:
    for fault in walk.faults:
        which = f"Row {fault.number}"
        if fault.last > fault.number:
            which = f"Each of rows {fault.number} to {fault.last}"
        sys.stdout.write(f"{which} {_WORDS[fault.kind]}.\n")
    if len(walk.faults) == MOST_FAULTS:
        sys.stdout.write("There may be more.\n")
    holds = "broken" if walk.faults else "whole"
    sys.stdout.write(f"The audit's chain is {holds}. Head: {walk.head}\n")

"""Admission: many submissions in one commit, each captcha once."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import partial
from typing import Any

import sqlalchemy as sql

from commentdesk.database import now
from commentdesk.domain.addresses import address_bucket
from commentdesk.domain.phone import mask_address, mask_phone
from commentdesk.domain.state import State, Work
from commentdesk.domain.submission import Submission
from commentdesk.domain.text import fold
from commentdesk.ledger.bulk import insert_rows
from commentdesk.ledger.changes import insert_events
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.tables import submissions
from commentdesk.phones import matching_form

_FIRST_VERSION = 1


class Admitted(StrEnum):
    ACCEPTED = "accepted"
    REPEATED = "repeated"
    SPENT = "spent"


@dataclass(frozen=True)
class Admission:
    """A submission with the captcha it spends."""

    submission: Submission
    captcha_nonce: bytes


@dataclass(frozen=True)
class Receipt:
    """What became of an admission; for a repeated form the id is the first one's."""

    id: str
    result: Admitted


def form_hash(ledger: Ledger, submission: Submission) -> bytes:
    """What makes two forms the same: everything the reader filled in.

    Keyed: all but the phone number stands beside it, and numbers are quickly tried out.
    """
    form = [
        submission.article,
        submission.parent,
        submission.name,
        submission.phone,
        submission.title,
        submission.content,
        submission.consent,
    ]
    return ledger.personal.keyed_hash(json.dumps(form))


async def admit(ledger: Ledger, admissions: Sequence[Admission]) -> list[Receipt]:
    """Commit them together; on return every accepted one is on the disk.

    A captcha already spent gives the first id again for the same form, else SPENT.
    """
    rows = [_row(ledger, admission) for admission in admissions]
    return await ledger.database.write(partial(_admit, rows))


async def find_admitted(ledger: Ledger, captcha_nonce: bytes) -> tuple[str, bytes] | None:
    """The id and form hash of the submission that spent this captcha, if one did."""
    async with ledger.database.reading() as connection:
        row = (
            await connection.execute(
                sql.select(submissions.c.id, submissions.c.form_hash).where(
                    submissions.c.captcha_nonce == captcha_nonce
                )
            )
        ).first()
    return (row.id, row.form_hash) if row else None


def _admit(rows: list[dict[str, Any]], connection: sql.Connection) -> list[Receipt]:
    inserted = insert_rows(connection, submissions, rows, once="captcha_nonce")
    receipts = [Receipt(row["id"], Admitted.ACCEPTED) for row in rows]
    if inserted < len(rows):
        standing = _by_nonce(connection, [row["captcha_nonce"] for row in rows])
        receipts = [_receipt(row, standing[row["captcha_nonce"]]) for row in rows]
    entered = [
        (row["id"], row["article"], _FIRST_VERSION)
        for row, receipt in zip(rows, receipts, strict=True)
        if receipt.result is Admitted.ACCEPTED
    ]
    insert_events(connection, State.RECEIVED, entered, now())
    return receipts


def _by_nonce(connection: sql.Connection, nonces: list[bytes]) -> dict[bytes, Any]:
    """Who has spent each captcha."""
    found = connection.execute(
        sql.select(submissions.c.captcha_nonce, submissions.c.id, submissions.c.form_hash).where(
            submissions.c.captcha_nonce.in_(nonces)
        )
    )
    return {row.captcha_nonce: row for row in found}


def _receipt(row: dict[str, Any], stands: Any) -> Receipt:
    if stands.id == row["id"]:
        return Receipt(row["id"], Admitted.ACCEPTED)
    same = stands.form_hash == row["form_hash"]
    return Receipt(stands.id, Admitted.REPEATED if same else Admitted.SPENT)


def _row(ledger: Ledger, admission: Admission) -> dict[str, Any]:
    submission = admission.submission
    return {
        "id": submission.id,
        "article": submission.article,
        "parent": submission.parent,
        "name": submission.name,
        "title": submission.title,
        "content": submission.content,
        "language": submission.language,
        "consent": submission.consent,
        "client": submission.client,
        "received_at": submission.received_at,
        "captcha_nonce": admission.captcha_nonce,
        "form_hash": form_hash(ledger, submission),
        "folded": fold(f"{submission.name} {submission.title} {submission.content}"),
        "folded_name": fold(submission.name),
        "state": str(State.RECEIVED),
        "version": _FIRST_VERSION,
        "work": str(Work.CHECK),
        "due_at": submission.received_at + timedelta(seconds=ledger.settings.rehint_seconds),
        "fence": 0,
        "attempts": 0,
        "hints": 0,
        **_personal(ledger, submission),
    }


def _personal(ledger: Ledger, submission: Submission) -> dict[str, Any]:
    phone, address = submission.phone, submission.address
    network = address_bucket(address) if address else ""
    address_hash = ledger.hashed(address)
    return {
        "phone_sealed": ledger.seal(phone, submission.id),
        "phone_hash": ledger.hashed(matching_form(phone, ledger.settings.phone_region)),
        "phone_masked": mask_phone(phone) if phone else None,
        "phone_proven": submission.phone_proven,
        "address_sealed": ledger.seal(address, submission.id),
        "address_hash": address_hash,
        "address_masked": mask_address(address) if address else None,
        # An IPv4 address is a network of its own.
        "network_hash": address_hash if network == address else ledger.hashed(network),
        "browser_hash": ledger.hashed(submission.browser),
    }

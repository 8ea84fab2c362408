"""Admission: many submissions in one commit, each captcha once."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any

import sqlalchemy as sql

from commentdesk.database import now
from commentdesk.domain.addresses import address_bucket
from commentdesk.domain.phone import mask_address, mask_phone
from commentdesk.domain.state import State, Work
from commentdesk.domain.submission import Submission, Wording
from commentdesk.domain.text import fold
from commentdesk.ledger.bulk import insert_rows
from commentdesk.ledger.changes import insert_events
from commentdesk.ledger.connection import Ledger
from commentdesk.ledger.receipts import receipt_code, receipt_hash
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
    """What became of an admission; for a repeated form id and time are the first one's."""

    id: str
    result: Admitted
    received_at: datetime


@dataclass(frozen=True)
class Spender:
    """The submission that spent a captcha."""

    id: str
    form_hash: bytes
    received_at: datetime

    def receipt(self, form: bytes) -> Receipt:
        """What another form on the same captcha gets, by its form hash."""
        result = Admitted.REPEATED if form == self.form_hash else Admitted.SPENT
        return Receipt(self.id, result, self.received_at)


_SPENDER = ("id", "form_hash", "received_at")


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


async def find_admitted(ledger: Ledger, captcha_nonce: bytes) -> Spender | None:
    """The submission that spent this captcha, if one did."""
    query = sql.select(*(submissions.c[name] for name in _SPENDER))
    async with ledger.database.reading() as connection:
        found = await connection.execute(query.where(submissions.c.captcha_nonce == captcha_nonce))
        row = found.first()
    return Spender(**row._mapping) if row else None


def worded(wording: Wording) -> dict[str, Any]:
    """The columns a wording is kept in."""
    return {
        "name": wording.name,
        "title": wording.title,
        "content": wording.content,
        "folded": fold(f"{wording.name} {wording.title} {wording.content}"),
        "folded_name": fold(wording.name),
    }


def _admit(rows: list[dict[str, Any]], connection: sql.Connection) -> list[Receipt]:
    inserted = insert_rows(connection, submissions, rows, once="captcha_nonce")
    receipts = [Receipt(row["id"], Admitted.ACCEPTED, row["received_at"]) for row in rows]
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


def _by_nonce(connection: sql.Connection, nonces: list[bytes]) -> dict[bytes, Spender]:
    """Who has spent each captcha."""
    query = sql.select(submissions.c.captcha_nonce, *(submissions.c[name] for name in _SPENDER))
    found = connection.execute(query.where(submissions.c.captcha_nonce.in_(nonces)))
    return {nonce: Spender(*spender) for nonce, *spender in found}


def _receipt(row: dict[str, Any], stands: Spender) -> Receipt:
    if stands.id == row["id"]:
        return Receipt(row["id"], Admitted.ACCEPTED, row["received_at"])
    return stands.receipt(row["form_hash"])


def _row(ledger: Ledger, admission: Admission) -> dict[str, Any]:
    submission = admission.submission
    return {
        "id": submission.id,
        "article": submission.article,
        "parent": submission.parent,
        **worded(Wording(submission.name, submission.title, submission.content)),
        "language": submission.language,
        "consent": submission.consent,
        "consent_version": submission.consent_version,
        "client": submission.client,
        "received_at": submission.received_at,
        "captcha_nonce": admission.captcha_nonce,
        "form_hash": form_hash(ledger, submission),
        "receipt_hash": receipt_hash(ledger, receipt_code(ledger, submission.id)),
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

"""SpamAssassin's spamd: the SPAMC protocol 1.5 over TCP or a unix socket.

The protocol: spamd/PROTOCOL in Apache SpamAssassin 4.0. A submission is put to it as a message
of RFC 5322, for that is what its rules read.
"""

import asyncio
import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from commentdesk.domain.finding import Finding, Reason, bad, clean, suspect
from workers.checks.spam.model import logistic
from workers.engines.protocol import LONGEST_ANSWER, EngineFailed, Question

# A domain that never is (RFC 2606): nobody's address is written down or looked up.
_DOMAIN = "comments.invalid"
_LENGTH_LINE = re.compile(r"Content-length: ([0-9]{1,6})")
_FIRST_LINE = re.compile(r"SPAMD/\d{1,2}\.\d{1,2} 0 EX_OK")
_SPAM_LINE = re.compile(
    r"Spam: (True|False|Yes|No) ; (-?\d{1,6}(?:\.\d{1,6})?) / (\d{1,6}(?:\.\d{1,6})?)"
)
_RULE = re.compile(r"[A-Z0-9_]{1,80}")
# Rules about the letter that a comment is put in, which every comment would meet.
_OF_THE_LETTER = frozenset({"NO_RECEIVED", "NO_RELAYS", "SPF_NONE", "ALL_TRUSTED"})
_MOST_RULES = 12
_MOST = 0.95


class SpamAssassin:
    """Told: name, title, text and time. Neither the phone nor the IP address."""

    name = "spamassassin"
    needs_address = False

    def __init__(self, address: str) -> None:
        self._address = address

    async def ask(self, question: Question) -> Finding:
        """Its score, measured by its own threshold: there it is 0.5, at the double 0.88."""
        letter = message(question)
        request = b"SYMBOLS SPAMC/1.5\r\nContent-length: %d\r\n\r\n" % len(letter) + letter
        score, threshold, rules = read_answer(await self._exchange(request))
        share = min(_MOST, logistic(2 * (score / threshold - 1)))
        reasons = [Reason("spamassassin_score", f"{score:g} / {threshold:g}")]
        reasons += [Reason("spamassassin_rule", rule) for rule in rules]
        if score >= 2 * threshold:
            return bad(self.name, share, reasons)
        # What is far below its threshold says nothing against anybody.
        return suspect(self.name, share, reasons) if score >= threshold / 2 else clean(self.name)

    async def _exchange(self, request: bytes) -> bytes:
        reader, writer = await self._connect()
        try:
            writer.write(request)
            writer.write_eof()
            answer = await reader.read(LONGEST_ANSWER + 1)
            while len(answer) <= LONGEST_ANSWER and (more := await reader.read(LONGEST_ANSWER)):
                answer += more
        finally:
            # Not close(): what is not sent yet need not be.
            writer.transport.abort()
        if len(answer) > LONGEST_ANSWER:
            raise EngineFailed("its answer is too long")
        return answer

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._address.startswith("unix:"):
            return await asyncio.open_unix_connection(self._address.removeprefix("unix:"))
        host, _, port = self._address.rpartition(":")
        return await asyncio.open_connection(host.strip("[]"), int(port))


def message(question: Question) -> bytes:
    """The submission as a message of RFC 5322."""
    written = question.submission
    letter = EmailMessage(policy=SMTP)
    letter["From"] = Address(written.name, "reader", _DOMAIN)
    letter["To"] = Address("", "desk", _DOMAIN)
    letter["Subject"] = written.title
    letter["Date"] = written.received_at
    letter["Message-ID"] = f"<{written.id}@{_DOMAIN}>"
    letter.set_content(written.content, charset="utf-8", cte="quoted-printable")
    return letter.as_bytes()


def read_answer(answer: bytes) -> tuple[float, float, list[str]]:
    """Score, threshold, and the rules that hit.

    Raises:
        EngineFailed: it is no answer of spamd's to SYMBOLS.
    """
    head, blank, body = answer.decode("latin-1").partition("\r\n\r\n")
    first, *headers = head.split("\r\n")
    found = [match for line in headers if (match := _SPAM_LINE.fullmatch(line))]
    lengths = [int(match[1]) for line in headers if (match := _LENGTH_LINE.fullmatch(line))]
    whole = blank and _FIRST_LINE.fullmatch(first) and lengths == [len(body)]
    if not whole or len(found) != 1 or float(found[0][3]) <= 0:
        raise EngineFailed("its answer is none of spamd's")
    rules = body.strip().split(",")
    told = [rule for rule in rules if _RULE.fullmatch(rule) and rule not in _OF_THE_LETTER]
    return float(found[0][2]), float(found[0][3]), told[:_MOST_RULES]

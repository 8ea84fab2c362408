"""What an outside engine is: asked about one submission, it answers with a finding, or fails."""

from dataclasses import dataclass, field, replace
from typing import Protocol

from commentdesk.domain.finding import Finding
from commentdesk.domain.submission import Submission

# Of an answer; what is longer is none.
LONGEST_ANSWER = 65_536


class EngineFailed(Exception):
    """It answered, but nothing that counts; the text names the trouble and quotes nothing."""


@dataclass(frozen=True)
class Question:
    """A submission as outside engines may see it.

    `address` is the writer's IP address, for an engine that cannot do without; empty otherwise.
    """

    submission: Submission
    address: str = field(default="", repr=False)

    @classmethod
    def about(cls, submission: Submission, address: str = "") -> "Question":
        """Whatever is known, the phone is not passed on."""
        return cls(replace(submission, phone="", address="", client={}), address)


class Engine(Protocol):
    """One engine, opened once a worker process; `ask` is not bounded in time, who asks is."""

    name: str
    # Whether its questions carry the writer's IP address.
    needs_address: bool

    async def ask(self, question: Question) -> Finding:
        """What it says of the submission.

        Raises:
            EngineFailed, OSError, aiohttp.ClientError: it has no answer.
        """
        ...

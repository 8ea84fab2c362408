"""The processes of one installation, in one table: what `commentdesk up` and compose start."""

import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Process:
    """One process; stages start in order and stop in the opposite one."""

    name: str
    arguments: tuple[str, ...]
    stage: int
    once: bool = False
    scaled: bool = False
    port_field: str | None = None
    stop_seconds: float = 25.0

    @property
    def command(self) -> tuple[str, ...]:
        """The command line, with the Python that runs this one."""
        return python_module(*self.arguments)


# A worker finishes its job first; a job may take 60 seconds.
_JOB_SECONDS = 75.0

PROCESSES: tuple[Process, ...] = (
    Process("ledger-migrate", ("commentdesk.ledger", "migrate"), stage=0, once=True),
    Process("articles-migrate", ("services.articles", "migrate"), stage=0, once=True),
    Process("articles", ("services.articles",), stage=1, port_field="articles_port"),
    Process("moderation", ("services.moderation",), stage=1, port_field="moderation_port"),
    Process("upkeep", ("workers", "upkeep"), stage=2, stop_seconds=_JOB_SECONDS),
    Process("publish", ("workers", "publish"), stage=2, stop_seconds=_JOB_SECONDS),
    Process("checks", ("workers", "checks"), stage=2, scaled=True, stop_seconds=_JOB_SECONDS),
    Process("intake", ("services.intake",), stage=3, port_field="intake_port"),
)

ONCE = tuple(process for process in PROCESSES if process.once)
LASTING = tuple(process for process in PROCESSES if not process.once)
SERVICES = tuple(process for process in LASTING if process.port_field)


def python_module(*arguments: str) -> tuple[str, ...]:
    """The command line of `python -m …` with the Python that runs this one."""
    return (sys.executable, "-m", *arguments)


def instance_names(process: Process, workers: int) -> list[str]:
    """`checks` for one, `checks-1`, `checks-2` … for several."""
    if not process.scaled or workers == 1:
        return [process.name]
    return [f"{process.name}-{number}" for number in range(1, workers + 1)]

"""Structured logs: one JSON line an event, on standard output, never personal data.

Call `log.info("event_name", submission=…)`; values that a reader typed do not belong here.
"""

import logging
import sys
import warnings
from types import TracebackType

import structlog

log: structlog.stdlib.BoundLogger = structlog.get_logger()


def configure(process: str, level: str) -> None:
    """Set up this process's logs; every line carries `process`."""
    number = logging.getLevelNamesMapping()[level.upper()]
    shared: list[structlog.types.Processor] = [
        _named(process),
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            *shared,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )
    _route_library_logs(shared)


def place_of(trace: TracebackType | None) -> str:
    """File and line where it happened."""
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "unknown"


def _named(process: str) -> structlog.types.Processor:
    """Puts it into every line, those of libraries' threads among them."""

    def name(
        _log: object, _method: str, event: structlog.typing.EventDict
    ) -> structlog.typing.EventDict:
        event["process"] = process
        return event

    return name


def _route_library_logs(shared: list[structlog.types.Processor]) -> None:
    """Libraries speak from WARNING up only, and without what they quote.

    aiohttp quotes the request it could not read, with its cookies, and the reader's address.
    """
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            use_get_message=False,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _without_quotes,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    # Warnings go past the log, quote what was sent, and Python keeps each of their texts for good.
    if not sys.warnoptions:
        warnings.simplefilter("ignore")


def _without_quotes(
    _logger: object, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """The message as its author wrote it, one line; of an exception its type and place."""
    event["event"] = event["event"].partition("\n")[0]
    event.pop("stack_info", None)
    kind, _, trace = event.pop("exc_info", None) or (None, None, None)
    if kind:
        event.update(error=kind.__name__, place=place_of(trace))
    return event

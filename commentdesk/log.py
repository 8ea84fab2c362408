"""Structured logs: one JSON line an event, on standard output, never personal data.

Call `log.info("event_name", submission=…)`; values that a reader typed do not belong here.
"""

import logging
import sys

import structlog

log: structlog.stdlib.BoundLogger = structlog.get_logger()


def configure(process: str, level: str) -> None:
    """Set up this process's logs; every line carries `process`."""
    number = logging.getLevelNamesMapping()[level.upper()]
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
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
    structlog.contextvars.bind_contextvars(process=process)
    _route_library_logs(shared)


def _route_library_logs(shared: list[structlog.types.Processor]) -> None:
    """Libraries speak from WARNING up only: their chatter may quote what a reader typed."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)

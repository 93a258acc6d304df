"""How the API writes its log: a line of JSON an event, readable lines on a terminal; never a body, never a secret."""

import sys

import structlog


def configure() -> None:
    """Set structlog up, unless the process has done so itself."""
    if structlog.is_configured():
        return
    last: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks
            if not sys.stderr.isatty()
            else structlog.processors.StackInfoRenderer(),
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger("info"),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )

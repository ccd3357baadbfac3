"""Structured logs on stderr: one event name and fields, never transcript text."""

from __future__ import annotations

import logging
import sys

import structlog

from floorlog.errors import InvalidSetting

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def configure(level: str, form: str = "auto") -> None:
    """Set up logging for this process.

    Args:
        level: debug, info, warning or error.
        form: json, text, or auto: text on a terminal, JSON lines otherwise.

    Raises:
        InvalidSetting: either is none of these.
    """
    if level.lower() not in LEVELS:
        raise InvalidSetting("LOG_LEVEL", level, f"one of {', '.join(LEVELS)} is expected")
    if form not in ("json", "text", "auto"):
        raise InvalidSetting("FLOORLOG_LOG_FORMAT", form, "one of json, text, auto is expected")
    text = form == "text" or (form == "auto" and sys.stderr.isatty())
    renderer = structlog.dev.ConsoleRenderer() if text else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level.lower()]),
        logger_factory=structlog.WriteLoggerFactory(file=sys.__stderr__),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=max(LEVELS[level.lower()], logging.WARNING), stream=sys.stderr)

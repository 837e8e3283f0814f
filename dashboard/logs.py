"""Logs: one line an event, readable or JSON, with the request's id and without secrets."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from dashboard.cloud import transport

SECRETS = re.compile(
    r"(?i)(x-auth-token|x-subject-token|password|adminpass|user_data|private_key|secret|authorization|cookie)"
    r"([\"']?\s*[:=]\s*[\"']?)([^\s\"',}]+)"
)
TOKENS = re.compile(r"gAAAAA[\w=-]{20,}")


def scrub(text: str) -> str:
    """The text without what looks like a password, a key or a Fernet token."""
    return TOKENS.sub("[token]", SECRETS.sub(r"\1\2[hidden]", text))


def _scrubbed(logger: Any, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = scrub(value)
    return event


def _request_id(logger: Any, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if transport.request_id.get():
        event.setdefault("request_id", transport.request_id.get())
    return event


def configure(options: dict[str, Any]) -> None:
    """Sets up logging; ``options`` are ``level`` (a name) and ``json`` (a boolean)."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _request_id,
    ]
    last: Any = (
        structlog.processors.JSONRenderer()
        if options["json"]
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _scrubbed,
                last,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(options["level"])
    # The clients write whole requests at DEBUG, tokens and all.
    for name in ("keystoneauth", "novaclient", "glanceclient", "urllib3"):
        logging.getLogger(name).setLevel(max(logging.INFO, root.level))
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )

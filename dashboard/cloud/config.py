"""What the operator decided about how clouds are reached; set once when a process starts."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Keystone:
    """One identity service that people can sign in to. ``url`` ends in /v3."""

    url: str
    name: str = ""
    regions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Config:
    """Limits are in seconds and bytes."""

    keystones: tuple[Keystone, ...] = ()
    interface: str = "public"
    interfaces: dict[str, str] = field(default_factory=dict)
    """Another interface for some service types, e.g. ``{"image": "internal"}``."""
    allowed_hosts: frozenset[str] = frozenset()
    """Hosts that catalogs may name, besides those of the Keystones."""
    ca_file: str = ""
    is_insecure: bool = False
    """Whether TLS certificates go unchecked; for trying things only."""
    connect_timeout: float = 2.0
    read_timeout: float = 8.0
    change_timeout: float = 30.0
    sign_in_timeout: float = 15.0
    max_answer: int = 32 * 1024 * 1024
    per_service: int = 8
    """Requests under way at once per service and process."""
    queue_seconds: float = 1.0
    """How long a request waits for its turn before it is refused as busy."""


_config = Config()


def configure(config: Config) -> None:
    """Sets the process's configuration; call it before the first request upstream."""
    global _config
    _config = config


def config() -> Config:
    """The process's configuration."""
    return _config

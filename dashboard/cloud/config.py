"""What the operator decided about how clouds are reached; set once when a process starts."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Keystone:
    """One identity service that people can sign in to. ``url`` ends in /v3."""

    url: str
    name: str = ""
    regions: tuple[str, ...] = ()


@dataclass(frozen=True)
class WebSso:
    """A way to sign in by an identity provider, through one Keystone. Without ``idp``, Keystone finds that out."""

    label: str
    protocol: str
    idp: str
    keystone: str
    """The Keystone's address as the dashboard reaches it."""
    url: str
    """The same Keystone's address as browsers reach it."""

    @property
    def start(self) -> str:
        """The page of Keystone's that leads to the provider and back."""
        if self.idp:
            return f"{self.url}/auth/OS-FEDERATION/identity_providers/{self.idp}/protocols/{self.protocol}/websso"
        return f"{self.url}/auth/OS-FEDERATION/websso/{self.protocol}"

    @property
    def origin(self) -> str:
        """What browsers name as the origin of a form on Keystone's pages."""
        parts = urlsplit(self.url)
        usual = {"http": 80, "https": 443}.get(parts.scheme)
        port = f":{parts.port}" if parts.port and parts.port != usual else ""
        host = parts.hostname or ""
        return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"


@dataclass(frozen=True)
class Config:
    """Limits are in seconds and bytes."""

    keystones: tuple[Keystone, ...] = ()
    websso: tuple[WebSso, ...] = ()
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

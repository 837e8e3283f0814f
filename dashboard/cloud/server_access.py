"""Ways to a server's screen and into its guest: consoles, and the password that Windows chose.

Follows https://docs.openstack.org/api-ref/compute/#server-consoles and #servers-password-servers-os-server-password.
A console's address is a key to it: it is shown to who asked, and is written nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from dashboard.cloud import wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import BadAnswer
from dashboard.cloud.nova import SERVICE, asking
from dashboard.cloud.paging import inner

KINDS = ("novnc", "serial", "spice-html5", "webmks")
"""Nova's types of consoles (2.6; MKS since 2.8)."""


@dataclass(frozen=True)
class Console:
    """A console that was opened. ``url`` holds a token that is good for some minutes."""

    kind: str
    url: str = field(repr=False)

    @property
    def origin(self) -> str:
        """Scheme and host of the address, as a content security policy names them."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"


def open_console(cloud: Cloud, *, id: str, kind: str) -> Console:
    """A new address of a server's console. Raises CloudError.

    Invalid (400) where the cloud has no such console, Conflict (409) while the server is on no host.
    """
    with asking(cloud) as nova:
        answer = nova.servers.get_console_url(wire.path_id(id), kind)
    url = wire.text(inner(wire.mapping(answer), "remote_console", SERVICE).get("url"))
    schemes = {"ws", "wss"} if kind == "serial" else {"http", "https"}
    parts = urlsplit(url)
    # It becomes a link, and a host that pages may speak to.
    if parts.scheme not in schemes or not parts.hostname or set(parts.netloc) & set("@;,'\"\\ \t*"):
        raise BadAnswer("The console's address is none that can be opened.", service=SERVICE)
    return Console(kind, url)


def get_password(cloud: Cloud, *, id: str) -> str:
    """The password that the guest chose, encrypted with the key pair's public key, in base64; "" if there is none.

    Raises CloudError.
    """
    with asking(cloud) as nova:
        return wire.text(nova.servers.get_password(wire.path_id(id)))


def clear_password(cloud: Cloud, *, id: str) -> None:
    """Has Nova forget the encrypted password; inside the server it stays what it is. Raises CloudError."""
    with asking(cloud) as nova:
        nova.servers.clear_password(wire.path_id(id))

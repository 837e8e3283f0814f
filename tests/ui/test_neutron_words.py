"""What stands in Neutron's way is said in words, with links to it."""

from __future__ import annotations

import pytest

from dashboard.cloud.errors import Conflict, from_status
from dashboard.ui.errors import told
from dashboard.ui.neutron_words import mentions

ROUTER, PORT, NET = (f"0000000{n}-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))


@pytest.mark.parametrize(
    ("status", "message", "words"),
    [
        (409, f"Router {ROUTER} has ports still attached: {PORT}", "remove its interfaces first"),
        (
            409,
            f"Unable to complete operation on network {NET}. There are one or more ports still in use on the network, "
            f"id for these ports is: {PORT}.",
            "still on this network",
        ),
        (
            400,
            f"Invalid input for operation: Requested subnet with cidr: 10.0.0.0/25 for network: {NET} overlaps with "
            "another subnet.",
            "10.0.0.0/25 overlaps with another subnet",
        ),
        (409, f"IP address 192.168.10.1 already allocated in subnet {NET}", "192.168.10.1 is taken already"),
        (409, "Quota exceeded for resources: ['floatingip', 'port'].", "quota: Floating IPs, Ports"),
        (409, f"Security Group {NET} in use.", "Ports have this security group"),
        (403, "rule:update_quota is disallowed by policy", "Your role in this project does not allow this."),
        (
            404,
            f"External network {NET} is not reachable from subnet {ROUTER}. Therefore, cannot associate Port {PORT} "
            "with a Floating IP.",
            "No router leads from this port's network",
        ),
        (
            409,
            f"Gateway cannot be updated for router {ROUTER}, since a gateway to external network {NET} is required by "
            "one or more floating IPs.",
            "disassociate them first",
        ),
    ],
)
def test_a_refusal_says_what_to_do(status: int, message: str, words: str) -> None:
    assert words in told(from_status(status, message, service="network"))


def test_what_is_not_known_keeps_neutrons_own_words() -> None:
    text = told(Conflict("Something new.", service="network"))
    assert "Something new." in text
    assert "another state" in text


def test_a_refusal_leads_to_what_it_names() -> None:
    found = mentions(f"Router {ROUTER} has ports still attached: {PORT},{PORT}")
    assert [(item.url_name, item.id) for item in found] == [("routers:detail", ROUTER), ("ports:detail", PORT)]
    assert not mentions(f"Security group rule already exists. Rule id is {ROUTER}.")
    assert not mentions(f"Nothing that is known: {ROUTER}")

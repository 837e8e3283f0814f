"""Rules of security groups in words."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from dashboard.cloud.limits import NETWORK
from dashboard.cloud.security_groups import Rule
from dashboard.ui.words import QUOTAS, quota_label, rule_words

SSH = {"protocol": "tcp", "port_range_min": 22, "port_range_max": 22}


@pytest.mark.parametrize(
    ("json", "words"),
    [
        ({**SSH, "remote_ip_prefix": "10.0.0.0/8"}, "TCP 22 from 10.0.0.0/8"),
        (SSH, "TCP 22 from anywhere (0.0.0.0/0)"),
        ({**SSH, "direction": "egress"}, "TCP 22 to anywhere (0.0.0.0/0)"),
        ({"ethertype": "IPv6"}, "All IPv6 traffic from anywhere (::/0)"),
        ({**SSH, "remote_group_id": "g1"}, "TCP 22 from members of web"),
        ({**SSH, "remote_group_id": "g2"}, "TCP 22 from members of g2"),
        ({"protocol": "icmp", "remote_address_group_id": "a1"}, "ICMP from address group a1"),
    ],
)
def test_a_rule_says_what_may_come_from_where(json: dict[str, Any], words: str) -> None:
    with translation.override("en"):
        assert rule_words(Rule.from_json({"direction": "ingress", **json}), {"g1": "web"}) == words


def test_every_quota_that_is_shown_has_a_label() -> None:
    assert set(NETWORK) <= set(QUOTAS)
    assert quota_label("something_new") == "something_new"

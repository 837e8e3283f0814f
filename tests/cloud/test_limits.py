"""Quotas, asked of each service by its own means."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from requests_mock import Mocker

from dashboard.cloud import limits
from dashboard.cloud.catalog import Catalog, Endpoint
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import BadAnswer
from tests.harness.wire import CINDER, NEUTRON, NOVA, PROJECT_ID, cloud_of, recorded

from .odd import anything, odd


def test_nova_says_it_without_a_parameter_that_it_would_refuse(requests_mock: Mocker) -> None:
    requests_mock.get(f"{NOVA}/limits", json=recorded("nova/limits"))
    found = {quota.name: quota for quota in limits.list_compute_quotas(cloud_of())}
    assert list(found) == ["instances", "cores", "ram", "server_groups"]
    assert (found["ram"].limit, found["ram"].unit) == (102400, "MiB")
    assert requests_mock.last_request.query == ""


def test_cinder_says_it_with_a_path_of_either_kind(requests_mock: Mocker) -> None:
    requests_mock.get(f"{CINDER}/limits", json=recorded("cinder/limits"))
    found = limits.list_volume_quotas(cloud_of())
    assert found[1].name == "gigabytes"
    assert found[1].limit == 1000
    assert requests_mock.last_request.headers["OpenStack-API-Version"] == "volume 3.67"
    # An older cloud has the project in the address, and knows no such version.
    old = Endpoint("block-storage", "cinder", "RegionOne", "public", f"{CINDER}/{PROJECT_ID}")
    cloud = Cloud(dataclasses.replace(cloud_of().access, catalog=Catalog((old,))), "RegionOne")
    requests_mock.get(f"{CINDER}/{PROJECT_ID}/limits", json=recorded("cinder/limits"))
    assert limits.list_volume_quotas(cloud) == found
    assert "OpenStack-API-Version" not in requests_mock.last_request.headers


def test_neutron_counts_what_is_reserved_as_used_and_minus_one_as_no_limit(requests_mock: Mocker) -> None:
    answer = recorded("neutron/quotas")
    answer["quota"]["port"] = {"limit": -1, "used": 2, "reserved": 3}
    requests_mock.get(f"{NEUTRON}/v2.0/quotas/{PROJECT_ID}/details.json", json=answer)
    found = {quota.name: quota for quota in limits.list_network_quotas(cloud_of())}
    assert (found["port"].used, found["port"].limit) == (5, None)
    assert "subnetpool" not in found


def test_no_limit_and_none_left_are_told_apart(requests_mock: Mocker) -> None:
    answer = recorded("nova/limits")
    answer["limits"]["absolute"] |= {"maxTotalInstances": -1, "maxTotalCores": 4, "totalCoresUsed": 6}
    requests_mock.get(f"{NOVA}/limits", json=answer)
    instances, cores, *_ = limits.list_compute_quotas(cloud_of())
    assert (instances.limit, instances.left) == (None, None)
    assert (cores.left, cores.percent) == (0, 100)


def test_an_answer_without_limits_is_a_fault(requests_mock: Mocker) -> None:
    requests_mock.get(f"{NOVA}/limits", json={})
    with pytest.raises(BadAnswer):
        limits.list_compute_quotas(cloud_of())


@given(odd(recorded("neutron/quotas")["quota"]), anything)
def test_odd_json_gives_quotas_all_the_same(quota: dict[str, Any], limit: Any) -> None:
    quota["port"] = {"limit": limit, "used": limit, "reserved": limit}
    assert all(found.used >= 0 for found in limits.network_quotas_in({"quota": quota}))

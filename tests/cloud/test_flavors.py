"""Flavors as Nova gives them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from requests_mock import ANY, Mocker

from dashboard.cloud import flavors
from dashboard.cloud.errors import BadAnswer, NotFound
from dashboard.cloud.flavors import Flavor
from dashboard.cloud.types import Query, Term
from tests.harness.wire import NOVA, cloud_of, recorded

from .odd import odd

FLAVOR = recorded("nova/flavor")["flavor"]


def test_a_list_takes_one_call_and_brings_the_extra_specs(requests_mock: Mocker) -> None:
    answer = recorded("nova/flavors")
    answer["flavors"][0]["extra_specs"] = {"hw:cpu_policy": "dedicated"}
    requests_mock.get(f"{NOVA}/flavors/detail", json=answer)
    page = flavors.list_flavors(cloud_of(), Query())
    assert [flavor.ram for flavor in page.rows] == sorted(flavor.ram for flavor in page.rows)
    assert requests_mock.call_count == 1
    assert requests_mock.last_request.headers["OpenStack-API-Version"] == "compute 2.96"
    assert [row.extra_specs for row in page.rows if row.extra_specs] == [{"hw:cpu_policy": "dedicated"}]


def test_further_pages_are_read_to_their_end(requests_mock: Mocker) -> None:
    first, last = recorded("nova/flavors_page"), recorded("nova/flavors")
    requests_mock.get(f"{NOVA}/flavors/detail", [{"json": first}, {"json": last}])
    found = flavors.list_all_flavors(cloud_of())
    assert len(found) == len(first["flavors"]) + len(last["flavors"])
    assert requests_mock.last_request.qs["marker"] == [first["flavors"][-1]["id"]]


def test_flavors_can_be_narrowed_by_an_extra_spec_and_sorted(requests_mock: Mocker) -> None:
    requests_mock.get(f"{NOVA}/flavors/detail", json=recorded("nova/flavors"))
    assert flavors.list_flavors(cloud_of(), Query(terms=(Term("spec", "hw:gpu"),))).rows == ()
    page = flavors.list_flavors(cloud_of(), Query(sort="vcpus", is_descending=True))
    assert page.rows[0].name == "c1.xlarge"


def test_old_nova_writes_no_swap_as_an_empty_string() -> None:
    assert Flavor.from_json(FLAVOR | {"swap": ""}).swap == 0


@pytest.mark.parametrize("id", ["../os-hypervisors", "a?is_public=None", "a/os-flavor-access"])
def test_an_id_reaches_no_other_path(requests_mock: Mocker, id: str) -> None:
    requests_mock.get(ANY, status_code=404, json={"itemNotFound": {"message": "no", "code": 404}})
    with pytest.raises(NotFound):
        flavors.get_flavor(cloud_of(), id)
    assert requests_mock.last_request.url.count("/") == f"{NOVA}/flavors/x".count("/")
    assert not requests_mock.last_request.query


def test_an_answer_without_a_flavor_is_a_fault(requests_mock: Mocker) -> None:
    requests_mock.get(f"{NOVA}/flavors/x", json={})
    with pytest.raises(BadAnswer):
        flavors.get_flavor(cloud_of(), "x")


@given(odd(FLAVOR))
def test_odd_json_gives_a_flavor_all_the_same(json: dict[str, Any]) -> None:
    flavors.LOOKUP.page([Flavor.from_json(json)], Query(text="x", terms=(Term("spec", "y"),)))

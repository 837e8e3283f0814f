"""What Nova says went wrong, in words that help."""

from __future__ import annotations

import html

import pytest

from dashboard.live import operations
from dashboard.panels.servers import faults
from tests.harness.services import Services, at_rest
from tests.harness.wire import at, cloud_of, signed_in


@pytest.mark.parametrize(
    ("message", "part"),
    [
        ("No valid host was found. There are not enough hosts available.", "No host has room"),
        ("Exceeded maximum number of retries. Exhausted all hosts available for retrying", "every host that was tried"),
        ("Maximum number of ports exceeded", "quota of ports"),
        ("VolumeLimitExceeded: Maximum number of volumes allowed (10) exceeded for quota 'volumes'.", "volume storage"),
        ("Quota exceeded for cores: Requested 4, but already used 40 of 40 cores", "A quota of the project"),
        ("Binding failed for port 1, please check neutron logs", "could not be connected"),
        ("PortBindingFailed: Port Binding Failed", "could not be connected"),
        ("Virtual Interface creation failed", "did not answer in time"),
        ("No more IP addresses available on network x", "no free address"),
        ("Network x requires a subnet in order to boot instances on.", "has no subnet"),
        ("Fixed IP address 10.0.0.4 is already in use on instance 1", "in use already"),
        ("Port 57bf is still in use.", "belongs to another server"),
        ("Connection to neutron failed: timed out", "network service did not answer"),
        ("Flavor's disk is too small for requested image.", "disk is too small"),
        ("Flavor disk is 1 bytes, smaller than the minimum size specified in image metadata", "disk is too small"),
        ("Flavor's memory is too small for requested image.", "less memory"),
        ("Resize error: Unable to resize disk down.", "can't become smaller"),
        ("Volume v did not finish being created even after we waited 2 seconds. And its status is error.", "not ready"),
        ("Block Device Mapping is Invalid: failed to get volume v.", "could not be made or connected"),
        ("Connection to cinder host failed: refused", "volume service did not answer"),
        ("Image 70a5 could not be found.", "not there any more"),
        ("Connection to glance host failed", "image service did not answer"),
        ("[Errno 28] No space left on device", "disk is full"),
        ("Insufficient compute resources: Free memory 5 MB < requested 512 MB.", "no room any more"),
        ("ServerGroup policy is not satisfied: Anti-affinity instance group policy was violated.", "group's rule"),
        ("QEMU guest agent is not enabled", "agent inside the server"),
        ("MessagingTimeout: Timed out waiting for a reply to message ID 1", "does not answer"),
        ("Build of instance 4050 aborted: something odd", "gave up building"),
    ],
)
def test_the_usual_faults_mean_something_and_there_is_something_to_try(message: str, part: str) -> None:
    meaning, advice = faults.explained(message)
    assert part in meaning
    assert advice


def test_a_fault_is_told_once_on_a_page(services: Services) -> None:
    doomed = next(row for row in services.rows["/servers"] if row["status"] == "ERROR")
    message = doomed["fault"]["message"]
    cloud = cloud_of()
    person = cloud.access.person.id
    began = operations.begin(person, cloud, verb="rebuild", kind="servers", ids=[doomed["id"]], label="Rebuild it")
    operations.fail(cloud, person, began, {doomed["id"]: message})
    browser = signed_in()
    page = html.unescape(browser.get(at(f"servers/{doomed['id']}/")).content.decode())
    assert "Rebuild it" in page
    assert page.count(f"<q>{message}</q>") == 1
    at_rest()
    listed = html.unescape(browser.get(at("servers/")).content.decode())
    assert listed.count(f"<q>{message}</q>") == 1

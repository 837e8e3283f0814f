"""The floating IP of a new server: associated once it has a port, given back if nothing came of the launch."""

from __future__ import annotations

from dataclasses import replace

from dashboard.cloud import launch_address, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError, Conflict, Invalid, NotFound, Unauthorized
from dashboard.cloud.launch import find_launched
from dashboard.cloud.servers import get_server_json
from dashboard.live import errands, operations
from dashboard.live.errands import Errand

KIND = "floating-ip"
GIVE_UP_SECONDS = 90
"""When nothing has carried the launch's tag for so long, nothing was made."""


def promise(cloud: Cloud, once: str, address: launch_address.FreeAddress, *, is_new: bool) -> Errand:
    """Has the workers associate a floating IP with what the launch ``once`` makes. Raises Away."""
    return errands.begin(cloud, once, KIND, {"id": address.id, "address": address.address, "is_new": is_new})


def launched(once: str, server_id: str) -> None:
    """Nova said which server it is."""
    errands.note(once, server_id=server_id)
    errands.point(server_id, once)


def cancel(once: str) -> None:
    """Nothing was launched."""
    errands.cancel(once)


def step(cloud: Cloud, errand: Errand) -> Errand:
    """One step, and a word on the launch's card where the server runs without its address. Raises CloudError."""
    after = _step(cloud, errand)
    server_id = wire.text(after.facts.get("server_id"))
    if after.state == "failed" and server_id and after.code in {"refused", "no-port", "kept"}:
        person = cloud.access.person.id
        for operation in operations.recent(cloud, person):
            if operation.verb == "launch" and server_id in operation.ids:
                operations.fail(cloud, person, operation, {server_id: after.words})
    return after


def _step(cloud: Cloud, errand: Errand) -> Errand:
    """Looks how far the server is, and does what can be done then. Raises CloudError, to be tried again."""
    server_id = wire.text(errand.facts.get("server_id"))
    if not server_id:
        found = find_launched(cloud, errand.id)
        if not found:
            return _given_back(cloud, errand, "not-launched") if errand.age > GIVE_UP_SECONDS else errand
        server_id = found[0].id
        errands.point(server_id, errand.id)
        errand = replace(errand, facts={**errand.facts, "server_id": server_id})
    try:
        status = wire.text(get_server_json(cloud, server_id).get("status"))
    except NotFound:
        return _given_back(cloud, errand, "gone")
    if status in {"ERROR", "DELETED", "SOFT_DELETED"}:
        return _given_back(cloud, errand, "not-built")
    if errand.code != "associated":
        ports = launch_address.ports_of(cloud, server_id)
        if ports:
            try:
                is_new = bool(errand.facts.get("is_new"))
                address = launch_address.lead_to(cloud, str(errand.facts["id"]), ports, is_new=is_new)
            except (Conflict, Invalid, NotFound) as error:
                return _given_back(cloud, errand, "refused", error.message)
            errand = replace(errand, code="associated", facts={**errand.facts, "address": address})
        elif status != "BUILD":
            return _given_back(cloud, errand, "no-port")
    # A build that fails takes its port along: whether it comes to its end is waited for.
    return replace(errand, state="done", words="") if errand.code == "associated" and status != "BUILD" else errand


def _given_back(cloud: Cloud, errand: Errand, code: str, words: str = "") -> Errand:
    """Releases what was allocated for this; an address that the project had before stays in the project."""
    is_new = bool(errand.facts.get("is_new"))
    if is_new:
        try:
            launch_address.release(cloud, str(errand.facts["id"]))
        except Unauthorized:
            raise
        except CloudError as error:
            if errand.age < errands.SECONDS - 60:
                raise
            return replace(errand, state="failed", code="kept", words=error.message)
    return replace(errand, state="failed", code=code, words=words)


STEPS: dict[str, errands.Step] = {KIND: step}
"""The steps of errands, by their kind."""

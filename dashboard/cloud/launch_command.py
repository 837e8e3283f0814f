"""The ``openstack`` command that launches the same servers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dashboard.cloud.connection import NOVA_MICROVERSION
from dashboard.cloud.launch import LaunchRequest


def command(request: LaunchRequest) -> tuple[str, ...]:
    """Its words. User data are in a file there; what the command has no option for is left out.

    Follows ``openstack server create`` of python-openstackclient 8.
    """
    return ("openstack", "--os-compute-api-version", NOVA_MICROVERSION, "server", "create", *_options(request))


def _options(request: LaunchRequest) -> Iterator[str]:
    body = request.body()
    server: Mapping[str, Any] = body["server"]
    plain = {
        "--image": server.get("imageRef"),
        "--flavor": request.flavor_id,
        "--description": request.description,
        "--hostname": request.hostname,
        "--key-name": request.key_name,
        "--availability-zone": request.availability_zone,
        "--host": request.host,
        "--hypervisor-hostname": request.hypervisor,
        "--user-data": "user-data.txt" if request.user_data else "",
        "--min": server.get("min_count"),
        "--max": server.get("max_count"),
    }
    for name, value in plain.items():
        if value:
            yield from (name, str(value))
    for disk in server.get("block_device_mapping_v2", ()):
        # With --image the command adds the image's own disk by itself.
        if disk.get("destination_type") != "local":
            yield from ("--block-device", _pairs(disk))
    networks = server["networks"]
    if isinstance(networks, str):
        yield from ("--nic", networks)
    else:
        for card in networks:
            yield from ("--nic", _pairs(card, {"uuid": "net-id", "port": "port-id", "fixed_ip": _ip_option(card)}))
    for group in request.security_groups:
        yield from ("--security-group", group)
    for key, value in request.metadata.items():
        yield from ("--property", f"{key}={value}")
    for tag in server["tags"]:
        yield from ("--tag", tag)
    for certificate in request.trusted_certificates:
        yield from ("--trusted-image-cert", certificate)
    for key, value in request.hints.items():
        for item in value if isinstance(value, list) else [value]:
            yield from ("--hint", f"{key}={item}")
    if request.has_config_drive:
        yield "--use-config-drive"
    yield request.name


def _ip_option(card: Mapping[str, str]) -> str:
    return "v6-fixed-ip" if ":" in card.get("fixed_ip", "") else "v4-fixed-ip"


def _pairs(item: Mapping[str, Any], names: Mapping[str, str] | None = None) -> str:
    found = ((names or {}).get(key, key) for key in item)
    values = (str(value).lower() if isinstance(value, bool) else str(value) for value in item.values())
    return ",".join(f"{key}={value}" for key, value in zip(found, values, strict=True))

"""A form filled in as somebody in a hurry would: what stands there stays, what must be given gets something plain.

Where that is no sense (a template, an address in a subnet), ``EXAMPLES`` says what to give.
"""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

IMAGE_METADATA = """os_distro = cirros
image_id = 4160fea6-3bae-4825-ad94-6988a0beeea0
image_name = cirros-0.6
min_disk = 1
min_ram = 0
hw_disk_bus = scsi"""
"""What the recorded bootable volume has, and one more."""
EXAMPLES: dict[tuple[str, str], dict[str, Any]] = {
    ("identity-providers", "add-protocol"): {"protocol": "saml2"},
    ("identity-providers", "edit-protocol"): {"protocol": "openid", "mapping": "employees"},
    ("identity-providers", "delete-protocol"): {"protocol": "openid"},
    ("projects", "create"): {"parent": "web"},
    ("projects", "add-member"): {"who": "group:developers", "roles": [f"{0xE2:032x}"]},
    ("projects", "change-roles"): {"other": f"users:{'b' * 32}", "roles": [f"{0xE1:032x}"]},
    ("projects", "take-roles"): {"other": f"users:{'b' * 32}"},
    ("projects", "edit"): {"name": "another-name"},
    ("projects", "tags"): {"tag_lines": "one\ntwo words"},
    ("projects", "disable"): {"sure": "on"},
    ("projects", "delete"): {"sure": "on"},
    ("roles", "edit"): {"description": "another", "is_immutable": []},
    ("roles", "delete"): {"sure": "on"},
    ("roles", "imply"): {"implied": f"{0xE5:032x}"},
    ("roles", "no-longer"): {"implied": f"{0xE1:032x}"},
    ("domains", "add-member"): {"who": "bob", "roles": [f"{0xE3:032x}"]},
    ("domains", "change-roles"): {"other": f"users:{'b' * 32}", "roles": [f"{0xE1:032x}"]},
    ("domains", "take-roles"): {"other": f"users:{'b' * 32}"},
    ("domains", "edit"): {"name": "another-name"},
    ("domains", "disable"): {"sure": "on"},
    ("domains", "delete"): {"typed": "former-partner", "sure": "on"},
    ("users", "edit"): {"name": "another-name", "project": "data"},
    ("users", "password"): {"password": "correct horse battery"},
    ("users", "options"): {"multi_factor_auth_enabled": "on", "ways": ["password+totp", "application_credential"]},
    ("users", "give-role"): {"project": "data", "roles": [f"{0xE2:032x}"]},
    ("users", "change-roles"): {"other": f"projects:{'a' * 32}", "roles": [f"{0xE1:032x}"]},
    ("users", "take-roles"): {"other": f"projects:{'a' * 32}"},
    ("users", "add-to-group"): {"group": "developers"},
    ("users", "remove-from-group"): {"group": "group:developers"},
    ("users", "disable"): {"sure": "on"},
    ("users", "delete"): {"sure": "on"},
    ("groups", "add-users"): {"user": "alice", "several": "bob\ncarol"},
    ("groups", "remove-user"): {"user": "b" * 32},
    ("groups", "give-role"): {"project": "data", "roles": [f"{0xE2:032x}"]},
    ("groups", "change-roles"): {"other": f"projects:{'a' * 32}", "roles": [f"{0xE1:032x}"]},
    ("groups", "take-roles"): {"other": f"projects:{'a' * 32}"},
    ("groups", "edit"): {"name": "another-name"},
    ("volumes", "image-metadata"): {"image_metadata": IMAGE_METADATA},
    ("volumes", "delete"): {"with_snapshots": "on"},
    ("all-volumes", "delete"): {"with_snapshots": "on"},
    ("volume-types", "specs"): {"extra_specs": "multiattach = <is> True"},
    ("volume-types", "access"): {"projects": []},
    ("volume-qos", "types"): {"types": []},
    ("group-types", "specs"): {"specs": "consistent_group_snapshot_enabled = <is> True"},
    ("servers", "security-groups"): {"groups": []},
    ("flavors", "specs"): {"extra_specs-key": ["hw:cpu_policy"], "extra_specs-value": ["dedicated"]},
    ("flavors", "access"): {"projects": ["c" * 32]},
    ("flavors", "edit"): {"description": "another"},
    ("endpoints", "edit"): {"url": "http://127.0.0.1:9292/other"},
    ("services", "edit"): {"description": "another"},
    ("services", "add-endpoint"): {"url": "http://127.0.0.1:9292", "is_untried": "on"},
    ("aggregates", "hosts"): {"hosts": ["compute1", "compute2"]},
    ("aggregates", "edit"): {"name": "another-name"},
    ("aggregates", "metadata"): {"metadata-key": ["ssd"], "metadata-value": ["false"]},
    ("aggregates", "cache"): {"images": ["0000001d-0000-4000-8000-00000000001d"]},
    ("networks", "edit"): {"name": "another-name"},
    ("subnets", "edit"): {"name": "another-name"},
    ("ports", "edit"): {"name": "another-name"},
    ("routers", "edit"): {"name": "another-name"},
    ("routers", "add-interface"): {"subnet": "0000002c-0000-4000-8000-00000000002c"},
    ("floating-ips", "stop-forwarding"): {"forwarding": "0000050a-0000-4000-8000-00000000050a"},
    ("metadata-definitions", "object"): {"text": '{"name": "PostgreSQL", "properties": {}}'},
    ("metadata-definitions", "dissociate"): {"name": "OS::Nova::Server"},
    ("metadata-definitions", "delete-property"): {"name": "sw_database_port"},
    ("metadata-definitions", "delete-object"): {"name": "MySQL"},
    ("metadata-definitions", "property"): {"name": "sw_database_user", "title": "User"},
    ("metadata-definitions", "edit"): {"display_name": "Another name"},
    ("metadata-definitions", "tags"): {"tags": "relational\nfast"},
    ("metadata-definitions", "create-1"): {"text": '{"namespace": "OS::Made::Up"}'},
    ("objects", "copy"): {"path": "copies/another.txt"},
    ("objects", "move"): {"path": "another.txt"},
    ("objects", "restore-version"): {"version": "1795310412.26135"},
    ("objects", "delete-version"): {"version": "1795310412.26135"},
    ("trunks", "remove-subport"): {"port": "00000513-0000-4000-8000-000000000513"},
    ("local-ips", "disassociate"): {"port": "00000513-0000-4000-8000-000000000513"},
    ("network-agents", "move"): {"item": "0000002b-0000-4000-8000-00000000002b"},
    ("network-agents", "unhost"): {"item": "0000002b-0000-4000-8000-00000000002b"},
    ("metering-labels", "delete-rule"): {"rule": "00000521-0000-4000-8000-000000000521"},
    ("routers", "routes"): {"routes": "10.9.0.0/16 192.168.10.7"},
    ("floating-ips", "edit"): {"description": "spare"},
    ("floating-ips", "forward"): {"external": "2222", "internal": "22"},
    ("security-groups", "edit"): {"description": "another"},
    ("security-groups", "edit-rule"): {"rule": "00000031-0000-4000-8000-000000000031", "template": "https"},
    ("security-groups", "delete-rule"): {"rule": "00000031-0000-4000-8000-000000000031"},
    ("address-groups", "edit"): {"addresses": "192.0.2.0/24"},
    ("qos-policies", "edit"): {"description": "another"},
    ("qos-policies", "rule"): {"rate": "1000"},
    ("qos-policies", "delete-rule"): {"rule": "00000516-0000-4000-8000-000000000516"},
    ("trunks", "edit"): {"description": "another"},
    ("trunks", "add-subport"): {"number": "102"},
    ("subnet-pools", "edit"): {"description": "another"},
    ("address-scopes", "edit"): {"name": "another-name"},
    ("network-agents", "edit"): {"description": "another"},
    ("ndp-proxies", "edit"): {"description": "another"},
    ("local-ips", "edit"): {"description": "another"},
    ("all-servers", "security-groups"): {"groups": []},
    ("images", "edit"): {"name": "another-name"},
    ("images", "import"): {"method_name": "web-download", "uri": "https://images.example.org/disk.img"},
    ("images", "copy-image"): {"stores": ["ceph"]},
    ("images", "remove-from-store"): {"store": "disk"},
    ("images", "share"): {"projects": "c" * 32},
    ("containers", "add-rule"): {"who": "project", "project": "c" * 32},
    ("containers", "metadata"): {"metadata-key": ["color"], "metadata-value": ["green"]},
    ("images", "unshare"): {"project_id": "c" * 32},
}
"""By (panel's slug, action's slug or create's url name): values for the fields that a plain answer does not fit."""

PLAIN = {"number": "1", "email": "a@example.org", "url": "https://example.org/", "date": "2030-01-01"}
SKIPPED = {"submit", "button", "file", "image", "reset", "search"}


class _Form(HTMLParser):
    """The fields of the first form of class "dialog-form"."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: dict[str, list[str]] = {}
        self.radios: dict[str, list[str]] = {}
        self.needed: set[str] = set()
        self._depth = 0
        self._select: tuple[str, bool, list[str], list[str]] | None = None
        self._area: tuple[str, bool, list[str]] | None = None

    def handle_starttag(self, tag: str, given: list[tuple[str, str | None]]) -> None:
        attrs = {key: value or "" for key, value in given}
        if tag == "form":
            if "dialog-form" in attrs.get("class", "").split() and not self._depth:
                self._depth = 1
            return
        if not self._depth:
            return
        name, is_needed = attrs.get("name", ""), "required" in attrs
        if "disabled" in attrs and tag != "option":
            return
        if tag == "input" and name:
            self._input(name, attrs, is_needed)
        elif tag == "select" and name:
            self._select = (name, is_needed, [], [])
        elif tag == "option" and self._select and "disabled" not in attrs:
            self._select[3 if "selected" in attrs else 2].append(attrs.get("value", ""))
        elif tag == "textarea" and name:
            self._area = (name, is_needed, [])

    def _input(self, name: str, attrs: dict[str, str], is_needed: bool) -> None:
        kind = attrs.get("type", "text")
        if kind in SKIPPED:
            return
        if kind == "radio":
            self.radios.setdefault(name, []).append(attrs.get("value", ""))
            if "checked" in attrs:
                self.found[name] = [attrs.get("value", "")]
        elif kind == "checkbox":
            if "checked" in attrs:
                self.found.setdefault(name, []).append(attrs.get("value", "on"))
        else:
            value = attrs.get("value", "") or (attrs.get("min") or PLAIN.get(kind, "x-1") if is_needed else "")
            self.found.setdefault(name, []).append(value)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._depth:
            self._depth = 2
        if tag == "select" and self._select:
            name, is_needed, others, chosen = self._select
            value = chosen or ([next((item for item in others if item), "")] if is_needed else others[:1])
            self.found[name] = value
            self._select = None
        if tag == "textarea" and self._area:
            name, is_needed, parts = self._area
            text = "".join(parts).removeprefix("\n")
            self.found.setdefault(name, []).append(text or ("x" if is_needed else ""))
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area:
            self._area[2].append(data)


def filled(markup: str, *about: str) -> dict[str, Any]:
    """What a browser would send of a dialog's form, with what must be filled in filled in."""
    form = _Form()
    form.feed(markup)
    for name, values in form.radios.items():
        form.found.setdefault(name, values[:1])
    # What is done to everybody's is done as to one's own.
    keys = [(about[0], about[1]), (about[0].removeprefix("all-"), about[1])] if len(about) == 2 else []
    example = next((EXAMPLES[key] for key in keys if key in EXAMPLES), {})
    return {key: values for key, values in form.found.items() if values} | example

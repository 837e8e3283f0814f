"""What Heat calls things, in the words of the person who looks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from dashboard.cloud import swift
from dashboard.cloud.connection import Cloud
from dashboard.cloud.stack_parts import Resource
from dashboard.cloud.stacks import Stack
from dashboard.ui import registry
from dashboard.ui.panel import may
from dashboard.ui.values import Link, Status, Tone

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
else:
    StrOrPromise = str

STATUSES: dict[str, tuple[StrOrPromise, Tone]] = {
    "CREATE_COMPLETE": (pgettext_lazy("state", "Created"), "ok"),
    "CREATE_IN_PROGRESS": (gettext_lazy("Being created"), "busy"),
    "CREATE_FAILED": (gettext_lazy("Creation failed"), "bad"),
    "UPDATE_COMPLETE": (pgettext_lazy("state", "Updated"), "ok"),
    "UPDATE_IN_PROGRESS": (gettext_lazy("Being updated"), "busy"),
    "UPDATE_FAILED": (gettext_lazy("Update failed"), "bad"),
    "DELETE_COMPLETE": (gettext_lazy("Deleted"), "off"),
    "DELETE_IN_PROGRESS": (gettext_lazy("Being deleted"), "busy"),
    "DELETE_FAILED": (gettext_lazy("Deletion failed"), "bad"),
    "ROLLBACK_COMPLETE": (gettext_lazy("Rolled back"), "warn"),
    "ROLLBACK_IN_PROGRESS": (gettext_lazy("Rolling back"), "busy"),
    "ROLLBACK_FAILED": (gettext_lazy("Rollback failed"), "bad"),
    "SUSPEND_COMPLETE": (gettext_lazy("Suspended"), "off"),
    "SUSPEND_IN_PROGRESS": (gettext_lazy("Being suspended"), "busy"),
    "SUSPEND_FAILED": (gettext_lazy("Suspending failed"), "bad"),
    "RESUME_COMPLETE": (gettext_lazy("Resumed"), "ok"),
    "RESUME_IN_PROGRESS": (gettext_lazy("Being resumed"), "busy"),
    "RESUME_FAILED": (gettext_lazy("Resuming failed"), "bad"),
    "CHECK_COMPLETE": (gettext_lazy("Checked"), "ok"),
    "CHECK_IN_PROGRESS": (gettext_lazy("Being checked"), "busy"),
    "CHECK_FAILED": (gettext_lazy("The check found faults"), "warn"),
    "SNAPSHOT_COMPLETE": (gettext_lazy("Snapshot taken"), "ok"),
    "SNAPSHOT_IN_PROGRESS": (gettext_lazy("Snapshot being taken"), "busy"),
    "SNAPSHOT_FAILED": (gettext_lazy("Snapshot failed"), "bad"),
    "RESTORE_COMPLETE": (gettext_lazy("Restored"), "ok"),
    "RESTORE_IN_PROGRESS": (gettext_lazy("Being restored"), "busy"),
    "RESTORE_FAILED": (gettext_lazy("Restoring failed"), "bad"),
    "ADOPT_COMPLETE": (gettext_lazy("Adopted"), "ok"),
    "ADOPT_IN_PROGRESS": (gettext_lazy("Being adopted"), "busy"),
    "ADOPT_FAILED": (gettext_lazy("Adoption failed"), "bad"),
    "INIT_COMPLETE": (gettext_lazy("Not begun"), "off"),
}
"""Of stacks and of their resources alike."""

PLACES = {
    "OS::Nova::Server": "servers",
    "OS::Nova::KeyPair": "keypairs",
    "OS::Nova::ServerGroup": "server-groups",
    "OS::Nova::Flavor": "flavors",
    "OS::Nova::HostAggregate": "aggregates",
    "OS::Glance::Image": "images",
    "OS::Glance::WebImage": "images",
    "OS::Neutron::Net": "networks",
    "OS::Neutron::ProviderNet": "networks",
    "OS::Neutron::Subnet": "subnets",
    "OS::Neutron::SubnetPool": "subnet-pools",
    "OS::Neutron::AddressScope": "address-scopes",
    "OS::Neutron::Port": "ports",
    "OS::Neutron::Router": "routers",
    "OS::Neutron::RouterInterface": "routers",
    "OS::Neutron::RouterGateway": "routers",
    "OS::Neutron::FloatingIP": "floating-ips",
    "OS::Neutron::FloatingIPAssociation": "floating-ips",
    "OS::Neutron::SecurityGroup": "security-groups",
    "OS::Neutron::QoSPolicy": "qos-policies",
    "OS::Neutron::Trunk": "trunks",
    "OS::Neutron::RBACPolicy": "network-sharing",
    "OS::Neutron::MeteringLabel": "metering-labels",
    "OS::Cinder::Volume": "volumes",
    "OS::Cinder::VolumeType": "volume-types",
    "OS::Cinder::EncryptedVolumeType": "volume-types",
    "OS::Cinder::QoSSpecs": "volume-qos",
    "OS::Swift::Container": "containers",
    "OS::Keystone::Project": "projects",
    "OS::Keystone::User": "users",
    "OS::Keystone::Group": "groups",
    "OS::Keystone::Role": "roles",
    "OS::Keystone::Domain": "domains",
    "OS::Keystone::Region": "regions",
    "OS::Keystone::Service": "services",
    "OS::Keystone::Endpoint": "endpoints",
    "AWS::EC2::Instance": "servers",
    "AWS::EC2::Volume": "volumes",
    "AWS::EC2::SecurityGroup": "security-groups",
}
"""The panels that have what resources of a type are. What nests resources is a stack itself."""


def status_of(status: str, reason: str = "") -> Status:
    """A state of a stack or resource."""
    label, tone = STATUSES.get(status, (status.replace("_", " ").capitalize() or _("Unknown"), "unknown"))
    return Status(label, tone, title=reason)


def stack_status(stack: Stack) -> Status:
    """The state of a stack."""
    return status_of(stack.status, stack.reason if stack.is_failed else "")


def titles(stacks: Sequence[Stack]) -> str:
    """The names of stacks."""
    return ", ".join(stack.name or stack.id for stack in stacks)


def place_of(resource: Resource, cloud: Cloud) -> Link:
    """Leads to the thing itself, where there is a page of it and this person may open it."""
    physical = resource.physical_id
    if resource.nested_id or resource.type == "OS::Heat::Stack":
        return Link(physical or resource.nested_id, "stacks:detail", resource.nested_id or physical)
    slug = PLACES.get(resource.type, "")
    panel = registry.panel(slug)
    if not physical or panel is None or panel.row is None or not may(cloud, panel.roles):
        return Link(physical)
    # What joins two things is called by both, the first one first; a container by its name.
    id = swift.key_of(physical) if slug == "containers" else physical.partition(":")[0]
    return Link(physical, f"{slug}:detail", id)


def why_busy(stack: Stack) -> str:
    """That something is being done to it already."""
    return _("Heat is busy with it: %(state)s.") % {"state": stack_status(stack).label} if stack.is_transitional else ""

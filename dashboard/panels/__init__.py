"""The panels, one folder each. PANELS is the only register: menu, URLs and tests follow from it."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import entry_points
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from dashboard.panels.aggregates.panel import PANEL as AGGREGATES
from dashboard.panels.aggregates.zones import PANEL as ZONES
from dashboard.panels.api_access.panel import PLACE as API_ACCESS
from dashboard.panels.application_credentials.panel import PANEL as APPLICATION_CREDENTIALS
from dashboard.panels.application_credentials.rules import PANEL as ACCESS_RULES
from dashboard.panels.assignments.panel import PLACE as ASSIGNMENTS
from dashboard.panels.catalog.endpoints import PANEL as ENDPOINTS
from dashboard.panels.catalog.regions import PANEL as REGIONS
from dashboard.panels.catalog.services import PANEL as SERVICES
from dashboard.panels.cloud_overview.owner_views import PLACE as FIND_OWNER
from dashboard.panels.cloud_overview.panel import PLACE as CLOUD_OVERVIEW
from dashboard.panels.compute_hosts.hypervisors import PANEL as HYPERVISORS
from dashboard.panels.compute_hosts.providers import PANEL as RESOURCE_PROVIDERS
from dashboard.panels.compute_hosts.services import PANEL as COMPUTE_SERVICES
from dashboard.panels.connected.panel import PLACE as CONNECTED
from dashboard.panels.containers.objects import OBJECTS
from dashboard.panels.containers.panel import PANEL as CONTAINERS
from dashboard.panels.credentials.ec2 import PANEL as EC2_CREDENTIALS
from dashboard.panels.credentials.everybodys import CONSUMERS as OAUTH_CONSUMERS
from dashboard.panels.credentials.everybodys import PANEL as CREDENTIALS
from dashboard.panels.everywhere.panel import PLACE as EVERYWHERE
from dashboard.panels.federation.mappings import PANEL as MAPPINGS
from dashboard.panels.federation.providers import PANEL as IDENTITY_PROVIDERS
from dashboard.panels.federation.service_providers import PANEL as SERVICE_PROVIDERS
from dashboard.panels.flavors.panel import PANEL as FLAVORS
from dashboard.panels.floating_ips.everywhere import PANEL as ALL_FLOATING_IPS
from dashboard.panels.floating_ips.panel import PANEL as FLOATING_IPS
from dashboard.panels.identity.domains import PANEL as DOMAINS
from dashboard.panels.identity.groups import PANEL as GROUPS
from dashboard.panels.identity.projects import PANEL as PROJECTS
from dashboard.panels.identity.users import PANEL as USERS
from dashboard.panels.images.everywhere import PANEL as ALL_IMAGES
from dashboard.panels.images.panel import PANEL as IMAGES
from dashboard.panels.keypairs.panel import PANEL as KEYPAIRS
from dashboard.panels.left_overs.panel import PLACE as LEFT_OVERS
from dashboard.panels.metadefs.panel import PANEL as METADATA_DEFINITIONS
from dashboard.panels.network_admin.agents import PANEL as NETWORK_AGENTS
from dashboard.panels.network_admin.availability import PANEL as IP_AVAILABILITY
from dashboard.panels.network_extras.local_ips import PANEL as LOCAL_IPS
from dashboard.panels.network_extras.metering import PANEL as METERING_LABELS
from dashboard.panels.network_extras.ndp_proxies import PANEL as NDP_PROXIES
from dashboard.panels.networks.everywhere import PANEL as ALL_NETWORKS
from dashboard.panels.networks.panel import PANEL as NETWORKS
from dashboard.panels.networks.subnets import PANEL as SUBNETS
from dashboard.panels.new_project.panel import PLACE as NEW_PROJECT
from dashboard.panels.overview.panel import PLACE as OVERVIEW
from dashboard.panels.ports.everywhere import PANEL as ALL_PORTS
from dashboard.panels.ports.panel import PANEL as PORTS
from dashboard.panels.qos.panel import PANEL as QOS_POLICIES
from dashboard.panels.quotas.panel import PLACE as QUOTAS
from dashboard.panels.reach.panel import PLACE as REACH
from dashboard.panels.roles.panel import PANEL as ROLES
from dashboard.panels.routers.everywhere import PANEL as ALL_ROUTERS
from dashboard.panels.routers.panel import PANEL as ROUTERS
from dashboard.panels.security_groups.address_groups import PANEL as ADDRESS_GROUPS
from dashboard.panels.security_groups.default_rules import PANEL as DEFAULT_RULES
from dashboard.panels.security_groups.everywhere import PANEL as ALL_SECURITY_GROUPS
from dashboard.panels.security_groups.panel import PANEL as SECURITY_GROUPS
from dashboard.panels.server_groups.everywhere import PANEL as ALL_SERVER_GROUPS
from dashboard.panels.server_groups.panel import PANEL as SERVER_GROUPS
from dashboard.panels.servers.everywhere import PANEL as ALL_SERVERS
from dashboard.panels.servers.migrations import PANEL as MIGRATIONS
from dashboard.panels.servers.panel import PANEL as SERVERS
from dashboard.panels.sharing.panel import PANEL as NETWORK_SHARING
from dashboard.panels.stacks.language import RESOURCE_TYPES, TEMPLATE_VERSIONS
from dashboard.panels.stacks.panel import ALL as ALL_STACKS
from dashboard.panels.stacks.panel import PANEL as STACKS
from dashboard.panels.start.panel import PLACE as START
from dashboard.panels.storage.all_volumes import PANEL as ALL_VOLUMES
from dashboard.panels.storage.backups import PANEL as BACKUPS
from dashboard.panels.storage.group_snapshots import PANEL as GROUP_SNAPSHOTS
from dashboard.panels.storage.group_types import PANEL as GROUP_TYPES
from dashboard.panels.storage.groups import PANEL as VOLUME_GROUPS
from dashboard.panels.storage.qos import PANEL as VOLUME_QOS
from dashboard.panels.storage.services import PANEL as STORAGE_SERVICES
from dashboard.panels.storage.services import POOLS as STORAGE_POOLS
from dashboard.panels.storage.snapshot_panel import PANEL as SNAPSHOTS
from dashboard.panels.storage.transfers import PANEL as TRANSFERS
from dashboard.panels.storage.types import PANEL as VOLUME_TYPES
from dashboard.panels.storage.volumes import PANEL as VOLUMES
from dashboard.panels.subnet_pools.panel import PANEL as SUBNET_POOLS
from dashboard.panels.subnet_pools.scopes import PANEL as ADDRESS_SCOPES
from dashboard.panels.system_info.panel import PLACE as SYSTEM_INFO
from dashboard.panels.teardown.panel import PLACE as TEARDOWN
from dashboard.panels.topology.panel import PLACE as TOPOLOGY
from dashboard.panels.trunks.panel import PANEL as TRUNKS
from dashboard.panels.trusts.panel import PANEL as TRUSTS
from dashboard.panels.unified_limits.panel import LIMITS as UNIFIED_LIMITS
from dashboard.panels.unified_limits.panel import REGISTERED as REGISTERED_LIMITS
from dashboard.panels.usage.panel import PLACE as USAGE
from dashboard.ui.panel import Panel, Place

Entry = Panel[Any] | Place

ENTRY_POINTS = "belvedere.panels"
"""Other packages add panels by entry points of this group: each names a Panel, a Place, or several of them."""

OWN: tuple[Entry, ...] = (
    OVERVIEW,
    CLOUD_OVERVIEW,
    FIND_OWNER,
    ALL_SERVERS,
    ALL_VOLUMES,
    ALL_IMAGES,
    ALL_NETWORKS,
    ALL_ROUTERS,
    ALL_PORTS,
    ALL_FLOATING_IPS,
    ALL_SECURITY_GROUPS,
    ALL_SERVER_GROUPS,
    ALL_STACKS,
    START,
    API_ACCESS,
    QUOTAS,
    SERVERS,
    EVERYWHERE,
    IMAGES,
    FLAVORS,
    KEYPAIRS,
    SERVER_GROUPS,
    USAGE,
    METADATA_DEFINITIONS,
    NETWORKS,
    SUBNETS,
    PORTS,
    ROUTERS,
    FLOATING_IPS,
    SECURITY_GROUPS,
    TOPOLOGY,
    REACH,
    LEFT_OVERS,
    CONNECTED,
    ADDRESS_GROUPS,
    QOS_POLICIES,
    TRUNKS,
    NETWORK_SHARING,
    SUBNET_POOLS,
    ADDRESS_SCOPES,
    NDP_PROXIES,
    LOCAL_IPS,
    NETWORK_AGENTS,
    IP_AVAILABILITY,
    DEFAULT_RULES,
    METERING_LABELS,
    PROJECTS,
    USERS,
    GROUPS,
    DOMAINS,
    ROLES,
    ASSIGNMENTS,
    APPLICATION_CREDENTIALS,
    SERVICES,
    ENDPOINTS,
    REGIONS,
    TRUSTS,
    EC2_CREDENTIALS,
    ACCESS_RULES,
    IDENTITY_PROVIDERS,
    MAPPINGS,
    SERVICE_PROVIDERS,
    CREDENTIALS,
    OAUTH_CONSUMERS,
    NEW_PROJECT,
    TEARDOWN,
    REGISTERED_LIMITS,
    UNIFIED_LIMITS,
    VOLUMES,
    SNAPSHOTS,
    BACKUPS,
    VOLUME_GROUPS,
    GROUP_SNAPSHOTS,
    TRANSFERS,
    VOLUME_TYPES,
    VOLUME_QOS,
    GROUP_TYPES,
    STORAGE_SERVICES,
    STORAGE_POOLS,
    HYPERVISORS,
    COMPUTE_SERVICES,
    AGGREGATES,
    ZONES,
    MIGRATIONS,
    RESOURCE_PROVIDERS,
    SYSTEM_INFO,
    STACKS,
    RESOURCE_TYPES,
    TEMPLATE_VERSIONS,
    CONTAINERS,
    OBJECTS,
)


def others() -> tuple[Entry, ...]:
    """The panels of other packages. Raises ImproperlyConfigured, which stops the start, and says whose fault it is."""
    found: list[Entry] = []
    for entry in sorted(entry_points(group=ENTRY_POINTS), key=lambda entry: entry.name):
        try:
            loaded = entry.load()
        except Exception as error:
            raise ImproperlyConfigured(f"The panel {entry.name} ({entry.value}) can't be loaded: {error}") from error
        several = loaded if isinstance(loaded, Iterable) else (loaded,)
        for item in several:
            if not isinstance(item, Panel | Place):
                raise ImproperlyConfigured(f"The panel {entry.name} ({entry.value}) is neither a Panel nor a Place.")
            found.append(item)
    return tuple(found)


def checked(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries, if no two have the same slug. Raises ImproperlyConfigured."""
    found = tuple(entries)
    slugs = [entry.slug for entry in found]
    for slug in slugs:
        if slugs.count(slug) > 1:
            raise ImproperlyConfigured(f"Two panels are called {slug!r}.")
    return found


PANELS = checked((*OWN, *others()))

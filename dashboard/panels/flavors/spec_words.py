"""Extra specs that Nova knows, in words: what each is for, and which values it takes."""

from __future__ import annotations

from dataclasses import asdict

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from dashboard.cloud.connection import Cloud
from dashboard.cloud.errors import CloudError
from dashboard.cloud.server_labels import Definition, list_definitions
from dashboard.live import cache

RESOURCE = "OS::Nova::Flavor"
KNOWN_SECONDS = 600
CPU, MEMORY, NUMA, LIMITS = gettext_noop("CPU"), gettext_noop("Memory"), "NUMA", gettext_noop("Limits")
DEVICES, SAFETY, PLACE = gettext_noop("Devices"), gettext_noop("Safety"), gettext_noop("Where it runs")
Row = tuple[str, str, str, str, tuple[str, ...]]
"""Group, key, what it is for, type, and the only values that it takes."""
BOOLEAN = ("true", "false")
ROWS: tuple[Row, ...] = (
    (
        CPU,
        "hw:cpu_policy",
        gettext_noop("Own host CPUs for its vCPUs, or shared ones"),
        "",
        ("dedicated", "shared", "mixed"),
    ),
    (
        CPU,
        "hw:cpu_thread_policy",
        gettext_noop("With own CPUs: how it treats hyperthreads"),
        "",
        ("prefer", "isolate", "require"),
    ),
    (CPU, "hw:cpu_dedicated_mask", gettext_noop("With the policy mixed: which vCPUs get own ones, as in 0-3"), "", ()),
    (CPU, "hw:cpu_realtime", gettext_noop("Its vCPUs run in real time"), "boolean", ()),
    (CPU, "hw:cpu_realtime_mask", gettext_noop("Which vCPUs do not, as in ^0-1"), "", ()),
    (CPU, "hw:emulator_threads_policy", gettext_noop("Where the emulator's own threads run"), "", ("isolate", "share")),
    (CPU, "hw:cpu_sockets", gettext_noop("How many sockets the guest sees"), "integer", ()),
    (CPU, "hw:cpu_cores", gettext_noop("How many cores in each socket the guest sees"), "integer", ()),
    (CPU, "hw:cpu_threads", gettext_noop("How many threads in each core the guest sees"), "integer", ()),
    (CPU, "hw:cpu_max_sockets", gettext_noop("At most so many sockets, whatever an image asks for"), "integer", ()),
    (CPU, "hw:pmu", gettext_noop("The guest has a performance monitoring unit"), "boolean", ()),
    (CPU, "hw:hide_hypervisor_id", gettext_noop("Hides from the guest that it is a virtual machine"), "boolean", ()),
    (MEMORY, "hw:mem_page_size", gettext_noop("Pages of its memory: small, large, any, or a size such as 2MB"), "", ()),
    (MEMORY, "hw:locked_memory", gettext_noop("Its memory is never swapped out by the host"), "boolean", ()),
    (MEMORY, "hw:mem_encryption", gettext_noop("Its memory is encrypted (AMD SEV)"), "boolean", ()),
    (
        MEMORY,
        "hw:mem_encryption_model",
        gettext_noop("How its memory is encrypted"),
        "",
        ("amd-sev", "amd-sev-es"),
    ),
    (MEMORY, "hw:pmem", gettext_noop("Labels of the persistent memory that it gets"), "", ()),
    (NUMA, "hw:numa_nodes", gettext_noop("How many NUMA nodes the guest has"), "integer", ()),
    (NUMA, "hw:numa_cpus.0", gettext_noop("vCPUs of the first NUMA node, as in 0-3; .1 is the next"), "", ()),
    (NUMA, "hw:numa_mem.0", gettext_noop("MiB of memory of the first NUMA node; .1 is the next"), "integer", ()),
    (
        NUMA,
        "hw:pci_numa_affinity_policy",
        gettext_noop("How near PCI devices and NUMA nodes must be"),
        "",
        ("required", "preferred", "legacy", "socket"),
    ),
    (LIMITS, "quota:cpu_shares", gettext_noop("Its weight among others when CPU is short"), "integer", ()),
    (LIMITS, "quota:cpu_quota", gettext_noop("Microseconds of CPU in each period"), "integer", ()),
    (LIMITS, "quota:cpu_period", gettext_noop("How long a period is, in microseconds"), "integer", ()),
    (LIMITS, "quota:disk_read_iops_sec", gettext_noop("Reads from disk in a second"), "integer", ()),
    (LIMITS, "quota:disk_write_iops_sec", gettext_noop("Writes to disk in a second"), "integer", ()),
    (LIMITS, "quota:disk_total_iops_sec", gettext_noop("Reads and writes in a second"), "integer", ()),
    (LIMITS, "quota:disk_read_bytes_sec", gettext_noop("Bytes read from disk in a second"), "integer", ()),
    (LIMITS, "quota:disk_write_bytes_sec", gettext_noop("Bytes written to disk in a second"), "integer", ()),
    (LIMITS, "quota:disk_total_bytes_sec", gettext_noop("Bytes read and written in a second"), "integer", ()),
    (LIMITS, "quota:vif_inbound_average", gettext_noop("Traffic to it in kB a second, on average"), "integer", ()),
    (LIMITS, "quota:vif_outbound_average", gettext_noop("Traffic from it in kB a second, on average"), "integer", ()),
    (
        DEVICES,
        "hw:watchdog_action",
        gettext_noop("What happens when the guest hangs"),
        "",
        ("none", "pause", "poweroff", "reset", "disabled"),
    ),
    (DEVICES, "hw_rng:allowed", gettext_noop("The guest has a random number generator"), "boolean", ()),
    (DEVICES, "hw_video:ram_max_mb", gettext_noop("MiB of video memory that an image may ask for"), "integer", ()),
    (DEVICES, "hw:vif_multiqueue_enabled", gettext_noop("Its interfaces have a queue for each vCPU"), "boolean", ()),
    (DEVICES, "hw:serial_port_count", gettext_noop("How many serial ports it has"), "integer", ()),
    (DEVICES, "hw:boot_menu", gettext_noop("Its firmware shows a boot menu"), "boolean", ()),
    (DEVICES, "hw:tpm_version", gettext_noop("The version of its TPM"), "", ("1.2", "2.0")),
    (DEVICES, "hw:tpm_model", gettext_noop("The model of its TPM"), "", ("tpm-tis", "tpm-crb")),
    (
        DEVICES,
        "hw:viommu_model",
        gettext_noop("The model of its virtual IOMMU"),
        "",
        ("intel", "smmuv3", "virtio", "auto"),
    ),
    (DEVICES, "pci_passthrough:alias", gettext_noop("PCI devices that it gets, as in gpu:1"), "", ()),
    (DEVICES, "accel:device_profile", gettext_noop("The profile of accelerators that it gets"), "", ()),
    (
        SAFETY,
        "os:secure_boot",
        gettext_noop("Whether it must start with secure boot"),
        "",
        ("disabled", "optional", "required"),
    ),
    (SAFETY, "hw:ephemeral_encryption", gettext_noop("Its ephemeral disks are encrypted"), "boolean", ()),
    (
        PLACE,
        "resources:VCPU",
        gettext_noop("How much of a class of resource it takes, in place of the flavor's own; 0 for none"),
        "integer",
        (),
    ),
    (PLACE, "resources:CUSTOM_BAREMETAL", gettext_noop("One machine of this class of bare metal"), "integer", ()),
    (PLACE, "resources:VGPU", gettext_noop("How many virtual GPUs it gets"), "integer", ()),
    (
        PLACE,
        "trait:CUSTOM_NAME",
        gettext_noop("A trait that its host must have, or must not"),
        "",
        ("required", "forbidden"),
    ),
    (PLACE, "trait:HW_CPU_X86_AVX2", gettext_noop("Whether its host must have AVX2"), "", ("required", "forbidden")),
    (
        PLACE,
        "aggregate_instance_extra_specs:key",
        gettext_noop("What the metadata of its host's aggregate must have"),
        "",
        (),
    ),
    (
        PLACE,
        "group_policy",
        gettext_noop("Whether numbered groups of resources may come from one provider"),
        "",
        ("isolate", "none"),
    ),
)
"""Keys that end in a name of somebody's own are examples: the name goes in its place."""


def own_definitions() -> tuple[Definition, ...]:
    """Nova's keys in the reader's language."""
    return tuple(
        Definition(key=key, title=_(words), type=kind or "string", choices=choices, group=_(group))
        for group, key, words, kind, choices in ROWS
    )


def definitions(cloud: Cloud) -> tuple[Definition, ...]:
    """Nova's keys, and those of the cloud's metadata definitions that are not among them."""
    own = own_definitions()
    if not cloud.offers("image"):
        return own
    try:
        found = cache.cached(
            cloud,
            "flavor-definitions",
            KNOWN_SECONDS,
            lambda: [asdict(item) for item in list_definitions(cloud, RESOURCE)],
        )
    except CloudError:
        return own
    known = {item.key for item in own}
    return (*own, *(Definition(**{**item, "choices": ()}) for item in found if item["key"] not in known))


def words_of(key: str) -> str:
    """What a key is for, "" for one that has no words here."""
    prefix = key.partition(":")[0]
    exact = next((words for _group, name, words, _kind, _choices in ROWS if name == key), "")
    if exact:
        return _(exact)
    by_prefix = {
        "trait": gettext_noop("A trait that its host must have, or must not"),
        "resources": gettext_noop("How much of this class of resource it takes"),
        "aggregate_instance_extra_specs": gettext_noop("What the metadata of its host's aggregate must have"),
        "quota": gettext_noop("A limit that the hypervisor keeps it to"),
    }
    return _(by_prefix[prefix]) if prefix in by_prefix else ""

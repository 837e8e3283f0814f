"""What a file is, told by its first bytes: a disk of one format, a CD, an archive, a kernel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

HEAD = 40 * 1024
"""Bytes that suffice: a CD says what it is at 32 KiB."""

DISK_FORMATS = ("raw", "qcow2", "vhd", "vhdx", "vmdk", "vdi", "iso", "ploop", "aki", "ari", "ami")
CONTAINER_FORMATS = ("bare", "ovf", "ova", "docker", "aki", "ari", "ami", "compressed")


@dataclass(frozen=True)
class Mark:
    """Bytes at a place that tell a format. ``container`` is "" where any will do."""

    offset: int
    magic: bytes
    disk_format: str
    container: str = ""


MARKS: tuple[Mark, ...] = (
    Mark(0, b"QFI\xfb", "qcow2"),
    Mark(0, b"conectix", "vhd"),
    Mark(0, b"vhdxfile", "vhdx"),
    Mark(0, b"KDMV", "vmdk"),
    Mark(0, b"# Disk DescriptorFile", "vmdk"),
    Mark(64, b"\x7f\x10\xda\xbe", "vdi"),
    Mark(0, b"WithoutFreeSpace", "ploop"),
    Mark(0, b"WithouFreSpacExt", "ploop"),
    Mark(32769, b"CD001", "iso"),
    Mark(0, b"\x1f\x8b", "", "compressed"),
    Mark(0, b"BZh", "", "compressed"),
    Mark(0, b"\xfd7zXZ\x00", "", "compressed"),
    Mark(0, b"\x28\xb5\x2f\xfd", "", "compressed"),
    Mark(0, b"PK\x03\x04", "", "compressed"),
    Mark(0, b"7z\xbc\xaf\x27\x1c", "", "compressed"),
    Mark(257, b"ustar", "vmdk", "ova"),
    Mark(514, b"HdrS", "aki", "aki"),
    Mark(0, b"070701", "ari", "ari"),
    Mark(510, b"\x55\xaa", "raw"),
)
"""In order: a CD that can be booted from a stick has a boot record, too."""
RAW_LIKE = frozenset({"raw", "ami", "aki", "ari"})
"""Formats that have no sign of their own: anything without another's may be one."""


@dataclass(frozen=True)
class Detected:
    """What a file seems to be; both "" for what has no sign, as most raw disks don't."""

    disk_format: str = ""
    container: str = ""

    @property
    def name(self) -> str:
        """What to call it."""
        return self.container if self.container in {"compressed", "ova"} else self.disk_format


def detected(head: bytes) -> Detected:
    """What a file is whose first HEAD bytes these are; a shorter file is all of it."""
    for mark in MARKS:
        if head[mark.offset : mark.offset + len(mark.magic)] == mark.magic:
            return Detected(mark.disk_format, mark.container)
    return Detected()


def differs(found: Detected, disk_format: str, container: str) -> bool:
    """Whether a file is surely another than an image of these formats would be."""
    if found.container in {"compressed", "ova"}:
        # A ramdisk is mostly a compressed archive.
        may_be = {"compressed": {"compressed", "ari", "docker"}, "ova": {"ova", "docker", "compressed"}}
        return container not in may_be[found.container] and disk_format != "ari"
    if container in {"ova", "docker", "compressed"}:
        # What is inside can't be told from here, but this is no archive.
        return bool(found.disk_format)
    if found.disk_format in {"", *RAW_LIKE}:
        return disk_format not in RAW_LIKE and not (disk_format in {"vhd", "vmdk"} and found.disk_format == "raw")
    return found.disk_format != disk_format


def offered(known: Sequence[str], standard: Sequence[str]) -> tuple[str, ...]:
    """The formats that the cloud takes, in the usual order; the standard ones where it does not say."""
    if not known:
        return tuple(standard)
    return (*(name for name in standard if name in known), *sorted(set(known) - set(standard)))

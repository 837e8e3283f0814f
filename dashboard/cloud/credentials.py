"""EC2 credentials of one's own, and for administrators which secrets of which kind Keystone keeps of whom.

Follows Keystone's Identity API v3, "Credentials" and "OS-EC2". Secrets are read where they are asked for, nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.cloud import paging, wire
from dashboard.cloud.connection import Cloud
from dashboard.cloud.keystone_rows import SERVICE, every
from dashboard.cloud.types import Lookup, Page, Query

HIDDEN = "…"


@dataclass(frozen=True)
class Ec2Credential:
    """An access key for what speaks Amazon's protocols; its secret is not in here."""

    id: str
    """The access key."""
    project_id: str = ""
    project_name: str = ""
    trust_id: str = ""

    @property
    def name(self) -> str:
        return self.id

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Ec2Credential:
        return cls(
            id=wire.text(json.get("access")),
            project_id=wire.text(json.get("tenant_id")),
            trust_id=wire.text(json.get("trust_id")),
        )


@dataclass(frozen=True)
class Credential:
    """A secret that Keystone keeps of somebody: its kind and whose it is, never what it is."""

    id: str
    type: str = ""
    user_id: str = ""
    project_id: str = ""

    @property
    def name(self) -> str:
        return f"{self.type} {self.id[:8]}"

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Credential:
        return cls(
            id=wire.text(json.get("id")),
            type=wire.text(json.get("type")),
            user_id=wire.text(json.get("user_id")),
            project_id=wire.text(json.get("project_id")),
        )


EC2_LOOKUP: Lookup[Ec2Credential] = Lookup(
    text=lambda row: (row.id, row.project_name, row.project_id),
    values={"project": lambda row: (row.project_id, row.project_name)},
    sorts={"name": lambda row: row.id, "project": lambda row: row.project_name or row.project_id},
)
LOOKUP: Lookup[Credential] = Lookup(
    text=lambda row: (row.id, row.type, row.user_id, row.project_id),
    values={
        "type": lambda row: row.type,
        "user": lambda row: row.user_id,
        "project": lambda row: row.project_id,
    },
    sorts={"type": lambda row: (row.type, row.user_id), "name": lambda row: row.id},
)


def _own(cloud: Cloud) -> str:
    return f"/users/{wire.path_id(cloud.access.person.id)}/credentials/OS-EC2"


def list_ec2(cloud: Cloud, query: Query) -> Page[Ec2Credential]:
    """One page of the person's EC2 credentials. Raises CloudError."""
    return EC2_LOOKUP.page([Ec2Credential.from_json(item) for item in every(cloud, _own(cloud), "credentials")], query)


def _ec2(cloud: Cloud, id: str) -> dict[str, Any]:
    return paging.inner(cloud.get(SERVICE, _own(cloud) + "/" + wire.path_id(id)), "credential", SERVICE)


def get_ec2_json(cloud: Cloud, id: str) -> dict[str, Any]:
    """An EC2 credential as Keystone gives it, without the secret. Raises CloudError."""
    return {**_ec2(cloud, id), "secret": HIDDEN}


def get_ec2(cloud: Cloud, id: str) -> Ec2Credential:
    """One EC2 credential. Raises CloudError."""
    return Ec2Credential.from_json(_ec2(cloud, id))


def ec2_secret(cloud: Cloud, id: str) -> str:
    """The secret of one EC2 credential, for who asked for it. Raises CloudError."""
    return wire.text(_ec2(cloud, id).get("secret"))


def create_ec2(cloud: Cloud) -> Ec2Credential:
    """Makes an EC2 credential for the project in scope. Raises CloudError."""
    answer = cloud.post(SERVICE, _own(cloud), {"tenant_id": cloud.project_id})
    return Ec2Credential.from_json(wire.mapping(answer.get("credential")))


def delete_ec2(cloud: Cloud, id: str) -> None:
    """Deletes an EC2 credential. Raises CloudError."""
    cloud.delete(SERVICE, _own(cloud) + "/" + wire.path_id(id))


def list_credentials(cloud: Cloud, query: Query) -> Page[Credential]:
    """One page of everybody's credentials, for who may see them. Raises CloudError."""
    found = [Credential.from_json(item) for item in every(cloud, "/credentials", "credentials")]
    return LOOKUP.page(found, query, count=("type",), default_sort="type")


def get_credential_json(cloud: Cloud, id: str) -> dict[str, Any]:
    """A credential as Keystone gives it, without what it is. Raises CloudError."""
    found = paging.inner(cloud.get(SERVICE, f"/credentials/{wire.path_id(id)}"), "credential", SERVICE)
    return {**found, "blob": HIDDEN}


def get_credential(cloud: Cloud, id: str) -> Credential:
    """One credential. Raises CloudError."""
    return Credential.from_json(get_credential_json(cloud, id))


def delete_credential(cloud: Cloud, id: str) -> None:
    """Deletes a credential of anybody's. Raises CloudError."""
    cloud.delete(SERVICE, f"/credentials/{wire.path_id(id)}")

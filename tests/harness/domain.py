"""A domain of a test's own on the real cloud, with one person for each role; it goes with everything in it."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import Any

from keystoneauth1 import exceptions

from dashboard.cloud import identity
from dashboard.cloud.config import Keystone
from dashboard.cloud.connection import Access, Cloud, Scope
from tests.harness.cloud import AUTH_URL, PASSWORD, Client, unique

KEYSTONE = Keystone(AUTH_URL)


@dataclass
class OwnDomain:
    """``add`` makes a user; ``entered`` gives somebody's cloud in a scope, as a session would hold it."""

    admin: Client
    name: str = field(default_factory=lambda: unique("domain"))
    id: str = ""
    project_id: str = ""
    users: dict[str, str] = field(default_factory=dict)

    def make(self) -> OwnDomain:
        self.id = self._post("/domains", "domain", name=self.name)
        self.project_id = self._post("/projects", "project", name="garden", domain_id=self.id)
        return self

    def _post(self, path: str, kind: str, **fields: Any) -> str:
        return str(self.admin.post("identity", path, {kind: fields})[kind]["id"])

    def add(self, name: str, *, on_domain: str = "", on_project: str = "", **options: Any) -> str:
        """A user of this domain with a role on it, on its project, or none."""
        fields = {"name": name, "password": PASSWORD, "domain_id": self.id, **options}
        user = self.users[name] = self._post("/users", "user", **fields)
        for path, role in ((f"/domains/{self.id}", on_domain), (f"/projects/{self.project_id}", on_project)):
            if role:
                found = self.admin.get("identity", f"/roles?name={role}")["roles"][0]["id"]
                self.admin.request("PUT", "identity", f"{path}/users/{user}/roles/{found}")
        return user

    def unscoped(self, name: str) -> Access:
        return identity.sign_in(KEYSTONE, name=name, password=PASSWORD, domain=self.name)

    def entered(self, name: str, kind: str) -> Cloud:
        scope = Scope("domain" if kind == "domain" else "project", self.id if kind == "domain" else self.project_id, "")
        return Cloud(identity.get_scoped(self.unscoped(name), scope), "RegionOne")

    def remove(self) -> None:
        if self.id:
            with contextlib.suppress(exceptions.NotFound):
                for user in self.users.values():
                    self.admin.delete("identity", f"/users/{user}")
                self.admin.delete("identity", f"/projects/{self.project_id}")
                self.admin.request("PATCH", "identity", f"/domains/{self.id}", json={"domain": {"enabled": False}})
                self.admin.delete("identity", f"/domains/{self.id}")

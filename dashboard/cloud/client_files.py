"""Files that set up the command line for this scope: openrc and clouds.yaml.

Names in them were chosen by others, so every value is quoted for the program that will
read it, and none is in a comment, where a line break would end the comment (CVE-2026-55748).
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

import yaml

from dashboard.cloud.connection import Access

PASSWORD, APPLICATION = "password", "v3applicationcredential"
LEFT_OVER = (
    "OS_CLOUD",
    "OS_TOKEN",
    "OS_PROJECT_ID",
    "OS_PROJECT_NAME",
    "OS_PROJECT_DOMAIN_ID",
    "OS_PROJECT_DOMAIN_NAME",
    "OS_DOMAIN_ID",
    "OS_DOMAIN_NAME",
    "OS_SYSTEM_SCOPE",
    "OS_TRUST_ID",
    "OS_USER_ID",
    "OS_USERNAME",
    "OS_USER_DOMAIN_ID",
    "OS_USER_DOMAIN_NAME",
    "OS_PASSWORD",
    "OS_APPLICATION_CREDENTIAL_ID",
    "OS_APPLICATION_CREDENTIAL_NAME",
    "OS_APPLICATION_CREDENTIAL_SECRET",
)
"""What an earlier file set would name another scope or another way to sign in."""


@dataclass(frozen=True)
class Secret:
    """An application credential that a program signs in with, instead of a person with a password."""

    id: str
    secret: str = field(repr=False)


def scope_variables(access: Access) -> dict[str, str]:
    """What names the scope, as ``clouds.yaml`` calls it under ``auth``."""
    scope = access.scope
    match scope.kind:
        case "project":
            # The id alone would do; the names are for people who read the file.
            return {
                "project_id": scope.id,
                "project_name": scope.name,
                "project_domain_id": scope.domain_id,
                "project_domain_name": scope.domain_name,
            }
        case "domain":
            return {"domain_id": scope.id, "domain_name": scope.name}
        case "system":
            return {"system_scope": "all"}
    return {}


def auth_variables(access: Access) -> dict[str, str]:
    """Who signs in where, and for which scope; empty values left out."""
    person = access.person
    found = {
        "auth_url": access.keystone,
        "username": person.name,
        "user_domain_id": person.domain_id,
        "user_domain_name": person.domain_name,
        **scope_variables(access),
    }
    return {key: value for key, value in found.items() if value}


def secret_variables(access: Access, secret: Secret) -> dict[str, str]:
    """How a program signs in: an application credential names its person and its project by itself."""
    return {
        "auth_url": access.keystone,
        "application_credential_id": secret.id,
        "application_credential_secret": secret.secret,
    }


def openrc(access: Access, *, region: str, interface: str, secret: Secret | None = None) -> str:
    """A file for ``source``: what the ``openstack`` command needs. Without ``secret`` it asks for a password."""
    variables = {
        **{f"OS_{key.upper()}": value for key, value in _auth(access, secret).items()},
        "OS_REGION_NAME": region,
        "OS_INTERFACE": interface,
        "OS_IDENTITY_API_VERSION": "3",
        "OS_AUTH_TYPE": APPLICATION if secret else PASSWORD,
    }
    lines = [
        "#!/usr/bin/env bash",
        "# Sets up the openstack command: source this file.",
        "unset " + " ".join(LEFT_OVER),
    ]
    lines += [f"export {key}={shlex.quote(value)}" for key, value in variables.items() if value]
    if secret is None:
        lines += [
            "printf 'Password for %s: ' \"$OS_USERNAME\" >&2",
            "read -rs OS_PASSWORD",
            "echo >&2",
            "export OS_PASSWORD",
        ]
    return "\n".join(lines) + "\n"


def cloud_name(access: Access) -> str:
    """A name for this cloud in ``clouds.yaml`` that can be typed after ``--os-cloud``."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", access.scope.name).strip("-.") or "openstack"


def clouds_yaml(access: Access, *, region: str, interface: str, secret: Secret | None = None) -> str:
    """``clouds.yaml`` for the openstack command, openstacksdk, Ansible and Terraform."""
    entry: dict[str, object] = {
        **({"auth_type": APPLICATION} if secret else {}),
        "auth": _auth(access, secret),
        "region_name": region,
        "interface": interface,
        "identity_api_version": 3,
    }
    content = {"clouds": {cloud_name(access): entry}}
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
    # PyYAML 6.0 writes some characters (U+0085) so that it reads others; escaped they survive.
    return text if yaml.safe_load(text) == content else yaml.safe_dump(content, sort_keys=False)


def file_stem(access: Access) -> str:
    """The scope's name as a file's name; the header's own rules quote the rest."""
    return re.sub(r'[\x00-\x1f\x7f/\\:*?"<>|]+', "-", access.scope.name).strip(". ")[:100] or "openstack"


def _auth(access: Access, secret: Secret | None) -> Mapping[str, str]:
    return secret_variables(access, secret) if secret else auth_variables(access)

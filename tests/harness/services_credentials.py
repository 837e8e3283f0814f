"""What the recorded cloud has of credentials, trusts and federation. The person is that of ``access_of``."""

from __future__ import annotations

from typing import Any

ME = "/users/" + "b" * 32
FEDERATION = "/OS-FEDERATION"
COLLECTIONS: tuple[tuple[str, ...], ...] = (
    (
        *("identity", f"{ME}/application_credentials", "keystone/application_credentials"),
        *("application_credentials", "application_credential"),
    ),
    ("identity", f"{ME}/access_rules", "keystone/access_rules", "access_rules", "access_rule"),
    ("identity", f"{ME}/credentials/OS-EC2", "keystone/ec2_credentials", "credentials", "credential", "access"),
    ("identity", "/credentials", "keystone/credentials", "credentials", "credential"),
    ("identity", "/OS-TRUST/trusts", "keystone/trusts", "trusts", "trust"),
    ("identity", "/OS-OAUTH1/consumers", "keystone/oauth_consumers", "consumers", "consumer"),
    (
        *("identity", f"{FEDERATION}/identity_providers", "keystone/identity_providers"),
        *("identity_providers", "identity_provider"),
    ),
    ("identity", f"{FEDERATION}/mappings", "keystone/mappings", "mappings", "mapping"),
    (
        *("identity", f"{FEDERATION}/service_providers", "keystone/service_providers"),
        *("service_providers", "service_provider"),
    ),
)
SINGLES: tuple[tuple[str, str, str, Any], ...] = (
    ("GET", "identity", f"{FEDERATION}/identity_providers/company/protocols", "keystone/protocols"),
    ("GET", "identity", f"{FEDERATION}/identity_providers/[^/]+/protocols", {"protocols": []}),
)

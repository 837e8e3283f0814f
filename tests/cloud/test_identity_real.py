"""Tokens on the real Keystone: got, and ended."""

from __future__ import annotations

import pytest

from dashboard.cloud import identity
from dashboard.cloud.config import Keystone
from tests.harness.cloud import AUTH_URL, PASSWORD, Api


@pytest.mark.cloud
def test_keystone_takes_no_token_of_a_session_that_was_ended(api: Api) -> None:
    keystone = Keystone(url=AUTH_URL)
    unscoped = identity.sign_in(keystone, name="alice", password=PASSWORD, domain="Default")
    held = (unscoped, *(identity.get_scoped(unscoped, scope) for scope in identity.list_projects(unscoped)[:2]))
    assert len(held) == 3

    def accepted() -> list[bool]:
        asked = {"authenticated": True, "raise_exc": False}
        url = f"{AUTH_URL}/auth/tokens"
        session = api.admin.session
        return [session.head(url, headers={"X-Subject-Token": one.token}, **asked).status_code == 200 for one in held]

    assert accepted() == [True, True, True]
    assert identity.revoke_all(held) is None
    assert accepted() == [False, False, False]

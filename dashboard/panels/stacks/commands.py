"""Orders as the ``openstack`` commands that send the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dashboard.cloud.stack_actions import Order


def command(order: Order, *, stack_id: str = "", hidden: frozenset[str] = frozenset()) -> list[str]:
    """The ``openstack`` command that sends an order; what the template hides is left to the shell."""
    words = ["openstack", "stack", "update" if stack_id else "create"]
    words += ["--template", order.template_url or "template.yaml"]
    if order.environment.strip():
        words += ["--environment", "environment.yaml"]
    words += _given(order.parameters, hidden)
    if order.timeout_minutes:
        words += ["--timeout", str(order.timeout_minutes)]
    if order.tags:
        words += ["--tags", ",".join(order.tags)]
    if stack_id:
        words += ["--rollback", "enabled" if order.is_rollback_on else "disabled"]
        if order.is_patch:
            words.append("--existing")
            words += [word for name in order.cleared for word in ("--clear-parameter", name)]
    elif order.is_rollback_on:
        words.append("--enable-rollback")
    return [*words, stack_id or order.name]


def covered(order: Order, hidden: frozenset[str]) -> Order:
    """The same order to be shown: what the template hides is left to the shell."""
    shown = {name: f"${_variable(name)}" if name in hidden else value for name, value in order.parameters.items()}
    return replace(order, parameters=shown)


def _variable(name: str) -> str:
    return re.sub(r"[^A-Z0-9_]", "_", name.upper())


def _given(parameters: Mapping[str, Any], hidden: frozenset[str]) -> list[str]:
    found = []
    for name, value in parameters.items():
        found += ["--parameter", f"{name}=${_variable(name)}" if name in hidden else f"{name}={value}"]
    return found

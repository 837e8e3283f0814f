"""Networks as people make and change them on the real cloud: by the panels' own forms."""

from __future__ import annotations

from typing import Any

from dashboard.cloud import networks, neutron
from dashboard.cloud.connection import Cloud
from dashboard.panels import PANELS
from dashboard.ui.forms import made
from dashboard.ui.panel import Panel
from tests.harness.cloud import unique

BY_SLUG = {panel.slug: panel for panel in PANELS if isinstance(panel, Panel)}


def filled(form: Any, cloud: Cloud, rows: Any = (), **given: Any) -> dict[str, Any]:
    """What a person typed, as the form understands it, beside what stands there already."""
    # What a link names, such as the rule that is edited, brings the rest of its values.
    plain = made(form, cloud=cloud, rows=rows, initial={name: given[name] for name in ("rule",) if name in given})
    data: dict[str, Any] = {}
    for name, field in plain.fields.items():
        value = plain.get_initial_for_field(field, name)
        if value not in (None, "", False):
            data[name] = field.prepare_value(value) if hasattr(field, "prepare_value") else value
    data |= given
    sent = made(form, {key: value for key, value in data.items() if value not in (None, False)}, cloud=cloud, rows=rows)
    assert sent.is_valid(), sent.errors
    return sent.cleaned_data


def create(bin: list[Any], kind: neutron.Kind[Any], cloud: Cloud, slug: str, index: int = 0, **given: Any) -> Any:
    """Makes something by the panel's form."""
    panel = BY_SLUG[slug]
    chosen = (panel.create, *panel.also)[index]
    assert chosen is not None
    assert chosen.form is not None
    assert chosen.run is not None
    data = filled(chosen.form, cloud, **given)
    if chosen.cli:
        assert all(isinstance(word, str) for word in chosen.cli(data))
    row = chosen.run(cloud, data)
    bin.append((cloud, kind, row.id))
    return panel.row(cloud, row.id) if panel.row else row


def act(cloud: Cloud, slug: str, action_slug: str, row: Any, **given: Any) -> Any:
    """Does something to a row by the panel's form, and gives the row as it is then, None if it is gone."""
    panel = BY_SLUG[slug]
    action = panel.action(action_slug)
    assert action is not None
    assert panel.row is not None
    assert not action.when(row), action.when(row)
    data = {}
    if action.form:
        values = {name: getattr(row, name) for name in action.form.base_fields if hasattr(row, name)}
        data = filled(action.form, cloud, (row,), **{**prepared(action.form, cloud, row, values), **given})
    if action.cli:
        assert all(isinstance(word, str) for word in action.cli(row, data))
    assert str(action.says((row,)))
    action.run(cloud, row, data)
    return None if action.is_removal else panel.row(cloud, row.id)


def prepared(form: Any, cloud: Cloud, row: Any, values: dict[str, Any]) -> dict[str, Any]:
    """The row's own values as a browser sends them back."""
    fields = made(form, cloud=cloud, rows=(row,)).fields
    return {name: fields[name].prepare_value(value) for name, value in values.items() if name in fields}


def network(bin: list[Any], cloud: Cloud, name: str = "net", cidr: str = "10.91.0.0/24", **more: Any) -> Any:
    """A network with a subnet."""
    given = {"name": unique(name), "is_with_subnet": "on", "cidr": cidr, "is_dhcp_enabled": "on", **more}
    return create(bin, networks.KIND, cloud, "networks", **given)

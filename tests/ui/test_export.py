"""Lists as files."""

from __future__ import annotations

import csv
import io
import json

import pytest

from dashboard.ui import export
from tests.ui.test_listing import PANEL, Thing


@pytest.mark.parametrize("name", ["=cmd()", "+1", "-1", "@x", "\tx", "\rx"])
def test_no_cell_of_a_csv_is_taken_for_a_formula(name: str) -> None:
    body = export.as_csv(PANEL, PANEL.columns[:1], [Thing("a" * 32, name)]).content.decode()
    rows = list(csv.reader(io.StringIO(body, newline="")))
    assert rows[1][1] == "'" + name


def test_json_keeps_names_as_they_are() -> None:
    response = export.as_json(PANEL, PANEL.columns, [Thing("a" * 32, '=日本"')])
    assert json.loads(response.content) == [{"id": "a" * 32, "name": '=日本"', "size": 0, "extra": ""}]
    assert response["Content-Disposition"] == 'attachment; filename="things.json"'

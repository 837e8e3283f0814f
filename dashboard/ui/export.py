"""A list as a file: CSV for spreadsheets, JSON for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from dashboard.ui.panel import Panel
from dashboard.ui.rows import plain


def safe_cell(value: Any) -> Any:
    """A CSV value that no spreadsheet takes for a formula (OWASP: CSV injection)."""
    if isinstance(value, list):
        value = ", ".join(str(item) for item in value)
    elif isinstance(value, dict):
        value = ", ".join(f"{key}={item}" for key, item in value.items())
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        return "'" + value
    return "" if value is None else value


def as_csv(panel: Panel[Any], columns: Iterable[Any], rows: Iterable[Any]) -> HttpResponse:
    """The rows on show, with their ids, as a CSV attachment."""
    columns = list(columns)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["id", *(column.key for column in columns)])
    for row in rows:
        writer.writerow([safe_cell(row.id), *(safe_cell(plain(column, row)) for column in columns)])
    return _attachment(out.getvalue(), "text/csv; charset=utf-8", f"{panel.slug}.csv")


def as_json(panel: Panel[Any], columns: Iterable[Any], rows: Iterable[Any]) -> HttpResponse:
    """The rows on show, with their ids, as a JSON attachment."""
    columns = list(columns)
    body = [{"id": row.id, **{column.key: plain(column, row) for column in columns}} for row in rows]
    return _attachment(json.dumps(body, indent=2, ensure_ascii=False), "application/json", f"{panel.slug}.json")


def _attachment(text: str, content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(text, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response

"""The house rules that a machine can read out of the files."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LONGEST = 400
"""Lines of one file."""


def files(*patterns: str) -> Iterator[Path]:
    """The product's own files that git knows, or would be told of."""
    known = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns]
    for name in subprocess.run(known, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0"):
        path = ROOT / name
        if name and "vendor" not in path.parent.parts and path.is_file():
            yield path


PRODUCT = sorted(files("dashboard/*.py", "templates/*.html", "static/*.js", "static/*.css"))
PYTHON = [path for path in PRODUCT if path.suffix == ".py"]
TEMPLATES = [path for path in PRODUCT if path.suffix == ".html"]
SCRIPTS = [path for path in PRODUCT if path.suffix == ".js"]


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def found(paths: list[Path], pattern: str) -> list[str]:
    """Where a pattern occurs: "file:line: text"."""
    seen = re.compile(pattern)
    return [
        f"{named(path)}:{number}: {line.strip()[:120]}"
        for path in paths
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if seen.search(line)
    ]


def test_there_is_something_to_look_at() -> None:
    assert len(PYTHON) > 50
    assert len(TEMPLATES) > 50
    assert len(SCRIPTS) > 10


@pytest.mark.parametrize("path", PRODUCT, ids=named)
def test_no_file_is_too_long_to_read(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST


def test_templates_escape_everything_and_hold_no_script_or_style() -> None:
    assert not found(TEMPLATES, r"\|\s*safe(seq)?\b|autoescape\s+off")
    assert not found(TEMPLATES, r"<style\b")
    assert not found(TEMPLATES, r"""\sstyle\s*=""")
    assert not found(TEMPLATES, r"""<[^>]*\son[a-z]+\s*=""")
    assert not found(TEMPLATES, r"""(href|src|action)\s*=\s*["']?\s*(javascript|data):""")
    assert not found(TEMPLATES, r"hx-on|hx-vals=.js:|hx-vars|hx-trigger=\"[^\"]*\[")
    assert not found(TEMPLATES, r"""<script\b(?![^>]*\ssrc="{% static)""")


def test_scripts_write_no_markup_and_keep_nothing_of_the_clouds() -> None:
    writing = (
        r"\.(innerHTML|outerHTML)\s*\+?=|insertAdjacentHTML|document\.write|createContextualFragment|setHTMLUnsafe"
    )
    assert not found(SCRIPTS, writing)
    assert not found(SCRIPTS, r"\beval\(|new Function\(|setTimeout\(\s*[\"'`]|setInterval\(\s*[\"'`]")
    # xterm.js writes style attributes: the page of the serial console hands them to the interface that CSP allows.
    others = [path for path in SCRIPTS if path.name != "serial.js"]
    assert not found(others, r"\.style\.cssText|setAttribute\(\s*[\"'](style|on\w+)[\"']")


def calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = node.func
            yield node, function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def test_code_marks_nothing_as_safe() -> None:
    wrong = []
    for path in PYTHON:
        for node, name in calls(ast.parse(path.read_text())):
            where = f"{named(path)}:{node.lineno}: {name}"
            is_builtin = isinstance(node.func, ast.Name) and name in {"eval", "exec"}
            if is_builtin or name in {"mark_safe", "literal_eval", "SafeText"}:
                wrong.append(where)
            if name == "SafeString" and not (node.args and isinstance(node.args[0], ast.Constant)):
                wrong.append(where)
            first = {"format_html": 0, "format_html_join": 1}.get(name)
            if first is not None and not is_literal(node.args[first]):
                wrong.append(f"{where} with a text that is put together")
            if name == "format_html_join" and not is_literal(node.args[0]):
                wrong.append(f"{where} with a separator that is put together")
    assert not wrong


def is_literal(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def test_redirects_go_through_what_checks_them() -> None:
    """Addresses that came with a request are only followed after ``safe_path`` or ``safe_redirect``."""
    wrong = []
    for path in PYTHON:
        for node, name in calls(ast.parse(path.read_text())):
            if name in {"HttpResponseRedirect", "redirect", "HttpResponseClientRedirect"} and node.args:
                text = ast.unparse(node.args[0])
                if re.search(r"request\.(GET|POST|META|headers|COOKIES)", text) and "safe_" not in text:
                    wrong.append(f"{named(path)}:{node.lineno}: {text}")
    assert not wrong


def test_every_module_opens_with_a_sentence() -> None:
    without = [
        named(path)
        for path in PYTHON
        if path.read_text().strip() and not re.match(r'"""[^"\n]+[.:?!]', path.read_text())
    ]
    assert not without


def test_upstream_paths_hold_ids_only_when_quoted() -> None:
    """An f-string that is a path upstream quotes what is put into it (U05)."""
    wrong = []
    for path in PYTHON:
        if "cloud" not in path.parts:
            continue
        for node, name in calls(ast.parse(path.read_text())):
            if name not in {"get", "post", "put", "delete", "request", "patch"}:
                continue
            paths = [arg for arg in node.args if isinstance(arg, ast.JoinedStr) and is_path(arg)]
            for part in (value for path_text in paths for value in path_text.values):
                if isinstance(part, ast.FormattedValue) and "path_id(" not in ast.unparse(part.value):
                    wrong.append(f"{named(path)}:{node.lineno}: {ast.unparse(part.value)}")
    assert not wrong


def is_path(text: ast.JoinedStr) -> bool:
    first = text.values[0]
    return isinstance(first, ast.Constant) and str(first.value).startswith("/")

"""Brings the browser files that others wrote into the tree, pinned; ``--check`` proves that nobody changed them."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import tarfile
import tempfile
import tomllib
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

MANIFEST = Path("static/vendor/vendor.toml")
SUMS = Path("static/vendor/SHA384SUMS")
FOLDERS = (Path("static/vendor"), Path("tests/e2e/vendor"))


class Command(BaseCommand):
    help = "Fetches the packages that static/vendor/vendor.toml names from npm, and writes their files and hashes."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="verify the committed files by hash, offline")

    def handle(self, *args: Any, **options: Any) -> None:
        root = Path(settings.BASE_DIR)
        manifest = tomllib.loads((root / MANIFEST).read_text())
        if options["check"]:
            problems = list(differences(root, manifest))
            if problems:
                raise CommandError("Vendored files differ from what was fetched:\n" + "\n".join(problems))
            self.stdout.write("Vendored files are as they were fetched.")
            return
        written: dict[str, bytes] = {}
        for package in manifest["package"]:
            self.stdout.write(f"{package['name']} {package['version']}")
            written |= fetched(package)
        for old in _present(root) - written.keys():
            (root / old).unlink()
        for name, content in written.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(content)
        (root / SUMS).write_text("".join(f"{_sha384(content)}  {name}\n" for name, content in sorted(written.items())))


def differences(root: Path, manifest: Mapping[str, Any]) -> Iterator[str]:
    """What is missing, changed, or there without being named in the manifest."""
    lines = (line.split(maxsplit=1) for line in (root / SUMS).read_text().splitlines())
    sums = {name: digest for digest, name in lines}
    present = _present(root)
    wanted = {to for package in manifest["package"] for _, to, _ in _files(package)}
    yield from (f"{name}: in vendor.toml, but not fetched" for name in sorted(wanted - sums.keys()))
    yield from (f"{name}: not in vendor.toml" for name in sorted((present | sums.keys()) - wanted))
    for name in sorted(wanted & sums.keys()):
        if name not in present:
            yield f"{name}: missing"
        elif _sha384((root / name).read_bytes()) != sums[name]:
            yield f"{name}: changed"


def fetched(package: Mapping[str, Any]) -> dict[str, bytes]:
    """The files of a package by the name they get here, from the tarball that npm has under this version and hash."""
    with tempfile.TemporaryDirectory() as folder:
        spec = f"{package['name']}@{package['version']}"
        answer = subprocess.run(
            ["npm", "pack", spec, "--json", "--silent", "--ignore-scripts", "--pack-destination", folder],
            check=True, capture_output=True, text=True, cwd=folder, timeout=300,
        )  # fmt: skip
        tarball = Path(folder) / json.loads(answer.stdout)[0]["filename"]
        digest = "sha512-" + base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode()
        if digest != package["integrity"]:
            raise CommandError(f"{spec} is {digest}, not {package['integrity']} as vendor.toml says.")
        found = {}
        with tarfile.open(tarball) as archive:
            for source, to, entry in _files(package):
                member = archive.extractfile(f"package/{source}")
                if member is None:
                    raise CommandError(f"{spec} has no file {source}.")
                content = member.read()
                if to.endswith((".css", ".js")):
                    content = without_source_map(content.decode()).encode()
                if "classes" in entry:
                    content = subset(content.decode(), entry["classes"], entry.get("without", [])).encode()
                found[to] = content
    return found


def without_source_map(text: str) -> str:
    """Source maps are not shipped, so naming one is a request for nothing (and stops collectstatic)."""
    return re.sub(r"(/\*[#@]\s*sourceMappingURL=[^*]*\*/|//[#@]\s*sourceMappingURL=\S*)\s*", "", text)


def subset(css: str, classes: list[str], without: list[str]) -> str:
    """The rules of a minified sheet whose every class is one of ``classes`` (patterns) and not one of ``without``."""
    keep, drop = re.compile("|".join(classes)), re.compile("|".join(without) or r"(?!)")

    def is_kept(selector: str) -> bool:
        # What :not() excludes need not exist.
        names = re.findall(r"\.(-?[A-Za-z_][\w-]*)", re.sub(r":not\([^()]*\)", "", selector))
        return "data-vc" not in selector and all(keep.fullmatch(name) and not drop.fullmatch(name) for name in names)

    def rules(text: str) -> Iterator[str]:
        for head, body in _blocks(text):
            if head.startswith(("@media", "@supports", "@layer", "@container")):
                inner = "".join(rules(body))
                if inner:
                    yield f"{head}{{{inner}}}"
            elif head.startswith("@"):
                yield f"{head}{{{body}}}" if body or "{" in text else head
            else:
                kept = [selector for selector in _split(head) if is_kept(selector)]
                if kept:
                    yield f"{','.join(kept)}{{{body}}}"

    notice = re.search(r"/\*!.*?\*/", css, re.DOTALL)
    plain = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL).replace('@charset "UTF-8";', "")
    result = "".join(rules(plain))
    animations = set(re.findall(r"@keyframes ([\w-]+)", result))
    for name in animations:
        if not re.search(rf"animation[\w-]*:[^;}}]*\b{re.escape(name)}\b", result):
            result = re.sub(rf"@keyframes {re.escape(name)}\{{(?:[^{{}}]*\{{[^{{}}]*\}})*\}}", "", result)
    return (notice.group(0) + "\n" if notice else "") + result + "\n"


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """Each ``head{body}`` at the top level of a sheet."""
    start = depth = opened = 0
    quote = ""
    for place, char in enumerate(text):
        if quote:
            quote = "" if char == quote and text[place - 1] != "\\" else quote
        elif char in "\"'":
            quote = char
        elif char == "{":
            if not depth:
                opened = place
            depth += 1
        elif char == "}":
            depth -= 1
            if not depth:
                yield text[start:opened].strip(), text[opened + 1 : place]
                start = place + 1


def _split(selectors: str) -> list[str]:
    """The selectors of a list, where commas in brackets don't count."""
    parts, depth = [""], 0
    for char in selectors:
        depth += (char in "([") - (char in ")]")
        if char == "," and not depth:
            parts.append("")
        else:
            parts[-1] += char
    return parts


def _files(package: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for entry in package.get("file", []):
        yield entry["from"], entry["to"], entry
    for entry in package.get("icons", []):
        for name in entry["names"]:
            yield f"{entry['from']}/{name}.svg", f"{entry['to']}/{name}.svg", entry


def _present(root: Path) -> set[str]:
    own = {str(MANIFEST), str(SUMS)}
    files = {str(path.relative_to(root)) for folder in FOLDERS for path in (root / folder).rglob("*") if path.is_file()}
    return files - own


def _sha384(content: bytes) -> str:
    return hashlib.sha384(content).hexdigest()

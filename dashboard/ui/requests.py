"""The same request for a terminal or a script: curl, the openstack command, openstacksdk."""

from __future__ import annotations

import itertools
import json
import pprint
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.cloud.connection import Cloud
from dashboard.cloud.dry import Sent, requests_of
from dashboard.ui.panel import THEN

WIDTH = 88


@dataclass(frozen=True)
class Shown:
    """What is shown of one thing that would be done. Neither has a token in it."""

    curl: str
    python: str
    command: str = ""
    """The ``openstack`` command, or several one below the other; "" where there is none that does the same."""


def shown(cloud: Cloud, do: Callable[[], Any], command: Sequence[str] = ()) -> Shown:
    """What ``do`` would send, without sending it. Raises CloudError."""
    sent = requests_of(cloud, do)
    return Shown(
        curl="\n\n".join(curl(item) for item in sent),
        python=python(sent),
        command="\n".join(
            _folded([_word(word) for word in words], " \\\n  ")
            for is_end, words in itertools.groupby(command, lambda word: word == THEN)
            if not is_end
        ),
    )


def curl(sent: Sent) -> str:
    """A shell command that sends it, with the token in ``$OS_TOKEN`` (``openstack token issue`` gives one)."""
    parts = [f"curl -X {sent.method} {_word(sent.url.replace('%24', '$'))}", '-H "X-Auth-Token: $OS_TOKEN"']
    if sent.microversion:
        parts.append(f"-H {shlex.quote(f'OpenStack-API-Version: {_version_name(sent)} {sent.microversion}')}")
    if sent.body is not None and "Content-Type" not in sent.headers:
        parts.append("-H 'Content-Type: application/json'")
    parts += [f"-H {shlex.quote(f'{key}: {value}')}" for key, value in sent.headers.items()]
    if sent.body is not None:
        parts.append(f"-d {_word(json.dumps(sent.body, ensure_ascii=False))}")
    return " \\\n  ".join(parts)


def python(sent: Sequence[Sent]) -> str:
    """Python that sends them through openstacksdk, for a cloud that clouds.yaml names."""
    lines = ["import openstack", "", 'conn = openstack.connect(cloud="openstack")']
    for item in sent:
        given = [repr(item.path)]
        if item.body is not None:
            given.append(f"json={pprint.pformat(item.body, width=WIDTH, sort_dicts=False)}")
        if item.microversion:
            given.append(f"microversion={item.microversion!r}")
        if item.headers:
            given.append(f"headers={dict(item.headers)!r}")
        call = f"conn.{item.service.replace('-', '_')}.{item.method.lower()}("
        one = call + ", ".join(given) + ")"
        if len(one) <= WIDTH and "\n" not in one:
            lines.append(one)
        else:
            lines.append(call)
            lines += ["    " + part.replace("\n", "\n    ") + "," for part in given]
            lines.append(")")
    return "\n".join(lines)


def _version_name(sent: Sent) -> str:
    """What the service is called in the microversion's header."""
    return {"block-storage": "volume"}.get(sent.service, sent.service)


def _word(text: str) -> str:
    """One word for a shell; "$NAME" stays a variable."""
    text = str(text)
    if "$" not in text:
        return shlex.quote(text)
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("`", "\\`")
    return f'"{escaped}"'


def _folded(words: Sequence[str], joint: str) -> str:
    """Options on lines of their own once the command is long."""
    line = " ".join(words)
    if len(line) <= WIDTH:
        return line
    found, current = [], ""
    for word in words:
        if word.startswith("--") and current:
            found.append(current)
            current = word
        else:
            current = f"{current} {word}".strip()
    return joint.join([*found, current])

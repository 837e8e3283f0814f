"""Files for a new server, as cloud-init writes them: put into the user data, whatever that is already.

Nova took files itself ("personality") until microversion 2.57. Follows cloud-init's ``write_files`` module and
https://cloudinit.readthedocs.io/en/latest/explanation/format.html
"""

from __future__ import annotations

import base64
import email
import email.policy
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from typing import Any

import yaml

HEADER = "#cloud-config"
KINDS = (
    ("#!", "x-shellscript"),
    ("#cloud-boothook", "cloud-boothook"),
    ("#include-once", "x-include-once-url"),
    ("#include", "x-include-url"),
    ("#part-handler", "part-handler"),
    ("#cloud-config-archive", "cloud-config-archive"),
    ("#cloud-config", "cloud-config"),
    ("## template: jinja", "jinja2"),
)
"""How user data begins, and the type that cloud-init knows it by; the narrow before the wide."""


@dataclass(frozen=True)
class NewFile:
    """A file to be written at the first boot. ``owner`` is "user:group", ``permissions`` octal as in "0644"."""

    path: str
    content: bytes = field(repr=False)
    owner: str = ""
    permissions: str = ""

    def entry(self) -> dict[str, str]:
        """Its item of ``write_files``."""
        found = {"path": self.path}
        found |= {key: value for key, value in (("owner", self.owner), ("permissions", self.permissions)) if value}
        text = _text(self.content)
        if text is None:
            return {**found, "encoding": "b64", "content": base64.b64encode(self.content).decode()}
        return {**found, "content": text}


def with_files(user_data: str, files: Sequence[NewFile]) -> str:
    """User data that also writes these files.

    A cloud-config gets them added to its own; anything else becomes one part of a MIME message,
    in which a cloud-config with the files comes first.
    """
    if not files:
        return user_data
    entries = [file.entry() for file in files]
    plain = user_data.lstrip("\ufeff").lstrip() if not user_data.strip() else user_data.lstrip("\ufeff")
    if not plain:
        return _config(entries)
    if kind_of(plain) == "cloud-config":
        merged = _merged(plain, entries)
        if merged is not None:
            return merged
    return _message(plain, entries)


def kind_of(user_data: str) -> str:
    """What cloud-init takes user data for: "cloud-config", "x-shellscript", "multipart", "plain"."""
    start = user_data.lstrip("\ufeff")
    if start.lower().startswith(("content-type: multipart", "mime-version:")):
        return "multipart"
    return next((kind for head, kind in KINDS if start.startswith(head)), "plain")


def _text(content: bytes) -> str | None:
    """Content that YAML can hold as it is; None for what has to be encoded."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None
    return text if all(char in "\t\n" or char.isprintable() or char == " " for char in text) else None


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as blocks, so that people can read them."""


def _block(dumper: yaml.SafeDumper, text: str) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _block)


def _dump(value: Any) -> str:
    return str(yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1000))


def _config(entries: Sequence[Mapping[str, str]]) -> str:
    return f"{HEADER}\n{_dump({'write_files': list(entries)})}"


def _merged(text: str, entries: Sequence[Mapping[str, str]]) -> str | None:
    """The cloud-config with the files; None if it is none that can be added to."""
    try:
        config = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError):
        return None
    if config is None:
        config = {}
    if not isinstance(config, dict):
        return None
    own = config.get("write_files")
    if own is None and "write_files" not in config and not text.rstrip().endswith("..."):
        # Comments and order stay as they were.
        return f"{text.rstrip()}\n{_dump({'write_files': list(entries)})}" if config else _config(entries)
    if own is not None and not isinstance(own, list):
        return None
    config["write_files"] = [*(own or ()), *entries]
    return f"{text.splitlines()[0]}\n{_dump(config)}"


def _message(user_data: str, entries: Sequence[Mapping[str, str]]) -> str:
    config = _config(entries)
    # The same files give the same message: what is shown beforehand is what is sent.
    mark = hashlib.sha256(f"{config}\0{user_data}".encode()).hexdigest()[:24]
    whole = MIMEMultipart(boundary=f"=={mark}==")
    whole.attach(_part(config, "cloud-config", "files.cfg"))
    kind = kind_of(user_data)
    if kind == "multipart":
        inner: Message = email.message_from_string(user_data, policy=email.policy.compat32)
        parts = inner.get_payload() if inner.is_multipart() else []
        for part in parts if isinstance(parts, list) else []:
            if isinstance(part, Message):
                whole.attach(part)
    else:
        whole.attach(_part(user_data, kind, "user-data"))
    return whole.as_string()


def _part(text: str, kind: str, name: str) -> MIMEText:
    part = MIMEText(text, kind, "us-ascii" if text.isascii() else "utf-8")
    part.add_header("Content-Disposition", "attachment", filename=name)
    if kind == "cloud-config":
        # Lists of several cloud-configs are put together instead of the last one winning.
        part.add_header("X-Merge-Type", "list(append)+dict(no_replace,recurse_list)+str()")
    return part

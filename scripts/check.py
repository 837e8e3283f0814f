"""Say in one sentence why the dashboard could not start: before anything is installed, so with the standard library.

check.py port HOST PORT     the port is free
check.py keystone URL       Keystone answers there
check.py redis URL          Redis or Valkey answers there, and takes the password in the URL
"""

import json
import os
import socket
import ssl
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from urllib.parse import unquote, urlsplit

SECONDS = 10


def port_problem(host: str, port: str) -> str:
    if not port.isdigit() or not 0 < int(port) < 65536:
        return f"BELVEDERE_PORT must be a port number from 1 to 65535, not {port!r}."
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As gunicorn does: a port that only waits for its last connections to die is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except PermissionError:
            return f"Port {port} is for root alone; choose another: BELVEDERE_PORT=8080 ./run"
        except socket.gaierror:
            return f"BELVEDERE_BIND must be an address of this machine, not {host!r}."
        except OSError as error:
            if error.errno == 98:  # EADDRINUSE
                return f"Port {port} of {host} is taken by another program; choose another: BELVEDERE_PORT=8090 ./run"
            return f"Cannot listen on {host}: {error.strerror}."
    return ""


def keystone_problem(url: str) -> str:
    if urlsplit(url).scheme not in {"http", "https"}:
        return f"OS_AUTH_URL must start with https:// or http://, not {url!r}."
    authority = os.environ.get("OS_CACERT") or None
    try:
        context = ssl.create_default_context(cafile=authority)
        if os.environ.get("OS_INSECURE", "").lower() in {"1", "true", "yes", "on"}:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        # Only the scheme that the person at the keyboard gave is opened, and no proxy is asked: nor does the dashboard.
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )
        with opener.open(url, timeout=SECONDS) as reply:
            body = reply.read(1_000_000)
    except urllib.error.HTTPError as error:
        if error.code != 300:  # Keystone's list of versions comes as 300 Multiple Choices
            return f"Keystone answers {error.code} at {url}; check OS_AUTH_URL (it ends in /v3)."
        body = error.read(1_000_000)
    except (OSError, ValueError) as error:
        return f"Keystone does not answer at {url} ({getattr(error, 'reason', error)}); check OS_AUTH_URL."
    try:
        found = json.loads(body)
        # /v3 describes itself; the root lists versions under "values", as no other service does.
        is_keystone = found["version"]["id"].startswith("v3") if "version" in found else "values" in found["versions"]
    except (ValueError, LookupError, TypeError, AttributeError):
        is_keystone = False
    return "" if is_keystone else f"What answers at {url} is not Keystone; check OS_AUTH_URL (it ends in /v3)."


def redis_problem(url: str) -> str:
    parts = urlsplit(url)
    where = f"{parts.hostname or parts.path}:{parts.port or 6379}"
    if parts.scheme not in {"redis", "rediss", "unix", "valkey", "valkeys"}:
        return "REDIS_URL must start with redis:// or rediss://."
    try:
        if parts.scheme == "unix":
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(SECONDS)
            connection.connect(parts.path)
        else:
            connection = socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 6379), SECONDS)
            if parts.scheme in {"rediss", "valkeys"}:
                connection = ssl.create_default_context().wrap_socket(connection, server_hostname=parts.hostname)
        with connection:
            if parts.password:
                words = ["AUTH", *([unquote(parts.username)] if parts.username else []), unquote(parts.password)]
                sent = "".join(f"${len(word.encode())}\r\n{word}\r\n" for word in words)
                connection.sendall(f"*{len(words)}\r\n{sent}".encode())
                if not connection.recv(200).startswith(b"+OK"):
                    return f"Redis at {where} refuses the password in REDIS_URL."
            connection.sendall(b"PING\r\n")
            reply = connection.recv(200).decode(errors="replace").strip()
    except (OSError, ValueError) as error:
        return f"Redis does not answer at {where} ({error}); check REDIS_URL, or unset it for a bundled server."
    return "" if reply.startswith("+PONG") else f"Redis at {where} answers {reply!r} to PING; check REDIS_URL."


PROBLEMS: dict[str, Callable[..., str]] = {"port": port_problem, "keystone": keystone_problem, "redis": redis_problem}

if __name__ == "__main__":
    sys.exit(PROBLEMS[sys.argv[1]](*sys.argv[2:]) or 0)

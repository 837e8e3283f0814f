"""Settings, from the environment alone. A bad value stops the start and says which.

Every variable may be given as NAME_FILE, the path of a file that holds the value.
"""

from __future__ import annotations

import base64
import hashlib
import re
import sys
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from dashboard.cloud.config import Config, Keystone, WebSso, configure

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()


def _seconds(name: str, default: int) -> int:
    value = env.int(name, default=default)
    if value < 1:
        raise ImproperlyConfigured(f"{name} must be a number of seconds of at least 1, not {value}.")
    return value


DEBUG = env.bool("DEBUG", default=False)
ALLOW_INSECURE = env.bool("ALLOW_INSECURE", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
if not SECRET_KEY:
    if not (DEBUG or "pytest" in sys.modules):
        raise ImproperlyConfigured("SECRET_KEY is not set. Give it, or SECRET_KEY_FILE, at least 64 random characters.")
    SECRET_KEY = "only-for-trying-things-" * 3
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
if urlsplit(REDIS_URL).scheme not in {"redis", "rediss", "unix", "valkey", "valkeys"}:
    raise ImproperlyConfigured(f"REDIS_URL must start with redis:// or rediss://, not {REDIS_URL.split(':')[0]!r}.")
BROKER_URL = env.str("BROKER_URL", default=REDIS_URL)

# The clouds that people may sign in to
OS_AUTH_URL = env.str("OS_AUTH_URL", default="http://127.0.0.1:5000/v3")
OS_REGION_NAME = env.str("OS_REGION_NAME", default="")
OS_REGIONS = env.list("OS_REGIONS", default=[])
OS_INTERFACE = env.str("OS_INTERFACE", default="public")
OS_CACERT = env.str("OS_CACERT", default="")
OS_INSECURE = env.bool("OS_INSECURE", default=False)
OS_ENDPOINT_HOSTS = env.list("OS_ENDPOINT_HOSTS", default=[])
OS_INTERFACES = env.dict("OS_INTERFACES", default={})
KEYSTONES = env.list("KEYSTONES", default=[])

# How people sign in
SIGN_IN_DOMAIN = env.str("SIGN_IN_DOMAIN", default="Default")
SIGN_IN_DOMAINS = env.list("SIGN_IN_DOMAINS", default=[])
SIGN_IN_DOMAIN_TYPED = env.bool("SIGN_IN_DOMAIN_TYPED", default=True)
WEBSSO = env.list("WEBSSO", default=[])
WEBSSO_DEFAULT = env.str("WEBSSO_DEFAULT", default="")
WEBSSO_KEYSTONE_URL = env.str("WEBSSO_KEYSTONE_URL", default="")
SESSION_IDLE_SECONDS = _seconds("SESSION_IDLE_SECONDS", 30 * 60)
SESSION_SECONDS = _seconds("SESSION_SECONDS", 8 * 60 * 60)
SIGN_IN_STEP_SECONDS = env.float("SIGN_IN_STEP_SECONDS", default=0.5)
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)

# How pages stay fresh
POLL_MOVING_SECONDS = env.float("POLL_MOVING_SECONDS", default=1.0)
POLL_QUIET_SECONDS = env.float("POLL_QUIET_SECONDS", default=5.0)
POLL_FULL_SECONDS = env.float("POLL_FULL_SECONDS", default=60.0)
POLL_MAX_PER_SECOND = env.float("POLL_MAX_PER_SECOND", default=50.0)
LEASE_SECONDS = env.float("LEASE_SECONDS", default=45.0)
PROOF_SECONDS = env.float("PROOF_SECONDS", default=60.0)
POLL_SHARE = env.str("POLL_SHARE", default="roles")
if POLL_SHARE not in {"roles", "user"}:
    raise ImproperlyConfigured(f"POLL_SHARE must be roles or user, not {POLL_SHARE!r}.")

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO").upper()
LOG_JSON = env.bool("LOG_JSON", default=False)
SITE_NAME = env.str("SITE_NAME", default="Belvedere")
SUPPORT_URL = env.str("SUPPORT_URL", default="")


def _keystones() -> tuple[Keystone, ...]:
    """KEYSTONES is a list of name=url; without it there is the one of OS_AUTH_URL."""
    regions = tuple(OS_REGIONS or ([OS_REGION_NAME] if OS_REGION_NAME else []))
    pairs = [item.partition("=")[::2] for item in KEYSTONES] or [("", OS_AUTH_URL)]
    return tuple(Keystone(url=_v3(url), name=name, regions=regions) for name, url in pairs)


def _v3(url: str) -> str:
    """A Keystone's address, ending in /v3."""
    if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
        raise ImproperlyConfigured(f"A Keystone's address must be http(s)://host[:port][/v3], not {url!r}.")
    url = url.rstrip("/")
    return url if url.endswith("/v3") else url + "/v3"


def _websso(keystones: tuple[Keystone, ...]) -> tuple[WebSso, ...]:
    """WEBSSO is a list of label=provider/protocol or label=protocol; @name is one of several KEYSTONES."""
    found: list[WebSso] = []
    for item in WEBSSO:
        label, _, target = (part.strip() for part in item.partition("="))
        path, _, name = target.partition("@")
        idp, _, protocol = path.rpartition("/")
        if not label or not all(re.fullmatch(r"[0-9A-Za-z_.-]{1,64}", part) for part in (protocol, idp or protocol)):
            raise ImproperlyConfigured(f"WEBSSO takes label=provider/protocol or label=protocol, not {item!r}.")
        keystone = next((k for k in keystones if not name or k.name == name), None)
        if keystone is None:
            raise ImproperlyConfigured(f"WEBSSO names the Keystone {name!r}, which KEYSTONES does not have.")
        if any(choice.label == label for choice in found):
            raise ImproperlyConfigured(f"WEBSSO has two choices that are called {label!r}.")
        url = _v3(WEBSSO_KEYSTONE_URL) if WEBSSO_KEYSTONE_URL and not name else keystone.url
        found.append(WebSso(label=label, protocol=protocol, idp=idp, keystone=keystone.url, url=url))
    if WEBSSO_DEFAULT and WEBSSO_DEFAULT not in [choice.label for choice in found]:
        raise ImproperlyConfigured(f"WEBSSO_DEFAULT must be a label of WEBSSO, not {WEBSSO_DEFAULT!r}.")
    return tuple(found)


CLOUD = Config(
    keystones=_keystones(),
    websso=_websso(_keystones()),
    interface=OS_INTERFACE,
    interfaces=OS_INTERFACES,
    allowed_hosts=frozenset(host.lower() for host in OS_ENDPOINT_HOSTS),
    ca_file=OS_CACERT,
    is_insecure=OS_INSECURE,
)
configure(CLOUD)

INSTALLED_APPS = [
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "django_htmx",
    "template_partials",
    "dashboard.auth",
    "dashboard.live",
    "dashboard.ui",
]
MIDDLEWARE = [
    "dashboard.ui.middleware.request_id",
    "dashboard.ui.middleware.Compression",
    "dashboard.ui.middleware.security_headers",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "dashboard.ui.middleware.same_origin",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "dashboard.auth.middleware.sealed_session",
    "dashboard.ui.scoping.right_scope",
    "dashboard.ui.middleware.cloud_errors",
]
ROOT_URLCONF = "dashboard.urls"
WSGI_APPLICATION = "dashboard.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "libraries": {
                "objects": "dashboard.panels.containers.object_tags",
                "servers": "dashboard.panels.servers.tags",
                "storage": "dashboard.panels.storage.tags",
                "images": "dashboard.panels.images.tags",
            },
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "dashboard.ui.shell.context",
            ],
        },
    }
]
FORM_RENDERER = "dashboard.ui.forms.Renderer"
DATABASES: dict[str, dict[str, str]] = {}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# Cookies. "__Host-" needs Secure, so plain http (for trying things) goes without.
COOKIES_SECURE = not ALLOW_INSECURE
SESSION_COOKIE_NAME = "__Host-sid" if COOKIES_SECURE else "sid"
SESSION_COOKIE_SECURE = COOKIES_SECURE
CSRF_COOKIE_NAME = "__Host-csrf" if COOKIES_SECURE else "csrf"
CSRF_COOKIE_SECURE = COOKIES_SECURE
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_AGE = None
CSRF_FAILURE_VIEW = "dashboard.ui.errors.csrf_failure"
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_SECURE = COOKIES_SECURE
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600

# Headers
# Belvedere speaks plain http behind a proxy that ends TLS and redirects, so it redirects nobody itself.
SECURE_SSL_REDIRECT = False
SILENCED_SYSTEM_CHECKS = ["security.W008"]
SECURE_HSTS_SECONDS = 0 if ALLOW_INSECURE else 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = not ALLOW_INSECURE
SECURE_HSTS_PRELOAD = env.bool("HSTS_PRELOAD", default=False)
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
COMPRESS_PAGES = env.bool("COMPRESS_PAGES", default=True)
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# Texts
LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="en")
LANGUAGES = [("en", "English"), ("ko", "한국어"), ("zh-hans", "简体中文"), ("pt-br", "Português (Brasil)")]
if LANGUAGE_CODE not in dict(LANGUAGES):
    raise ImproperlyConfigured(f"LANGUAGE_CODE must be one of {', '.join(dict(LANGUAGES))}, not {LANGUAGE_CODE!r}.")
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# Static files
STATIC_URL = "/static/"
STATIC_ROOT = env.path("STATIC_ROOT", default=str(BASE_DIR / ".static"))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage" if DEBUG else "dashboard.ui.static.Storage"
    }
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_MAX_AGE = 0 if DEBUG else 365 * 24 * 3600

SEAL_KEYS = [
    base64.urlsafe_b64encode(hashlib.sha256(b"belvedere seal " + key.encode()).digest())
    for key in (SECRET_KEY, *SECRET_KEY_FALLBACKS)
]
"""Fernet keys, newest first, for what only this installation may read."""

LOGGING_CONFIG = "dashboard.logs.configure"
LOGGING = {"level": LOG_LEVEL, "json": LOG_JSON}

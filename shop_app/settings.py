"""Every setting, read once from the environment; a wrong one stops the start with a sentence."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from shop_app.errors import StartRefusedError

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
REAL_ADMIN_WEB_ORIGIN = "https://admin.shopify.com"
REAL_KLAVIYO_ORIGIN = "https://a.klaviyo.com"
API_VERSION = "2026-10"
"""Shopify's version that every document of ours is written for and checked against."""

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.{}_-]+(:[0-9]{1,5})?")
_VERSION = re.compile(r"20[0-9]{2}-(01|04|07|10)|unstable")


@dataclass(frozen=True, slots=True)
class ShopifySettings:
    """The app as it is registered with Shopify, and where Shopify is.

    ``admin_origin`` is where the interface answers, with ``{shop}`` in place of the shop's domain;
    ``admin_web_origin`` is the admin that people open in a browser, ``cdn_origin`` where its scripts lie.
    """

    api_key: str
    api_secret: str = field(repr=False)
    api_secret_old: str | None = field(repr=False)
    api_version: str
    admin_origin: str
    admin_web_origin: str
    cdn_origin: str
    app_url: str

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return the secret that Shopify signs with now, and the one before it while both are in use."""
        return (self.api_secret,) if self.api_secret_old is None else (self.api_secret, self.api_secret_old)

    @property
    def is_real(self) -> bool:
        """Tell whether this is Shopify itself, not a stand-in."""
        return self.admin_web_origin == REAL_ADMIN_WEB_ORIGIN


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment says; secrets stay out of ``repr``.

    ``database_url`` and ``redis_url`` are ``None`` where the embedded servers are to be used;
    :mod:`shop_app.embedded` then fills them in.
    """

    home: Path
    port: int
    log_level: str
    app_url: str | None
    shopify: ShopifySettings | None
    klaviyo_origin: str
    database_url: str | None = field(repr=False)
    database_owner_url: str | None = field(repr=False)
    redis_url: str | None = field(repr=False)
    keys: str | None = field(repr=False)
    hash_key: str | None = field(repr=False)
    export_folders: tuple[Path, ...] = ()
    local_targets: bool = False

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Read the environment; raise :class:`StartRefusedError` naming the first wrong setting."""
        database_url = _secret(env, "DATABASE_URL")
        settings = cls(
            home=Path(env.get("KINDRED_HOME") or ".kindred").absolute(),
            port=_port(env.get("PORT") or "8000"),
            log_level=_one_of(env.get("KINDRED_LOG_LEVEL") or "INFO", "KINDRED_LOG_LEVEL", LOG_LEVELS),
            app_url=_app_url(env.get("APP_URL")),
            shopify=_shopify(env),
            klaviyo_origin=_origin(env, "KLAVIYO_ORIGIN", REAL_KLAVIYO_ORIGIN),
            database_url=_url(database_url, "DATABASE_URL", ("postgresql://", "postgres://")),
            database_owner_url=_url(
                _secret(env, "DATABASE_OWNER_URL"), "DATABASE_OWNER_URL", ("postgresql://", "postgres://")
            ),
            redis_url=_url(
                _secret(env, "REDIS_URL"), "REDIS_URL", ("redis://", "rediss://", "redis+socket://")
            ),
            keys=_secret(env, "KINDRED_KEYS"),
            hash_key=_secret(env, "KINDRED_HASH_KEY"),
            export_folders=_folders(env.get("KINDRED_EXPORT_FOLDERS") or ""),
            local_targets=_yes_no(env.get("KINDRED_LOCAL_TARGETS") or "no", "KINDRED_LOCAL_TARGETS"),
        )
        if settings.database_url and not (settings.keys and settings.hash_key):
            raise StartRefusedError(
                "DATABASE_URL is set, so KINDRED_KEYS and KINDRED_HASH_KEY must be set too: names, e-mail "
                "addresses and phones are stored encrypted. `kindred make-keys` prints a fresh pair."
            )
        return settings


def _secret(env: Mapping[str, str], name: str) -> str | None:
    """Return a setting, or the content of the file that ``NAME_FILE`` points to."""
    path = env.get(f"{name}_FILE")
    if not path:
        return env.get(name) or None
    if env.get(name):
        raise StartRefusedError(f"{name} and {name}_FILE are both set; keep one of them.")
    try:
        return Path(path).read_text(encoding="utf-8").strip() or None
    except OSError as error:
        raise StartRefusedError(f"{name}_FILE: cannot read {path}: {error.strerror}.") from None


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:  # noqa: PLR2004 (TCP's range)
        raise StartRefusedError(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)


def _yes_no(text: str, name: str) -> bool:
    if text.lower() not in ("yes", "no"):
        raise StartRefusedError(f"{name} must be yes or no, not {text!r}.")
    return text.lower() == "yes"


def _folders(text: str) -> tuple[Path, ...]:
    """Return the folders of a list with colons; each has to say where it is from the root on."""
    folders = tuple(Path(part) for part in text.split(":") if part.strip())
    for folder in folders:
        if not folder.is_absolute() or ".." in folder.parts:
            raise StartRefusedError(
                f"KINDRED_EXPORT_FOLDERS must name whole paths, such as /srv/exports, not {str(folder)!r}."
            )
    return folders


def _one_of(value: str, name: str, allowed: tuple[str, ...]) -> str:
    if value.upper() not in allowed:
        raise StartRefusedError(f"{name} must be one of {', '.join(allowed)}, not {value!r}.")
    return value.upper()


def _url(value: str | None, name: str, schemes: tuple[str, ...]) -> str | None:
    if value is not None and not value.startswith(schemes):
        raise StartRefusedError(f"{name} must begin with {' or '.join(schemes)}.")
    return value


def _shopify(env: Mapping[str, str]) -> ShopifySettings | None:
    """Read what concerns Shopify: all three of key, secret and address, or none of them."""
    key, secret = env.get("SHOPIFY_API_KEY") or None, _secret(env, "SHOPIFY_API_SECRET")
    if key is None and secret is None:
        return None
    app_url = _app_url(env.get("APP_URL"))
    missing = [
        name
        for name, value in (("SHOPIFY_API_KEY", key), ("SHOPIFY_API_SECRET", secret), ("APP_URL", app_url))
        if not value
    ]
    if missing or not (key and secret and app_url):
        raise StartRefusedError(
            f"{' and '.join(missing)} must be set too: an app that is installed in Shopify has a key, a secret "
            "and a public address. docs/install.md says where to find them."
        )
    version = env.get("SHOPIFY_API_VERSION") or API_VERSION
    if not _VERSION.fullmatch(version):
        raise StartRefusedError(f"SHOPIFY_API_VERSION must look like {API_VERSION}, not {version!r}.")
    web_origin = _origin(env, "SHOPIFY_ADMIN_WEB_ORIGIN", REAL_ADMIN_WEB_ORIGIN)
    cdn = "https://cdn.shopify.com" if web_origin == REAL_ADMIN_WEB_ORIGIN else web_origin
    return ShopifySettings(
        api_key=key,
        api_secret=secret,
        api_secret_old=_secret(env, "SHOPIFY_API_SECRET_OLD"),
        api_version=version,
        admin_origin=_origin(env, "SHOPIFY_ADMIN_ORIGIN", "https://{shop}"),
        admin_web_origin=web_origin,
        cdn_origin=_origin(env, "SHOPIFY_CDN_ORIGIN", cdn),
        app_url=app_url,
    )


def _origin(env: Mapping[str, str], name: str, default: str) -> str:
    value = (env.get(name) or default).rstrip("/")
    if not _ORIGIN.fullmatch(value):
        raise StartRefusedError(
            f"{name} must be a scheme and a host, such as https://admin.shopify.com, not {value!r}."
        )
    return value


def _app_url(value: str | None) -> str | None:
    """Return the public address without a slash at its end."""
    if not value:
        return None
    url = value.rstrip("/")
    if not _ORIGIN.fullmatch(url):
        raise StartRefusedError(
            f"APP_URL must be a scheme and a host, such as https://kindred.example.com, not {value!r}."
        )
    return url

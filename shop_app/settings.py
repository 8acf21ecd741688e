"""Every setting, read once from the environment; a wrong one stops the start with a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from shop_app.errors import StartRefusedError

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


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
    database_url: str | None = field(repr=False)
    database_owner_url: str | None = field(repr=False)
    redis_url: str | None = field(repr=False)
    keys: str | None = field(repr=False)
    hash_key: str | None = field(repr=False)

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Read the environment; raise :class:`StartRefusedError` naming the first wrong setting."""
        database_url = _secret(env, "DATABASE_URL")
        settings = cls(
            home=Path(env.get("KINDRED_HOME") or ".kindred").absolute(),
            port=_port(env.get("PORT") or "8000"),
            log_level=_one_of(env.get("KINDRED_LOG_LEVEL") or "INFO", "KINDRED_LOG_LEVEL", LOG_LEVELS),
            app_url=env.get("APP_URL") or None,
            database_url=_url(database_url, "DATABASE_URL", ("postgresql://", "postgres://")),
            database_owner_url=_url(
                _secret(env, "DATABASE_OWNER_URL"), "DATABASE_OWNER_URL", ("postgresql://", "postgres://")
            ),
            redis_url=_url(
                _secret(env, "REDIS_URL"), "REDIS_URL", ("redis://", "rediss://", "redis+socket://")
            ),
            keys=_secret(env, "KINDRED_KEYS"),
            hash_key=_secret(env, "KINDRED_HASH_KEY"),
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


def _one_of(value: str, name: str, allowed: tuple[str, ...]) -> str:
    if value.upper() not in allowed:
        raise StartRefusedError(f"{name} must be one of {', '.join(allowed)}, not {value!r}.")
    return value.upper()


def _url(value: str | None, name: str, schemes: tuple[str, ...]) -> str | None:
    if value is not None and not value.startswith(schemes):
        raise StartRefusedError(f"{name} must begin with {' or '.join(schemes)}.")
    return value

"""Destinations are connected, tried, switched on and paused; settings are kept once they have been tried."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from shop_app.destinations import registry
from shop_app.destinations.base import Connected, Destination, Setting
from shop_app.errors import InvalidInputError, NotFoundError, RefusedError
from shop_app.services.push_access import access_of, built
from shop_app.storage import decisions, destinations, due_work, push_marks
from shop_app.storage.decisions import Decision
from shop_app.storage.destinations import StoredDestination
from shop_app.storage.engine import Connection, transaction

DUE = "push"
"""The kind of ``due_work`` that compares and sends."""
CHECK_DUE = "push-check"
"""The kind that looks in the night whether what was sent is still there."""
MASK = "••••••••"
"""What a kept secret is shown as; sent back as it is, it stays."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One destination as it is shown: its settings with secrets masked, ``None`` where nothing is stored."""

    kind: type[Destination]
    stored: StoredDestination | None
    values: Mapping[str, Any]


def list_destinations(shop_id: int) -> list[Kept]:
    """Return every destination there is, connected or not."""
    with transaction(shop_id) as connection:
        stored = {each.kind: each for each in destinations.read_all(connection, shop_id)}
    return [_kept(kind, stored.get(name)) for name, kind in registry.KINDS.items()]


def read_destination(shop_id: int, kind: str) -> Kept:
    """Return one destination.

    Raises
    ------
    NotFoundError
        There is none of that name.
    """
    found = registry.kind_of(kind)
    with transaction(shop_id) as connection:
        return _kept(found, destinations.find(connection, shop_id, kind))


def save_destination(
    shop_id: int, kind: str, values: Mapping[str, Any], *, who: str, at: datetime
) -> tuple[Kept, Connected]:
    """Try settings and keep them; whose account answers is pinned from then on.

    A destination that is new is paused until somebody switches it on, and its first push waits for approval.

    Raises
    ------
    NotFoundError
        There is no such destination.
    InvalidInputError
        A setting is missing or cannot be that; ``field`` names it.
    RefusedError, TemporaryError
        The other side does not let us in, another account answers than before, or nobody answers.
    """
    found = registry.kind_of(kind)
    with transaction(shop_id) as connection:
        before = destinations.find(connection, shop_id, kind)
    settings, secrets = checked_settings(found, values, before)
    completed = found.completed({**settings, **secrets})
    settings, secrets = ({name: completed[name] for name in part} for part in (settings, secrets))
    account = before.account_id if before else None
    connected = found({**settings, **secrets}, access_of(shop_id, account, now=at)).check()
    if account is not None and connected.account_id != account:
        raise RefusedError(
            f"These settings lead to another account ({connected.account_name}) than the one that labels were "
            f"sent to so far. Disconnect {found.name} first, then connect the other one."
        )
    with transaction(shop_id) as connection:
        destinations.write_settings(
            connection,
            shop_id,
            kind,
            settings=settings,
            secrets=secrets,
            account=(connected.account_id, connected.account_name),
            at=at,
        )
        push_marks.mark(connection, None)
        for due in (DUE, "engagement", CHECK_DUE):
            due_work.ensure_due(connection, shop_id, due, due_at=at)
        _note(connection, kind, None if before is None else before.state, "connected", who=who, at=at)
    return read_destination(shop_id, kind), _with_made_secrets(found, connected, values, before, secrets)


def _with_made_secrets(
    kind: type[Destination],
    connected: Connected,
    values: Mapping[str, Any],
    before: StoredDestination | None,
    secrets: Mapping[str, str],
) -> Connected:
    """Add the secrets that were made for the merchant: they are told this once, and masked from then on."""
    made = [
        f"{setting.label}: {secrets[setting.name]} Copy it now; it is not shown again."
        for setting in kind.schema
        if setting.kind == "secret"
        and not str(values.get(setting.name) or "").strip()
        and not (before and before.secrets.get(setting.name))
        and secrets.get(setting.name)
    ]
    return replace(connected, warnings=(*connected.warnings, *made))


def check_destination(shop_id: int, kind: str, *, at: datetime) -> Connected:
    """Find out whether a connected destination still lets us in."""
    with transaction(shop_id) as connection:
        stored = _found(destinations.find(connection, shop_id, kind), kind)
    return built(shop_id, stored, now=at).check()


def switch_on(shop_id: int, kind: str, *, who: str, at: datetime) -> None:
    """Let changes be sent; whatever has gathered meanwhile is compared anew and waits for approval.

    Raises
    ------
    RefusedError, TemporaryError
        The other side does not let us in.
    """
    check_destination(shop_id, kind, at=at)
    with transaction(shop_id) as connection:
        stored = _found(destinations.find(connection, shop_id, kind), kind)
        if stored.is_on:
            return
        destinations.set_state(connection, kind, "on")
        push_marks.mark(connection, None)
        due_work.ensure_due(connection, shop_id, DUE, due_at=at)
        _note(connection, kind, "paused", "on", who=who, at=at)


def pause(shop_id: int, kind: str, *, reason: str, who: str, at: datetime) -> None:
    """Send nothing more there, from the next call on."""
    with transaction(shop_id) as connection:
        stored = _found(destinations.find(connection, shop_id, kind), kind)
        destinations.set_state(connection, kind, "paused", reason=reason)
        if stored.is_on:
            _note(connection, kind, "on", "paused", who=who, at=at, note=reason)


def disconnect(shop_id: int, kind: str, *, who: str, at: datetime) -> None:
    """Forget a destination and its keys; what was written there stays, and can be cleaned up no more."""
    with transaction(shop_id) as connection:
        stored = _found(destinations.find(connection, shop_id, kind), kind)
        destinations.forget(connection, kind)
        _note(connection, kind, stored.state, None, who=who, at=at)


def checked_settings(
    kind: type[Destination], values: Mapping[str, Any], before: StoredDestination | None
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return plain settings and secrets in their types; a masked or missing secret keeps its value.

    Raises
    ------
    InvalidInputError
        A setting there is not, a required one that is empty, or a value that it cannot have.
    """
    known = {setting.name: setting for setting in kind.schema}
    if unknown := sorted(set(values) - set(known)):
        raise InvalidInputError(f"{kind.name} has no setting {unknown[0]}.", field=unknown[0])
    kept = {**before.settings, **before.secrets} if before else {}
    found = {name: _value(setting, _given(setting, values, kept), kind.name) for name, setting in known.items()}
    secret = {name for name, setting in known.items() if setting.kind == "secret"}
    return (
        {name: value for name, value in found.items() if name not in secret},
        {name: str(value) for name, value in found.items() if name in secret},
    )


def _given(setting: Setting, values: Mapping[str, Any], kept: Mapping[str, Any]) -> Any:  # noqa: ANN401 (any setting)
    given = values.get(setting.name)
    if given is None or (setting.kind == "secret" and str(given).strip() in ("", MASK)):
        return kept.get(setting.name, setting.default)
    return given


def _value(setting: Setting, given: Any, whose: str) -> Any:  # noqa: ANN401 (any setting)
    if setting.kind == "yes_no":
        return given in (True, "true", "yes", "on", "1", 1)
    text = str(given).strip()
    if setting.required and not text:
        raise InvalidInputError(f"{whose} needs “{setting.label}”. {setting.help}".strip(), field=setting.name)
    if setting.kind == "choice" and text not in dict(setting.choices):
        allowed = ", ".join(value for value, _ in setting.choices)
        raise InvalidInputError(f"“{setting.label}” must be one of {allowed}, not {text}.", field=setting.name)
    if setting.kind == "number":
        if not text.isdecimal() or not setting.least <= int(text) <= setting.most:
            words = f"“{setting.label}” must be a whole number from {setting.least} to {setting.most}."
            raise InvalidInputError(words, field=setting.name)
        return int(text)
    return text


def _kept(kind: type[Destination], stored: StoredDestination | None) -> Kept:
    values = {setting.name: setting.default for setting in kind.schema}
    if stored is not None:
        values |= stored.settings
        values |= {name: MASK for name, value in stored.secrets.items() if value}
    return Kept(kind, stored, values)


def _found(stored: StoredDestination | None, kind: str) -> StoredDestination:
    if stored is None:
        raise NotFoundError(f"{registry.kind_of(kind).name} is not connected yet.")
    return stored


def _note(
    connection: Connection,
    kind: str,
    before: str | None,
    after: str | None,
    *,
    who: str,
    at: datetime,
    note: str = "",
) -> None:
    decisions.record(connection, Decision(at, who, "destination", kind, before, after, note))

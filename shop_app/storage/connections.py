"""How a shop is connected to Shopify: its tokens (sealed), scopes, and what keeps it from working."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Row, text

from shop_app.storage import shops
from shop_app.storage.encryption import open_sealed, seal

_TABLE = "shop_connections"
_COLUMNS = """state, reason, grant_kind, access_token, access_token_expires_at, refresh_token,
    refresh_token_expires_at, scopes, scopes_at, shop_number, plan, installed_at, uninstalled_at,
    refreshed_at"""


@dataclass(frozen=True, slots=True)
class Tokens:
    """A pair as Shopify gave it; an end of ``None`` is no end."""

    access_token: str = field(repr=False)
    access_expires_at: datetime | None
    refresh_token: str | None = field(repr=False)
    refresh_expires_at: datetime | None
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShopConnection:
    """One shop's connection; ``state`` is ``connected``, ``reconnect``, ``frozen`` or ``uninstalled``.

    ``installed_at`` is since when it stands, ``uninstalled_at`` when it last ended, which stays known.
    """

    state: str
    reason: str
    grant_kind: str
    access_token: str | None = field(repr=False)
    access_expires_at: datetime | None
    refresh_token: str | None = field(repr=False)
    refresh_expires_at: datetime | None
    scopes: tuple[str, ...]
    scopes_at: datetime
    shop_number: int | None
    plan: str | None
    installed_at: datetime
    uninstalled_at: datetime | None
    refreshed_at: datetime | None


@dataclass(frozen=True, slots=True)
class ConnectionState:
    """What every request looks at, without a secret; ``state`` is empty for a shop of files."""

    state: str
    reason: str = ""
    grant_kind: str = ""
    scopes: tuple[str, ...] = ()
    installed_at: datetime | None = None
    uninstalled_at: datetime | None = None


def find(connection: Connection, shop_id: int) -> ShopConnection | None:
    """Return the shop's connection, or ``None`` for a shop that only knows files."""
    row = connection.execute(text(f"SELECT {_COLUMNS} FROM {_TABLE}")).one_or_none()
    return None if row is None else _opened(row, shop_id)


def lock(connection: Connection, shop_id: int) -> ShopConnection | None:
    """Return the same and keep everybody else from changing it until the commit.

    Whoever holds it may be waiting for Shopify.
    """
    wait_longer(connection)
    row = connection.execute(text(f"SELECT {_COLUMNS} FROM {_TABLE} FOR UPDATE")).one_or_none()
    return None if row is None else _opened(row, shop_id)


def wait_longer(connection: Connection) -> None:
    """Let this transaction wait for Shopify, and for others that do."""
    for limit in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
        connection.execute(text(f"SET LOCAL {limit} = '60s'"))


def read_state(connection: Connection) -> ConnectionState:
    """Return how the transaction's shop is connected."""
    row = connection.execute(
        text(f"SELECT state, reason, grant_kind, scopes, installed_at, uninstalled_at FROM {_TABLE}")
    ).one_or_none()
    if row is None:
        return ConnectionState("")
    return ConnectionState(
        row.state, row.reason, row.grant_kind, tuple(row.scopes), row.installed_at, row.uninstalled_at
    )


def connect(
    connection: Connection,
    shop_id: int,
    tokens: Tokens,
    *,
    grant_kind: str,
    installed_at: datetime,
    at: datetime,
) -> None:
    """Keep the tokens of a shop that was installed at ``installed_at``, and let work be done for it."""
    connection.execute(
        text(f"""
            INSERT INTO {_TABLE} (
                shop_id, state, grant_kind, access_token, access_token_expires_at, refresh_token,
                refresh_token_expires_at, scopes, scopes_at, installed_at, refreshed_at)
            VALUES (
                :shop_id, 'connected', :grant_kind, :access_token, :access_expires_at, :refresh_token,
                :refresh_expires_at, :scopes, :at, :installed_at, :at)
            ON CONFLICT (shop_id, id) DO UPDATE SET
                state = EXCLUDED.state, reason = '', grant_kind = EXCLUDED.grant_kind,
                access_token = EXCLUDED.access_token,
                access_token_expires_at = EXCLUDED.access_token_expires_at,
                refresh_token = EXCLUDED.refresh_token,
                refresh_token_expires_at = EXCLUDED.refresh_token_expires_at,
                scopes = EXCLUDED.scopes, scopes_at = EXCLUDED.scopes_at,
                installed_at = EXCLUDED.installed_at, refreshed_at = EXCLUDED.refreshed_at"""),
        {
            **_sealed(tokens, shop_id),
            "shop_id": shop_id,
            "grant_kind": grant_kind,
            "installed_at": installed_at,
            "at": at,
        },
    )
    shops.set_state(connection, shop_id, "active")


def renew(connection: Connection, shop_id: int, tokens: Tokens, *, at: datetime) -> None:
    """Put a fresh pair in the place of the one before it: both tokens in one statement.

    A frozen shop stays frozen: it may fetch tokens, and do nothing with them.
    """
    state = connection.execute(
        text(f"""
            UPDATE {_TABLE} SET
                state = CASE WHEN state = 'frozen' THEN state ELSE 'connected' END,
                reason = CASE WHEN state = 'frozen' THEN reason ELSE '' END,
                access_token = :access_token, access_token_expires_at = :access_expires_at,
                refresh_token = :refresh_token, refresh_token_expires_at = :refresh_expires_at,
                scopes = :scopes, scopes_at = :at, refreshed_at = :at
            RETURNING state"""),
        {**_sealed(tokens, shop_id), "at": at},
    ).scalar_one()
    shops.set_state(connection, shop_id, "active" if state == "connected" else str(state))


def mark(connection: Connection, shop_id: int, state: str, reason: str = "") -> None:
    """Say that the connection is ``connected``, ``frozen`` or to ``reconnect``; one that has ended stays so."""
    changed = connection.execute(
        text(f"UPDATE {_TABLE} SET state = :state, reason = :reason WHERE state <> 'uninstalled'"),
        {"state": state, "reason": reason},
    )
    if changed.rowcount:
        shops.set_state(connection, shop_id, "active" if state == "connected" else state)


def end(connection: Connection, shop_id: int, *, uninstalled_at: datetime) -> None:
    """Forget the tokens of a shop that has thrown the app out, and let no more work be done for it."""
    connection.execute(
        text(f"""
            UPDATE {_TABLE} SET
                state = 'uninstalled', reason = '', access_token = NULL, access_token_expires_at = NULL,
                refresh_token = NULL, refresh_token_expires_at = NULL, scopes = '{{}}',
                uninstalled_at = :uninstalled_at"""),
        {"uninstalled_at": uninstalled_at},
    )
    shops.set_state(connection, shop_id, "uninstalled")


def write_scopes(connection: Connection, scopes: Sequence[str], *, at: datetime) -> bool:
    """Keep what is granted as of then, unless something newer is known; tell whether it was written."""
    changed = connection.execute(
        text(f"UPDATE {_TABLE} SET scopes = :scopes, scopes_at = :at WHERE scopes_at <= :at"),
        {"scopes": list(scopes), "at": at},
    )
    return bool(changed.rowcount)


def expire_access_token(connection: Connection, *, at: datetime) -> None:
    """Let the next caller fetch a fresh access token, if this one can be refreshed."""
    connection.execute(
        text(f"UPDATE {_TABLE} SET access_token_expires_at = :at WHERE refresh_token IS NOT NULL"), {"at": at}
    )


def write_shop_facts(connection: Connection, *, shop_number: int, plan: str | None) -> None:
    """Keep Shopify's number of the shop and the name of its plan."""
    connection.execute(
        text(f"UPDATE {_TABLE} SET shop_number = :shop_number, plan = :plan"),
        {"shop_number": shop_number, "plan": plan},
    )


def read_number(connection: Connection) -> int | None:
    """Return Shopify's number of the transaction's shop, where it is known."""
    found = connection.execute(text(f"SELECT shop_number FROM {_TABLE}")).scalar()
    return None if found is None else int(found)


def _sealed(tokens: Tokens, shop_id: int) -> dict[str, object]:
    refresh_token = tokens.refresh_token
    return {
        "access_token": seal(tokens.access_token, table=_TABLE, column="access_token", shop_id=shop_id),
        "access_expires_at": tokens.access_expires_at,
        "refresh_token": None
        if refresh_token is None
        else seal(refresh_token, table=_TABLE, column="refresh_token", shop_id=shop_id),
        "refresh_expires_at": tokens.refresh_expires_at,
        "scopes": list(tokens.scopes),
    }


def _opened(row: Row[tuple[object, ...]], shop_id: int) -> ShopConnection:
    values = dict(row._mapping)  # noqa: SLF001 (SQLAlchemy's public way to a row's columns)
    for column in ("access_token", "refresh_token"):
        sealed = values[column]
        if sealed is not None:
            values[column] = open_sealed(bytes(sealed), table=_TABLE, column=column, shop_id=shop_id)
    values["access_expires_at"] = values.pop("access_token_expires_at")
    values["refresh_expires_at"] = values.pop("refresh_token_expires_at")
    values["scopes"] = tuple(values["scopes"])
    return ShopConnection(**values)

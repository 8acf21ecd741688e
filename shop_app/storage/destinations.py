"""Destinations of a shop: what they are set to, whose account answers, how they are doing."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from shop_app.storage.encryption import open_sealed, seal

_SHOP = "current_setting('app.shop_id')::bigint"
_COLUMNS = """kind, state, reason, settings, secrets, account_id, account_name, notices, needs_approval,
    failures, quiet_until, groups_key, groups_at, planned_at, computed_at, sent_at, acknowledged_at,
    connected_at"""


@dataclass(frozen=True, slots=True)
class StoredDestination:
    """One destination as it is stored; ``secrets`` are open here and stay in memory."""

    kind: str
    state: str
    reason: str
    settings: dict[str, Any]
    secrets: dict[str, str] = field(repr=False)
    account_id: str | None
    account_name: str
    notices: list[str]
    needs_approval: bool
    failures: int
    quiet_until: datetime | None
    groups_key: str
    groups_at: datetime | None
    planned_at: datetime | None
    computed_at: datetime | None
    sent_at: datetime | None
    acknowledged_at: datetime | None
    connected_at: datetime

    @property
    def is_on(self) -> bool:
        """Tell whether changes may be sent there at all."""
        return self.state == "on"


def read_all(connection: Connection, shop_id: int) -> list[StoredDestination]:
    """Return every destination that has been connected, by kind."""
    rows = connection.execute(text(f"SELECT {_COLUMNS} FROM destinations ORDER BY kind"))
    return [_stored(row._asdict(), shop_id) for row in rows]


def find(connection: Connection, shop_id: int, kind: str) -> StoredDestination | None:
    """Return one, or ``None`` where it was never connected."""
    row = connection.execute(
        text(f"SELECT {_COLUMNS} FROM destinations WHERE kind = :kind"), {"kind": kind}
    ).one_or_none()
    return None if row is None else _stored(row._asdict(), shop_id)


def has_any(connection: Connection) -> bool:
    """Tell whether labels go anywhere, so that somebody has to work out what is to be there."""
    return bool(connection.execute(text("SELECT EXISTS (SELECT FROM destinations)")).scalar_one())


def write_settings(
    connection: Connection,
    shop_id: int,
    kind: str,
    *,
    settings: Mapping[str, Any],
    secrets: Mapping[str, str],
    account: tuple[str, str],
    at: datetime,
) -> None:
    """Keep settings that have been tried; ``account`` is id and name. What was paused stays paused."""
    sealed = seal(json.dumps(dict(secrets)), table="destinations", column="secrets", shop_id=shop_id)
    connection.execute(
        text(f"""
            INSERT INTO destinations (shop_id, kind, settings, secrets, account_id, account_name, connected_at)
            VALUES ({_SHOP}, :kind, CAST(:settings AS jsonb), :secrets, :account_id, :account_name, :at)
            ON CONFLICT (shop_id, kind) DO UPDATE SET settings = EXCLUDED.settings, secrets = EXCLUDED.secrets,
                account_id = EXCLUDED.account_id, account_name = EXCLUDED.account_name, failures = 0,
                quiet_until = NULL"""),
        {
            "kind": kind,
            "settings": json.dumps(dict(settings)),
            "secrets": sealed,
            "account_id": account[0],
            "account_name": account[1],
            "at": at,
        },
    )


def set_state(connection: Connection, kind: str, state: str, *, reason: str = "") -> None:
    """Switch a destination on, or pause it and say why."""
    connection.execute(
        text("""
            UPDATE destinations SET state = :state, reason = :reason, failures = 0, quiet_until = NULL
            WHERE kind = :kind"""),
        {"kind": kind, "state": state, "reason": reason},
    )


def need_approval(connection: Connection, kind: str, *, needed: bool) -> None:
    """Say whether whatever is to be sent next waits for a person, however little it is."""
    connection.execute(
        text("UPDATE destinations SET needs_approval = :needed WHERE kind = :kind"),
        {"kind": kind, "needed": needed},
    )


def note_groups(connection: Connection, kind: str, *, key: str, notices: Sequence[str], at: datetime) -> None:
    """Note down that lists and segments there were seen to, for which groups, and what is to be settled."""
    connection.execute(
        text("""
            UPDATE destinations SET groups_key = :key, groups_at = :at, notices = CAST(:notices AS jsonb)
            WHERE kind = :kind"""),
        {"kind": kind, "key": key, "at": at, "notices": json.dumps(list(notices))},
    )


def note_planned(connection: Connection, kind: str, *, at: datetime, computed_at: datetime | None) -> None:
    """Note down that everything known was compared with what is there."""
    connection.execute(
        text("UPDATE destinations SET planned_at = :at, computed_at = :computed WHERE kind = :kind"),
        {"kind": kind, "at": at, "computed": computed_at},
    )


def note_sent(connection: Connection, kind: str, *, at: datetime) -> None:
    """Note down that something is being sent."""
    connection.execute(
        text("UPDATE destinations SET sent_at = :at WHERE kind = :kind"), {"kind": kind, "at": at}
    )


def note_acknowledged(connection: Connection, kind: str, *, at: datetime) -> None:
    """Note down that the other side confirmed something: it works again."""
    connection.execute(
        text("""
            UPDATE destinations SET acknowledged_at = :at, failures = 0, quiet_until = NULL
            WHERE kind = :kind"""),
        {"kind": kind, "at": at},
    )


def be_quiet(connection: Connection, kind: str, *, until: datetime, failed: bool, reason: str = "") -> None:
    """Send nothing until then; ``failed`` counts it as one more failure in a row."""
    connection.execute(
        text("""
            UPDATE destinations SET quiet_until = :until, failures = failures + :failed,
                reason = CASE WHEN state = 'on' THEN :reason ELSE reason END
            WHERE kind = :kind"""),
        {"kind": kind, "until": until, "failed": int(failed), "reason": reason},
    )


def forget(connection: Connection, kind: str) -> None:
    """Forget a destination with all that was kept of it; what is there stays there."""
    for table in ("push_states", "push_jobs", "remote_groups", "farewells"):
        connection.execute(text(f"DELETE FROM {table} WHERE destination = :kind"), {"kind": kind})
    connection.execute(text("DELETE FROM destinations WHERE kind = :kind"), {"kind": kind})


def _stored(row: dict[str, Any], shop_id: int) -> StoredDestination:
    sealed = row.pop("secrets")
    opened = (
        "{}"
        if sealed is None
        else open_sealed(bytes(sealed), table="destinations", column="secrets", shop_id=shop_id)
    )
    return StoredDestination(**row, secrets=json.loads(opened))

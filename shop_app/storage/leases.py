"""Long work of one shop is done by one process at a time; who was away too long may write nothing more.

A lease runs by the database's clock alone. Each taking gets a higher token, and every later write proves its
token in its own transaction (:func:`extend`), so a process that slept through its lease cannot undo what the
next one did.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, text

from shop_app.errors import KindredError

_SHOP = "current_setting('app.shop_id')::bigint"


class LeaseLostError(KindredError):
    """Somebody else does this work by now: stop, and write nothing."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to do one kind of a shop's work until the lease runs out."""

    kind: str
    token: int


def take(connection: Connection, kind: str, *, seconds: float) -> Lease | None:
    """Take the lease for so long, or return ``None`` where somebody holds it."""
    if connection.execute(
        text("SELECT EXISTS (SELECT FROM leases WHERE kind = :kind AND until > clock_timestamp())"),
        {"kind": kind},
    ).scalar_one():
        return None  # seen without waiting for the holder's transaction
    token = connection.execute(
        text(f"""
            INSERT INTO leases (shop_id, kind, token, until) VALUES ({_SHOP}, :kind,
                nextval('lease_tokens'), clock_timestamp() + make_interval(secs => :seconds))
            ON CONFLICT (shop_id, kind) DO UPDATE SET token = EXCLUDED.token, until = EXCLUDED.until
            WHERE leases.until <= clock_timestamp() RETURNING token"""),
        {"kind": kind, "seconds": seconds},
    ).scalar()
    return None if token is None else Lease(kind, int(token))


def extend(connection: Connection, lease: Lease, *, seconds: float) -> None:
    """Hold the lease for so long from now, and nobody else takes it before this transaction ends.

    Raises
    ------
    LeaseLostError
        Somebody has taken it meanwhile.
    """
    held = connection.execute(
        text("""
            UPDATE leases SET until = clock_timestamp() + make_interval(secs => :seconds)
            WHERE kind = :kind AND token = :token"""),
        {"kind": lease.kind, "token": lease.token, "seconds": seconds},
    ).rowcount
    if not held:
        raise LeaseLostError(f"Somebody else does the shop's {lease.kind} by now.")


def give_back(connection: Connection, lease: Lease) -> None:
    """Let the next one have it at once; nothing happens where it is somebody else's by now."""
    connection.execute(
        text("UPDATE leases SET until = clock_timestamp() WHERE kind = :kind AND token = :token"),
        {"kind": lease.kind, "token": lease.token},
    )

"""What was sent to Shopify for a bundle: each call written down before it goes out, and what came of it."""

from datetime import datetime

from sqlalchemy import Connection, text

from shop_app.storage.bundles import BundleStep

_SHOP = "current_setting('app.shop_id')::bigint"


def begin(connection: Connection, bundle_id: int, deed: str, *, at: datetime) -> int:
    """Write down that a call is about to go out; return its number."""
    number: int = connection.execute(
        text(f"""
            INSERT INTO bundle_steps (shop_id, bundle_id, no, deed, state, at)
            SELECT {_SHOP}, :bundle, COALESCE(max(no), 0) + 1, :deed, 'sent', :at
            FROM bundle_steps WHERE bundle_id = :bundle RETURNING no"""),
        {"bundle": bundle_id, "deed": deed, "at": at},
    ).scalar_one()
    return number


def end(
    connection: Connection,
    bundle_id: int,
    no: int,
    state: str,
    *,
    words: str = "",
    remote_id: str | None = None,
) -> None:
    """Write down what came of a call: ``done``, ``refused`` or ``unknown``."""
    connection.execute(
        text("""
            UPDATE bundle_steps SET state = :state, words = :words, remote_id = :remote
            WHERE bundle_id = :bundle AND no = :no"""),
        {"bundle": bundle_id, "no": no, "state": state, "words": words, "remote": remote_id},
    )


def find_open(connection: Connection, bundle_id: int, deed: str) -> BundleStep | None:
    """Return the newest call of a kind where nobody knows what came of it."""
    row = connection.execute(
        text("""
            SELECT no, deed, state, remote_id, words, at FROM bundle_steps
            WHERE bundle_id = :bundle AND deed = :deed ORDER BY no DESC LIMIT 1"""),
        {"bundle": bundle_id, "deed": deed},
    ).one_or_none()
    return None if row is None or row.state not in ("sent", "unknown") else BundleStep(*row)


def list_of(connection: Connection, bundle_id: int) -> list[BundleStep]:
    """Return every call for a bundle, oldest first."""
    rows = connection.execute(
        text("""
            SELECT no, deed, state, remote_id, words, at FROM bundle_steps WHERE bundle_id = :bundle
            ORDER BY no"""),
        {"bundle": bundle_id},
    )
    return [BundleStep(*row) for row in rows]

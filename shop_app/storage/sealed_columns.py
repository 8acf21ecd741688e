"""Which columns hold sealed values, and how they come under another key."""

from dataclasses import dataclass

from sqlalchemy import Connection, text

from shop_app.storage.encryption import open_sealed_bytes, seal_bytes, writing_prefix

SEALED: dict[str, tuple[str, ...]] = {
    "customers": ("email", "phone", "first_name", "last_name"),
    "shop_connections": ("access_token", "refresh_token"),
    "webhook_inbox": ("body",),
    "privacy_requests": ("subject",),
    "destinations": ("secrets",),
}
"""Every sealed column of every table; ``id`` tells the rows of a shop apart."""


@dataclass(frozen=True, slots=True)
class Resealed:
    """How many rows were written, and the last id that was looked at (``None``: there was none left)."""

    row_count: int
    last_id: int | None


def reseal_batch(connection: Connection, shop_id: int, table: str, *, after: int, limit: int) -> Resealed:
    """Seal the next rows of which a value lacks the newest key's mark; they stay locked until the commit."""
    columns = SEALED[table]
    stale = " OR ".join(f"substring({column} for :length) <> :prefix" for column in columns)
    prefix = writing_prefix()
    rows = connection.execute(
        text(
            f"SELECT id, {', '.join(columns)} FROM {table} WHERE id > :after AND ({stale}) "
            "ORDER BY id LIMIT :limit FOR UPDATE"
        ),
        {"after": after, "limit": limit, "prefix": prefix, "length": len(prefix)},
    ).all()
    if not rows:
        return Resealed(0, None)
    values = [
        {"id": row.id, **{column: _resealed(row, table, column, shop_id, prefix) for column in columns}}
        for row in rows
    ]
    assignments = ", ".join(f"{column} = :{column}" for column in columns)
    connection.execute(text(f"UPDATE {table} SET {assignments} WHERE id = :id"), values)
    return Resealed(len(rows), rows[-1].id)


def _resealed(row: object, table: str, column: str, shop_id: int, prefix: bytes) -> bytes | None:
    sealed = getattr(row, column)
    if sealed is None or bytes(sealed).startswith(prefix):
        return sealed if sealed is None else bytes(sealed)
    plain = open_sealed_bytes(bytes(sealed), table=table, column=column, shop_id=shop_id)
    return seal_bytes(plain, table=table, column=column, shop_id=shop_id)

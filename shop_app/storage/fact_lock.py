"""Facts come in side by side; an erasure waits until none does, and while it runs none begins."""

from sqlalchemy import Connection, text

_FACTS = 7_302_003  # one number for "facts of a shop are being written"


def share(connection: Connection) -> None:
    """Say, to the end of the transaction, that facts of this shop are being written."""
    connection.execute(
        text("SELECT pg_advisory_xact_lock_shared(:kind, current_setting('app.shop_id')::int)"),
        {"kind": _FACTS},
    )


def hold(connection: Connection) -> None:
    """Wait for everybody who writes facts of this shop, and keep others waiting to the transaction's end."""
    for limit in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
        connection.execute(text(f"SET LOCAL {limit} = 0"))
    connection.execute(
        text("SELECT pg_advisory_xact_lock(:kind, current_setting('app.shop_id')::int)"), {"kind": _FACTS}
    )

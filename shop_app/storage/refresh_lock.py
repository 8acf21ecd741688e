"""One refresh of a shop at a time: whoever waits sees newer facts than the one before."""

from sqlalchemy import Connection, text

_REFRESH = 7_302_002  # one number for "labels of a shop are being written"


def lock_refreshes(connection: Connection) -> None:
    """Wait for this shop's turn and keep it to the end of the transaction.

    Facts read after this line are newer than anything an earlier holder wrote, so a result never overwrites
    one that was made of newer facts. Time limits that the operator has set for ordinary work are lifted: a
    large shop takes its minute.
    """
    for limit in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
        connection.execute(text(f"SET LOCAL {limit} = 0"))
    connection.execute(
        text("SELECT pg_advisory_xact_lock(:kind, current_setting('app.shop_id')::int)"), {"kind": _REFRESH}
    )

"""What every table of a shop's own data gets: forced row-level security on ``shop_id``."""

from alembic import op


def protect(table: str) -> None:
    """Let a transaction see only the rows of the shop it has named in ``app.shop_id``.

    The setting is read once a statement (a sub-select), and a transaction that named no shop gets an
    error, not an empty answer. FORCE binds the table's owner too.
    """
    scope = "shop_id = (SELECT current_setting('app.shop_id')::bigint)"
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY one_shop ON {table} USING ({scope}) WITH CHECK ({scope})")

"""Shops, and the work that is due for them: the only tables outside row-level security."""

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE shops (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            domain text NOT NULL UNIQUE,
            state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'uninstalled', 'frozen'))
        )""")
    op.execute("""
        CREATE TABLE due_work (
            shop_id bigint NOT NULL REFERENCES shops (id),
            kind text NOT NULL,
            due_at timestamptz NOT NULL,
            PRIMARY KEY (shop_id, kind)
        )""")
    op.execute("CREATE INDEX due_work_due_at ON due_work (due_at)")

"""How each shop is connected to Shopify: tokens (sealed), scopes, and what keeps it from working."""

from alembic import op

from shop_app.storage.migrations.tenancy import protect

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    # A frozen shop, and one whose token is dead, keep their webhooks and labels; what needs Shopify waits.
    op.execute("ALTER TABLE shops DROP CONSTRAINT shops_state_check")
    op.execute("""
        ALTER TABLE shops ADD CONSTRAINT shops_state_check
        CHECK (state IN ('active', 'uninstalled', 'frozen', 'reconnect'))""")
    # One row a shop; the id is there for whatever walks over sealed columns.
    op.execute("""
        CREATE TABLE shop_connections (
            shop_id bigint NOT NULL REFERENCES shops (id),
            id smallint NOT NULL DEFAULT 1 CHECK (id = 1),
            state text NOT NULL CHECK (state IN ('connected', 'reconnect', 'frozen', 'uninstalled')),
            reason text NOT NULL DEFAULT '',
            grant_kind text NOT NULL
                CHECK (grant_kind IN ('token_exchange', 'authorization_code', 'client_credentials')),
            access_token bytea,
            access_token_expires_at timestamptz,
            refresh_token bytea,
            refresh_token_expires_at timestamptz,
            scopes text[] NOT NULL DEFAULT '{}',
            scopes_at timestamptz NOT NULL,
            shop_number bigint,
            plan text,
            installed_at timestamptz NOT NULL,
            uninstalled_at timestamptz,
            refreshed_at timestamptz,
            PRIMARY KEY (shop_id, id)
        )""")
    op.execute("""
        CREATE TABLE shop_checks (
            shop_id bigint NOT NULL,
            kind text NOT NULL,
            checked_at timestamptz NOT NULL,
            outcome jsonb NOT NULL,
            PRIMARY KEY (shop_id, kind)
        )""")
    for table in ("shop_connections", "shop_checks"):
        protect(table)

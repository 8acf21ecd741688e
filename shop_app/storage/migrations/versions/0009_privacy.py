"""What people and shops have asked us to hand out or to forget, and who looked at whom."""

from alembic import op

from shop_app.storage.migrations.tenancy import protect

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    # The subject (number, address, phone) is sealed, and blanked once a redaction is done.
    op.execute("""
        CREATE TABLE privacy_requests (
            shop_id bigint NOT NULL,
            id bigint GENERATED ALWAYS AS IDENTITY,
            kind text NOT NULL CHECK (kind IN ('data_request', 'customer_redact', 'shop_redact')),
            origin text NOT NULL DEFAULT 'shopify' CHECK (origin IN ('shopify', 'hand')),
            request_key bytea NOT NULL,
            subject bytea,
            requested_at timestamptz NOT NULL,
            received_at timestamptz NOT NULL,
            due_at timestamptz NOT NULL,
            state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'void')),
            done_at timestamptz,
            stores jsonb NOT NULL DEFAULT '{}',
            outcome text NOT NULL DEFAULT '',
            handed_out_at timestamptz,
            PRIMARY KEY (shop_id, id)
        )""")
    op.execute("CREATE UNIQUE INDEX privacy_requests_key ON privacy_requests (shop_id, kind, request_key)")
    op.execute("""
        CREATE TABLE access_log (
            shop_id bigint NOT NULL,
            id bigint GENERATED ALWAYS AS IDENTITY,
            at timestamptz NOT NULL,
            user_id text NOT NULL,
            what text NOT NULL,
            customer_id bigint,
            PRIMARY KEY (shop_id, id)
        )""")
    op.execute("CREATE INDEX access_log_at ON access_log (shop_id, at)")
    op.execute("CREATE INDEX access_log_customer_id ON access_log (shop_id, customer_id)")
    # A person of an imported table is known by that table's own key, an order by Shopify's number.
    op.execute("ALTER TABLE erased_subjects DROP CONSTRAINT erased_subjects_kind_check")
    op.execute("""
        ALTER TABLE erased_subjects ADD CONSTRAINT erased_subjects_kind_check
        CHECK (kind IN ('id', 'email', 'phone', 'key', 'order'))""")
    for table in ("privacy_requests", "access_log"):
        protect(table)

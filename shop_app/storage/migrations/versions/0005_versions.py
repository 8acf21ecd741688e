"""Each order's own version, who is to be labelled anew, and what is not to come back."""

from alembic import op

from shop_app.storage.migrations.tenancy import protect

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    # fact_at is how new an order's facts are (Shopify's updatedAt, or the file's own time), told_at when
    # they were told, which decides between two tellings of one second.
    op.execute("ALTER TABLE orders ADD COLUMN told_at timestamptz")
    op.execute("ALTER TABLE customers ADD COLUMN data_sale_opt_out boolean")
    op.execute(
        "CREATE INDEX products_shopify_id ON products (shop_id, shopify_id) WHERE shopify_id IS NOT NULL"
    )
    op.execute("CREATE SEQUENCE dirty_marks")
    op.execute("""
        CREATE TABLE dirty_customers (
            shop_id bigint NOT NULL,
            customer_id bigint NOT NULL,
            mark bigint NOT NULL,
            PRIMARY KEY (shop_id, customer_id)
        )""")
    op.execute("CREATE INDEX dirty_customers_mark ON dirty_customers (shop_id, mark)")
    op.execute("""
        CREATE TABLE tombstones (
            shop_id bigint NOT NULL,
            resource text NOT NULL CHECK (resource IN ('order', 'customer', 'product')),
            shopify_id bigint NOT NULL,
            deleted_at timestamptz NOT NULL,
            PRIMARY KEY (shop_id, resource, shopify_id)
        )""")
    op.execute("""
        CREATE TABLE erased_subjects (
            shop_id bigint NOT NULL,
            kind text NOT NULL CHECK (kind IN ('id', 'email', 'phone')),
            subject_hash bytea NOT NULL,
            erased_at timestamptz NOT NULL,
            PRIMARY KEY (shop_id, kind, subject_hash)
        )""")
    for table in ("dirty_customers", "tombstones", "erased_subjects"):
        protect(table)

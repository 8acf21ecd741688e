"""Reading a shop's history: each backfill with its parts, how far it is, and the catalogue it brings."""

from alembic import op

from shop_app.storage.migrations.tenancy import protect

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    # Once all parts are in: caught_up_at is when the changes since the watermark were read too.
    op.execute("""
        CREATE TABLE backfills (
            shop_id bigint NOT NULL REFERENCES shops (id),
            id bigint GENERATED ALWAYS AS IDENTITY,
            state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done', 'failed', 'stopped')),
            reason text NOT NULL,
            started_at timestamptz NOT NULL,
            watermark timestamptz NOT NULL,
            first_segments_at timestamptz,
            caught_up_at timestamptz,
            finished_at timestamptz,
            error text,
            PRIMARY KEY (shop_id, id)
        )""")
    op.execute("CREATE UNIQUE INDEX backfills_running ON backfills (shop_id) WHERE state = 'running'")
    # since and until bound a part by createdAt; expected_count is Shopify's own count of its root objects.
    op.execute("""
        CREATE TABLE backfill_parts (
            shop_id bigint NOT NULL,
            backfill_id bigint NOT NULL,
            name text NOT NULL,
            resource text NOT NULL CHECK (resource IN ('products', 'collections', 'customers', 'orders')),
            position smallint NOT NULL,
            method text NOT NULL DEFAULT 'bulk' CHECK (method IN ('bulk', 'pages')),
            state text NOT NULL DEFAULT 'waiting'
                CHECK (state IN ('waiting', 'asked', 'reading', 'taking', 'done', 'failed', 'split')),
            since timestamptz,
            until timestamptz,
            asked_at timestamptz,
            bulk_id text,
            refused_ids text[] NOT NULL DEFAULT '{}',
            cursor text,
            expected_count bigint,
            object_count bigint,
            root_count bigint,
            file_bytes bigint,
            bytes_read bigint NOT NULL DEFAULT 0,
            pieces integer,
            pieces_taken integer NOT NULL DEFAULT 0,
            taken_count bigint NOT NULL DEFAULT 0,
            bad_lines bigint NOT NULL DEFAULT 0,
            work_seconds double precision NOT NULL DEFAULT 0,
            attempts smallint NOT NULL DEFAULT 0,
            stumbles smallint NOT NULL DEFAULT 0,
            next_at timestamptz,
            began_at timestamptz,
            ended_at timestamptz,
            error text,
            PRIMARY KEY (shop_id, backfill_id, name)
        )""")
    op.execute("""
        CREATE TABLE leases (
            shop_id bigint NOT NULL,
            kind text NOT NULL,
            token bigint NOT NULL,
            until timestamptz NOT NULL,
            PRIMARY KEY (shop_id, kind)
        )""")
    op.execute("CREATE SEQUENCE lease_tokens")
    op.execute("""
        CREATE TABLE sync_marks (
            shop_id bigint NOT NULL,
            resource text NOT NULL,
            read_until timestamptz NOT NULL,
            read_at timestamptz NOT NULL,
            PRIMARY KEY (shop_id, resource)
        )""")
    op.execute("""
        CREATE TABLE catalogue_products (
            shop_id bigint NOT NULL,
            shopify_id bigint NOT NULL,
            title text NOT NULL,
            handle text,
            status text,
            vendor text,
            product_type text,
            tags text[] NOT NULL DEFAULT '{}',
            is_gift_card boolean NOT NULL DEFAULT false,
            created_at timestamptz,
            published_at timestamptz,
            deleted_at timestamptz,
            fact_at timestamptz NOT NULL,
            told_at timestamptz NOT NULL,
            PRIMARY KEY (shop_id, shopify_id)
        )""")
    op.execute("""
        CREATE TABLE catalogue_variants (
            shop_id bigint NOT NULL,
            shopify_id bigint NOT NULL,
            product_shopify_id bigint NOT NULL,
            title text,
            sku text,
            price bigint,
            compare_at_price bigint,
            cost bigint,
            currency text NOT NULL,
            inventory_quantity bigint,
            tracked boolean,
            PRIMARY KEY (shop_id, shopify_id)
        )""")
    op.execute("CREATE INDEX catalogue_variants_product ON catalogue_variants (shop_id, product_shopify_id)")
    op.execute("""
        CREATE TABLE catalogue_collections (
            shop_id bigint NOT NULL,
            shopify_id bigint NOT NULL,
            title text NOT NULL,
            handle text,
            fact_at timestamptz NOT NULL,
            told_at timestamptz NOT NULL,
            PRIMARY KEY (shop_id, shopify_id)
        )""")
    op.execute("""
        CREATE TABLE collection_products (
            shop_id bigint NOT NULL,
            collection_shopify_id bigint NOT NULL,
            product_shopify_id bigint NOT NULL,
            PRIMARY KEY (shop_id, collection_shopify_id, product_shopify_id)
        )""")
    for table in (
        "backfills",
        "backfill_parts",
        "leases",
        "sync_marks",
        "catalogue_products",
        "catalogue_variants",
        "catalogue_collections",
        "collection_products",
    ):
        protect(table)

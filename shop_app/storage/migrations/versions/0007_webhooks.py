"""Webhooks as they came, what is to be read again, and carts and checkouts."""

from alembic import op

from shop_app.storage.migrations.tenancy import protect

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    # The body is sealed bytes, so that nothing in it can fail the write; it is blanked some days after use.
    # ``concerns`` says what a delivery is about (a kind and Shopify's number) once somebody has looked inside.
    op.execute("""
        CREATE TABLE webhook_inbox (
            shop_id bigint NOT NULL,
            id bigint GENERATED ALWAYS AS IDENTITY,
            topic text NOT NULL,
            webhook_id text NOT NULL,
            event_id text,
            api_version text,
            triggered_at timestamptz NOT NULL,
            received_at timestamptz NOT NULL,
            body bytea,
            body_hash bytea NOT NULL,
            state text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'done', 'dead', 'quarantined')),
            attempts smallint NOT NULL DEFAULT 0,
            next_at timestamptz,
            applied_at timestamptz,
            outcome text,
            concerns text,
            PRIMARY KEY (shop_id, id)
        )""")
    op.execute(
        "CREATE UNIQUE INDEX webhook_inbox_delivery ON webhook_inbox (shop_id, webhook_id, topic, body_hash)"
    )
    op.execute("CREATE INDEX webhook_inbox_new ON webhook_inbox (shop_id, attempts, id) WHERE state = 'new'")
    op.execute(
        "CREATE INDEX webhook_inbox_stuck ON webhook_inbox (shop_id, id) WHERE state IN ('dead', 'quarantined')"
    )
    op.execute(
        "CREATE INDEX webhook_inbox_bodies ON webhook_inbox (shop_id, applied_at) WHERE body IS NOT NULL"
    )
    op.execute("CREATE INDEX webhook_inbox_received ON webhook_inbox (shop_id, received_at)")
    op.execute("""
        CREATE TABLE refetches (
            shop_id bigint NOT NULL,
            resource text NOT NULL CHECK (resource IN ('order', 'customer', 'product')),
            shopify_id bigint NOT NULL,
            reason text NOT NULL,
            mark bigint NOT NULL,
            asked_at timestamptz NOT NULL,
            next_at timestamptz NOT NULL,
            attempts smallint NOT NULL DEFAULT 0,
            PRIMARY KEY (shop_id, resource, shopify_id)
        )""")
    op.execute("CREATE INDEX refetches_next_at ON refetches (shop_id, next_at)")
    # Carts and checkouts by the keyed hash of their token: whoever knows the token can open the cart.
    op.execute("""
        CREATE TABLE checkouts (
            shop_id bigint NOT NULL,
            kind text NOT NULL CHECK (kind IN ('cart', 'checkout')),
            token_hash bytea NOT NULL,
            shopify_id bigint,
            customer_shopify_id bigint,
            customer_id bigint,
            started_at timestamptz NOT NULL,
            fact_at timestamptz NOT NULL,
            told_at timestamptz NOT NULL,
            completed_at timestamptz,
            recovered_at timestamptz,
            deleted_at timestamptz,
            currency text,
            value bigint,
            item_count double precision,
            product_shopify_ids bigint[] NOT NULL DEFAULT '{}',
            cart_token_hash bytea,
            PRIMARY KEY (shop_id, kind, token_hash)
        )""")
    op.execute("CREATE INDEX checkouts_customer_id ON checkouts (shop_id, customer_id, started_at)")
    op.execute(
        "CREATE INDEX checkouts_customer_shopify_id ON checkouts (shop_id, customer_shopify_id) "
        "WHERE customer_shopify_id IS NOT NULL"
    )
    op.execute(
        "CREATE INDEX checkouts_shopify_id ON checkouts (shop_id, shopify_id) WHERE shopify_id IS NOT NULL"
    )
    op.execute("CREATE INDEX checkouts_started_at ON checkouts (shop_id, started_at)")
    for table in ("webhook_inbox", "refetches", "checkouts"):
        protect(table)
    # What happens while Shopify waits is one statement and one way there and back: the shop is named, its
    # webhook kept, and its work put on the list.
    op.execute("""
        CREATE FUNCTION keep_webhook(
            its_shop bigint, its_topic text, its_webhook_id text, its_event_id text, its_api_version text,
            its_trigger timestamptz, its_arrival timestamptz, its_body bytea, its_hash bytea
        ) RETURNS boolean LANGUAGE plpgsql AS $$
        DECLARE is_new boolean;
        BEGIN
            PERFORM set_config('app.shop_id', its_shop::text, true), set_config('lock_timeout', '1000', true);
            INSERT INTO webhook_inbox (shop_id, topic, webhook_id, event_id, api_version, triggered_at,
                received_at, body, body_hash)
            VALUES (its_shop, its_topic, its_webhook_id, its_event_id, its_api_version, its_trigger,
                its_arrival, its_body, its_hash)
            ON CONFLICT DO NOTHING;
            is_new := FOUND;
            INSERT INTO due_work (shop_id, kind, due_at) VALUES (its_shop, 'webhooks', its_arrival)
            ON CONFLICT DO NOTHING;
            RETURN is_new;
        END $$""")

"""What sells together, and the bundles made of it: terms, what was made in Shopify, and what came of it."""

from alembic import op

from shop_app.storage.migrations.tenancy import protect

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE basket_runs (
            shop_id bigint NOT NULL,
            id bigint GENERATED ALWAYS AS IDENTITY,
            as_of timestamptz NOT NULL,
            made_at timestamptz NOT NULL,
            facts jsonb NOT NULL,
            PRIMARY KEY (shop_id, id)
        )""")
    # Pairs, sequences, candidates … of one run, each in the order in which it is shown; "" is the whole store.
    op.execute("""
        CREATE TABLE basket_findings (
            shop_id bigint NOT NULL,
            run_id bigint NOT NULL,
            kind text NOT NULL,
            segment text NOT NULL DEFAULT '',
            rank int NOT NULL,
            key text NOT NULL,
            facts jsonb NOT NULL,
            PRIMARY KEY (shop_id, run_id, kind, segment, rank)
        )""")
    # ``settled`` is off while Shopify does not hold what the state asks for; ``remote`` is what was made there.
    op.execute("""
        CREATE TABLE bundles (
            shop_id bigint NOT NULL,
            id bigint GENERATED ALWAYS AS IDENTITY,
            state text NOT NULL DEFAULT 'draft'
                CHECK (state IN ('draft', 'approved', 'live', 'paused', 'retired')),
            title text NOT NULL,
            terms jsonb NOT NULL,
            facts jsonb NOT NULL DEFAULT '{}',
            drafted_at timestamptz NOT NULL,
            drafted_by text NOT NULL DEFAULT '',
            decided_at timestamptz,
            decided_by text NOT NULL DEFAULT '',
            note text NOT NULL DEFAULT '',
            live_from timestamptz,
            ended_at timestamptz,
            reason text NOT NULL DEFAULT '',
            paused_for text NOT NULL DEFAULT '',
            settled boolean NOT NULL DEFAULT true,
            remote jsonb NOT NULL DEFAULT '{}',
            failures int NOT NULL DEFAULT 0,
            next_at timestamptz,
            trouble text NOT NULL DEFAULT '',
            result jsonb NOT NULL DEFAULT '{}',
            measured_at timestamptz,
            PRIMARY KEY (shop_id, id)
        )""")
    op.execute("CREATE INDEX bundles_state ON bundles (shop_id, state, id)")
    # What was sent to Shopify for a bundle, written down before it goes out.
    op.execute("""
        CREATE TABLE bundle_steps (
            shop_id bigint NOT NULL,
            bundle_id bigint NOT NULL,
            no int NOT NULL,
            deed text NOT NULL,
            state text NOT NULL CHECK (state IN ('sent', 'done', 'refused', 'unknown')),
            remote_id text,
            words text NOT NULL DEFAULT '',
            at timestamptz NOT NULL,
            PRIMARY KEY (shop_id, bundle_id, no)
        )""")
    # Who could use an offer and who is left out, kept when it went live with what the model expected then.
    op.execute("""
        CREATE TABLE bundle_arms (
            shop_id bigint NOT NULL,
            bundle_id bigint NOT NULL,
            customer_id bigint NOT NULL,
            arm text NOT NULL CHECK (arm IN ('control', 'treatment')),
            assigned_at timestamptz NOT NULL,
            predicted double precision,
            PRIMARY KEY (shop_id, bundle_id, customer_id)
        )""")
    op.execute("CREATE INDEX bundle_arms_customer ON bundle_arms (shop_id, customer_id)")
    for table in ("basket_runs", "basket_findings", "bundles", "bundle_steps", "bundle_arms"):
        protect(table)
    # What is left of a line after returns and edits; null where nobody said.
    op.execute("ALTER TABLE line_items ADD COLUMN kept_quantity double precision")
    op.execute("ALTER TABLE shop_settings ADD COLUMN bundles jsonb NOT NULL DEFAULT '{}'")

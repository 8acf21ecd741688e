"""Fitted parameters, each customer's features and labels, what moved, and each full run's summary."""

from alembic import op

from shop_app.storage.migrations.tenancy import protect

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE model_fits (
            shop_id bigint NOT NULL REFERENCES shops (id),
            id bigint GENERATED ALWAYS AS IDENTITY,
            kind text NOT NULL,
            as_of timestamptz NOT NULL,
            fitted_at timestamptz NOT NULL,
            customer_count bigint NOT NULL,
            parameters jsonb NOT NULL,
            live boolean NOT NULL DEFAULT false,
            PRIMARY KEY (shop_id, id)
        )""")
    op.execute("CREATE UNIQUE INDEX model_fits_live ON model_fits (shop_id, kind) WHERE live")
    # No foreign key on the two tables that a run fills by the million: row-level security has made sure of
    # the shop already, and the check took as long as writing the row. Half of each page is left free, so that
    # a nightly run that moves nobody writes beside the old rows and leaves the indexes alone.
    op.execute("""
        CREATE TABLE customer_scores (
            shop_id bigint NOT NULL,
            customer_id bigint NOT NULL,
            as_of timestamptz NOT NULL,
            segment text NOT NULL,
            segment_since timestamptz NOT NULL,
            order_count bigint NOT NULL,
            total_spent bigint NOT NULL,
            first_order_at timestamptz,
            last_order_at timestamptz,
            recency_days double precision,
            tenure_days double precision,
            average_order_value double precision,
            order_value_deviation double precision,
            interval_mean_days double precision,
            interval_median_days double precision,
            interval_trend_ratio double precision,
            discount_share_ratio double precision,
            refund_rate_ratio double precision,
            items_per_order double precision,
            category_count integer,
            category_diversity_ratio double precision,
            top_category text,
            top_category_share_ratio double precision,
            usual_hour smallint,
            usual_weekday smallint,
            first_product_id bigint,
            channel text,
            signup_source text,
            recency_mark smallint,
            frequency_mark smallint,
            monetary_mark smallint,
            value_mark smallint GENERATED ALWAYS AS ((frequency_mark + monetary_mark + 1) / 2) STORED,
            PRIMARY KEY (shop_id, customer_id)
        ) WITH (fillfactor = 50)""")
    op.execute(
        "CREATE INDEX customer_scores_segment "
        "ON customer_scores (shop_id, segment, total_spent DESC, customer_id)"
    )
    op.execute(
        "CREATE INDEX customer_scores_recent "
        "ON customer_scores (shop_id, segment, last_order_at DESC NULLS LAST, customer_id)"
    )
    op.execute(
        "CREATE INDEX customer_scores_cell "
        "ON customer_scores (shop_id, recency_mark, value_mark, total_spent DESC, customer_id)"
    )
    op.execute("CREATE INDEX customer_scores_spent ON customer_scores (shop_id, total_spent DESC, customer_id)")
    op.execute("""
        CREATE TABLE membership_changes (
            shop_id bigint NOT NULL,
            id bigint GENERATED ALWAYS AS IDENTITY,
            customer_id bigint NOT NULL,
            from_segment text,
            to_segment text,
            changed_at timestamptz NOT NULL,
            PRIMARY KEY (shop_id, id)
        )""")
    op.execute("CREATE INDEX membership_changes_customer ON membership_changes (shop_id, customer_id, id)")
    op.execute("""
        CREATE TABLE segment_runs (
            shop_id bigint NOT NULL REFERENCES shops (id),
            id bigint GENERATED ALWAYS AS IDENTITY,
            as_of timestamptz NOT NULL,
            finished_at timestamptz NOT NULL,
            summary jsonb NOT NULL,
            PRIMARY KEY (shop_id, id)
        )""")
    for table in ("model_fits", "customer_scores", "membership_changes", "segment_runs"):
        protect(table)

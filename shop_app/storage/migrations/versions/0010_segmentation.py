"""Published segments beside RFM groups, predictions, fits with a life of their own, and who decided what."""

from alembic import op

from shop_app.storage.migrations.tenancy import protect

revision = "0010"
down_revision = "0009"

_SCORES = """
    rfm_group text,
    settled_segment text,
    fit_id bigint,
    margin double precision,
    is_outlier boolean,
    own_segments text[],
    repeat_count bigint,
    spend_per_visit double precision,
    discount_depth_ratio double precision,
    expected_orders_90d double precision,
    order_probability_90d double precision,
    churn_probability_90d double precision,
    predicted_clv_365d double precision,
    predicted_clv_365d_low double precision,
    predicted_clv_365d_high double precision,
    next_order_from date,
    next_order_to date,
    send_hour smallint,
    send_weekday smallint,
    price_sensitivity_index double precision,
    usual_gap_days double precision,
    cadence_drift_ratio double precision,
    affinity_category text,
    affinity_ratio double precision,
    checkouts_abandoned_90d bigint,
    abandoned_value_90d bigint,
    last_checkout_days double precision,
    is_member boolean"""


def upgrade() -> None:
    columns = ", ".join(f"ADD COLUMN {column.strip()}" for column in _SCORES.split(","))
    op.execute(f"ALTER TABLE customer_scores {columns}")
    _update_all("customer_scores", "rfm_group = segment")
    op.execute("ALTER TABLE customer_scores ALTER COLUMN rfm_group SET NOT NULL")
    op.execute(
        "CREATE INDEX customer_scores_own ON customer_scores USING gin (own_segments) "
        "WHERE own_segments IS NOT NULL"
    )
    op.execute(
        "CREATE INDEX customer_scores_rfm_group "
        "ON customer_scores (shop_id, rfm_group, total_spent DESC, customer_id)"
    )
    op.execute("CREATE INDEX membership_changes_at ON membership_changes (shop_id, changed_at)")
    # What was live at a moment of the shop's own time is the fit that began last before it.
    op.execute("""
        ALTER TABLE model_fits
            ADD COLUMN version int NOT NULL DEFAULT 1,
            ADD COLUMN state text NOT NULL DEFAULT 'retired'
                CHECK (state IN ('draft', 'validated', 'approved', 'live', 'retired')),
            ADD COLUMN reason text NOT NULL DEFAULT '',
            ADD COLUMN owner text NOT NULL DEFAULT '',
            ADD COLUMN note text NOT NULL DEFAULT '',
            ADD COLUMN review_at date,
            ADD COLUMN live_from timestamptz,
            ADD COLUMN measures jsonb NOT NULL DEFAULT '{}'""")
    _update_all("model_fits", "live_from = as_of, state = CASE WHEN live THEN 'live' ELSE 'retired' END")
    op.execute("CREATE INDEX model_fits_live_from ON model_fits (shop_id, kind, live_from)")
    op.execute("ALTER TABLE shop_settings ADD COLUMN segmentation jsonb NOT NULL DEFAULT '{}'")
    op.execute("""
        CREATE TABLE own_segments (
            shop_id bigint NOT NULL,
            slug text NOT NULL,
            version int NOT NULL,
            name text NOT NULL,
            description text NOT NULL DEFAULT '',
            rule jsonb NOT NULL,
            written_at timestamptz NOT NULL,
            written_by text NOT NULL,
            retired_at timestamptz,
            PRIMARY KEY (shop_id, slug, version)
        )""")
    op.execute("""
        CREATE TABLE plays (
            shop_id bigint NOT NULL,
            slug text NOT NULL,
            changes jsonb NOT NULL,
            review_at date NOT NULL,
            edited_at timestamptz NOT NULL,
            edited_by text NOT NULL,
            PRIMARY KEY (shop_id, slug)
        )""")
    # One line for everything that a person, or the program by itself, decided about segments.
    op.execute("""
        CREATE TABLE decisions (
            shop_id bigint NOT NULL,
            id bigint GENERATED ALWAYS AS IDENTITY,
            at timestamptz NOT NULL,
            who text NOT NULL,
            kind text NOT NULL,
            about text NOT NULL,
            from_state text,
            to_state text,
            note text NOT NULL DEFAULT '',
            PRIMARY KEY (shop_id, id)
        )""")
    for table in ("own_segments", "plays", "decisions"):
        protect(table)


def _update_all(table: str, changes: str) -> None:
    """Change the rows of all shops, which the owner of a table may once it is not bound like the app."""
    op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(f"UPDATE {table} SET {changes}")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")

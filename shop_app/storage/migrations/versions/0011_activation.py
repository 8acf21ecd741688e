"""Where labels go: destinations, what each customer is to hold there and does, pushes and who decided them."""

from alembic import op

from shop_app.storage.migrations.tenancy import protect

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    # ``quiet_until`` is set where the other side asked for patience or failed several times in a row.
    op.execute("""
        CREATE TABLE destinations (
            shop_id bigint NOT NULL,
            id bigint GENERATED ALWAYS AS IDENTITY,
            kind text NOT NULL,
            state text NOT NULL DEFAULT 'paused' CHECK (state IN ('on', 'paused')),
            reason text NOT NULL DEFAULT '',
            settings jsonb NOT NULL DEFAULT '{}',
            secrets bytea,
            account_id text,
            account_name text NOT NULL DEFAULT '',
            notices jsonb NOT NULL DEFAULT '[]',
            needs_approval boolean NOT NULL DEFAULT true,
            failures int NOT NULL DEFAULT 0,
            quiet_until timestamptz,
            groups_key text NOT NULL DEFAULT '',
            groups_at timestamptz,
            planned_at timestamptz,
            computed_at timestamptz,
            sent_at timestamptz,
            acknowledged_at timestamptz,
            connected_at timestamptz NOT NULL,
            PRIMARY KEY (shop_id, id),
            UNIQUE (shop_id, kind)
        )""")
    # ``owned`` is what we wrote and what is not known to be gone, ``written`` all we ever wrote.
    op.execute("""
        CREATE TABLE push_states (
            shop_id bigint NOT NULL,
            destination text NOT NULL,
            customer_id bigint NOT NULL,
            state text NOT NULL CHECK (state IN ('settled', 'waiting', 'ready', 'rejected', 'absent')),
            segment text NOT NULL DEFAULT '',
            held_segment text NOT NULL DEFAULT '',
            desired jsonb,
            desired_at timestamptz NOT NULL,
            acknowledged jsonb,
            acknowledged_at timestamptz,
            changed_at timestamptz,
            owned text[] NOT NULL DEFAULT '{}',
            written text[] NOT NULL DEFAULT '{}',
            remote_id text,
            push_id bigint,
            attempts int NOT NULL DEFAULT 0,
            next_at timestamptz,
            reason text NOT NULL DEFAULT '',
            guards jsonb NOT NULL DEFAULT '[]',
            guard_until timestamptz,
            PRIMARY KEY (shop_id, destination, customer_id)
        )""")
    op.execute("""
        CREATE TABLE pushes (
            shop_id bigint NOT NULL,
            id bigint GENERATED ALWAYS AS IDENTITY,
            destination text NOT NULL,
            kind text NOT NULL CHECK (kind IN ('plan', 'flow', 'withdrawal', 'undo', 'clean-up')),
            state text NOT NULL CHECK (state IN ('open', 'running', 'done', 'rejected', 'superseded')),
            made_at timestamptz NOT NULL,
            why text NOT NULL DEFAULT '',
            decided_at timestamptz,
            decided_by text NOT NULL DEFAULT '',
            note text NOT NULL DEFAULT '',
            ended_at timestamptz,
            undoes bigint,
            undone_by bigint,
            PRIMARY KEY (shop_id, id)
        )""")
    op.execute("""
        CREATE TABLE push_rows (
            shop_id bigint NOT NULL,
            push_id bigint NOT NULL,
            customer_id bigint NOT NULL,
            segment text NOT NULL DEFAULT '',
            from_segment text NOT NULL DEFAULT '',
            before jsonb,
            after jsonb,
            state text NOT NULL CHECK (state IN
                ('planned', 'ready', 'sending', 'sent', 'rejected', 'absent', 'changed', 'left out')),
            reason text NOT NULL DEFAULT '',
            at timestamptz NOT NULL,
            PRIMARY KEY (shop_id, push_id, customer_id)
        )""")
    # What a destination is being sent right now: one chunk, step by step; a killed worker's is taken up.
    op.execute("""
        CREATE TABLE push_jobs (
            shop_id bigint NOT NULL,
            destination text NOT NULL,
            push_id bigint NOT NULL,
            customer_ids bigint[] NOT NULL,
            rows jsonb NOT NULL,
            steps text[] NOT NULL,
            step int NOT NULL DEFAULT 0,
            submitted boolean NOT NULL DEFAULT false,
            remote_key text,
            outcomes jsonb NOT NULL DEFAULT '{}',
            poll_at timestamptz,
            polls int NOT NULL DEFAULT 0,
            begun_at timestamptz NOT NULL,
            PRIMARY KEY (shop_id, destination)
        )""")
    # Whose documents are to be worked out anew; customer 0 stands for everybody.
    op.execute("""
        CREATE TABLE push_marks (
            shop_id bigint NOT NULL,
            customer_id bigint NOT NULL,
            mark bigint NOT NULL,
            PRIMARY KEY (shop_id, customer_id)
        )""")
    op.execute("""
        CREATE TABLE remote_groups (
            shop_id bigint NOT NULL,
            destination text NOT NULL,
            role text NOT NULL,
            slug text NOT NULL,
            remote_id text NOT NULL,
            name text NOT NULL,
            made_at timestamptz NOT NULL,
            PRIMARY KEY (shop_id, destination, role, slug)
        )""")
    # Who is gone here and still has something of ours there: it is taken back, then forgotten.
    op.execute("""
        CREATE TABLE farewells (
            shop_id bigint NOT NULL,
            id bigint GENERATED ALWAYS AS IDENTITY,
            destination text NOT NULL,
            remote_id text,
            shopify_id bigint,
            document jsonb NOT NULL,
            owned text[] NOT NULL DEFAULT '{}',
            asked_at timestamptz NOT NULL,
            attempts int NOT NULL DEFAULT 0,
            next_at timestamptz NOT NULL,
            reason text NOT NULL DEFAULT '',
            PRIMARY KEY (shop_id, id)
        )""")
    op.execute("""
        CREATE TABLE holdout_members (
            shop_id bigint NOT NULL,
            segment text NOT NULL,
            customer_id bigint NOT NULL,
            arm text NOT NULL CHECK (arm IN ('control', 'treatment')),
            assigned_at timestamptz NOT NULL,
            exposed_at timestamptz,
            PRIMARY KEY (shop_id, segment, customer_id)
        )""")
    op.execute("""
        CREATE TABLE segment_baselines (
            shop_id bigint NOT NULL,
            segment text NOT NULL,
            push_id bigint NOT NULL,
            frozen_at timestamptz NOT NULL,
            measures jsonb NOT NULL,
            PRIMARY KEY (shop_id, segment)
        )""")
    op.execute("""
        CREATE TABLE email_engagement (
            shop_id bigint NOT NULL,
            customer_id bigint NOT NULL,
            day date NOT NULL,
            received int NOT NULL DEFAULT 0,
            opened int NOT NULL DEFAULT 0,
            clicked int NOT NULL DEFAULT 0,
            last_click_at timestamptz,
            PRIMARY KEY (shop_id, customer_id, day)
        )""")
    op.execute("""
        CREATE TABLE export_schedules (
            shop_id bigint NOT NULL,
            id bigint GENERATED ALWAYS AS IDENTITY,
            kind text NOT NULL,
            format text NOT NULL,
            folder text NOT NULL,
            every text NOT NULL CHECK (every IN ('day', 'week')),
            hour smallint NOT NULL,
            segment text,
            last_at timestamptz,
            last_words text NOT NULL DEFAULT '',
            created_by text NOT NULL DEFAULT '',
            PRIMARY KEY (shop_id, id)
        )""")
    for table in (
        "destinations",
        "push_states",
        "pushes",
        "push_rows",
        "push_jobs",
        "push_marks",
        "remote_groups",
        "farewells",
        "holdout_members",
        "segment_baselines",
        "email_engagement",
        "export_schedules",
    ):
        protect(table)
    op.execute(
        "CREATE INDEX push_states_open ON push_states (shop_id, destination, state, customer_id) "
        "WHERE state <> 'settled'"
    )
    op.execute(
        "CREATE INDEX push_states_guards ON push_states (shop_id, guard_until) WHERE guard_until IS NOT NULL"
    )
    op.execute("CREATE INDEX push_states_customer ON push_states (shop_id, customer_id)")
    op.execute("CREATE INDEX push_states_remote ON push_states (shop_id, destination, remote_id)")
    op.execute("CREATE INDEX push_rows_customer ON push_rows (shop_id, customer_id)")
    op.execute("CREATE INDEX push_rows_at ON push_rows (shop_id, at)")
    op.execute("CREATE SEQUENCE push_mark_numbers")
    op.execute("ALTER TABLE shop_settings ADD COLUMN activation jsonb NOT NULL DEFAULT '{}'")
    op.execute("ALTER TABLE customer_scores ADD COLUMN email_clicks_30d bigint")
    op.execute("ALTER TABLE customer_scores ADD COLUMN last_click_days double precision")

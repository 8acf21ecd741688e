"""Where in the tables a person's data lies, and what an erasure does there: one entry a table."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from shop_app.storage import dirty_customers, due_work, farewells
from shop_app.storage.gone import EXCLUDED_TAGS
from shop_app.storage.subjects import Subject

_ROWS = "ANY(CAST(:rows AS bigint[]))"
_NUMBERS = "ANY(CAST(:numbers AS bigint[]))"
_ORDERS = "ANY(CAST(:orders AS bigint[]))"


@dataclass(frozen=True, slots=True)
class PersonalTable:
    """One table: which rows are the person's, when such a row still tells of them, and what is done to it."""

    name: str
    whose: str
    erase: str
    tells: str = "true"

    @property
    def trace(self) -> str:
        """Return the condition for a row that an erasure has to deal with."""
        return f"({self.whose}) AND ({self.tells})"


# A sale stays a sale: what was sold, when and for how much, by nobody known. So revenue adds up before and
# after. The tags that decide whether an order counts stay for the same reason; they name no person.
_ORDER_TELLS = f"""customer_id IS NOT NULL OR discount_codes IS NOT NULL OR EXISTS (
    SELECT FROM unnest(tags) AS tag WHERE lower(btrim(tag)) NOT IN {EXCLUDED_TAGS})"""
_ERASE_ORDER = f"""UPDATE orders SET customer_id = NULL, discount_codes = NULL, tags = NULLIF(ARRAY(
    SELECT tag FROM unnest(tags) WITH ORDINALITY AS kept (tag, place)
    WHERE lower(btrim(tag)) IN {EXCLUDED_TAGS} ORDER BY place), '{{}}')"""

PERSONAL_TABLES = (
    PersonalTable(
        "refunds",
        f"customer_id = {_ROWS} OR order_id IN (SELECT id FROM orders WHERE shopify_id = {_ORDERS})",
        "UPDATE refunds SET customer_id = NULL",
        "customer_id IS NOT NULL",
    ),
    PersonalTable("orders", f"customer_id = {_ROWS} OR shopify_id = {_ORDERS}", _ERASE_ORDER, _ORDER_TELLS),
    PersonalTable(
        "checkouts",
        f"customer_id = {_ROWS} OR customer_shopify_id = {_NUMBERS}",
        "UPDATE checkouts SET customer_id = NULL, customer_shopify_id = NULL",
    ),
    PersonalTable("customer_scores", f"customer_id = {_ROWS}", "DELETE FROM customer_scores"),
    PersonalTable("membership_changes", f"customer_id = {_ROWS}", "DELETE FROM membership_changes"),
    PersonalTable("push_rows", f"customer_id = {_ROWS}", "DELETE FROM push_rows"),
    PersonalTable("push_states", f"customer_id = {_ROWS}", "DELETE FROM push_states"),
    PersonalTable("push_marks", f"customer_id = {_ROWS}", "DELETE FROM push_marks"),
    PersonalTable("holdout_members", f"customer_id = {_ROWS}", "DELETE FROM holdout_members"),
    PersonalTable("bundle_arms", f"customer_id = {_ROWS}", "DELETE FROM bundle_arms"),
    PersonalTable("email_engagement", f"customer_id = {_ROWS}", "DELETE FROM email_engagement"),
    PersonalTable("dirty_customers", f"customer_id = {_ROWS}", "DELETE FROM dirty_customers"),
    PersonalTable("refetches", f"resource = 'customer' AND shopify_id = {_NUMBERS}", "DELETE FROM refetches"),
    PersonalTable("tombstones", f"resource = 'customer' AND shopify_id = {_NUMBERS}", "DELETE FROM tombstones"),
    PersonalTable(
        "webhook_inbox",  # bodies are another matter: they have to be opened
        """body IS NULL AND concerns IN (
            SELECT 'customer ' || number FROM unnest(CAST(:numbers AS bigint[])) AS number)""",
        "UPDATE webhook_inbox SET concerns = NULL",
    ),
    PersonalTable("access_log", f"customer_id = {_ROWS}", "UPDATE access_log SET customer_id = NULL"),
    PersonalTable("customers", f"id = {_ROWS}", "DELETE FROM customers"),
)
"""In the order in which an erasure goes through them; the customer's own rows come last."""

# Rows of a person that are not erased (another Shopify number on the same phone) are a person of their own.
_PART_FROM = """
    UPDATE customers c SET person_id = (
        SELECT min(other.id) FROM customers other
        WHERE other.person_id = c.person_id AND other.id <> ALL(CAST(:rows AS bigint[])))
    WHERE c.person_id IN (SELECT person_id FROM customers WHERE id = ANY(CAST(:rows AS bigint[])))
      AND c.id <> ALL(CAST(:rows AS bigint[]))
    RETURNING c.id"""


def count_traces(connection: Connection, subject: Subject) -> dict[str, int]:
    """Return by table how many rows still tell of a person; no entry where there is none."""
    counts = {
        table.name: connection.execute(
            text(f"SELECT count(*) FROM {table.name} WHERE {table.trace}"), subject.binds()
        ).scalar_one()
        for table in PERSONAL_TABLES
    }
    return {name: count for name, count in counts.items() if count}


def erase(connection: Connection, shop_id: int, subject: Subject, *, at: datetime) -> dict[str, int]:
    """Take a person out of every table, and return by table how many rows that were.

    Whoever was taken for the same person and stays is to be labelled anew, and so is the overview.
    """
    values = subject.binds()
    farewells.say(connection, shop_id, sorted(subject.rows), at=at)  # before it is forgotten where they are
    staying = connection.execute(text(_PART_FROM), values).scalars().all()
    counts = {
        table.name: connection.execute(text(f"{table.erase} WHERE {table.trace}"), values).rowcount
        for table in PERSONAL_TABLES
    }
    dirty_customers.mark_ids(connection, list(staying))
    if counts["customers"]:
        due_work.ensure_due(connection, shop_id, "summary", due_at=at)
    return {name: count for name, count in counts.items() if count}

"""T3 to T7: a transaction belongs to one shop, and nothing of another is there, whatever is asked."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from stored_rows import a_customer, a_shop, an_order

from shop_app.errors import TemporaryError
from shop_app.shopify import cost_budget
from shop_app.storage import connections, encryption, engine, shop_settings
from shop_app.storage.customer_hashes import email_hash
from shop_app.storage.engine import shopless, transaction

EVERY_TABLE = text("""
    SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'""")
OPEN = {"shops", "due_work"}


@pytest.fixture
def rival(shop_id, as_of):
    """Another shop with the same customer, and one order of theirs."""
    made = a_shop()
    for each in (shop_id, made):
        customer = a_customer(each, email="ann@example.com")
        an_order(each, customer, at=as_of)
    return made


def test_a_query_without_a_shop_is_an_error_and_no_answer(database, rival):
    for question in (shop_settings.read, connections.read_state):
        with pytest.raises(DBAPIError), shopless() as connection:
            question(connection)


def test_hand_written_sql_sees_one_shop_and_writes_to_no_other(shop_id, rival):
    with transaction(shop_id) as connection:
        for table in ("customers", "orders", "shop_settings"):
            seen = connection.execute(text(f"SELECT DISTINCT shop_id FROM {table}")).scalars().all()
            assert seen == [shop_id]
            for_rival = {"rival": rival}
            assert (
                connection.execute(text(f"DELETE FROM {table} WHERE shop_id = :rival"), for_rival).rowcount == 0
            )
    with pytest.raises(DBAPIError, match="row-level security"), transaction(shop_id) as connection:
        connection.execute(
            text(
                "INSERT INTO shop_settings (shop_id, title, currency, timezone) "
                "VALUES (:rival, 'x', 'EUR', 'UTC') "
                "ON CONFLICT DO NOTHING"
            ),
            {"rival": rival},
        )


def test_every_table_but_two_forces_its_shop_on_everybody(database):
    with shopless() as connection:
        tables = {
            row.relname: (row.relrowsecurity, row.relforcerowsecurity)
            for row in connection.execute(EVERY_TABLE)
        }
    assert len(tables) > 20
    assert {name for name, forced in tables.items() if forced != (True, True)} == OPEN


def test_an_error_in_one_shop_s_transaction_leaves_no_trace_in_the_next(shop_id, rival):
    for _ in range(12):  # more often than there are pooled connections
        with pytest.raises(DBAPIError), transaction(rival) as connection:
            connection.execute(text("SELECT 1 / 0"))
        with pytest.raises(DBAPIError), shopless() as connection:
            shop_settings.read(connection)
        with transaction(shop_id) as connection:
            assert connection.execute(text("SELECT DISTINCT shop_id FROM customers")).scalars().all() == [
                shop_id
            ]


def test_two_shops_with_one_customer_s_address_know_nothing_of_each_other(shop_id, rival):
    assert email_hash("ann@example.com", shop_id) != email_hash("ann@example.com", rival)
    with transaction(shop_id) as connection:
        connection.execute(text("UPDATE customers SET first_name = NULL"))
        assert connection.execute(text("SELECT count(*) FROM customers")).scalar_one() == 1


def test_another_shop_s_row_is_not_there_by_its_id(shop_id, rival):
    with transaction(rival) as connection:
        theirs = connection.execute(text("SELECT id FROM customers")).scalar_one()
    with transaction(shop_id) as connection:
        found = connection.execute(text("SELECT id FROM customers WHERE id = :id"), {"id": theirs}).first()
    assert found is None


def test_what_is_sealed_for_one_shop_does_not_open_in_another(shop_id, rival):
    place = {"table": "shop_connections", "column": "access_token"}
    sealed = encryption.seal("shpat_x", **place, shop_id=rival)
    with pytest.raises(encryption.StartRefusedError):
        encryption.open_sealed(sealed, **place, shop_id=shop_id)


def test_what_lies_outside_the_database_is_named_by_our_own_number_of_the_shop(shop_id, rival):
    assert cost_budget.budget_of(shop_id) != cost_budget.budget_of(rival)


def test_a_process_that_starts_before_its_database_waits_for_it_and_not_for_ever(settings):
    nowhere = "postgresql://kindred@/kindred?host=/nowhere"
    with pytest.raises(TemporaryError, match="does not answer"):
        engine.connect_patiently(nowhere, seconds=0.3)
    engine.connect_patiently(settings.database_url)
    with engine.shopless() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1

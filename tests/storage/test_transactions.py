import pytest
from sqlalchemy import text
from stored_rows import a_customer

from shop_app.storage.engine import shopless, transaction


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_a_stop_inside_a_statement_is_a_stop_and_no_complaint_of_the_database(shop_id, stop):
    person = a_customer(shop_id)

    def delete_and_be_stopped():
        with transaction(shop_id) as connection:
            connection.execute(text("DELETE FROM customers"))
            connection.connection.driver_connection.pgconn.send_query(b"SELECT pg_sleep(0.2)")
            raise stop

    with pytest.raises(stop):
        delete_and_be_stopped()
    with transaction(shop_id) as connection:
        assert connection.execute(text("SELECT id FROM customers")).scalars().all() == [person]
    with shopless() as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1

"""Reading whole frames: one snapshot, one shop, and connections that come back from the dead."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from stored_rows import a_customer

from shop_app.storage import engine

COUNT = "SELECT count(*) AS n FROM customers"


def test_a_frame_holds_the_rows_of_one_shop(shop_id):
    a_customer(shop_id)
    a_customer(shop_id)
    assert engine.read_frame(shop_id, COUNT)[0].item() == 2


def test_readings_side_by_side_do_not_share_a_shop(shop_id):
    a_customer(shop_id)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda shop: engine.read_frame(shop, COUNT)[0].item(), [shop_id, 0] * 8))
    assert found == [1, 0] * 8


def test_a_wrong_statement_spoils_nothing_for_the_next_one(shop_id):
    with pytest.raises(Exception, match="nowhere"):
        engine.read_frame(shop_id, "SELECT 1 FROM nowhere")
    assert engine.read_frame(shop_id, COUNT)[0].item() == 0


def test_nothing_can_be_written_on_the_way(shop_id):
    with pytest.raises(Exception, match="read-only"):
        engine.read_frame(shop_id, "DELETE FROM customers RETURNING id")


def test_a_connection_that_was_cut_while_idle_is_replaced(shop_id):
    engine.read_frame(shop_id, COUNT)
    with engine.shopless() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
                "AND usename = current_user AND state = 'idle'"
            )
        )
    assert engine.read_frame(shop_id, COUNT)[0].item() == 0

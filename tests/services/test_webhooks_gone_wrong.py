"""Bad webhooks, workers that go down and databases that refuse harm nobody else, and nothing is lost."""

from datetime import timedelta

import pytest
from deliveries import an_id
from sqlalchemy import create_engine, text
from webhook_bodies import NOON, an_order_body, minute

from shop_app.errors import TemporaryError
from shop_app.queueing import TaskName
from shop_app.services import process_webhooks
from shop_app.storage import due_work, webhook_inbox, webhook_lock
from shop_app.storage.engine import shopless, transaction

DAY = timedelta(days=1)


@pytest.fixture
def owner(settings):
    """What the database's owner can do: stand in the way of single rows."""
    engine = create_engine("postgresql+psycopg://" + settings.database_owner_url.split("://", 1)[1])
    yield engine
    with engine.begin() as connection:
        connection.execute(text("DROP FUNCTION IF EXISTS stand_in_the_way() CASCADE"))
    engine.dispose()


def stand_in_the_way(owner, name, state):
    """Let the database refuse every order of this name with an error of this kind."""
    function = f"""
        CREATE FUNCTION stand_in_the_way() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.name = '{name}' THEN RAISE EXCEPTION 'ann@example.com' USING ERRCODE = '{state}'; END IF;
            RETURN NEW;
        END $$"""
    trigger = """
        CREATE TRIGGER in_the_way BEFORE INSERT ON orders
        FOR EACH ROW EXECUTE FUNCTION stand_in_the_way()"""
    with owner.begin() as connection:
        for statement in (function, trigger):
            connection.execute(text(statement))


def total(shop, number):
    (row,) = shop.rows("SELECT total FROM orders WHERE shopify_id = :id", id=number)
    return row["total"]


BAD = [
    b"{",
    b"[]",
    b"null",
    b'{"id": "abc"}',
    b'{"id": %d, "line_items": "none"}' % an_id(),
    b'{"id": %d, "created_at": "2026-11-01T10:00:00Z", "total_price": {}, "updated_at": []}' % an_id(),
    b"\xff\xfe\x00",
    b'{"line_items": []}',
    b"[" * 100_000,
]


def test_bad_bodies_are_put_aside_after_one_look_and_their_neighbours_are_not(shop):
    good = [an_id(), an_id()]
    shop.send("orders/create", an_order_body(good[0]))
    for body in BAD:
        shop.send("orders/create", body)
    shop.send("orders/create", an_order_body(good[1], customer=None, lines=[]))
    shop.drain()
    assert [row["shopify_id"] for row in shop.orders()] == good
    assert shop.states() == ["done", *["dead"] * len(BAD), "done"]
    assert {row["attempts"] for row in shop.inbox()} == {1}
    assert all(row["outcome"] for row in shop.inbox() if row["state"] == "dead")


def test_an_order_that_cannot_be_read_here_is_asked_for(shop):
    number = an_id()
    shop.tell("orders/updated", an_order_body(number) | {"line_items": "none"})
    ((state, words),) = shop.outcomes()
    assert (state, words) == ("dead", "line_items is no list of lines.")
    assert shop.refetches() == [("order", number)]


def test_an_order_without_lines_is_better_than_none_and_no_better_than_one_with(shop):
    number = an_id()
    shop.tell("orders/create", an_order_body(number, total="20.00") | {"line_items": None})
    assert total(shop, number) == 2000
    assert shop.refetches() == [("order", number)]
    shop.tell("orders/updated", an_order_body(number, total="30.00"))
    shop.tell(
        "orders/updated", an_order_body(number, updated_at=minute(9), total="40.00") | {"line_items": None}
    )
    assert total(shop, number) == 3000
    assert len(shop.rows("SELECT 1 FROM line_items")) == 1


def test_a_row_that_breaks_the_batch_is_found_out_and_the_others_go_through(shop, owner):
    stand_in_the_way(owner, "#poison", "23514")
    good = [an_id(), an_id()]
    shop.send("orders/create", an_order_body(good[0]))
    shop.send("orders/create", an_order_body(an_id(), name="#poison"))
    shop.send("orders/create", an_order_body(good[1]))
    shop.drain(minute(0))
    assert [row["shopify_id"] for row in shop.orders()] == good
    assert shop.states() == ["done", "new", "done"]
    for at in (60, 120, 240, 480):
        shop.drain(minute(at))
    assert shop.states() == ["done", "dead", "done"]
    (_, (_, words), _) = shop.outcomes()
    assert words == "It could not be applied (IntegrityError). Tried 5 times."


def test_passing_trouble_is_nobody_s_fault(shop, owner):
    stand_in_the_way(owner, "#unlucky", "40001")
    shop.send("orders/create", an_order_body(an_id(), name="#unlucky"))
    for _ in range(6):  # once more than a webhook is given
        with pytest.raises(TemporaryError):
            shop.drain(minute(0))
    (row,) = shop.inbox()
    assert (row["state"], row["attempts"]) == ("new", 0)


def test_what_brings_the_process_down_five_times_is_put_aside_and_others_flow(shop):
    shop.send("orders/create", an_order_body(an_id()))
    for _ in range(5):
        with transaction(shop.shop_id) as connection:  # and then the process is gone
            assert len(webhook_inbox.claim(connection, at=NOON, limit=200)) == 1
    other = an_id()
    shop.send("orders/create", an_order_body(other))
    shop.drain()
    assert [row["shopify_id"] for row in shop.orders()] == [other]
    assert shop.outcomes()[0] == ("dead", "Whoever worked on it went down, 5 times.")


def test_a_batch_that_nobody_finished_is_worked_off_in_ever_smaller_groups(shop):
    numbers = [an_id() for _ in range(30)]
    for number in numbers:
        shop.send("orders/create", an_order_body(number))
    for expected in (30, 25, 5, 1):
        with transaction(shop.shop_id) as connection:
            assert len(webhook_inbox.claim(connection, at=NOON, limit=200)) == expected
    while "new" in shop.states():  # a task leaves what it has no time for to the next one
        shop.drain()
    assert [row["shopify_id"] for row in shop.orders()] == numbers


def test_a_second_worker_goes_away_and_comes_back(shop):
    shop.send("orders/create", an_order_body(an_id()))
    with webhook_lock.alone(shop.shop_id) as is_alone:
        assert is_alone
        shop.drain(minute(0))
        assert shop.states() == ["new"]
        assert shop.due()["webhooks"] == minute(0) + timedelta(seconds=2)
    shop.drain(minute(1))
    assert shop.states() == ["done"]


def test_somebody_looks_once_more_after_the_last_one_that_was_asked_for(shop):
    shop.send("orders/create", an_order_body(an_id()))
    shop.drain(minute(0))
    assert shop.due() == {"webhooks-begun": minute(0) + timedelta(seconds=60)}
    # A delivery that saw the shop's work due before it was taken off the list, and was kept afterwards:
    with shopless() as connection:
        due_work.begin(connection, shop.shop_id, "webhooks", again_at=minute(0))
    late = an_id()
    shop.send("orders/create", an_order_body(late))
    with shopless() as connection:
        due_work.take(connection, shop.shop_id, "webhooks")
    shop.drain(minute(1))
    assert late in [row["shopify_id"] for row in shop.orders()]


def test_a_quiet_shop_is_looked_at_once_a_day_and_then_no_more(shop):
    shop.send("orders/create", an_order_body(an_id()))
    for at in (minute(0), minute(1)):
        shop.drain(at)
    assert shop.due() == {"webhooks-begun": minute(1) + DAY}
    assert shop.inbox()[0]["body"] is not None
    shop.drain(minute(0) + 8 * DAY)
    assert shop.inbox()[0]["body"] is None
    shop.drain(NOON + 3_000 * DAY)
    assert (shop.inbox(), shop.due()) == ([], {})


def test_nothing_of_a_body_reaches_the_log_or_the_outcome(shop, owner, caplog):
    stand_in_the_way(owner, "#secret", "23514")
    shop.send("orders/create", an_order_body(an_id(), name="#secret"))
    shop.send("orders/create", b'{"id": "ann@example.com"}')
    shop.drain()
    words = caplog.text + "".join(str(row["outcome"]) + str(row["concerns"]) for row in shop.inbox())
    assert "ann@" not in words


def test_a_long_backlog_is_cut_so_that_other_shops_have_their_turn(shop, monkeypatch):
    knocks = []
    monkeypatch.setattr(process_webhooks, "send", lambda name, shop_id: knocks.append((name, shop_id)))
    monkeypatch.setattr(process_webhooks, "_SECONDS_A_TASK", -1.0)
    shop.send("orders/create", an_order_body(an_id()))
    shop.drain(minute(0))
    assert (shop.states(), knocks) == (["new"], [(TaskName.DRAIN_WEBHOOKS, shop.shop_id)])
    monkeypatch.undo()
    shop.drain(minute(0))
    assert shop.states() == ["done"]

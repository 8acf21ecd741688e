"""What is due: claimed once, due again if nobody finishes it, and never lost to a race."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from shop_app.storage import due_work
from shop_app.storage.due_work import DueWork
from shop_app.storage.engine import shopless

NOW = datetime(2031, 5, 6, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=10)


@pytest.fixture(autouse=True)
def _nothing_else_is_due(database):
    with shopless() as connection:
        connection.execute(text("DELETE FROM due_work"))


def claim(at=NOW, limit=100):
    with shopless() as connection:
        return due_work.claim_due(connection, at=at, again_at=at + timedelta(minutes=10), limit=limit)


def scheduled(shop_id):
    with shopless() as connection:
        return due_work.list_of_shop(connection, shop_id)


def ensure(shop_id, kind, due_at):
    with shopless() as connection:
        due_work.ensure_due(connection, shop_id, kind, due_at=due_at)


def test_an_earlier_date_stands(shop_id):
    ensure(shop_id, "refresh", LATER)
    ensure(shop_id, "refresh", NOW)
    ensure(shop_id, "refresh", LATER)
    assert scheduled(shop_id) == {"refresh": NOW}


def test_what_is_due_is_claimed_once_and_again_when_nobody_finished(shop_id):
    ensure(shop_id, "refresh", NOW)
    ensure(shop_id, "fit", LATER)
    assert claim() == [DueWork(shop_id, "refresh")]
    assert claim() == []
    assert claim(at=LATER) == [DueWork(shop_id, "fit"), DueWork(shop_id, "refresh")]


def test_two_sweeps_at_once_share_the_work(shop_id):
    ensure(shop_id, "refresh", NOW)
    ensure(shop_id, "fit", NOW)
    with shopless() as one, shopless() as other:
        first = due_work.claim_due(one, at=NOW, again_at=LATER, limit=1)
        second = due_work.claim_due(other, at=NOW, again_at=LATER, limit=10)
    assert sorted(due.kind for due in first + second) == ["fit", "refresh"]


def test_a_shop_that_has_left_is_passed_over(shop_id):
    ensure(shop_id, "refresh", NOW)
    with shopless() as connection:
        connection.execute(text("UPDATE shops SET state = 'uninstalled' WHERE id = :id"), {"id": shop_id})
        assert due_work.overdue_seconds(connection, NOW + timedelta(hours=1)) == 0.0
    assert claim() == []


def test_finishing_sets_the_next_date_unless_it_was_asked_for_anew(shop_id):
    tomorrow = NOW + timedelta(days=1)
    with shopless() as connection:
        due_work.begin(connection, shop_id, "refresh", again_at=LATER)
        due_work.finish(connection, shop_id, "refresh", begun=LATER, next_at=tomorrow)
    assert scheduled(shop_id) == {"refresh": tomorrow}
    with shopless() as connection:
        due_work.begin(connection, shop_id, "refresh", again_at=LATER)
        due_work.ensure_due(connection, shop_id, "refresh", due_at=NOW)
        due_work.finish(connection, shop_id, "refresh", begun=LATER, next_at=tomorrow)
    assert scheduled(shop_id) == {"refresh": NOW}


def test_what_does_not_come_again_is_crossed_out(shop_id):
    with shopless() as connection:
        due_work.begin(connection, shop_id, "summary", again_at=LATER)
        due_work.finish(connection, shop_id, "summary", begun=LATER, next_at=None)
    assert scheduled(shop_id) == {}


def test_the_oldest_thing_due_says_how_late_we_are(shop_id):
    ensure(shop_id, "refresh", NOW)
    with shopless() as connection:
        assert due_work.overdue_seconds(connection, NOW + timedelta(seconds=90)) == 90.0
        assert due_work.overdue_seconds(connection, NOW - timedelta(seconds=90)) == 0.0

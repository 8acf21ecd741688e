"""Leases: one at a time, by the database's clock, and nobody who slept too long writes on."""

import pytest
from sqlalchemy import text
from stored_rows import a_shop

from shop_app.storage import leases
from shop_app.storage.engine import transaction
from shop_app.storage.leases import LeaseLostError


def take(shop_id, kind="backfill", seconds=60.0):
    with transaction(shop_id) as connection:
        return leases.take(connection, kind, seconds=seconds)


def extend(shop_id, lease):
    with transaction(shop_id) as connection:
        leases.extend(connection, lease, seconds=60.0)


def run_out(shop_id):
    with transaction(shop_id) as connection:
        connection.execute(text("UPDATE leases SET until = clock_timestamp() - interval '1 second'"))


def test_a_lease_is_held_by_one_until_it_runs_out(shop_id):
    first = take(shop_id)
    assert first is not None
    assert take(shop_id) is None
    assert take(shop_id, "another kind") is not None
    assert take(a_shop()) is not None
    run_out(shop_id)
    second = take(shop_id)
    assert second.token > first.token


def test_a_lease_that_is_given_back_is_free_at_once(shop_id):
    first = take(shop_id)
    with transaction(shop_id) as connection:
        leases.give_back(connection, first)
    second = take(shop_id)
    assert second is not None
    with transaction(shop_id) as connection:
        leases.give_back(connection, first)  # the former holder comes too late to do harm
    assert take(shop_id) is None


def test_whoever_lost_it_is_told_in_the_transaction_that_it_writes_in(shop_id):
    first = take(shop_id)
    extend(shop_id, first)
    run_out(shop_id)
    extend(shop_id, first)  # nobody has taken it: it goes on
    run_out(shop_id)
    second = take(shop_id)
    with pytest.raises(LeaseLostError):
        extend(shop_id, first)
    extend(shop_id, second)


def test_nobody_takes_it_while_a_transaction_proves_it(shop_id):
    first = take(shop_id)
    run_out(shop_id)
    with transaction(shop_id) as holder:
        leases.extend(holder, first, seconds=60.0)
        with transaction(shop_id) as rival:
            rival.execute(text("SET LOCAL lock_timeout = '200ms'"))
            with pytest.raises(Exception, match="lock timeout"):
                leases.take(rival, "backfill", seconds=60.0)
    assert take(shop_id) is None

"""A worker of its own process, over a real Redis: a knock becomes labels, and a lost knock costs a sweep."""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from stored_rows import a_customer, an_order

from shop_app.queueing import TaskName, send
from shop_app.services.keep_apart import keep_apart
from shop_app.services.resolve_people import resolve_people
from shop_app.storage import customer_scores, due_work, segment_runs
from shop_app.storage.engine import shopless, transaction

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 90
A_CENTURY = 36_500  # what is due by the clock of a test may be due for months


def put_off(shops, *, days):
    """Keep what the shops of earlier tests have left due out of a worker's way, and put it back."""
    with shopless() as connection:
        connection.execute(
            text(
                "UPDATE due_work SET due_at = due_at + make_interval(days => :days) WHERE shop_id = ANY(:shops)"
            ),
            {"days": days, "shops": shops},
        )


@pytest.fixture(scope="module")
def worker_log(settings, database, queue, tmp_path_factory):
    """Return what reads the log of a worker that runs while this module's tests do: to start one takes long."""
    with shopless() as connection:
        earlier = list(connection.execute(text("SELECT DISTINCT shop_id FROM due_work")).scalars())
    put_off(earlier, days=A_CENTURY)
    environment = {
        **os.environ,
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "KINDRED_KEYS": settings.keys,
        "KINDRED_HASH_KEY": settings.hash_key,
    }
    file = tmp_path_factory.mktemp("worker") / "worker.log"
    words = [sys.executable, "-m", "celery", "-A", "workers.main", "worker", "--concurrency=1"]
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=info"]
    with file.open("w") as log:
        process = subprocess.Popen(words + quiet, cwd=ROOT, env=environment, stdout=log, stderr=log)
        yield file.read_text
        process.terminate()
        process.wait(timeout=30)
    put_off(earlier, days=-A_CENTURY)


def wait_for(look, worker_log):
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(0.2)
    return pytest.fail(worker_log())


def summary(shop_id):
    with transaction(shop_id) as connection:
        return segment_runs.read_newest(connection)


def scheduled(shop_id):
    with shopless() as connection:
        return due_work.list_of_shop(connection, shop_id)


def test_one_knock_refreshes_a_shop_and_sets_the_next_night(shop_id, worker_log, as_of):
    ann = a_customer(shop_id, email="ann@example.com")
    an_order(shop_id, ann, at=as_of - timedelta(days=1))
    assert send(TaskName.REFRESH_SHOP, shop_id)
    wait_for(lambda: "refresh" in scheduled(shop_id) and summary(shop_id), worker_log)
    assert customer_scores.read_all(shop_id)["customer_id"].to_list() == [ann]
    next_at = wait_for(
        lambda: scheduled(shop_id)["refresh"] if scheduled(shop_id)["refresh"].hour == 0 else None, worker_log
    )
    assert timedelta(0) < next_at - datetime.now(UTC) <= timedelta(days=1)
    assert "ann" not in worker_log()


def test_a_sweep_finds_what_a_lost_knock_left_behind(shop_id, worker_log, as_of):
    first = a_customer(shop_id, email="ann@example.com")
    second = a_customer(shop_id, email="ann@example.com")
    for customer in (first, second):
        an_order(shop_id, customer, at=as_of - timedelta(days=1))
    resolve_people(shop_id)
    with transaction(shop_id) as connection:  # as keep_apart does, killed right after it
        connection.execute(text("UPDATE customers SET kept_apart = true WHERE id = :id"), {"id": second})
        due_work.begin(connection, shop_id, "resolve", again_at=as_of)
    assert send(TaskName.SWEEP)
    wait_for(lambda: customer_scores.read_all(shop_id).height == 2, worker_log)
    wait_for(lambda: "resolve" not in scheduled(shop_id), worker_log)


def test_a_refresh_of_one_is_followed_by_the_overview(shop_id, worker_log, as_of):
    first, second = (a_customer(shop_id, email="ann@example.com") for _ in range(2))
    an_order(shop_id, first, at=as_of - timedelta(days=1))
    resolve_people(shop_id)
    keep_apart(shop_id, second, as_of=as_of)
    assert "summary" in scheduled(shop_id)
    assert send(TaskName.SUMMARISE_SHOP, shop_id)
    wait_for(lambda: "summary" not in scheduled(shop_id), worker_log)
    assert summary(shop_id)["customer_count"] == 2

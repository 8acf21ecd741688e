"""A worker of its own process, over a real Redis: a knock becomes labels, and a lost knock costs a sweep."""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis
from sqlalchemy import text
from stored_rows import a_customer, an_order

from shop_app import queueing
from shop_app.queueing import QueueName, TaskName, send
from shop_app.services.keep_apart import keep_apart
from shop_app.services.resolve_people import resolve_people
from shop_app.services.work_off import knock_for_due_work
from shop_app.storage import customer_scores, due_work, segment_runs
from shop_app.storage.engine import shopless, transaction

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 90


@pytest.fixture(scope="module")
def queue(redis_url):
    """This process pointed at the test run's Redis, with an empty queue."""
    queueing.connect(redis_url)
    with queueing.celery_app.connection_for_write() as connection:
        for queue in QueueName:
            connection.default_channel.queue_purge(queue.value)
    return queueing.celery_app


def put_off(shops, *, days):
    """Keep what the shops of earlier tests have left due out of a worker's way, and put it back."""
    with shopless() as connection:
        connection.execute(
            text(
                "UPDATE due_work SET due_at = due_at + make_interval(days => :days) WHERE shop_id = ANY(:shops)"
            ),
            {"days": days, "shops": shops},
        )


@pytest.fixture
def worker(settings, database, queue, tmp_path):
    """Return what starts a worker; it is stopped at the end of the test."""
    started = []
    with shopless() as connection:
        earlier = list(connection.execute(text("SELECT DISTINCT shop_id FROM due_work")).scalars())
    put_off(earlier, days=7)

    def start():
        environment = {
            **os.environ,
            "DATABASE_URL": settings.database_url,
            "REDIS_URL": settings.redis_url,
            "KINDRED_KEYS": settings.keys,
            "KINDRED_HASH_KEY": settings.hash_key,
        }
        log = (tmp_path / f"worker-{len(started)}.log").open("w")
        words = [sys.executable, "-m", "celery", "-A", "workers.main", "worker", "--concurrency=1"]
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=info"]
        process = subprocess.Popen(words + quiet, cwd=ROOT, env=environment, stdout=log, stderr=log)
        started.append((process, log))
        return process

    start.log = (tmp_path / "worker-0.log").read_text
    yield start
    for process, log in started:
        process.terminate()
        process.wait(timeout=30)
        log.close()
    put_off(earlier, days=-7)


def wait_for(look, worker):
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(0.2)
    return pytest.fail(worker.log())


def summary(shop_id):
    with transaction(shop_id) as connection:
        return segment_runs.read_newest(connection)


def scheduled(shop_id):
    with shopless() as connection:
        return due_work.list_of_shop(connection, shop_id)


def test_one_knock_refreshes_a_shop_and_sets_the_next_night(shop_id, worker, as_of):
    ann = a_customer(shop_id, email="ann@example.com")
    an_order(shop_id, ann, at=as_of - timedelta(days=1))
    worker()
    assert send(TaskName.REFRESH_SHOP, shop_id)
    wait_for(lambda: "refresh" in scheduled(shop_id) and summary(shop_id), worker)
    assert customer_scores.read_all(shop_id)["customer_id"].to_list() == [ann]
    next_at = wait_for(
        lambda: scheduled(shop_id)["refresh"] if scheduled(shop_id)["refresh"].hour == 0 else None, worker
    )
    assert timedelta(0) < next_at - datetime.now(UTC) <= timedelta(days=1)
    assert "ann" not in worker.log()


def test_a_sweep_finds_what_a_lost_knock_left_behind(shop_id, worker, as_of):
    first = a_customer(shop_id, email="ann@example.com")
    second = a_customer(shop_id, email="ann@example.com")
    for customer in (first, second):
        an_order(shop_id, customer, at=as_of - timedelta(days=1))
    resolve_people(shop_id)
    with transaction(shop_id) as connection:  # as keep_apart does, killed right after it
        connection.execute(text("UPDATE customers SET kept_apart = true WHERE id = :id"), {"id": second})
        due_work.begin(connection, shop_id, "resolve", again_at=as_of)
    worker()
    assert send(TaskName.SWEEP)
    wait_for(lambda: customer_scores.read_all(shop_id).height == 2, worker)
    wait_for(lambda: "resolve" not in scheduled(shop_id), worker)


def test_a_refresh_of_one_is_followed_by_the_overview(shop_id, worker, as_of):
    first, second = (a_customer(shop_id, email="ann@example.com") for _ in range(2))
    an_order(shop_id, first, at=as_of - timedelta(days=1))
    resolve_people(shop_id)
    keep_apart(shop_id, second, as_of=as_of)
    assert "summary" in scheduled(shop_id)
    worker()
    assert send(TaskName.SUMMARISE_SHOP, shop_id)
    wait_for(lambda: "summary" not in scheduled(shop_id), worker)
    assert summary(shop_id)["customer_count"] == 2


def test_a_worker_that_is_killed_leaves_its_work_due(shop_id, queue, as_of):
    with shopless() as connection:
        due_work.ensure_due(connection, shop_id, "refresh", due_at=as_of)
    now = as_of + timedelta(minutes=1)
    assert knock_for_due_work(now=now) >= 1  # nobody listens
    assert scheduled(shop_id)["refresh"] > now
    assert knock_for_due_work(now=now + timedelta(minutes=11)) >= 1


def test_a_message_carries_an_id_and_nothing_else(shop_id, queue, redis_url):
    queue.connection_for_write().default_channel.queue_purge(QueueName.HEAVY.value)
    send(TaskName.REFRESH_SHOP, shop_id)
    client = redis.Redis(unix_socket_path=urlsplit(redis_url).path)
    (message,) = client.lrange(QueueName.HEAVY.value, 0, -1)
    client.close()
    assert f'"argsrepr": "({shop_id},)"'.encode() in message
    assert b'"content-type": "application/json"' in message
    with queue.connection_for_write() as connection:
        connection.default_channel.queue_purge(QueueName.HEAVY.value)


def test_where_redis_is_down_the_knock_is_unheard_and_nothing_breaks(tmp_path):
    program = (
        "from shop_app import queueing\n"
        f"queueing.connect('redis+socket://{tmp_path}/nobody.sock')\n"
        "print(queueing.send(queueing.TaskName.SWEEP))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=30, check=True
    )
    assert ended.stdout == "False\n"
    assert "the sweep will pick this up" in ended.stderr

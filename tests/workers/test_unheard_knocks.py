"""Knocks that nobody listens to: what is in them, and that nothing is lost or broken by them."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import redis

from shop_app.queueing import QueueName, TaskName, send
from shop_app.services.work_off import knock_for_due_work
from shop_app.storage import due_work
from shop_app.storage.engine import shopless

ROOT = Path(__file__).parents[2]


def scheduled(shop_id):
    with shopless() as connection:
        return due_work.list_of_shop(connection, shop_id)


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

"""A process pointed at the test run's Redis."""

import pytest

from shop_app import queueing
from shop_app.queueing import QueueName


@pytest.fixture(scope="module")
def queue(redis_url):
    """This process pointed at the test run's Redis, with an empty queue."""
    queueing.connect(redis_url)
    with queueing.celery_app.connection_for_write() as connection:
        for queue in QueueName:
            connection.default_channel.queue_purge(queue.value)
    return queueing.celery_app

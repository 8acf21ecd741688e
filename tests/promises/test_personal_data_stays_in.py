"""Names, addresses, phones, tags and codes never reach a log, an error's text, the queue or a metric."""

import inspect
import json
import logging
import re
import traceback

import pytest
import redis
from privacy_stories import CANARY, EMAIL, NOW, NUMBER, ORDER, PHONE, a_body, a_person_everywhere, receive
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

import workers.bundles
import workers.exports
import workers.privacy
import workers.push
import workers.refresh
import workers.shopify
import workers.sweeps  # noqa: F401 (they register their tasks)
from shop_app import queueing
from shop_app.app import create_app
from shop_app.queueing import TaskName, celery_app, queue_of, send
from shop_app.services.erase import erase_due
from shop_app.services.export_person import export_person
from shop_app.services.purge_shop import purge_due
from shop_app.services.renew_shop import renew_shop
from shop_app.storage import erasure_ledger
from shop_app.storage.engine import transaction
from shop_app.web.log_scrubbing import scrubbed

WORDS = (CANARY, EMAIL, PHONE, PHONE.removeprefix("+"), str(NUMBER))
ORDER_BODY = {"id": ORDER, "email": EMAIL, "customer": {"id": NUMBER, "first_name": CANARY, "phone": PHONE}}


@pytest.fixture(autouse=True)
def ledger(tmp_path):
    erasure_ledger.keep_in(tmp_path)


def found_in(words):
    return [word for word in WORDS if word in words]


@pytest.fixture
def everything_on(caplog):
    """Every logger at its loudest, SQL with its results among them."""
    caplog.set_level(logging.DEBUG)
    names = ("sqlalchemy.engine", "sqlalchemy.engine.Engine", "sqlalchemy.pool", "psycopg", "celery", "kombu")
    levels = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield caplog
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def test_a_persons_whole_story_at_the_loudest_log_level_tells_of_nobody(shop_id, everything_on):
    a_person_everywhere(shop_id)
    renew_shop(shop_id, now=NOW)
    assert CANARY in "".join(export_person(shop_id, {"id": NUMBER}, now=NOW))
    receive(shop_id, "customers/redact", a_body(shop_id, orders=[ORDER]))
    erase_due(shop_id, now=NOW)
    purge_due(shop_id, now=NOW)
    assert "INSERT INTO customers" in everything_on.text
    assert found_in(everything_on.text) == []


def test_a_failure_with_a_full_order_at_hand_is_logged_without_it(settings, database, everything_on):
    app = create_app(settings, local=True)

    def fail():
        order = dict(ORDER_BODY)
        return order["line_items"][0]

    app.add_url_rule("/fails", view_func=fail)
    answer = app.test_client().get("/fails")
    assert answer.status_code == 500
    assert "KeyError" in everything_on.text
    assert found_in(everything_on.text) == []
    assert found_in(answer.text) == []


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO customers (shop_id, source, tags, fact_at) VALUES (:shop, '', ARRAY[:word], NULL)",
        (
            "INSERT INTO customers (shop_id, source, source_key, person_id, fact_at) VALUES "
            "(:shop, 'x', :word, 1, now()), (:shop, 'x', :word, 1, now())"
        ),
        "UPDATE privacy_requests SET state = :word",
        "SELECT CAST(:word AS bigint)",
    ],
)
def test_an_error_of_the_database_does_not_quote_what_was_bound(shop_id, statement):
    receive(shop_id, "customers/redact", a_body(shop_id))
    values = {"shop": shop_id, "word": EMAIL}
    with pytest.raises(DBAPIError) as failed, transaction(shop_id) as connection:
        connection.execute(text(statement), {name: values[name] for name in values if f":{name}" in statement})
    told = scrubbed("".join(traceback.format_exception(failed.value)))
    assert found_in(told) == []


def test_an_address_in_an_errors_own_words_is_taken_out_of_the_log():
    assert scrubbed(f"ValueError: {EMAIL!r} is no address, ann+b@mail.example.co.uk neither") == (
        "ValueError: '[address]' is no address, [address] neither"
    )


def test_every_task_takes_numbers_and_nothing_else():
    for name in TaskName:
        parameters = inspect.signature(celery_app.tasks[name.value].run).parameters.values()
        assert {parameter.annotation for parameter in parameters} <= {int}, name


def test_a_message_in_redis_holds_names_of_tasks_and_ids(redis_url, shop_id):
    queueing.connect(redis_url)
    broker = redis.Redis.from_url(redis_url.replace("redis+socket://", "unix://").partition("?")[0])
    queue = queue_of(TaskName.ERASE).value
    broker.delete(queue)
    assert send(TaskName.ERASE, shop_id)
    (raw,) = broker.lrange(queue, 0, -1)
    broker.delete(queue)
    message = json.loads(raw)
    assert message["headers"]["argsrepr"] == f"({shop_id},)"
    assert message["headers"]["kwargsrepr"] == "{}"
    assert not re.search(r"@|example", message["body"])


def test_a_metrics_label_is_a_version_or_one_of_few_words(settings, database, shop_id):
    a_person_everywhere(shop_id)
    renew_shop(shop_id, now=NOW)
    lines = create_app(settings, local=True).test_client().get("/metrics").text.splitlines()
    labels = {label for line in lines if not line.startswith("#") for label in re.findall(r'(\w+)="', line)}
    assert labels <= {"version", "of", "outcome", "process", "state"}
    assert found_in("\n".join(lines)) == []

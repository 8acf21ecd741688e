from dataclasses import replace

import pytest

from shop_app.app import create_app
from shop_app.storage import encryption, engine


def test_healthz_answers_whatever_else_is_down(settings, database):
    app = create_app(replace(settings, redis_url=None), local=False)
    engine.disconnect()
    try:
        answer = app.test_client().get("/healthz")
    finally:
        engine.connect(database)
    assert (answer.status_code, answer.json) == (200, {"status": "up"})


def test_readyz_is_content_when_everything_answers(client):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {
        "status": "ready",
        "checks": {"database": "ok", "migrations": "ok", "key": "ok", "redis": "ok"},
    }


def test_without_redis_the_app_is_degraded_and_still_ready(settings, database):
    gone = replace(settings, redis_url="redis://127.0.0.1:1/0")
    answer = create_app(gone, local=True).test_client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json["status"] == "degraded"
    assert "does not answer" in answer.json["checks"]["redis"]


def test_without_a_database_the_app_is_not_ready(client, database):
    engine.disconnect()
    try:
        answer = client.get("/readyz")
    finally:
        engine.connect(database)
    assert answer.status_code == 503
    assert answer.json["status"] == "not ready"


def test_without_a_key_the_app_is_not_ready(client, settings, monkeypatch):
    monkeypatch.setattr(encryption, "_rings", [])
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["checks"]["key"] != "ok"


@pytest.fixture(scope="module")
def metrics(local_app, small_store):
    """The figures, asked for once: they are summed up over all shops of the test run."""
    return local_app.test_client().get("/metrics")


def test_metrics_are_prometheus_text(metrics):
    assert metrics.content_type.startswith("text/plain; version=0.0.4")
    lines = metrics.text.splitlines()
    assert any(line.startswith('kindred_info{version="') for line in lines)
    assert any(line.startswith("kindred_shops ") for line in lines)
    assert any(line.startswith("kindred_due_work_overdue_seconds ") for line in lines)
    assert any(line.startswith('kindred_refresh_age_seconds{of="oldest"} ') for line in lines)


def test_metrics_name_no_shop_and_nobody(metrics, small_store):
    assert small_store.domain not in metrics.text
    assert "@" not in metrics.text


def test_metrics_are_for_this_machine_only(hosted_client):
    assert hosted_client.get("/metrics", environ_base={"REMOTE_ADDR": "10.0.0.7"}).status_code == 403
    assert hosted_client.get("/metrics", headers={"X-Forwarded-For": "10.0.0.7"}).status_code == 403
    assert hosted_client.get("/metrics").status_code == 200

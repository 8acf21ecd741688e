"""Every route asks who is calling, or says why not."""

from dataclasses import replace

import pytest
from admin import APP_URL, shopify_settings

from shop_app.app import create_app
from shop_app.shopify import config
from shop_app.web import callers

PUBLIC = {
    "static",
    "health.healthz",
    "health.readyz",
    "metrics.metrics",
    "embedded.bounce",
    "embedded.begin",
    "embedded.callback",
    "webhooks.shopify",
    "export_links.by_link",
}
"""Who is added here must be able to say whom it is answered to, and why that is all right."""


@pytest.fixture(scope="module")
def app(settings, database):
    made = create_app(replace(settings, app_url=APP_URL, shopify=shopify_settings()), local=False)
    yield made
    config.configure(None)


def test_only_these_routes_are_open_to_all_and_each_says_why(app):
    with app.app_context():
        reasons = {rule.endpoint: callers.public_reason(rule.endpoint) for rule in app.url_map.iter_rules()}
    assert {endpoint for endpoint, reason in reasons.items() if reason} == PUBLIC
    assert all(len(reason) > 20 for reason in reasons.values() if reason)


def test_every_other_route_refuses_whoever_has_no_token(app):
    asked = 0
    for rule in app.url_map.iter_rules():
        if rule.endpoint in PUBLIC:
            continue
        with app.app_context():
            path = rule.build(dict.fromkeys(rule.arguments, 1), append_unknown=False)[1]
        for method in rule.methods:
            answer = app.test_client().open(path, method=method)
            assert answer.status_code == 401, (rule, method)
            bounced = app.test_client().open(path, method=method, headers={"Sec-Fetch-Dest": "iframe"})
            assert bounced.status_code == (302 if method in {"GET", "HEAD"} else 401), (rule, method)
            asked += 1
    assert asked > 20


def test_a_view_that_was_reached_without_asking_shows_nothing(app):
    with app.test_request_context("/"), pytest.raises(callers.NotVerifiedError):
        callers.caller()

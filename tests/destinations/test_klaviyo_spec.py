"""What is written in the code about Klaviyo, held against Klaviyo's own description of its interface."""

import json
import re
from pathlib import Path

import pytest
from openapi_shapes import Shapes

from shop_app.destinations.klaviyo_api import REVISION
from shop_app.destinations.klaviyo_limits import ENDPOINTS

SOURCES = Path(__file__).resolve().parents[2] / "shop_app" / "destinations"
CONSENT = re.compile(r"subscription-bulk|suppression-bulk|profile-merge|data-privacy|/client/", re.IGNORECASE)


@pytest.fixture(scope="module")
def spec(reference):
    return Shapes(reference / "klaviyo-openapi.json")


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_limits_and_permissions_are_those_that_klaviyo_names(spec, method, path):
    operation, endpoint = spec.operation(method, path), ENDPOINTS[method, path]
    told = operation["x-klaviyo-ratelimit"]
    windows = [f"{each.calls}/{each.name.rpartition(':')[2][0]}" for each in endpoint.windows]
    assert windows == [told[name] for name in ("burst", "steady", "daily") if name in told]
    assert list(endpoint.scopes) == operation["x-klaviyo-scopes"]


def test_the_revision_is_that_of_the_description(reference):
    told = json.loads((reference / "klaviyo-openapi.json").read_bytes())["info"]["version"]
    assert told == REVISION


def test_no_call_that_changes_consent_is_known_to_the_code():
    for source in sorted(SOURCES.glob("klaviyo*.py")):
        assert not CONSENT.search(source.read_text(encoding="utf-8")), source.name
    assert not [path for _, path in ENDPOINTS if CONSENT.search(path)]


def test_no_permission_over_consent_is_ever_needed():
    assert not {scope for each in ENDPOINTS.values() for scope in each.scopes if "subscriptions" in scope}


def test_a_wrong_body_does_not_pass(spec):
    path = "/api/profile-import"
    right = {"data": {"type": "profile", "id": "P", "attributes": {"properties": {"a": 1}}}}
    assert spec.faults_of("POST", path, right) == []
    assert spec.faults_of("POST", path, {}) == ["$: data is missing"]
    assert spec.faults_of("POST", path, {"data": {"type": "person", "attributes": {}}})
    assert spec.faults_of("POST", path, {"data": {"type": "profile", "attributes": {"e-mail": "x"}}})
    assert spec.faults_of("POST", path, {"data": {"type": "profile", "attributes": {"email": {}}}})

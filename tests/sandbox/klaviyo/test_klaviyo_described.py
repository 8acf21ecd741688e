"""The table of operations against Klaviyo's own description, where it is at hand."""

import pytest
from klaviyo_description import FILE, description

from sandbox.klaviyo.operations import ALL, BY_NAME

pytestmark = pytest.mark.skipif(
    description() is None, reason=f"no {FILE.name} in {FILE.parent}; KINDRED_TEST_DATA names another folder"
)


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_rate_and_scopes_of_an_operation_are_the_described_ones(name):
    one = BY_NAME[name]
    described = description().operations[one.method, one.path]
    rate = {"burst": f"{one.rate[0]}/s", "steady": f"{one.rate[1]}/m"}
    if one.daily:
        rate["daily"] = f"{one.daily}/d"
    assert described["x-klaviyo-ratelimit"] == rate
    assert sorted(described["x-klaviyo-scopes"]) == sorted(one.scopes)
    assert described["operationId"] == name


def test_every_operation_has_one_place():
    assert len({(one.method, one.path) for one in ALL}) == len(ALL) == len(BY_NAME)


def test_the_check_of_answers_finds_what_is_wrong():
    answer = {"data": [{"type": "list", "id": 7, "attributes": {"nick": "x", "created": "today"}}]}
    found = description().faults_of_answer("GET", "/api/lists", 200, answer)
    assert "$.data[0].id: 7 is no string" in found
    assert "$.data[0].attributes: there is no nick" in found
    assert "$.data[0].attributes.created: 'today' is no moment" in found
    assert "$.data[0]: links is missing" in found
    assert description().faults_of_answer("GET", "/api/lists", 404, {"errors": [{"id": "1"}]}) != []

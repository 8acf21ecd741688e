"""Segments written by hand: checked, counted ahead, held by every refresh, kept in every version."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from stored_rows import a_customer, an_order, together

from shop_app.errors import InvalidInputError, NotFoundError, RefusedError
from shop_app.services.fit_models import fit_models
from shop_app.services.own_segments import (
    get_own,
    list_own,
    own_file,
    preview_own,
    read_own_file,
    read_own_form,
    retire_own,
    save_own,
)
from shop_app.services.refresh_customers import refresh_customers
from shop_app.storage import customer_scores, decisions, own_segments
from shop_app.storage.engine import transaction

BIG = {"slug": "big", "name": "Big", "description": "", "when": {"feature": "total_spent", "at_least": 100}}


@pytest.fixture
def shop(shop_id, as_of):
    """Ann has spent 150 euros in two orders, Bob 20 in one."""
    with together(shop_id):
        ann, bob = (a_customer(shop_id, email=f"{name}@example.com") for name in ("ann", "bob"))
        for days, total in ((10, 9_000), (40, 6_000)):
            an_order(shop_id, ann, at=as_of - timedelta(days=days), total=total)
        an_order(shop_id, bob, at=as_of - timedelta(days=9), total=2_000)
    fit_models(shop_id, as_of=as_of)
    refresh_customers(shop_id, None, as_of=as_of)
    return SimpleNamespace(id=shop_id, ann=ann, bob=bob, as_of=as_of)


def save(shop, segment=BIG, *, confirmed=False):
    rule = read_own_form(shop.id, segment)
    save_own(shop.id, [rule], confirmed=confirmed, who="ann", at=shop.as_of, as_of=shop.as_of)


def held(shop):
    frame = customer_scores.read_all(shop.id)
    return {row["customer_id"]: row["own_segments"] for row in frame.to_dicts() if row["own_segments"]}


def test_a_saved_segment_holds_whom_its_rule_means_beside_the_published_one(shop):
    save(shop)
    assert held(shop) == {shop.ann: ["big"]}
    story = get_own(shop.id, "big")
    assert (story.version, story.customer_count, story.written_by) == (1, 1, "ann")
    assert "€100.00" in story.words


def test_one_customer_after_a_change_is_held_as_in_a_full_run(shop):
    save(shop)
    an_order(shop.id, shop.bob, at=shop.as_of - timedelta(days=1), total=20_000)
    refresh_customers(shop.id, [shop.bob], as_of=shop.as_of)
    assert held(shop) == {shop.ann: ["big"], shop.bob: ["big"]}


def test_a_change_is_a_new_version_and_saving_the_same_again_is_none(shop):
    save(shop)
    save(shop)
    save(shop, BIG | {"when": {"feature": "total_spent", "at_least": 10}})
    assert held(shop) == {shop.ann: ["big"], shop.bob: ["big"]}
    with transaction(shop.id) as connection:
        assert [each.version for each in own_segments.list_versions(connection, "big")] == [2, 1]
        lines = decisions.list_newest(connection, kind="rule")
    assert [(line.who, line.from_state, line.to_state) for line in lines] == [
        ("ann", "version 1", "version 2"),
        ("ann", None, "version 1"),
    ]


def test_a_preview_counts_without_storing(shop):
    preview = preview_own(shop.id, read_own_form(shop.id, BIG).rule)
    assert (preview.customer_count, preview.of_count) == (1, 2)
    assert list_own(shop.id) == []


def test_a_retired_segment_holds_nobody_and_comes_back_as_the_next_version(shop):
    save(shop)
    retire_own(shop.id, "big", who="ann", at=shop.as_of, as_of=shop.as_of)
    assert (held(shop), list_own(shop.id)) == ({}, [])
    with pytest.raises(NotFoundError):
        retire_own(shop.id, "big", who="ann", at=shop.as_of, as_of=shop.as_of)
    save(shop)
    assert get_own(shop.id, "big").version == 2


def test_the_file_of_all_segments_reads_back_as_the_same(shop):
    save(shop)
    save(shop, {**BIG, "slug": "two", "name": "Two", "when": {"any": [BIG["when"], BIG["when"]]}})
    text = own_file(shop.id)
    again = read_own_file(shop.id, text)
    assert [segment.slug for segment in again] == ["big", "two"]
    save_own(shop.id, again, confirmed=False, who="bob", at=shop.as_of, as_of=shop.as_of)
    assert {story.version for story in list_own(shop.id)} == {1}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"slug": "Big one"}, "slug"),
        ({"name": ""}, "name"),
        ({"when": {"feature": "order_cuont", "at_least": 2}}, "when.feature"),
        ({"when": {"feature": "order_count", "at_least": "two"}}, "when.at_least"),
    ],
)
def test_a_wrong_part_is_refused_with_its_place_and_nothing_is_stored(shop, change, place):
    with pytest.raises(InvalidInputError) as refused:
        read_own_form(shop.id, BIG | change)
    assert refused.value.field == place
    assert list_own(shop.id) == []


def test_what_the_law_protects_needs_a_confirmation_that_is_noted_down(shop):
    muslim = BIG | {"slug": "halal", "name": "Halal buyers"}
    with pytest.raises(RefusedError, match="religion"):
        save(shop, muslim)
    assert list_own(shop.id) == []
    save(shop, muslim, confirmed=True)
    with transaction(shop.id) as connection:
        (line,) = decisions.list_newest(connection, kind="confirmation")
    assert (line.who, line.about) == ("ann", "halal")


def test_another_shop_sees_none_of_it(shop, make_shop):
    save(shop)
    assert list_own(make_shop()) == []

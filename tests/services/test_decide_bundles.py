"""Decisions on offers: only on what was shown, only where nothing speaks against it, each written down."""

from datetime import timedelta

import pytest
from offer_shop import CUP, NOW, approved, bundle, buy_get, change_variants, discounts, kept
from tellings import rows

from shop_app.errors import InvalidInputError, NotFoundError, RefusedError
from shop_app.services.decide_bundles import (
    DUE,
    approve_bundle,
    discard_draft,
    pause_bundle,
    resume_bundle,
    retire_bundle,
)
from shop_app.services.draft_bundles import change_draft, draft_bundle
from shop_app.storage import bundles, due_work
from shop_app.storage.engine import shopless

ANN = {"who": "Ann", "at": NOW}
SOON = NOW + timedelta(hours=2)


def a_draft(shop, **changes):
    return draft_bundle(shop, buy_get(shop, **changes), title="Tea for two", facts={}, **ANN)


def test_an_approval_is_of_exactly_what_was_shown(offers):
    shown = a_draft(offers)
    change_draft(offers, shown.id, {"discount_percent": 19}, **ANN)
    with pytest.raises(RefusedError, match="changed since it was shown"):
        approve_bundle(offers, shown.id, fingerprint=shown.fingerprint, **ANN)
    change_draft(offers, shown.id, {"discount_percent": 15, "title": "Another name"}, **ANN)
    with pytest.raises(RefusedError, match="changed since it was shown"):
        approve_bundle(offers, shown.id, fingerprint=shown.fingerprint, **ANN)
    change_draft(offers, shown.id, {"title": "Tea for two"}, **ANN)
    done = approve_bundle(offers, shown.id, fingerprint=shown.fingerprint, note="Go", **ANN)
    assert (done.state, done.decided_by, done.note, done.settled) == ("approved", "Ann", "Go", False)
    with shopless() as connection:
        assert due_work.list_of_shop(connection, offers)[DUE] == NOW


def test_nothing_is_approved_that_something_speaks_against(offers, store):
    draft = a_draft(offers)
    change_variants(offers, store, {CUP: {"inventoryQuantity": 3}})
    with pytest.raises(InvalidInputError, match="has 3 left in stock") as refused:
        approve_bundle(offers, draft.id, fingerprint=draft.fingerprint, **ANN)
    assert refused.value.field == "gets"
    assert bundle(offers, draft.id).state == "draft"


def test_a_draft_that_is_thrown_away_was_never_anywhere(offers, store):
    draft = a_draft(offers)
    gone = discard_draft(offers, draft.id, note="No", **ANN)
    assert (gone.state, gone.settled, gone.live_from) == ("retired", True, None)
    kept(offers)
    assert discounts(store) == []
    with pytest.raises(RefusedError, match="it is retired"):
        approve_bundle(offers, draft.id, fingerprint=draft.fingerprint, **ANN)


def test_each_decision_fits_the_state_that_an_offer_is_in(offers):
    draft = a_draft(offers)
    for decide in (pause_bundle, resume_bundle, retire_bundle):
        with pytest.raises(RefusedError, match="it is a draft"):
            decide(offers, draft.id, **ANN)
        with pytest.raises(NotFoundError):
            decide(offers, 10**9, **ANN)
    number = approved(offers, buy_get(offers))
    kept(offers)
    with pytest.raises(RefusedError, match="it is live"):
        discard_draft(offers, number, **ANN)
    pause_bundle(offers, number, **ANN)
    with pytest.raises(RefusedError, match="it is paused"):
        pause_bundle(offers, number, **ANN)
    retire_bundle(offers, number, **ANN)
    for decide in (pause_bundle, resume_bundle, retire_bundle, discard_draft):
        with pytest.raises(RefusedError, match="it is retired"):
            decide(offers, number, **ANN)


def test_what_was_approved_can_be_retired_before_anything_was_made_of_it(offers, store):
    number = approved(offers, buy_get(offers))
    retire_bundle(offers, number, **ANN)
    kept(offers)
    assert (bundle(offers, number).settled, discounts(store)) == (True, [])
    assert store.calls(kind="mutation") == []


def test_what_cannot_go_on_is_not_resumed(offers, store):
    number = approved(offers, buy_get(offers, ends_at=SOON))
    kept(offers)
    kept(offers, SOON)
    with pytest.raises(InvalidInputError) as refused:
        resume_bundle(offers, number, who="Ann", at=SOON)
    assert refused.value.field == "ends_at"
    used_up = approved(offers, buy_get(offers, uses_most=1, code="TEA-1"))
    kept(offers)
    (made,) = [each for each in discounts(store) if each["code"]]
    store.put("discount", made | {"asyncUsageCount": 1})
    kept(offers, SOON)
    kept(offers, SOON + timedelta(minutes=15))
    with pytest.raises(RefusedError, match="as often as was agreed"):
        resume_bundle(offers, used_up, who="Ann", at=SOON)


def test_what_pauses_itself_while_somebody_lets_it_go_on_stays_paused(offers, monkeypatch):
    number = approved(offers, buy_get(offers))
    kept(offers)
    real = bundles.lock

    def just_after_it_paused(connection, bundle_id):
        bundles.pause_itself(connection, bundle_id, "margin", words="Its cost went up.")
        return real(connection, bundle_id)

    with monkeypatch.context() as patch:
        patch.setattr(bundles, "lock", just_after_it_paused)
        with pytest.raises(RefusedError, match="just paused itself"):
            resume_bundle(offers, number, **ANN)


def test_every_decision_is_written_down_with_who_and_why(offers):
    number = approved(offers, buy_get(offers))
    pause_bundle(offers, number, note="Inventory", **ANN)
    resume_bundle(offers, number, **ANN)
    retire_bundle(offers, number, note="Over", **ANN)
    told = rows(offers, "SELECT * FROM decisions WHERE kind = 'bundle' ORDER BY id")
    assert [(row["to_state"], row["who"], row["note"]) for row in told] == [
        ("drafted", "Ann", ""),
        ("approved", "Ann", ""),
        ("paused", "Ann", "Inventory"),
        ("approved", "Ann", ""),
        ("retired", "Ann", "Over"),
    ]
    assert {row["about"] for row in told} == {f"Tea for two ({number})"}

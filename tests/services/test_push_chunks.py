"""How much goes out at once: no more rows, and no more bytes, than a destination says."""

import json

import pytest
from push_shop import CUSTOMERS, a_push_shop, ours, sent, wanted, without_spared
from tellings import rows

from shop_app.destinations.base import Limits
from shop_app.destinations.shopify import ShopifyCustomers


@pytest.fixture
def chunks(monkeypatch):
    """The documents of every chunk, in their order."""
    seen, steps = [], ShopifyCustomers.steps

    def noted(self, given):
        seen.append([row.after for row in given])
        return steps(self, given)

    monkeypatch.setattr(ShopifyCustomers, "steps", noted)
    return seen


@pytest.mark.parametrize("most_bytes", [1, 2_000, 12_000_000])
def test_a_chunk_holds_no_more_bytes_than_a_destination_takes(store, chunks, monkeypatch, most_bytes):
    monkeypatch.setattr(ShopifyCustomers, "limits", Limits(chunk_rows=20_000, chunk_bytes=most_bytes))
    shop_id = a_push_shop(store)
    sent(shop_id, store)
    assert sum(len(chunk) for chunk in chunks) == CUSTOMERS
    for chunk in chunks:
        size = sum(len(json.dumps(each, separators=(",", ":"), ensure_ascii=False).encode()) for each in chunk)
        assert len(chunk) == 1 or size <= most_bytes
    assert (len(chunks) == 1) == (most_bytes > 1_000_000)
    assert rows(shop_id, "SELECT DISTINCT state FROM push_states") == [{"state": "settled"}]
    assert without_spared(ours(store)) == wanted(shop_id)

"""What sells together, what follows what, and the offers that were made, as tables that leave."""

from collections.abc import Iterator
from typing import Any

from shop_app.segments.small_groups import LEAST_PEOPLE
from shop_app.services.describe_bundles import list_rows
from shop_app.services.describe_offers import card_of, list_offers
from shop_app.storage import shop_settings
from shop_app.storage.engine import transaction

Row = dict[str, Any]


def pair_rows(shop_id: int, segment: str | None, *, shared: bool = False) -> Iterator[Row]:
    """Yield one row a pair, of everybody or of one segment beside the store; see :func:`_findings`."""
    return _findings(shop_id, "segment_pair" if segment else "pair", segment, "count" if shared else "")


def sequence_rows(shop_id: int, segment: str | None, *, shared: bool = False) -> Iterator[Row]:
    """Yield one row a sequence; see :func:`_findings`."""
    return _findings(shop_id, "sequence", segment, "customers" if shared else "")


def offer_rows(shop_id: int) -> Iterator[Row]:
    """Yield one row an offer that was made, the newest first."""
    currency = _currency(shop_id)
    for bundle in list_offers(shop_id):
        yield card_of(bundle) | {"currency": currency}


def _findings(shop_id: int, kind: str, segment: str | None, counted: str) -> Iterator[Row]:
    """Yield findings; of those named by ``counted`` only where enough people are behind them."""
    currency = _currency(shop_id)
    for row in list_rows(shop_id, kind, segment=segment or "", with_goods=True):
        if not counted or (row[counted] or 0) >= LEAST_PEOPLE:
            yield row | {"segment": segment, "currency": currency}


def _currency(shop_id: int) -> str:
    with transaction(shop_id) as connection:
        return shop_settings.read(connection).currency

"""Everything that leaves as a table: customers, segments, predictions, the ledger, a page at a time."""

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from shop_app.errors import InvalidInputError, RefusedError
from shop_app.segments.ledger import VERDICTS
from shop_app.segments.money import minor_digits
from shop_app.services.export_bundles import offer_rows, pair_rows, sequence_rows
from shop_app.services.export_words import definition_rows, playbook_rows
from shop_app.services.left_out import columns_of, guards_by_person, with_left_out, without_small_groups
from shop_app.services.measure_people import judge, rules_of
from shop_app.services.plan_pushes import label_maker
from shop_app.services.push_labels import LabelMaker
from shop_app.services.segment_reasons import reason
from shop_app.storage import customer_scores, order_history, people, segment_runs, shop_settings
from shop_app.storage.engine import transaction
from shop_app.storage.ledger_facts import read_order_page

Row = dict[str, Any]

BY_SEGMENT = ("customers", "predictions", "pairs", "sequences")
PAGE_SIZE = 2_000
LEDGER_PAGE_SIZE = 20_000

_SEGMENT_COLUMNS = (
    "slug", "name", "customer_count", "customer_share_ratio", "revenue", "revenue_share_ratio", "order_count",
    "average_order_value", "median_recency_days", "discount_share_ratio", "description", "advice",
)  # fmt: skip
_PREDICTION_COLUMNS = ("segment", "rfm_group", *customer_scores.PREDICTION_COLUMNS, "as_of")
_NOT_TOLD = ("customer_id", "settled_segment", "fit_id", "own_segments")
_MONEY = {
    "total": "order_currency",
    **dict.fromkeys(
        (
            "total_spent",
            "average_order_value",
            "order_value_deviation",
            "revenue",
            "paid",
            "refunded",
            "net_revenue",
            "spend_per_visit",
            "abandoned_value_90d",
            "predicted_clv_365d",
            "predicted_clv_365d_low",
            "predicted_clv_365d_high",
            *("unit_margin", "price", "discount_given", "goods_cost", "margin_earned"),
            *("extra_per_customer", "extra_per_customer_low", "extra_per_customer_high"),
        ),
        "currency",
    ),
}
# Which columns are money, and which column says in what.


def iter_export(
    shop_id: int, what: str, *, segment: str | None = None, as_of: datetime, shared: bool = False
) -> Iterator[Row]:
    """Yield the rows of one export; all of them have the same keys.

    ``customers``, ``predictions`` (both of one segment, if it is named) and ``segments`` are the stored ones,
    true for their own ``as_of``; ``definitions`` are the live ones, ``playbook`` what to do with each. The
    ``ledger`` has one row an order, judged for the ``as_of`` that is given. ``pairs`` and ``sequences`` (of one
    segment, if it is named) are those of the newest look at the baskets, ``bundles`` the offers that were made.
    Money is minor units,
    with the currency beside it. ``shared`` is for whoever may not see single customers by looking at sums:
    figures of segments of under five people are left out.

    Raises
    ------
    InvalidInputError
        There is no export of that name, or it has no segments to choose from.
    RefusedError
        The shop has not been refreshed yet.
    """
    exports: dict[str, Callable[[], Iterator[Row]]] = {
        "customers": lambda: _customers(shop_id, segment, as_of, _customer),
        "predictions": lambda: _customers(shop_id, segment, as_of, _prediction),
        "segments": lambda: _segments(shop_id, as_of, shared=shared),
        "definitions": lambda: definition_rows(shop_id),
        "playbook": lambda: playbook_rows(shop_id, now=as_of),
        "ledger": lambda: _ledger(shop_id, as_of),
        "pairs": lambda: pair_rows(shop_id, segment, shared=shared),
        "sequences": lambda: sequence_rows(shop_id, segment, shared=shared),
        "bundles": lambda: offer_rows(shop_id),
    }
    if what not in exports:
        raise InvalidInputError(f"what must be one of {', '.join(exports)}, not {what!r}.", field="what")
    if segment is not None and what not in BY_SEGMENT:
        raise InvalidInputError(
            f"segment: only {', '.join(BY_SEGMENT)} can be exported by segment.", field="segment"
        )
    return exports[what]()


_Told = Callable[[Row, list[people.CustomerRow], LabelMaker], Row]


def _customers(shop_id: int, segment: str | None, as_of: datetime, told: _Told) -> Iterator[Row]:
    after_id = 0
    maker = label_maker(shop_id)
    if maker is None:
        return
    while True:
        with transaction(shop_id) as connection:
            page = customer_scores.list_after(connection, segment=segment, after_id=after_id, limit=PAGE_SIZE)
            segments = {row["customer_id"]: row["segment"] for row in page}
            known = _by_person(people.list_rows(connection, shop_id, list(segments)))
            guards = guards_by_person(connection, maker, segments, at=as_of)
        for row in page:
            if (person_id := row["customer_id"]) in known:
                yield told(row, known[person_id], maker) | columns_of(guards.get(person_id, []))
        if len(page) < PAGE_SIZE:
            return
        after_id = page[-1]["customer_id"]


def _by_person(rows: list[people.CustomerRow]) -> dict[int, list[people.CustomerRow]]:
    found: dict[int, list[people.CustomerRow]] = {}
    for row in rows:
        found.setdefault(row.person_id, []).append(row)
    return found


def _customer(scores: Row, rows: list[people.CustomerRow], maker: LabelMaker) -> Row:
    own, contact = rows[0], people.contact_of(rows)
    return {
        "customer_id": own.person_id,
        "shopify_id": own.shopify_id,
        "source_key": own.source_key,
        "name": contact.name,
        "email": contact.email,
        "phone": contact.phone,
        "email_consent": own.email_consent,
        "sms_consent": own.sms_consent,
        "country": own.country,
        "currency": maker.shop.currency,
        **{name: value for name, value in scores.items() if name not in _NOT_TOLD},
        "own_segments": " ".join(scores["own_segments"] or ()),
        "reason": reason(scores, maker.models, maker.shop),
    }


def _prediction(scores: Row, rows: list[people.CustomerRow], maker: LabelMaker) -> Row:
    own = rows[0]
    return {
        "customer_id": own.person_id,
        "shopify_id": own.shopify_id,
        "source_key": own.source_key,
        "currency": maker.shop.currency,
        **{name: scores[name] for name in _PREDICTION_COLUMNS},
    }


def _segments(shop_id: int, as_of: datetime, *, shared: bool) -> Iterator[Row]:
    with transaction(shop_id) as connection:
        summary = segment_runs.read_newest(connection)
    maker = label_maker(shop_id)
    if summary is None or maker is None:
        raise RefusedError("This shop has no segments yet; `kindred refresh` works them out.")
    of_all = {name: summary[name] for name in ("as_of", "currency", "vocabulary")}
    rows = [{**{name: row[name] for name in _SEGMENT_COLUMNS}, **of_all} for row in summary["segments"]]
    rows = with_left_out(shop_id, maker, rows, at=as_of)
    return iter(without_small_groups(rows) if shared else rows)


def _ledger(shop_id: int, as_of: datetime) -> Iterator[Row]:
    after_id = 0
    while True:
        with transaction(shop_id) as connection:
            shop = shop_settings.read(connection)
            facts = read_order_page(shop_id, rules_of(shop), after_order_id=after_id, limit=LEDGER_PAGE_SIZE)
            names = order_history.read_names(connection, facts.orders["order_id"].to_list())
        judged = judge(facts, rules_of(shop), as_of=as_of)
        placed = judged.hstack(facts.orders.select("total", "channel", order_currency="currency"))
        yield from (_order(row, names, shop.currency) for row in placed.iter_rows(named=True))
        if placed.height < LEDGER_PAGE_SIZE:
            return
        after_id = placed["order_id"][-1]


def _order(row: Row, names: dict[int, str], currency: str) -> Row:
    return {
        "order_id": row["order_id"],
        "name": names.get(row["order_id"], ""),
        "processed_at": row["processed_at"],
        "customer_id": row["customer_id"],
        "channel": row["channel"],
        "verdict": row["verdict"],
        "words": VERDICTS[row["verdict"]],
        "order_currency": row["order_currency"],
        "total": row["total"],
        "currency": currency,
        "paid": row["paid"],
        "refunded": row["refunded"],
        "net_revenue": row["net_revenue"],
    }


def in_units(row: Row) -> Row:
    """Return the row with money in units of its currency (12.50), as people and spreadsheets read it."""
    digits = {name: minor_digits(row[currency]) for name, currency in _MONEY.items() if currency in row}
    return {
        name: Decimal(round(value)).scaleb(-digits[name]) if name in digits and value is not None else value
        for name, value in row.items()
    }

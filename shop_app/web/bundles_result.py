"""Did a bundle work: orders with it, a statement to the cent, with and without it, by segment, a verdict."""

from collections.abc import Mapping
from typing import Any

from shop_app.services.bundle_words import METHODS, VERDICTS
from shop_app.services.describe_bundles import Overview
from shop_app.storage.bundles import Bundle
from shop_app.web.bundles_pages import Cell, Result, Table
from shop_app.web.bundles_tables import plain_headings
from shop_app.web.chosen_shop import ChosenShop
from shop_app.web.formats import NOTHING, Formats, count, counted, percent
from shop_app.web.pages import Fact, Notice

_TONES = {"scale": "success", "keep": "success", "retire": "warning"}
_ARMS = {
    "treatment": "Could use it",
    "control": "Left out by lot",
    "since": "Since it began",
    "before": "As long before",
}
_MEASURES = {"customers": "Customers", "revenue_per_customer": "Spent per customer"}
_SOON = "What came of it is worked out each night; the first time in the night after it went live."
_CHOSEN = "Whoever buys a bundle chooses to, so the difference of the two order values is no effect of it."


def result_of(shop: ChosenShop, bundle: Bundle, overview: Overview) -> Result | None:
    """Tell what came of a bundle, ``None`` where it never went live."""
    if bundle.live_from is None:
        return None
    result, formats = bundle.result, shop.formats
    is_known = bool(result) and bundle.measured_at is not None
    return Result(
        verdict=_verdict(result, overview, formats),
        words=_words(bundle, formats) if is_known else (_SOON,),
        figures=_figures(result, formats) if is_known else (),
        statement=_statement(result.get("account") or {}, formats),
        arms=_arms(result.get("arms") or {}, formats),
        segments=_segments(result.get("table") or [], overview, formats),
    )


def _verdict(result: Mapping[str, Any], overview: Overview, formats: Formats) -> Notice | None:
    name = str(result.get("verdict") or "")
    if name not in VERDICTS:
        return None
    words = [reason_words(reason, formats) for reason in result.get("reasons") or ()]
    related = [overview.segments.get(slug, slug) for slug in result.get("related_segments") or ()]
    if related:
        words.append(f"The same sells together in {', '.join(related)}, who do not have it yet.")
    return Notice(_TONES[name], VERDICTS[name], tuple(words))


def reason_words(reason: Mapping[str, Any], formats: Formats) -> str:
    """Return one reason of a verdict; an amount belongs behind its words."""
    amount = reason.get("amount")
    return str(reason["words"]) if amount is None else f"{reason['words']} {formats.money(amount)}."


def _words(bundle: Bundle, formats: Formats) -> tuple[str, ...]:
    result, lines = bundle.result, []
    method = METHODS.get(str(result.get("method", "")))
    if method:
        lines.append(f"The effect is {method}.")
    if result.get("window_days"):
        lines.append(
            f"It is looked at over {counted(int(result['window_days']), 'day')}, as was fixed before it began; "
            f"it has been live for {counted(int(result.get('days_live') or 0), 'day')}. "
            f"Worked out {formats.moment(bundle.measured_at)}."
        )
    return tuple(lines)


def _figures(result: Mapping[str, Any], formats: Formats) -> tuple[Fact, ...]:
    orders, eligible = result.get("orders"), result.get("attach_eligible")
    attached = f"of {count(eligible)} orders that could" if eligible is not None else "of orders that could"
    if result.get("attach_low") is not None:
        attached += f"; {percent(result['attach_low'])} to {percent(result['attach_high'])}"
    account = result.get("account") or {}
    facts = [
        Fact("Orders with it", _count(orders), f"used {_count(result.get('times'))} times"),
        Fact("Attach rate", percent(result.get("attach_ratio")), attached),
        Fact("Paid for it an order", formats.money(account.get("order_value")), "after returns"),
    ]
    if result.get("extra") is None:
        facts.append(Fact("Spent more, each", NOTHING, "cannot be measured, so no number is shown"))
    else:
        low, high = (formats.money(result.get(f"extra_{end}")) for end in ("low", "high"))
        facts.append(
            Fact("Spent more, each", formats.money(result["extra"]), f"{low} to {high} in 95 of 100 cases")
        )
    return tuple(facts)


def _statement(account: Mapping[str, Any], formats: Formats) -> Table:
    """Write the statement: to the minor unit, and every sum is what the lines above it add up to."""
    rows: list[tuple[str, str, int | None]] = []
    if account:
        rows = [
            ("At list price", "what the goods cost without it", account["list_price"]),
            ("Discount given", _anyway_words(account, formats), -account["discount"]),
            ("Paid", "", account["paid"]),
            ("Returned", "", -account["refunded"]),
            ("Net revenue", "", account["net_revenue"]),
        ]
        if account["uncosted_revenue"]:
            orders = counted(account["uncosted_order_count"], "order")
            rows.append(
                ("Of unknown cost", f"{orders}; nothing is earned on them", -account["uncosted_revenue"])
            )
        rows.append(("Cost of the goods", "", -account["cost"]))
        if account["other_costs"]:
            rows.append(("Other costs", "", -account["other_costs"]))
        ratio = account.get("margin_ratio")
        rows.append(("Margin", "" if ratio is None else f"{percent(ratio)} of the revenue", account["margin"]))
    return Table(
        name="Profit and loss",
        caption="Profit and loss of the bundle, to the cent",
        headings=plain_headings("Line", "Amount"),
        rows=tuple((Cell(name, note), Cell(formats.money(amount))) for name, note, amount in rows),
        nothing="No order has used it yet.",
    )


def _anyway_words(account: Mapping[str, Any], formats: Formats) -> str:
    given = account.get("discount_to_anyway")
    if given is None:
        return ""
    return f"about {formats.money(given)} of it to people who would have bought it all anyway"


def _arms(arms: Mapping[str, Any], formats: Formats) -> Table:
    named = [name for name in _ARMS if name in arms]
    return Table(
        name="With and without it",
        caption="Customers with the bundle beside those without it",
        headings=plain_headings("Figure", *(_ARMS[name] for name in named)),
        rows=tuple(
            (Cell(words), *(Cell(_measure(measure, arms[name].get(measure), formats)) for name in named))
            for measure, words in _MEASURES.items()
            if named
        ),
        nothing="There is nobody yet to set beside its customers.",
        words="Means after the few largest spenders are cut to what buyers spend at most as a rule.",
    )


def _segments(rows: list[Mapping[str, Any]], overview: Overview, formats: Formats) -> Table:
    return Table(
        name="Table of segments",
        caption="Order value before and with the bundle, and who came back, by segment",
        headings=plain_headings("Segment", "Order value before", "With the bundle", "Came back", "Lost"),
        rows=tuple(
            (
                Cell(overview.segments.get(row["segment"], row["segment"]), _customers(row)),
                Cell(formats.money(row.get("baseline_order_value")), _orders(row, "baseline_orders")),
                Cell(formats.money(row.get("bundle_order_value")), _orders(row, "bundle_orders")),
                Cell(percent(row.get("retention_ratio"))),
                Cell(percent(row.get("churn_ratio"))),
            )
            for row in rows
        ),
        nothing="Not enough orders to tell segments apart.",
        words=f"{_CHOSEN} Came back, and lost: of those who ordered in as many days before it.",
    )


def _customers(row: Mapping[str, Any]) -> str:
    return "" if row.get("customers") is None else counted(row["customers"], "customer")


def _orders(row: Mapping[str, Any], name: str) -> str:
    return "" if row.get(name) is None else counted(row[name], "order")


def _measure(name: str, value: float | None, formats: Formats) -> str:
    return _count(value) if name == "customers" else formats.money(value)


def _count(value: float | None) -> str:
    return NOTHING if value is None else count(value)

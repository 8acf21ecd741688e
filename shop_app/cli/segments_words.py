"""A shop's segments as a person reads them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import click

from shop_app.cli.shop_choice import print_table
from shop_app.services.segment_choices import SegmentChoices
from shop_app.web.fit_words import goal_name, method_name
from shop_app.web.formats import Formats, capital, count, days, percent

Summary = dict[str, Any]

_CHURN, _VALUE = "churn_probability_90d", "predicted_clv_365d"


def print_segments(summary: Summary, choices: SegmentChoices, unpublished: Mapping[str, str]) -> None:
    """Print the shop, its segments, and what they rest on."""
    formats = Formats(summary["currency"], summary["timezone"])
    _print_head(summary, choices, formats)
    _print_table(summary, formats)
    _print_steadiness(summary)
    if summary["grouping"] is not None and _CHURN not in _predicted(summary) and _CHURN in unpublished:
        click.echo(f"\nChurn risk is not published yet. {capital(unpublished[_CHURN])}")
    _print_foot(summary, formats)


def _print_head(summary: Summary, choices: SegmentChoices, formats: Formats) -> None:
    as_of = formats.moment(datetime.fromisoformat(summary["as_of"]))
    click.echo(f"{summary['title']}, as of {as_of}{'' if summary['stored'] else ' (worked out, not stored)'}")
    click.echo(
        f"{count(summary['customer_count'])} customers, {count(summary['buyer_count'])} of them buyers; "
        f"{count(summary['order_count'])} orders; revenue {formats.money(summary['revenue'])}; "
        f"average order {formats.money(summary['average_order_value'])}; "
        f"bought again {percent(summary['repeat_rate_ratio'])}"
    )
    click.echo(f"{_made_how(summary, choices, formats)}\n")


def _made_how(summary: Summary, choices: SegmentChoices, formats: Formats) -> str:
    grouping = summary["grouping"]
    if grouping is None:
        words = "These are the groups of the marks 1 to 5"
        return (
            f"{words}; `kindred fit` learns groups of this shop's own."
            if summary["stored"]
            else f"{words}: on that day none were learned."
        )
    method = method_name(grouping["method"])
    learned = formats.date(datetime.fromisoformat(grouping["fitted_for"]))
    return (
        f"Goal: {goal_name(grouping['goal'], choices)}. Made by {method[:1].lower()}{method[1:]}: version "
        f"{grouping['version']}, learned from everything until {learned}."
    )


def _print_table(summary: Summary, formats: Formats) -> None:
    header = ["Segment", "Customers", "Share", "Revenue", "Share", "Average order", "Last order (median)"]
    predicted = _predicted(summary)
    header += [name for column, name in _PREDICTED.items() if column in predicted]
    rows = [_row(group, formats) + _outlook(group, predicted, formats) for group in summary["segments"]]
    print_table(header, rows, right=range(1, len(header)))


def _row(group: Summary, formats: Formats) -> list[str]:
    return [
        group["name"],
        count(group["customer_count"]),
        percent(group["customer_share_ratio"]),
        formats.money(group["revenue"]),
        percent(group["revenue_share_ratio"]),
        formats.money(group["average_order_value"]),
        days(group["median_recency_days"]),
    ]


_PREDICTED = {_CHURN: "No order in 90 days", _VALUE: "Value in a year"}


def _predicted(summary: Summary) -> list[str]:
    """Return the predictions that are published: known of one segment at least."""
    return [
        column for column in _PREDICTED if any(group.get(column) is not None for group in summary["segments"])
    ]


def _outlook(group: Summary, predicted: list[str], formats: Formats) -> list[str]:
    written = {_CHURN: percent(group.get(_CHURN)), _VALUE: formats.money(group.get(_VALUE))}
    return [written[column] for column in predicted]


def _print_steadiness(summary: Summary) -> None:
    stability = summary["stability"]
    if stability is not None:
        click.echo(f"\n{' '.join(stability['words'])}")


def _print_foot(summary: Summary, formats: Formats) -> None:
    edges = summary["edges"]
    click.echo(
        f"\nEdges of the marks 1 to 5. {edges['source_words']}\n"
        f"  days since the last order  {', '.join(f'{edge:,.1f}' for edge in edges['recency_days'])}\n"
        f"  orders                     {', '.join(count(edge) for edge in edges['order_count'])}\n"
        f"  spent                      {', '.join(formats.money(edge) for edge in edges['total_spent'])}"
    )
    left_out = [item for item in summary["ledger"] if item["verdict"] != "counts"]
    if left_out:
        click.echo("\nOrders that do not count")
        print_table(
            ["Why", "Orders", "Amount"],
            [[item["words"], count(item["order_count"]), formats.money(item["amount"])] for item in left_out],
            right=(1, 2),
        )
    click.echo(f"\n{summary['tier']['words']}")
    for words in summary["tier"]["missing"]:
        click.echo(f"  {words}")

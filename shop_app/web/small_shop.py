"""What a small shop is told: why it sees fewer groups, and where the marks' limits come from."""

from typing import Any

from shop_app.segments.rfm import MIN_BUYERS
from shop_app.segments.vocabularies import LADDERS
from shop_app.web.formats import count, counted
from shop_app.web.pages import Notice

Summary = dict[str, Any]


def small_shop_notices(summary: Summary) -> tuple[Notice, ...]:
    """Return what is different for a shop of this size, nothing for a large one."""
    sentences = (*_ladder_sentences(summary), *_edge_sentences(summary))
    if summary["ladder"] == "all" and summary["edges"]["source"] != "fixed":
        return ()
    buyers = counted(summary["buyer_count"], "customer")
    return (Notice("info", f"{buyers} with an order so far: a small store's segments", sentences),)


def _ladder_sentences(summary: Summary) -> tuple[str, ...]:
    if summary["ladder"] == "all":
        return ()
    three, five = count(LADDERS["three"]), count(LADDERS["five"])
    if summary["ladder"] == "three":
        return (
            f"Three groups are shown; from {three} customers with an order on five, from {five} on all.",
            "Smaller groups would be a handful of people each.",
        )
    return (f"Five groups are shown; from {five} customers with an order on all of them.",)


def _edge_sentences(summary: Summary) -> tuple[str, ...]:
    if summary["edges"]["source"] != "fixed":
        return ()
    return (
        f"Below {count(MIN_BUYERS)} customers the marks are cut at fixed limits in days, orders and money.",
        "These limits stand under the grid.",
    )

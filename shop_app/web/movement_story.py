"""A comparison of two days in pictures, tables and sentences."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from markupsafe import Markup

from shop_app.charts.alluvial import Flow, Node, alluvial
from shop_app.web.formats import NOTHING, Formats, count, counted, day_words, percent, points
from shop_app.web.movement_pages import Matrix, MatrixCell, MatrixRow, Movements, MoveRow, ShareRow
from shop_app.web.pages import Fact, Link

Found = dict[str, Any]

CAME, WENT = "came", "went"
"""The bars of those who are customers on one of the two days only."""
MOST_MOVES = 15

_NEW, _GONE = "Not there yet", "Not there any more"


def movements_story(found: Found, days: tuple[date, date], export: Link, formats: Formats) -> Movements:
    """Write a comparison down; ``days`` are the two that were chosen."""
    names = _names(found)
    movers = [flow for flow in found["flows"] if flow["from"] != flow["to"]]
    return Movements(
        heading=f"From {day_words(days[0])} to {day_words(days[1])}",
        facts=_facts(found),
        words=tuple(found["words"]),
        chart=_chart(found, names, days, formats),
        shares=tuple(_share_row(row, found, names) for row in found["segments"]),
        moves=tuple(_move_row(flow, names, formats) for flow in movers[:MOST_MOVES]),
        moves_words=_moves_words(len(movers)),
        matrix=_matrix(found, names),
        export=export,
    )


def _names(found: Found) -> dict[str, str]:
    slugs = {row["slug"] for row in found["segments"]}
    return {slug: found["names"].get(slug, slug.replace("-", " ").capitalize()) for slug in slugs}


def _facts(found: Found) -> tuple[Fact, ...]:
    both = found["stayed_count"] + found["moved_count"]
    share = f"{percent(found['moved_count'] / both)} of those there on both days" if both else ""
    return (
        Fact("Changed their segment", count(found["moved_count"]), share),
        Fact("Stayed", count(found["stayed_count"]), "in the same segment"),
        Fact("New", count(found["entered_count"]), "not there on the earlier day"),
        Fact("Gone", count(found["left_count"]), "not there on the later day"),
    )


def _chart(found: Found, names: dict[str, str], days: tuple[date, date], formats: Formats) -> Markup:
    order = [row["slug"] for row in found["segments"]]
    counts = {row["slug"]: row for row in found["segments"]}
    before = [Node(slug, f"{names[slug]} {count(counts[slug]['before_count'])}") for slug in order]
    after = [Node(slug, f"{names[slug]} {count(counts[slug]['after_count'])}") for slug in order]
    flows = [
        Flow(
            start=flow["from"] or CAME,
            end=flow["to"] or WENT,
            value=flow["customer_count"],
            words=_flow_words(flow, names, formats),
            stays=flow["from"] == flow["to"],
        )
        for flow in found["flows"]
    ]
    return alluvial(
        [*before, Node(CAME, f"{_NEW} {count(found['entered_count'])}")],
        [*after, Node(WENT, f"{_GONE} {count(found['left_count'])}")],
        flows,
        label=f"{counted(found['moved_count'], 'customer')} changed their segment and "
        f"{count(found['stayed_count'])} stayed between {day_words(days[0])} and {day_words(days[1])}; "
        "the tables below tell each number",
    )


def _flow_words(flow: Found, names: dict[str, str], formats: Formats) -> str:
    people = counted(flow["customer_count"], "customer")
    spent = f"{formats.short_money(flow['amount'])} spent so far"
    if flow["from"] == flow["to"]:
        return f"{people} stayed in {names[flow['to']]}, {spent}"
    return f"{people} from {_start(flow, names)} to {_end(flow, names)}, {spent}"


def _start(flow: Found, names: dict[str, str]) -> str:
    return names[flow["from"]] if flow["from"] else _NEW


def _end(flow: Found, names: dict[str, str]) -> str:
    return names[flow["to"]] if flow["to"] else _GONE


def _share_row(row: Found, found: Found, names: dict[str, str]) -> ShareRow:
    movers = [flow for flow in found["flows"] if flow["from"] != flow["to"]]
    return ShareRow(
        name=names[row["slug"]],
        before=f"{count(row['before_count'])} ({percent(row['before_ratio'])})",
        after=f"{count(row['after_count'])} ({percent(row['after_ratio'])})",
        change=points(row["after_ratio"] - row["before_ratio"]),
        came=count(sum(flow["customer_count"] for flow in movers if flow["to"] == row["slug"])),
        went=count(sum(flow["customer_count"] for flow in movers if flow["from"] == row["slug"])),
    )


def _move_row(flow: Found, names: dict[str, str], formats: Formats) -> MoveRow:
    return MoveRow(
        start=_start(flow, names),
        end=_end(flow, names),
        customers=count(flow["customer_count"]),
        amount=formats.short_money(flow["amount"]),
        added=formats.short_money(flow["added"]),
    )


def _moves_words(number: int) -> str:
    if number > MOST_MOVES:
        return f"The {MOST_MOVES} largest of {number}; the file holds all of them."
    return "Spent between the days: what came from these customers after the earlier day."


def _matrix(found: Found, names: dict[str, str]) -> Matrix:
    """Set every segment of the earlier day against every one of the later, with who is new or gone."""
    order: list[str | None] = [row["slug"] for row in found["segments"]]
    cells = {(flow["from"], flow["to"]): flow["customer_count"] for flow in found["flows"]}
    starts = [slug for slug in [*order, None] if any(cells.get((slug, end)) for end in [*order, None])]
    ends = [slug for slug in [*order, None] if any(cells.get((start, slug)) for start in [*order, None])]
    return Matrix(
        columns=tuple(names[slug] if slug else _GONE for slug in ends),
        rows=tuple(_matrix_row(slug, ends, cells, names) for slug in starts),
        totals=tuple(count(sum(cells.get((start, end), 0) for start in starts)) for end in [*ends]),
    )


def _matrix_row(
    start: str | None,
    ends: Sequence[str | None],
    cells: dict[tuple[str | None, str | None], int],
    names: dict[str, str],
) -> MatrixRow:
    numbers = [cells.get((start, end), 0) for end in ends]
    return MatrixRow(
        name=names[start] if start else _NEW,
        cells=tuple(
            MatrixCell(count(number) if number else NOTHING, stays=start == end)
            for number, end in zip(numbers, ends, strict=True)
        ),
        total=count(sum(numbers)),
    )

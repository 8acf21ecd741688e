"""The 5 x 5 grid of recency and value marks: a table of links, with borders where groups meet."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from markupsafe import Markup

from shop_app.charts.markup import join

SHADES = 5
"""Steps of the sequential scale, besides 0 for nothing."""


@dataclass(frozen=True, slots=True)
class GridCell:
    """One cell; ``group`` decides the borders, ``text`` is shown, ``words`` are read out."""

    group: str
    group_name: str
    value: float
    text: str
    words: str
    tip: str
    href: str


@dataclass(frozen=True, slots=True)
class GridRow:
    """One recency mark with its range of days in short and in words."""

    label: str
    label_words: str
    cells: tuple[GridCell, ...]


def shade(value: float, largest: float) -> int:
    """Return 0 for nothing, else 1 to 5; by the square root, for a few cells hold most of a shop."""
    if value <= 0 or largest <= 0:
        return 0
    return 1 + min(SHADES - 1, int(SHADES * sqrt(min(value / largest, 1.0))))


def rfm_grid(rows: Sequence[GridRow], *, caption: str, corner: str, columns: Sequence[str]) -> Markup:
    """Draw the grid, most recent row first. The table is the whole chart: it needs no legend to be read."""
    largest = max((cell.value for row in rows for cell in row.cells), default=0.0)
    named = _first_of_each_area(rows)
    head = join(Markup('<th scope="col">{}</th>').format(column) for column in columns)
    body = join(_row(rows, number, largest, named) for number in range(len(rows)))
    return Markup(
        '<table class="rfm"><caption class="vh">{caption}</caption><thead><tr><th scope="col">'
        "<small>{corner}</small></th>{head}</tr></thead><tbody>{body}</tbody></table>"
    ).format(caption=caption, corner=corner, head=head, body=body)


def small_grid(groups: Sequence[Sequence[bool]], label: str) -> Markup:
    """Draw the grid's outline with one group's cells filled, as a picture with words."""
    squares = join(
        Markup('<rect class="{kind}" x="{x}" y="{y}" width="14" height="14" rx="2"/>').format(
            kind="in" if inside else "out", x=column * 16, y=line * 16
        )
        for line, row in enumerate(groups)
        for column, inside in enumerate(row)
    )
    return Markup(
        '<svg class="small-grid" viewBox="0 0 78 78" width="78" height="78" role="img" aria-label="{}">{}</svg>'
    ).format(label, squares)


def _row(rows: Sequence[GridRow], number: int, largest: float, named: set[tuple[int, int]]) -> Markup:
    row = rows[number]
    cells = join(_cell(rows, number, column, largest=largest, named=named) for column in range(len(row.cells)))
    return Markup(
        '<tr><th scope="row"><span aria-hidden="true">{}</span><span class="vh">{}</span></th>{}</tr>'
    ).format(row.label, row.label_words, cells)


def _cell(
    rows: Sequence[GridRow], number: int, column: int, *, largest: float, named: set[tuple[int, int]]
) -> Markup:
    cell = rows[number].cells[column]
    name = Markup("")
    if (number, column) in named:
        name = Markup('<small aria-hidden="true">{}</small>').format(cell.group_name)
    return Markup(
        '<td class="{borders}"><a class="shade{shade}" href="{cell.href}" data-tip="{cell.tip}">{name}'
        '<span>{cell.text}</span><span class="vh"> {cell.words}</span></a></td>'
    ).format(borders=_borders(rows, number, column), shade=shade(cell.value, largest), cell=cell, name=name)


def _borders(rows: Sequence[GridRow], number: int, column: int) -> str:
    """Name the sides on which another group lies; the grid's rim counts as one."""
    group = rows[number].cells[column].group
    neighbours = {
        "top": (number - 1, column),
        "end": (number, column + 1),
        "bottom": (number + 1, column),
        "start": (number, column - 1),
    }
    return " ".join(side for side, place in neighbours.items() if _group_at(rows, *place) != group)


def _group_at(rows: Sequence[GridRow], number: int, column: int) -> str | None:
    if not 0 <= number < len(rows) or not 0 <= column < len(rows[number].cells):
        return None
    return rows[number].cells[column].group


def _first_of_each_area(rows: Sequence[GridRow]) -> set[tuple[int, int]]:
    """Return the first place of every area of one group: where its name is written."""
    places = [(number, column) for number, row in enumerate(rows) for column in range(len(row.cells))]
    seen: set[tuple[int, int]] = set()
    first: set[tuple[int, int]] = set()
    for place in places:
        if place not in seen:
            first.add(place)
            seen |= _area(rows, place)
    return first


def _area(rows: Sequence[GridRow], start: tuple[int, int]) -> set[tuple[int, int]]:
    group = _group_at(rows, *start)
    area, edge = {start}, [start]
    while edge:
        number, column = edge.pop()
        around = ((number - 1, column), (number + 1, column), (number, column - 1), (number, column + 1))
        fresh = [place for place in around if place not in area and _group_at(rows, *place) == group]
        area.update(fresh)
        edge += fresh
    return area

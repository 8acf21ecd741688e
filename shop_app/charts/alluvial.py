"""Who went from where to where: two columns of bars, and a band for everybody who went the same way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from shop_app.charts.markup import figure, join

_WIDTH = 760
_LABEL_WIDTH = 190
_BAR_WIDTH = 10
_GAP = 8
_LINE_HEIGHT = 15
"""Names of thin bars stand at least so far apart."""
_THIN = 0.75
"""A band is drawn at least so thick, so that one customer among thousands can be seen."""
_BODY_HEIGHT = 340


@dataclass(frozen=True, slots=True)
class Node:
    """One group in a column; ``text`` stands beside its bar."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Flow:
    """Some people who went from one group to another; ``words`` stand in the band's title."""

    start: str
    end: str
    value: int
    words: str
    stays: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """Where a group's bar lies, from ``top`` downwards, and where its name is written."""

    top: float
    height: float
    label_y: float


Bars = Mapping[str, Bar]


def alluvial(before: Sequence[Node], after: Sequence[Node], flows: Sequence[Flow], *, label: str) -> Markup:
    """Draw the flows between two columns; each bar is as high as the people in it are many.

    Whoever came or went needs a bar of its own on the side where they are not, so that both columns are equally
    many people. Groups without people have no bar.
    """
    left, right = _sums(flows, "start"), _sums(flows, "end")
    total = sum(left.values())
    if not total:
        return Markup("")
    columns = [
        place_bars([node for node in nodes if node.key in sums], sums, total)
        for nodes, sums in ((before, left), (after, right))
    ]
    height = max(_bottom(bars) for bars in columns)
    bands = join(_bands(flows, columns[0], columns[1], total))
    return Markup(
        '<svg class="alluvial" viewBox="0 0 {width} {height}" role="img" aria-label="{label}">{bands}{left}'
        "{right}</svg>"
    ).format(
        width=_WIDTH,
        height=figure(height),
        label=label,
        bands=bands,
        left=_column(before, columns[0], is_left=True),
        right=_column(after, columns[1], is_left=False),
    )


def place_bars(nodes: Sequence[Node], sums: Mapping[str, int], total: int) -> dict[str, Bar]:
    """Lay a column out: bars in the order given, heights in proportion, names that do not touch."""
    bars: dict[str, Bar] = {}
    top, free_from = 0.0, 0.0
    for node in nodes:
        height = _BODY_HEIGHT * sums[node.key] / total
        label_y = max(top + height / 2, free_from + _LINE_HEIGHT / 2)
        bars[node.key] = Bar(top, height, label_y)
        top, free_from = top + height + _GAP, label_y + _LINE_HEIGHT / 2
    return bars


def _sums(flows: Sequence[Flow], side: str) -> dict[str, int]:
    sums: dict[str, int] = {}
    for flow in flows:
        if flow.value > 0:
            key = getattr(flow, side)
            sums[key] = sums.get(key, 0) + flow.value
    return sums


def _bottom(bars: Bars) -> float:
    return max(max(bar.top + bar.height, bar.label_y + _LINE_HEIGHT / 2) for bar in bars.values())


def _bands(flows: Sequence[Flow], left: Bars, right: Bars, total: int) -> list[Markup]:
    """Draw the bands in the order of the bars on both sides, so that few cross; movers lie on top."""
    left_order, right_order = list(left), list(right)
    there = [flow for flow in flows if flow.value > 0]
    starts = _tops(sorted(there, key=lambda flow: right_order.index(flow.end)), left, total, "start")
    ends = _tops(sorted(there, key=lambda flow: left_order.index(flow.start)), right, total, "end")
    ordered = sorted(there, key=lambda flow: (not flow.stays, -flow.value))
    return [
        _band(flow, starts[flow.start, flow.end], ends[flow.start, flow.end], _BODY_HEIGHT * flow.value / total)
        for flow in ordered
    ]


def _tops(flows: Sequence[Flow], bars: Bars, total: int, side: str) -> dict[tuple[str, str], float]:
    """Return where every band begins at one side's bars, in the order in which the flows are given."""
    tops = {}
    used = {key: bar.top for key, bar in bars.items()}
    for flow in flows:
        key = getattr(flow, side)
        tops[flow.start, flow.end] = used[key]
        used[key] += _BODY_HEIGHT * flow.value / total
    return tops


def _band(flow: Flow, start: float, end: float, height: float) -> Markup:
    height = max(height, _THIN)
    x1, x2 = _LABEL_WIDTH + _BAR_WIDTH, _WIDTH - _LABEL_WIDTH - _BAR_WIDTH
    middle = (x1 + x2) // 2
    path = (
        f"M{x1} {figure(start)}C{middle} {figure(start)} {middle} {figure(end)} {x2} {figure(end)}"
        f"V{figure(end + height)}C{middle} {figure(end + height)} {middle} {figure(start + height)} "
        f"{x1} {figure(start + height)}Z"
    )
    return Markup('<path class="{kind}" d="{path}"><title>{words}</title></path>').format(
        kind="stays" if flow.stays else "moves", path=path, words=flow.words
    )


def _column(nodes: Sequence[Node], bars: Bars, *, is_left: bool) -> Markup:
    x = _LABEL_WIDTH if is_left else _WIDTH - _LABEL_WIDTH - _BAR_WIDTH
    text_x = x - 8 if is_left else x + _BAR_WIDTH + 8
    return join(
        Markup(
            '<rect x="{x}" y="{y}" width="{width}" height="{height}"/>'
            '<text{side} x="{text_x}" y="{text_y}">{text}</text>'
        ).format(
            x=x,
            y=figure(bars[node.key].top),
            width=_BAR_WIDTH,
            height=figure(max(bars[node.key].height, _THIN)),
            side=Markup(' text-anchor="end"') if is_left else "",
            text_x=text_x,
            text_y=figure(bars[node.key].label_y + 4),
            text=node.text,
        )
        for node in nodes
        if node.key in bars
    )

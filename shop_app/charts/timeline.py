"""One customer's orders on a line of time: size by money, hollow where an order does not count."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import sqrt

from markupsafe import Markup

from shop_app.charts.markup import figure, join

_HEIGHT = 32
_MARGIN_PERCENT = 2.0
_SMALLEST, _LARGEST = 3.0, 11.0


@dataclass(frozen=True, slots=True)
class Dot:
    """One order. ``amount`` only sizes it; ``words`` stand in its title."""

    at: datetime
    amount: float
    counts: bool
    words: str


def timeline(
    dots: Sequence[Dot], *, start: datetime, end: datetime, start_text: str, end_text: str, label: str
) -> Markup:
    """Draw the orders between ``start`` and ``end``; a dot outside is moved to the nearer end.

    Places are percentages of the width, so that dots stay round and text keeps its size on any screen.
    """
    largest = max((dot.amount for dot in dots if dot.counts), default=0.0)
    marks = join(_mark(dot, _place_percent(dot.at, start, end), largest) for dot in dots)
    return Markup(
        '<div class="timeline"><svg width="100%" height="{height}" role="img" aria-label="{label}">'
        '<line x1="{left}%" x2="{right}%" y1="{line}" y2="{line}"/>{marks}</svg>'
        '<div class="timeline-ends" aria-hidden="true"><span>{start_text}</span><span>{end_text}</span></div>'
        "</div>"
    ).format(
        height=_HEIGHT,
        label=label,
        left=figure(_MARGIN_PERCENT),
        right=figure(100 - _MARGIN_PERCENT),
        line=_HEIGHT // 2,
        marks=marks,
        start_text=start_text,
        end_text=end_text,
    )


def _place_percent(at: datetime, start: datetime, end: datetime) -> float:
    span = (end - start).total_seconds()
    share = (at - start).total_seconds() / span if span > 0 else 0.5
    return _MARGIN_PERCENT + min(max(share, 0.0), 1.0) * (100 - 2 * _MARGIN_PERCENT)


def _mark(dot: Dot, x_percent: float, largest: float) -> Markup:
    """Let the area, not the radius, stand for the money: twice the money looks like twice."""
    radius = _SMALLEST
    if dot.counts and dot.amount > 0:
        radius = max(_SMALLEST, _LARGEST * sqrt(dot.amount / largest))
    return Markup('<circle class="{}" cx="{}%" cy="{}" r="{}"><title>{}</title></circle>').format(
        "counts" if dot.counts else "left-out", figure(x_percent), _HEIGHT // 2, figure(radius), dot.words
    )

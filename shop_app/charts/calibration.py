"""What was said against what came true: a dot a tenth of the forecasts, and the line where they agree."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from shop_app.charts.markup import figure, join

_SIDE, _LEFT, _BOTTOM, _TOP = 260, 44, 34, 8
_REACHES = (0.25, 0.5, 0.75, 1.0)
_STEPS = 5
_RADIUS = 5


@dataclass(frozen=True, slots=True)
class Point:
    """Some forecasts of about the same height: what they said and how often it came true, 0 to 1."""

    said: float
    true: float
    words: str


def calibration_chart(points: Sequence[Point], *, label: str, across: str, upwards: str) -> Markup:
    """Draw the points; both axes go as far as the highest of them needs."""
    if not points:
        return Markup("")
    reach = next(
        reach for reach in _REACHES if reach >= max(max(point.said, point.true) for point in points) - 1e-9
    )
    ticks = [reach * step / _STEPS for step in range(_STEPS + 1)]
    return Markup(
        '<svg class="calibration" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        'aria-label="{label}">{grid}<line class="mid" x1="{left}" y1="{bottom}" x2="{right}" y2="{top}"/>{dots}'
        '<text x="{middle}" y="{below}" text-anchor="middle">{across}</text>'
        '<text x="{left}" y="{above}">{upwards}</text></svg>'
    ).format(
        width=_LEFT + _SIDE + 20,
        height=_TOP + 16 + _SIDE + _BOTTOM + 8,
        label=label,
        grid=join(_tick(tick, reach) for tick in ticks),
        left=_LEFT,
        right=_LEFT + _SIDE,
        top=_y(1.0),
        bottom=_y(0.0),
        dots=join(_dot(point, reach) for point in points),
        middle=_LEFT + _SIDE // 2,
        below=_TOP + 16 + _SIDE + _BOTTOM + 4,
        across=across,
        above=_TOP + 6,
        upwards=upwards,
    )


def _x(share: float) -> str:
    return figure(_LEFT + _SIDE * share)


def _y(share: float) -> str:
    return figure(_TOP + 16 + _SIDE * (1 - share))


def _tick(tick: float, reach: float) -> Markup:
    """Draw a line of the grid each way, with its percentage."""
    share = tick / reach
    return Markup(
        '<line x1="{left}" x2="{right}" y1="{y}" y2="{y}"/>'
        '<text x="{label_x}" y="{label_y}" text-anchor="end">{text}</text>'
        '<text x="{x}" y="{below}" text-anchor="middle">{text}</text>'
    ).format(
        left=_LEFT,
        right=_LEFT + _SIDE,
        y=_y(share),
        label_x=_LEFT - 6,
        label_y=figure(float(_y(share)) + 4),
        x=_x(share),
        below=_TOP + 16 + _SIDE + 16,
        text=f"{tick:.0%}",
    )


def _dot(point: Point, reach: float) -> Markup:
    return Markup('<circle cx="{x}" cy="{y}" r="{radius}"><title>{words}</title></circle>').format(
        x=_x(point.said / reach), y=_y(point.true / reach), radius=_RADIUS, words=point.words
    )

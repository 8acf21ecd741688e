"""A line without axes, small enough to stand beside a figure."""

from collections.abc import Sequence

from markupsafe import Markup

from shop_app.charts.markup import figure

FEWEST_POINTS = 3
"""Two points are a slope, not a course: below this nothing is drawn."""

_MARGIN = 3


def sparkline(values: Sequence[float], label: str, *, width: int = 84, height: int = 26) -> Markup:
    """Draw the values from left to right; ``label`` says in words what is seen."""
    if len(values) < FEWEST_POINTS:
        return Markup("")
    points = _place(values, width, height)
    line = " ".join(f"{figure(x)},{figure(y)}" for x, y in points)
    last_x, last_y = points[-1]
    return Markup(
        '<svg class="spark" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        'aria-label="{label}"><polygon points="{first},{height} {line} {last},{height}"/>'
        '<polyline points="{line}"/><circle cx="{last}" cy="{last_y}" r="2.5"/></svg>'
    ).format(
        width=width,
        height=height,
        label=label,
        line=line,
        first=figure(points[0][0]),
        last=figure(last_x),
        last_y=figure(last_y),
    )


def _place(values: Sequence[float], width: int, height: int) -> list[tuple[float, float]]:
    """Stretch the values between the margins; equal values lie on the middle line."""
    low, high = min(values), max(values)
    step = (width - 2 * _MARGIN) / (len(values) - 1)
    room = height - 2 * _MARGIN
    span = high - low
    return [
        (_MARGIN + index * step, height - _MARGIN - room * ((value - low) / span if span else 0.5))
        for index, value in enumerate(values)
    ]

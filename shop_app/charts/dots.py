"""How far something is from the average: one dot on a line whose middle is the average."""

from markupsafe import Markup

from shop_app.charts.markup import figure

_WIDTH, _HEIGHT = 120, 16
_REACH = 2.0
"""Standard deviations at the ends of the line; what lies farther out stands at the end."""
_RADIUS = 5


def effect_dot(effect: float, label: str) -> Markup:
    """Draw a difference in standard deviations, less to the left and more to the right."""
    middle = _WIDTH / 2
    place = middle + max(-1.0, min(effect / _REACH, 1.0)) * (middle - _RADIUS - 1)
    return Markup(
        '<svg class="dot" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        'aria-label="{label}"><line x1="0" x2="{width}" y1="{y}" y2="{y}"/>'
        '<line class="mid" x1="{middle}" x2="{middle}" y1="2" y2="{low}"/>'
        '<circle cx="{place}" cy="{y}" r="{radius}"/></svg>'
    ).format(
        width=_WIDTH,
        height=_HEIGHT,
        label=label,
        y=_HEIGHT // 2,
        low=_HEIGHT - 2,
        middle=figure(middle),
        place=figure(place),
        radius=_RADIUS,
    )

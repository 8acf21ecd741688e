"""Shares as bars: one alone, or how many of the customers above how much of the revenue."""

from markupsafe import Markup

from shop_app.charts.markup import figure

_WIDTH = 120
_THIN = 1.5
"""A share above nothing is at least this wide, so that it can be seen."""


def share_bars(customer_share_ratio: float, revenue_share_ratio: float, label: str) -> Markup:
    """Draw the share of customers above the share of revenue, on the same scale."""
    return Markup(
        '<svg class="shares" viewBox="0 0 {width} 16" width="{width}" height="16" role="img" '
        'aria-label="{label}">'
        '<rect class="track" y="1" width="{width}" height="6" rx="3"/>'
        '<rect class="of-customers" y="1" width="{customers}" height="6" rx="3"/>'
        '<rect class="track" y="9" width="{width}" height="6" rx="3"/>'
        '<rect class="of-revenue" y="9" width="{revenue}" height="6" rx="3"/></svg>'
    ).format(
        width=_WIDTH,
        label=label,
        customers=_length(customer_share_ratio),
        revenue=_length(revenue_share_ratio),
    )


def single_bar(ratio: float, label: str) -> Markup:
    """Draw one share of a whole."""
    return Markup(
        '<svg class="shares" viewBox="0 0 {width} 8" width="{width}" height="8" role="img" '
        'aria-label="{label}">'
        '<rect class="track" y="1" width="{width}" height="6" rx="3"/>'
        '<rect class="of-revenue" y="1" width="{length}" height="6" rx="3"/></svg>'
    ).format(width=_WIDTH, label=label, length=_length(ratio))


def _length(ratio: float) -> str:
    if ratio <= 0:
        return "0"
    return figure(max(min(ratio, 1.0) * _WIDTH, _THIN))

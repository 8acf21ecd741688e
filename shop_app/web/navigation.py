"""Where one can go: the few places that every page leads to, and what stands below the segments."""

from flask import url_for

from shop_app.web.pages import Link

HOME = "segments.index"

_PLACES = (
    ("Segments", HOME),
    ("Customers", "customers.index"),
    ("Data health", "data_health.index"),
    ("Activity", "activity.index"),
    ("Privacy", "privacy.index"),
)
_BELOW_SEGMENTS = (
    ("All segments", HOME),
    ("Goal", "goals.index"),
    ("Own segments", "own_segments.index"),
    ("Versions", "fits.index"),
    ("Report card", "report.index"),
    ("Movements", "movements.index"),
    ("RFM", "rfm.index"),
)
"""The admin's own navigation has one level, so these stand on the pages themselves."""


def places(current: str) -> tuple[Link, ...]:
    """Return the few places; whoever is below the segments is still among them."""
    here = HOME if _is_below_segments(current) else current
    return tuple(Link(text, url_for(endpoint), is_current=endpoint == here) for text, endpoint in _PLACES)


def places_below(current: str) -> tuple[Link, ...]:
    """Return what stands beside this page below the segments, nothing elsewhere."""
    if not _is_below_segments(current):
        return ()
    return tuple(
        Link(text, url_for(endpoint), is_current=endpoint == current) for text, endpoint in _BELOW_SEGMENTS
    )


def _is_below_segments(endpoint: str) -> bool:
    return any(endpoint == each for _, each in _BELOW_SEGMENTS)

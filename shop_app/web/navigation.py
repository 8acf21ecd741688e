"""Where one can go: the few places that every page leads to, and what stands below some of them."""

from flask import url_for

from shop_app.web.pages import Link

HOME = "segments.index"
_BUNDLES = "bundles.index"
_DESTINATIONS = "destinations.index"

_PLACES = (
    ("Segments", HOME),
    ("Customers", "customers.index"),
    ("Bundles", _BUNDLES),
    ("Destinations", _DESTINATIONS),
    ("Data health", "data_health.index"),
    ("Activity", "activity.index"),
    ("Privacy", "privacy.index"),
)
_BELOW = {
    HOME: (
        ("All segments", HOME),
        ("Goal", "goals.index"),
        ("Own segments", "own_segments.index"),
        ("Versions", "fits.index"),
        ("Report card", "report.index"),
        ("Movements", "movements.index"),
        ("RFM", "rfm.index"),
    ),
    _BUNDLES: (
        ("Candidates", _BUNDLES),
        ("Pairs", "bundles.pairs"),
        ("Sequences", "bundles.sequences"),
        ("Live bundles", "bundles_live.index"),
        ("Rules", "bundles_rules.index"),
    ),
    _DESTINATIONS: (
        ("All destinations", _DESTINATIONS),
        ("Pushes", "pushes.index"),
        ("Limits and control groups", "sending.index"),
    ),
}
"""The admin's own navigation has one level, so these stand on the pages themselves."""


def places(current: str) -> tuple[Link, ...]:
    """Return the few places; the one that this page is below of is marked as here."""
    here = _place_above(current) or current
    return tuple(Link(text, url_for(endpoint), is_current=endpoint == here) for text, endpoint in _PLACES)


def places_below(current: str) -> tuple[Link, ...]:
    """Return what stands beside this page below the same place, nothing elsewhere."""
    beside = _BELOW.get(_place_above(current), ())
    return tuple(Link(text, url_for(endpoint), is_current=endpoint == current) for text, endpoint in beside)


def name_above(current: str) -> str:
    """Return what the place that this page is below of is called, "" where it is below none."""
    above = _place_above(current)
    return next((text for text, endpoint in _PLACES if endpoint == above), "")


def _place_above(endpoint: str) -> str:
    found = (above for above, beside in _BELOW.items() if any(endpoint == each for _, each in beside))
    return next(found, "")

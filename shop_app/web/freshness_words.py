"""How fresh a destination is, in a strip of figures and in words; red is said, not only shown."""

from datetime import datetime

from flask import url_for

from shop_app.clock import utc_now
from shop_app.services.push_freshness import Freshness, read_freshness
from shop_app.web.chosen_shop import ChosenShop
from shop_app.web.destination_pages import StripRow
from shop_app.web.formats import Formats, count
from shop_app.web.pages import Fact, Link, Notice

_STATES = {
    "fresh": ("Up to date", "success"),
    "sending": ("On the way", "info"),
    "waits": ("Waits", "warning"),
    "late": ("Late", "critical"),
    "paused": ("Paused", "warning"),
    "stopped": ("Stopped", "warning"),
}


def freshness_badge(freshness: Freshness) -> Notice:
    """Return a destination's state; one that needs somebody is critical whatever its name."""
    words, tone = _STATES[freshness.state]
    return Notice("critical" if freshness.is_red else tone, words, ())


def freshness_warning(freshness: Freshness) -> Notice | None:
    """Return why it is red, ``None`` where it is not."""
    if not freshness.is_red:
        return None
    how = freshness.state if freshness.state in ("paused", "stopped") else "not up to date"
    return Notice("critical", f"{freshness.name}: {how}", (freshness.words,))


def freshness_strip(freshness: Freshness, formats: Formats) -> tuple[Fact, ...]:
    """Return the moments from a fact to its confirmation, and who is on the way or cannot be served."""
    return (
        _moment("Facts as of", freshness.facts_at, formats),
        _moment("Computed", freshness.computed_at, formats),
        _moment("Sent", freshness.sent_at, formats),
        _moment("Acknowledged", freshness.acknowledged_at, formats),
        Fact("Waiting", count(freshness.waiting), _since(freshness, formats)),
        Fact("Rejected", count(freshness.rejected), "not tried again before something changes"),
        Fact("Absent", count(freshness.absent), "not known there; looked for again every day"),
    )


def freshness_rows(shop: ChosenShop) -> tuple[StripRow, ...]:
    """Return one line for each destination that is connected, for the page of segments."""
    return tuple(_strip_row(each, shop.formats) for each in read_freshness(shop.id, now=utc_now()))


def _strip_row(freshness: Freshness, formats: Formats) -> StripRow:
    since = f" Acknowledged {formats.moment(freshness.acknowledged_at)}." if freshness.acknowledged_at else ""
    return StripRow(
        Link(freshness.name, url_for("destinations.show", kind=freshness.kind)),
        freshness_badge(freshness),
        f"{freshness.words}{since}",
    )


def _moment(name: str, at: datetime | None, formats: Formats) -> Fact:
    return Fact(name, "not yet" if at is None else formats.moment(at))


def _since(freshness: Freshness, formats: Formats) -> str:
    if not freshness.waiting or freshness.oldest_change_at is None:
        return ""
    return f"the longest since {formats.moment(freshness.oldest_change_at)}"

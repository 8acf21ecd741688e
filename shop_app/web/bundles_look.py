"""What stands on every page of findings: how fresh they are, what there is not enough of, whom they are of."""

from collections.abc import Iterable
from datetime import timedelta

from flask import url_for

from shop_app.services.describe_bundles import Overview
from shop_app.web.bundles_pages import Look
from shop_app.web.chosen_shop import ChosenShop
from shop_app.web.destination_pages import Deed
from shop_app.web.formats import Formats, count, counted
from shop_app.web.pages import Notice, Option

LEVELS = {"variant": "variants", "product": "products", "collection": "collections"}
EVERYBODY = "Everybody"
_LOOKING = (
    "A look has been asked for. A worker does it, in a minute or two; load this page again then.",
    "As long as no worker runs (`kindred up` runs one), nothing happens.",
)
SAID = {
    "asked": Notice(
        "success", "Asked for", ("A worker looks at all baskets now. Load this page again in a minute or two.",)
    ),
}


def look_of(shop: ChosenShop, overview: Overview) -> Look:
    """Say how fresh the findings are and what they lack."""
    return Look(
        words=_words(overview, shop.formats),
        missing=_missing(overview, shop.formats),
        again=Deed(url_for("bundles.look_again"), "Look again now", "Look at all baskets again now"),
    )


def _missing(overview: Overview, formats: Formats) -> tuple[str, ...]:
    """Say what there is not enough of, and when it is reached."""
    days = overview.days_to_enough
    if days is None or overview.run is None:
        return overview.words
    when = formats.date(overview.run.as_of + timedelta(days=days))
    return (*overview.words, f"At the pace so far that is reached in about {counted(days, 'day')}, on {when}.")


def nothing_words(overview: Overview, otherwise: str) -> str:
    """Say why a table is empty."""
    if overview.run is None:
        return (
            "The baskets have not been looked at yet. That is done once the orders are in and customers are "
            "worked out, then every week and when a new line of goods sells."
        )
    if not overview.is_enough:
        return " ".join(overview.words) or "There are not orders enough yet to tell this from chance."
    return otherwise


def segment_options(
    overview: Overview, chosen: str | None, kind: str, *, first: Iterable[tuple[str, str]]
) -> tuple[Option, ...]:
    """Return lines of a select: those of ``first``, then the segments that there are findings of a kind for."""
    lines = [*first, *((slug, overview.segments.get(slug, slug)) for slug in overview.with_kind(kind))]
    return tuple(Option(value, text, value == (chosen or "")) for value, text in lines)


def _words(overview: Overview, formats: Formats) -> tuple[str, ...]:
    if overview.run is None:
        return _LOOKING if overview.is_asked else ("Nobody has looked at the baskets yet.",)
    facts, lines = overview.facts, []
    made, until = formats.moment(overview.run.made_at), formats.moment(overview.run.as_of)
    seen = (
        f"Looked at {made}, with orders until {until}: "
        f"{counted(facts.get('baskets', 0), 'basket')}, {counted(facts.get('items', 0), 'item')}, "
        f"{counted(facts.get('customers', 0), 'customer')}."
    )
    lines.append(seen)
    level = LEVELS.get(facts.get("level", ""), "items")
    lines.append(f"Things are looked at as {level}; after returns, and without what is no merchandise.")
    if facts.get("capped_baskets"):
        lines.append(
            f"{counted(facts['capped_baskets'], 'very large basket')}: counted in every share, not taken as "
            "evidence, since whoever buys everything buys every pair."
        )
    lines.append(_next_words(overview, formats))
    return tuple(lines)


def _next_words(overview: Overview, formats: Formats) -> str:
    if overview.is_asked:
        return _LOOKING[0]
    if overview.run is not None and overview.next_at is not None and overview.next_at <= overview.run.made_at:
        return "The next look is due as soon as a worker runs."
    if overview.next_at is None:
        return "The next look comes when a new line of goods sells, or when you ask for it."
    return f"The next look is due on {formats.date(overview.next_at)}."


def first_of(shown: int, total: int, where: str = "the file has them all") -> str:
    """Say that a table goes on, and where, ``""`` where it does not."""
    if total <= shown:
        return ""
    return f"The first {count(shown)} of {count(total)}{'; ' if where else ''}{where}."

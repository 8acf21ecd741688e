"""`kindred segments`: a shop's segments, stored or as of another day."""

from datetime import datetime
from typing import Any

import click

from shop_app.cli.session import opened, say
from shop_app.cli.shop_choice import json_option, print_json, shop_option
from shop_app.clock import utc_now
from shop_app.errors import RefusedError


@click.command("segments")
@shop_option
@click.option(
    "--as-of", "day", type=click.DateTime(["%Y-%m-%d"]), help="Look from the end of this day of the shop's."
)
@json_option
def command(shop: str, day: datetime | None, as_json: bool) -> None:
    """Show a shop's segments: who is in them, what they bring, what is expected of them, and by which edges.

    With --as-of another day than the stored one is worked out as it would have looked then, edges and all,
    and nothing is stored.
    """
    from shop_app.services.open_shop import get_shop_id

    with opened():
        shop_id = get_shop_id(shop)
        summary = _summary(shop, shop_id, day)
        if as_json:
            print_json({"shop": shop, **summary})
            return
        _print(shop_id, summary)
        if summary["stored"]:
            _say_what_is_due(shop, shop_id)


def _summary(shop: str, shop_id: int, day: datetime | None) -> dict[str, Any]:
    from shop_app.services.segment_stability import segment_stability
    from shop_app.services.segments_as_of import segments_as_of
    from shop_app.services.shop_clock import end_of_shop_day

    summary = segments_as_of(shop_id, None if day is None else end_of_shop_day(shop_id, day.date()))
    if not summary:
        raise RefusedError(f"{shop} has no segments yet; `kindred refresh --shop {shop!r}` works them out.")
    unlearned = {"grouping": None, "rfm_groups": summary["segments"]}  # what an earlier Kindred has stored
    return {**unlearned, **summary, "stability": segment_stability(shop_id) if summary["stored"] else None}


def _print(shop_id: int, summary: dict[str, Any]) -> None:
    from shop_app.cli.published import unpublished
    from shop_app.cli.segments_words import print_segments
    from shop_app.services.segment_choices import read_choices

    print_segments(summary, read_choices(shop_id), unpublished(shop_id))


def _say_what_is_due(shop: str, shop_id: int) -> None:
    """Say beside the answer what waits for a person."""
    from shop_app.services.describe_fit import fit_overview

    overview = fit_overview(shop_id, today=utc_now().date())
    if overview.waiting is not None:
        version = overview.waiting.version
        say(f"Version {version} of the segments waits for you: `kindred approve --shop {shop!r}`.")
    if overview.review_due:
        say(f"The segments are due for a review; `kindred approve --shop {shop!r} --review` notes it down.")

"""`kindred fit`: learn a shop anew: the edges of its marks, what its customers do next, its groups."""

from typing import Any

import click

from shop_app.cli.goals import WHO
from shop_app.cli.session import opened, say
from shop_app.cli.shop_choice import json_option, print_json, shop_option
from shop_app.clock import utc_now

_MEASURED = (
    "choice",
    "candidates",
    "counts",
    "checks",
    "importance",
    "outliers",
    "micro_segments",
    "stability",
    "missing",
    "start_with",
    "fairness",
    "published",
)


@click.command("fit")
@shop_option
@click.option("--edges-only", is_flag=True, help="Only the edges of the marks, which takes seconds.")
@json_option
def command(shop: str, edges_only: bool, as_json: bool) -> None:
    """Take a shop's measure anew: where the marks 1 to 5 begin, what is predicted, and which groups there are.

    `kindred refresh` then labels everybody. Between two fits all of this stands still, so that nobody's segment
    moves because others bought something. New groups go live by themselves only where they pass every check and
    move few; else `kindred approve` lets them.
    """
    from shop_app.services.fit_models import fit_models
    from shop_app.services.fit_segments import fit_segments
    from shop_app.services.open_shop import get_shop_id
    from shop_app.services.shop_clock import default_as_of

    with opened():
        shop_id = get_shop_id(shop)
        now = utc_now()
        as_of = default_as_of(shop_id, now)
        edges = fit_models(shop_id, as_of=as_of)
        told = None
        if not edges_only:
            fitted = fit_segments(shop_id, as_of=as_of, at=now, reason="Asked for.", who=WHO, say=say)
            told = _told(shop_id, fitted.card.id, fitted.words)
    outcome = {
        "shop": shop,
        "as_of": as_of,
        "buyer_count": edges.buyer_count,
        "source": edges.source,
        "recency_days": list(edges.recency_days),
        "order_count": list(edges.order_count),
        "total_spent": list(edges.total_spent),
        "segmentation": told,
    }
    if as_json:
        print_json(outcome)
        return
    click.echo(
        f"Fitted to {edges.buyer_count:,} buyers as of {as_of:%Y-%m-%d %H:%M} UTC (edges: {edges.source})."
    )
    if told:
        from shop_app.cli.fit_words import print_fit

        print_fit(told)
    say(_next_step(shop, told["state"] if told else "live"))


def _told(shop_id: int, fit_id: int, words: str) -> dict[str, Any]:
    """Tell a fit as it was stored."""
    from shop_app.services.describe_fit import describe_fit

    story = describe_fit(shop_id, fit_id)
    space = story.measures["space"]
    return {
        "version": story.card.version,
        "state": story.card.state,
        "words": words,
        "moved_ratio": story.measures["moved_ratio"],
        "goal": story.goal,
        "method": story.method,
        "groups": list(story.groups),
        "dimensions": [{name: each[name] for name in ("feature", "weight")} for each in space["dimensions"]],
        "left_out": space["left_out"],
        **{name: story.measures[name] for name in _MEASURED},
    }


def _next_step(shop: str, state: str) -> str:
    return {
        "live": f"`kindred refresh --shop {shop!r}` labels everybody by it.",
        "validated": f"`kindred approve --shop {shop!r}` lets it go live.",
    }.get(state, "What was live before stays so.")

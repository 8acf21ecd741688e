"""`kindred webhooks`: what came, what could not be used and why, and letting it be tried anew."""

from typing import TYPE_CHECKING

import click

from shop_app.cli.session import opened
from shop_app.cli.shop_choice import json_option, print_json, print_table, shop_option
from shop_app.clock import utc_now

if TYPE_CHECKING:
    from shop_app.services.describe_activity import Activity


@click.command("webhooks")
@shop_option
@click.option("--replay", type=click.IntRange(min=1), metavar="ID", help="Let this one be tried anew.")
@click.option("--replay-all", is_flag=True, help="Let all that are stuck be tried anew.")
@json_option
def command(shop: str, replay: int | None, replay_all: bool, as_json: bool) -> None:
    """Show the webhooks of the last day and those that could not be used.

    What is stuck is never taken by itself: look at the reason, and replay it once that is mended. Nothing of
    what is in a webhook is shown.
    """
    from shop_app.errors import NotFoundError
    from shop_app.services.describe_activity import describe_activity, replay_webhooks
    from shop_app.services.open_shop import get_shop_id

    if replay is not None and replay_all:
        raise click.UsageError("--replay and --replay-all exclude each other.")
    with opened():
        now, shop_id, replayed = utc_now(), get_shop_id(shop), 0
        if replay is not None or replay_all:
            replayed = replay_webhooks(shop_id, replay, now=now)
        if replay is not None and not replayed:
            raise NotFoundError(
                f"--replay: there is no stuck webhook {replay} whose body is still kept. "
                f"`kindred webhooks --shop {shop}` lists them."
            )
        activity = describe_activity(shop_id, now=now)
    if as_json:
        print_json(_outcome(shop, activity, replayed))
    else:
        _print(activity, replayed)


def _outcome(shop: str, activity: "Activity", replayed: int) -> dict[str, object]:
    return {
        "shop": shop,
        "replayed_count": replayed,
        "waiting_since": activity.waiting_since,
        "dead_count": activity.dead_count,
        "quarantined_count": activity.quarantined_count,
        "topics": [
            {"topic": each.topic, "state": each.state, "count": each.count, "newest_at": each.newest_at}
            for each in activity.topics
        ],
        "stuck": [
            {
                "id": each.id,
                "topic": each.topic,
                "state": each.state,
                "reason": each.outcome,
                "concerns": each.concerns,
                "triggered_at": each.triggered_at,
                "received_at": each.received_at,
                "attempts": each.attempts,
                "can_be_replayed": each.has_body,
            }
            for each in activity.stuck
        ],
    }


def _print(activity: "Activity", replayed: int) -> None:
    if replayed:
        click.echo(f"{replayed:,} to be tried anew.\n")
    rows = [[each.topic, each.state, f"{each.count:,}"] for each in activity.topics]
    if rows:
        print_table(["topic", "state", "last 24 hours"], rows, right=[2])
    else:
        click.echo("No webhook came in the last 24 hours.")
    if activity.stuck:
        click.echo("")
        print_table(
            ["id", "topic", "state", "about", "reason"],
            [[str(e.id), e.topic, e.state, e.concerns, e.outcome] for e in activity.stuck],
        )

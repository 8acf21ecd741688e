"""``/activity``: what Shopify told lately, what could not be used, and how well the shop is kept in step."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as PlainResponse

from shop_app.clock import utc_now
from shop_app.errors import InvalidInputError
from shop_app.services.describe_activity import Activity, describe_activity, replay_webhooks
from shop_app.services.describe_backfill import describe_backfill
from shop_app.storage.checkouts import BasketCounts
from shop_app.storage.webhook_activity import Stuck, TopicCount
from shop_app.web.activity_checks import check_rows
from shop_app.web.activity_page import ActivityPage, StuckRow, TopicRow
from shop_app.web.chosen_shop import ChosenShop, chosen_shop
from shop_app.web.formats import NOTHING, Formats, count, counted, percent
from shop_app.web.pages import Fact, Link, Notice
from shop_app.web.rendering import build_frame, render

bp = Blueprint("activity", __name__)

_STATES = {"dead": ("Not usable", "critical"), "quarantined": ("Set aside", "warning")}
_LATE_SECONDS = 120
"""Webhooks are worked off within seconds; who waits longer than this waits for a worker that is not there."""
_BASKETS = {"cart": "Carts", "checkout": "Checkouts"}
_MOST_DIGITS = 18


@bp.get("/activity")
def index() -> Response:
    """Show how the shop is kept in step with Shopify."""
    shop, now = chosen_shop(), utc_now()
    return render("activity/index.html", _page(shop, describe_activity(shop.id, now=now), now))


@bp.post("/activity/replay")
def replay() -> PlainResponse:
    """Let what got stuck be tried anew: the one that is named, else all of it."""
    given = request.form.get("delivery", "")
    if given and not (given.isascii() and given.isdigit() and len(given) <= _MOST_DIGITS):
        raise InvalidInputError("delivery: there is no delivery of that number.", field="delivery")
    replay_webhooks(chosen_shop().id, int(given) if given else None, now=utc_now())
    return redirect(url_for("activity.index"), 303)


def _page(shop: ChosenShop, activity: Activity, now: datetime) -> ActivityPage:
    stuck = tuple(_stuck_row(each, shop.formats) for each in activity.stuck)
    all_stuck = activity.dead_count + activity.quarantined_count
    reading = describe_backfill(shop.id)
    return ActivityPage(
        frame=build_frame("Activity", shop, "activity.index"),
        notices=_notices(activity, now),
        facts=_facts(activity, now),
        topics=_topic_rows(activity.topics, shop.formats),
        nothing_came=_nothing_words(shop),
        stuck=stuck,
        stuck_words=f"The newest {count(len(stuck))} of {count(all_stuck)}." if all_stuck > len(stuck) else "",
        replay_url=url_for("activity.replay"),
        can_replay_all=sum(each.can_be_replayed for each in stuck) > 1,
        checks=check_rows(activity.checks, reading, shop.formats),
        progress=Link("See the reading step by step", url_for("progress.index")) if reading else None,
        baskets=tuple(_basket_fact(each, shop.formats) for each in activity.baskets),
    )


def _notices(activity: Activity, now: datetime) -> tuple[Notice, ...]:
    notices = []
    seconds = _waiting_seconds(activity, now)
    if seconds > _LATE_SECONDS:
        sentence = "They are kept, and are worked off as soon as a worker runs: see `kindred doctor`."
        notices.append(Notice("warning", f"Webhooks have waited for {_length(seconds)}", (sentence,)))
    access = activity.checks.get("access", {}).get("problem")
    if access:
        notices.append(Notice("critical", "Shopify refuses our calls", (str(access),)))
    return tuple(notices)


def _facts(activity: Activity, now: datetime) -> tuple[Fact, ...]:
    came = sum(each.count for each in activity.topics)
    waiting = sum(each.count for each in activity.topics if each.state == "new")
    seconds = _waiting_seconds(activity, now)
    return (
        Fact("Webhooks in 24 hours", count(came)),
        Fact("Waiting", count(waiting), f"the oldest for {_length(seconds)}" if activity.waiting_since else ""),
        Fact("Not usable", count(activity.dead_count)),
        Fact("Set aside", count(activity.quarantined_count), "body and headers contradict each other"),
    )


def _topic_rows(topics: Sequence[TopicCount], formats: Formats) -> tuple[TopicRow, ...]:
    by_topic: dict[str, dict[str, TopicCount]] = defaultdict(dict)
    for each in topics:
        by_topic[each.topic][each.state] = each
    rows = []
    for topic, states in sorted(by_topic.items()):
        stuck = sum(states[state].count for state in _STATES if state in states)
        rows.append(
            TopicRow(
                topic=topic or NOTHING,
                applied=count(states["done"].count) if "done" in states else count(0),
                waiting=count(states["new"].count) if "new" in states else count(0),
                stuck=count(stuck),
                newest=formats.moment(max(each.newest_at for each in states.values())),
            )
        )
    return tuple(rows)


def _stuck_row(stuck: Stuck, formats: Formats) -> StuckRow:
    state, tone = _STATES[stuck.state]
    return StuckRow(
        id=str(stuck.id),
        topic=stuck.topic or NOTHING,
        state=state,
        tone=tone,
        reason=stuck.outcome,
        concerns=stuck.concerns,
        received=formats.moment(stuck.received_at),
        can_be_replayed=stuck.has_body,
    )


def _basket_fact(baskets: BasketCounts, formats: Formats) -> Fact:
    ordered = percent(baskets.ordered / baskets.begun) if baskets.begun else NOTHING
    left = (
        f", {formats.short_money(baskets.value_left)} left in the others" if baskets.kind == "checkout" else ""
    )
    return Fact(_BASKETS[baskets.kind], count(baskets.begun), f"{ordered} became an order{left}")


def _nothing_words(shop: ChosenShop) -> str:
    if shop.source != "shopify":
        return "This shop's orders come from files, so Shopify tells nothing about it."
    return "Shopify has told nothing in the last 24 hours. A new order, or a change of one, shows up here."


def _waiting_seconds(activity: Activity, now: datetime) -> float:
    return (now - activity.waiting_since).total_seconds() if activity.waiting_since else 0.0


def _length(seconds: float) -> str:
    """Return a stretch of time in its largest whole unit."""
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            return counted(int(seconds // length), unit)
    return "under a minute"

"""What the groups in use serve, what waits for the merchant, and whether a worker is learning anew."""

from flask import url_for

from shop_app.services.describe_fit import FitOverview, FitStory
from shop_app.storage.model_fits import FitCard
from shop_app.web.fit_words import goal_name, method_name
from shop_app.web.formats import Formats, count
from shop_app.web.goals_page import Learning
from shop_app.web.pages import Fact, Link, Notice

_REFRESH_SECONDS = 3

_AT_WORK = Notice(
    "info",
    "A worker is learning anew",
    (
        "It reads every order, tries each way on this shop's past and checks what comes out.",
        "A large shop takes some minutes. You may leave this page.",
    ),
)
_NOTHING_YET = (
    "Nothing was learned yet, so the segments are those of recency, orders and spend. "
    "The first groups are learned by themselves once customers have ordered; you can choose their goal before."
)


def learning_part(overview: FitOverview, live: FitStory | None, formats: Formats) -> Learning:
    """Return how things stand; ``live`` tells of the version in use."""
    is_due = overview.is_due
    return Learning(
        refresh_url=url_for("goals.live") if is_due else "",
        refresh_seconds=str(_REFRESH_SECONDS),
        announcement="A worker is learning anew" if is_due else "Nothing is being learned",
        notices=_notices(overview, live),
        facts=_facts(overview, live, formats) if live else (),
        words="" if live else _NOTHING_YET,
        learn_url="" if is_due else url_for("goals.learn"),
    )


def _notices(overview: FitOverview, live: FitStory | None) -> tuple[Notice, ...]:
    notices = [_AT_WORK] if overview.is_due else []
    if overview.waiting:
        notices.append(_notice("warning", overview.waiting, "waits for you"))
    elif overview.newest and overview.newest.state == "draft" and not overview.is_due:
        notices.append(_notice("warning", overview.newest, "did not pass its checks"))
    if live and _is_outdated(overview, live):
        notices.append(Notice("info", "Your choice is not in use yet", (_outdated_words(overview, live),)))
    return tuple(notices)


def _notice(tone: str, card: FitCard, what: str) -> Notice:
    link = Link("See what it found", url_for("fits.show", fit_id=card.id))
    return Notice(tone, f"Version {card.version} {what}", (card.note,) if card.note else (), (link,))


def _is_outdated(overview: FitOverview, live: FitStory) -> bool:
    choices = overview.choices
    return choices.goal != live.goal or choices.method not in (None, live.method)


def _outdated_words(overview: FitOverview, live: FitStory) -> str:
    choices = overview.choices
    goal, method = choices.chosen_goal().name, method_name(choices.method or "")
    chosen = f"{goal}, by {method.lower()}" if method else goal
    in_use = f"{goal_name(live.goal, choices)}, by {method_name(live.method).lower()}"
    return f"Chosen: {chosen}. In use until a version for it is live: {in_use}."


def _facts(overview: FitOverview, live: FitStory, formats: Formats) -> tuple[Fact, ...]:
    card = live.card
    return (
        Fact("Goal", goal_name(live.goal, overview.choices)),
        Fact("Way of grouping", method_name(live.method)),
        Fact("Groups", count(len(live.groups)), f"of {count(card.customer_count)} customers with an order"),
        Fact("Version", str(card.version), f"live since {formats.date(card.live_from)}"),
    )

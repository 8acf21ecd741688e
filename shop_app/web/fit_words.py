"""What fits, goals and those who decide on them are called on the screens."""

from shop_app.segments.grouping.goals import GOALS
from shop_app.segments.grouping.ways import METHODS
from shop_app.services.segment_choices import OWN_GOAL, SegmentChoices
from shop_app.storage.model_fits import FitCard
from shop_app.web.pages import Notice

_STATES = {
    "draft": ("Did not pass", "critical"),
    "validated": ("Waits for you", "warning"),
    "approved": ("Approved", "info"),
    "live": ("Live", "success"),
    "retired": ("Put aside", "neutral"),
}
_WAS_LIVE = ("Was live", "neutral")
_OUT_OF_DATE = ("Out of date", "neutral")
_BY_NAME = {"local": "this machine", "command line": "command line", "Kindred": "Kindred"}


def state_badge(card: FitCard, waiting: FitCard | None) -> Notice:
    """Return a fit's state; of several that passed only the newest waits for somebody."""
    words, tone = _STATES[card.state]
    if card.state == "retired" and card.live_from is not None:
        words, tone = _WAS_LIVE
    elif card.state == "validated" and (waiting is None or waiting.id != card.id):
        words, tone = _OUT_OF_DATE
    return Notice(tone, words, ())


def state_words(state: str | None) -> str:
    """Return a state as the log of decisions tells it."""
    return {
        None: "made",
        "draft": "made",
        "validated": "passed its checks",
        "approved": "approved",
        "live": "went live",
        "retired": "taken out of use",
    }.get(state, str(state))


def goal_name(slug: str, choices: SegmentChoices) -> str:
    """Return what a goal is called; one of the merchant's own by the name it has now."""
    if slug in GOALS:
        return GOALS[slug].name
    own = choices.own_goal or {}
    return str(own.get("name") or "A goal of your own") if slug == OWN_GOAL else slug


def method_name(method: str) -> str:
    """Return a way of grouping in words."""
    return METHODS.get(method, method)


def person_name(who: str) -> str:
    """Return who decided: staff are known by their number in Shopify alone."""
    return _BY_NAME.get(who, f"staff {who}")

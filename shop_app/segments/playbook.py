"""What to do with every group: one play for each archetype and each named group, and its sentences."""

from dataclasses import replace
from typing import Any

from shop_app.segments import playbook_words, playbook_words_win_back
from shop_app.segments.plays import CHANNELS, KPIS, OFFERS, Play, Step

ALIASES = {
    "best-customers": ("champions", "Best customers"),
    "regulars": ("loyal", "Regulars"),
    "newcomers": ("new", "Newcomers"),
    "recent": ("new", "Recent"),
    "recent-customers": ("potential-loyalist", "Recent customers"),
    "need-attention": ("needs-attention", "Need attention"),
    "slipping": ("at-risk", "Slipping away"),
    "drifting-away": ("at-risk", "Drifting away"),
    "cant-lose": ("previously-loyal", "Can't lose them"),
    "about-to-sleep": ("almost-lost", "About to sleep"),
    "lapsed": ("dormant", "Lapsed"),
    "inactive": ("dormant", "Inactive"),
    "one-time": ("one-and-done", "Bought once"),
}
# The names of other vocabularies and of smaller shops, and whose play they are given.

OWN_GROUP = Play(
    slug="own",
    name="A group of your own",
    purpose="Say what this group is for before anything is sent.",
    message="Nothing is recommended yet: only you know what these customers have in common.",
    steps=(Step(0, "message", "One message that says why it is sent to them."),),
    offer="never",
    max_depth_ratio=0.0,
    offer_ends_days=None,
    channels=("email",),
    pause_days=10,
    most_messages_30d=2,
    kpi="next-order-60d",
    exclusions=playbook_words.SPARED,
    not_to_do=(playbook_words.NOT_AFTER_TROUBLE,),
)
# Without an archetype there is nothing to recommend, and the careful way is to give nothing away.


def _named(slug: str, name: str, play: Play) -> Play:
    return replace(play, slug=slug, name=name)


_WRITTEN = {play.slug: play for play in (*playbook_words.PLAYS, *playbook_words_win_back.PLAYS)}
PLAYBOOK: dict[str, Play] = _WRITTEN | {
    slug: _named(slug, name, _WRITTEN[original]) for slug, (original, name) in ALIASES.items()
}


def play_for(slug: str, *, name: str = "") -> Play:
    """Return the play that comes with an archetype or a named group.

    Parameters
    ----------
    slug
        Of the archetype (for a learned group: the one that it fits best) or of the named group.
    name
        What the group is called in this shop, where that is another name.

    Returns
    -------
    Play
        For a slug that nobody has written a play for, one that gives nothing away and says so.
    """
    play = PLAYBOOK.get(slug) or replace(OWN_GROUP, slug=slug)
    return replace(play, name=name) if name else play


def play_words(play: Play) -> dict[str, Any]:
    """Say a play in words: the same ones on the screen, in the command line and in an export.

    Returns
    -------
    dict
        ``purpose``, ``message``, ``offer``, ``channels``, ``cadence``, ``kpi``, ``review`` (sentences),
        ``steps``, ``exclusions``, ``not_to_do`` (lists of sentences).
    """
    return {
        "purpose": play.purpose,
        "message": play.message,
        "steps": [step_words(step) for step in play.steps],
        "offer": offer_words(play),
        "channels": f"By {_listed([CHANNELS[channel] for channel in play.channels], 'or')}.",
        "cadence": cadence_words(play),
        "kpi": f"Judge it by {KPIS[play.kpi]}, against the control group and net of refunds.",
        "exclusions": [f"Leave out whoever {exclusion.words}." for exclusion in play.exclusions],
        "not_to_do": list(play.not_to_do),
        "review": _review_words(play),
    }


def step_words(step: Step) -> str:
    """Say when a step is due and what it is."""
    if step.after_days == 0:
        return f"At once: {step.words}"
    return f"After {_count(step.after_days, 'day')} without an order: {step.words}"


def offer_words(play: Play) -> str:
    """Say how deep an offer may go, and how long it holds."""
    if play.offer == "never":
        return OFFERS["never"]
    deepest = f"At most {round(play.max_depth_ratio * 100)} %, and never more than half of the margin."
    return f"{OFFERS[play.offer]} {deepest} It ends after {_count(play.offer_ends_days or 0, 'day')}."


def cadence_words(play: Play) -> str:
    """Say how often these customers may be written to."""
    if play.most_messages_30d == 0:
        return "No mail."
    most = _count(play.most_messages_30d, "message")
    return f"At most {most} in 30 days, and at least {_count(play.pause_days, 'day')} between two."


def _review_words(play: Play) -> str:
    if not play.edits:
        return "As recommended."
    fields = _listed(sorted(edit.field.replace("_", " ") for edit in play.edits), "and")
    return f"Changed by you: {fields}. To be looked at again on {play.review_at}."


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _listed(words: list[str], last: str) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"

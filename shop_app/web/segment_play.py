"""What to do with a segment's customers: the play in sentences, and the fields that change it."""

from collections.abc import Mapping
from datetime import date, timedelta

from werkzeug.datastructures import MultiDict

from shop_app.segments.offer_depth import offer_depth
from shop_app.segments.playbook import play_words
from shop_app.segments.plays import CHANNELS, EXCLUSIONS, KPIS, NEVER_LIFTED, OFFERS, STEP_KINDS, Play
from shop_app.services.playbook import KeptPlay
from shop_app.web.formats import capital
from shop_app.web.group_pages import ExclusionFields, PlayForm, PlayPart, StepFields
from shop_app.web.pages import Choice, Fact, Option

USUAL_REVIEW = timedelta(days=90)
"""When a change is to be looked at again, unless the merchant says otherwise."""

_STEP_KINDS = {"message": "A message", "offer": "A message with an offer", "stop": "No more mailings"}
_RISKS = {"low": 0.2, "medium": 0.5, "high": 0.8}
"""A risk in the middle of each of the three steps of an offer's depth."""


def play_part(kept: KeptPlay) -> PlayPart:
    """Say what to do, as it holds in this shop."""
    words = play_words(kept.play)
    return PlayPart(
        purpose=words["purpose"],
        message=words["message"],
        steps=tuple(words["steps"]),
        rules=(
            Fact("Offer", words["offer"], _depth_words(kept.play)),
            Fact("Channels", words["channels"]),
            Fact("How often", words["cadence"]),
            Fact("Success", words["kpi"]),
        ),
        exclusions=tuple(capital(exclusion.words) for exclusion in kept.play.exclusions),
        not_to_do=tuple(words["not_to_do"]),
        review=words["review"],
        is_review_due=kept.is_review_due,
    )


def written_fields(play: Play, today: date) -> MultiDict[str, str]:
    """Write a play into the fields of its form."""
    fields = MultiDict(
        {
            "purpose": play.purpose,
            "message": play.message,
            "offer": play.offer,
            "max_depth_ratio": f"{round(play.max_depth_ratio * 100)}",
            "offer_ends_days": "" if play.offer_ends_days is None else str(play.offer_ends_days),
            "pause_days": str(play.pause_days),
            "most_messages_30d": str(play.most_messages_30d),
            "kpi": play.kpi,
            "not_to_do": "\n".join(play.not_to_do),
            "review_at": (play.review_at or today + USUAL_REVIEW).isoformat(),
        }
    )
    fields.setlist("channels", list(play.channels))
    fields.setlist("exclude", [exclusion.slug for exclusion in play.exclusions])
    for exclusion in play.exclusions:
        fields[f"exclude-days-{exclusion.slug}"] = "" if exclusion.days is None else str(exclusion.days)
    for number, step in enumerate(play.steps):
        fields[f"step-{number}-days"] = str(step.after_days)
        fields[f"step-{number}-kind"] = step.kind
        fields[f"step-{number}-words"] = step.words
    return fields


def play_form(
    fields: MultiDict[str, str], errors: Mapping[str, str], *, step_count: int, action: str, reset_action: str
) -> PlayForm:
    """Return the form as it stands; it is open where something in it is wrong.

    ``step_count`` are the steps that have fields; one more, an empty one, is added. ``reset_action`` is "" for
    a play that is as recommended.
    """
    return PlayForm(
        is_open=bool(errors),
        action=action,
        reset_action=reset_action,
        purpose=fields.get("purpose", ""),
        message=fields.get("message", ""),
        steps=tuple(_step_fields(fields, errors, number) for number in range(step_count + 1)),
        offers=_options(OFFERS, fields.get("offer", "")),
        depth_percent=fields.get("max_depth_ratio", ""),
        offer_ends_days=fields.get("offer_ends_days", ""),
        channels=tuple(
            Choice(slug, capital(words), slug in fields.getlist("channels")) for slug, words in CHANNELS.items()
        ),
        pause_days=fields.get("pause_days", ""),
        most_messages=fields.get("most_messages_30d", ""),
        kpis=_options({slug: capital(words) for slug, words in KPIS.items()}, fields.get("kpi", "")),
        exclusions=tuple(_exclusion_fields(fields, errors, slug) for slug in EXCLUSIONS),
        not_to_do=fields.get("not_to_do", ""),
        review_at=fields.get("review_at", ""),
        error=errors.get("", ""),
        errors={name: errors.get(name, "") for name in _NAMES},
    )


_NAMES = (
    *("purpose", "message", "steps", "offer", "max_depth_ratio", "offer_ends_days", "channels", "pause_days"),
    *("most_messages_30d", "kpi", "exclusions", "not_to_do", "review_at"),
)
"""The fields that stand in the form once."""


def _depth_words(play: Play) -> str:
    """Say how the depth of an offer follows the risk, where there are offers."""
    if play.offer == "never":
        return ""
    depths = {risk: offer_depth(play, None, chance).depth_ratio for risk, chance in _RISKS.items()}
    said = [
        f"{risk} risk {f'up to {round(depth * 100)} %' if depth else 'none'}" for risk, depth in depths.items()
    ]
    return f"As long as the margin is not known: {', '.join(said)}."


def _options(words: Mapping[str, str], chosen: str) -> tuple[Option, ...]:
    return tuple(Option(slug, text, slug == chosen) for slug, text in words.items())


def _step_fields(fields: MultiDict[str, str], errors: Mapping[str, str], number: int) -> StepFields:
    return StepFields(
        number=number + 1,
        after_days=fields.get(f"step-{number}-days", ""),
        kinds=_options(
            {kind: _STEP_KINDS[kind] for kind in STEP_KINDS}, fields.get(f"step-{number}-kind", "message")
        ),
        words=fields.get(f"step-{number}-words", ""),
        days_error=errors.get(f"step-{number}-days", ""),
        words_error=errors.get(f"step-{number}-words", ""),
    )


def _exclusion_fields(fields: MultiDict[str, str], errors: Mapping[str, str], slug: str) -> ExclusionFields:
    has_days = "{days}" in EXCLUSIONS[slug]
    return ExclusionFields(
        slug=slug,
        words=capital(EXCLUSIONS[slug].replace("{days} days", "so many days")),
        is_chosen=slug in fields.getlist("exclude") or slug in NEVER_LIFTED,
        is_fixed=slug in NEVER_LIFTED,
        days=(fields.get(f"exclude-days-{slug}") or "30") if has_days else "",
        days_error=errors.get(f"exclude-days-{slug}", ""),
    )

"""What is said above the segments of the groups that are live: what for, how, how steady, and what waits."""

from datetime import datetime
from typing import Any

from flask import url_for

from shop_app.segments.playbook_start import proposed_start
from shop_app.services.describe_fit import FitOverview
from shop_app.services.segment_choices import REVIEWS
from shop_app.storage.model_fits import FitCard
from shop_app.web.fit_words import goal_name, method_name
from shop_app.web.formats import Formats, capital, day_words, percent
from shop_app.web.pages import Fact, Link, Notice
from shop_app.web.segment_pages import GroupingWords, StartRow
from shop_app.web.summaries import Summary

_STEADINESS = {"steady": "Steady", "moving": "Moving a little", "restless": "Restless"}


def grouping_words(
    summary: Summary,
    overview: FitOverview,
    measures: dict[str, Any],
    stability: dict[str, Any],
    formats: Formats,
) -> GroupingWords | None:
    """Say what the live groups are for and how they are made; ``None`` where the RFM groups are shown."""
    grouping = summary["grouping"]
    if grouping is None:
        return None
    fitted = datetime.fromisoformat(grouping["fitted_for"])
    return GroupingWords(
        facts=(
            Fact("Goal", goal_name(grouping["goal"], overview.choices), "what the groups are for"),
            Fact("Made by", capital(method_name(grouping["method"])), "what did best on this shop's past"),
            Fact("Version", str(grouping["version"]), f"learned from all until {formats.date(fitted)}"),
            *_steadiness(stability),
        ),
        sentences=_outlier_words(measures),
        links=(
            Link("Change the goal", url_for("goals.index")),
            Link("How they were made", url_for("fits.show", fit_id=grouping["fit_id"])),
            Link("Who moved", url_for("movements.index")),
            Link("Can the predictions be trusted?", url_for("report.index")),
        ),
    )


def fit_notices(overview: FitOverview) -> tuple[Notice, ...]:
    """Say what waits for a person, what is under way, and what did not come to pass."""
    notices = []
    if overview.waiting is not None:
        notices.append(_waiting(overview.waiting))
    if overview.is_due:
        sentence = "This takes a few minutes. What is shown stays as it is until it is done."
        notices.append(Notice("info", "The segments are being learned anew", (sentence,)))
    if overview.review_due and overview.live is not None:
        notices.append(_review(overview.live, overview))
    newest = overview.newest
    if newest is not None and newest.state == "draft" and not overview.is_due:
        link = Link("See which checks", url_for("fits.show", fit_id=newest.id))
        shown = "The segments before it stay." if overview.live else "RFM groups are shown until one passes."
        notices.append(
            Notice(
                "warning", f"Version {newest.version} did not pass its checks", (newest.note, shown), (link,)
            )
        )
    return tuple(notices)


def start_rows(summary: Summary) -> tuple[StartRow, ...]:
    """Propose the three to begin with as long as the shop is on its first version."""
    grouping = summary["grouping"]
    if grouping is None or grouping["version"] != 1:
        return ()
    return tuple(
        StartRow(Link(row["name"], url_for("segments.show", slug=row["slug"])), row["why"])
        for row in proposed_start(summary["segments"])
    )


def unpublished_words(summary: Summary, measures: dict[str, Any]) -> tuple[str, ...]:
    """Say why there is no churn risk beside the segments, where that is so."""
    if any(segment["churn_probability_90d"] is not None for segment in summary["segments"]):
        return ()
    reason = (measures.get("published") or {}).get("churn_probability_90d", "")
    return (f"Churn risk and expected value are not published yet. {capital(reason)}".strip(),)


def _steadiness(stability: dict[str, Any]) -> tuple[Fact, ...]:
    words = _STEADINESS.get(stability.get("verdict", ""))
    if words is None:
        return ()
    return (Fact("From week to week", words, f"{percent(stability['changed_ratio'])} change their segment"),)


def _outlier_words(measures: dict[str, Any]) -> tuple[str, ...]:
    """Tell of those who are unlike all others: they are counted in the segment that is nearest to them."""
    outliers = measures.get("outliers") or {}
    return (
        (f"{outliers['words']} They are counted where they fit best.",) if outliers.get("noise_ratio") else ()
    )


def _waiting(card: FitCard) -> Notice:
    link = Link(f"Look at version {card.version}", url_for("fits.show", fit_id=card.id))
    heading = f"Version {card.version} of the segments waits for your approval"
    return Notice("warning", heading, (card.note,), (link,))


def _review(live: FitCard, overview: FitOverview) -> Notice:
    since = "" if live.review_at is None else f", since {day_words(live.review_at)}"
    days = REVIEWS[overview.choices.review]
    often = f"You have asked to be reminded every {days} days to look whether they still fit."
    link = Link("Review them", url_for("fits.show", fit_id=live.id))
    return Notice("info", f"The segments are due for a review{since}", (often,), (link,))

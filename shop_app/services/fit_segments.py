"""Learn a shop's predictions and groups anew, check them, and let them go live where nobody is surprised."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from shop_app.segments.drift import reference_of
from shop_app.segments.grouping.model import Grouping, GroupingFit, fit_grouping, score_grouping
from shop_app.segments.history import History
from shop_app.segments.predictions.model import Predictions, fit_predictions, score_predictions
from shop_app.services.audit_fairness import audit_fit
from shop_app.services.fit_states import PROGRAM, go_live, move_on
from shop_app.services.live_models import SEGMENTATION, Segmentation
from shop_app.services.money_words import money_words
from shop_app.services.read_history import look_back, read_history
from shop_app.services.segment_choices import SegmentChoices
from shop_app.storage import decisions, model_fits, shop_settings
from shop_app.storage.decisions import Decision
from shop_app.storage.engine import transaction
from shop_app.storage.model_fits import FitCard, ModelFit
from shop_app.storage.refresh_lock import lock_refreshes

Say = Callable[[str], None]

_FIRST_WORDS = "The first version: live on screen because it passed its checks. Nothing leaves Kindred."


@dataclass(frozen=True, slots=True)
class Fitted:
    """What came of a fit: the stored fit, and in a sentence why it is live or waits."""

    card: FitCard
    words: str
    measures: dict[str, Any]

    @property
    def is_live(self) -> bool:
        """Tell whether labels are made with it from now on."""
        return self.card.state == "live"


@dataclass(frozen=True, slots=True)
class _Learned:
    predictions: Predictions
    grouping: GroupingFit
    measures: dict[str, Any]
    buyer_count: int


def fit_segments(
    shop_id: int,
    *,
    as_of: datetime,
    at: datetime,
    reason: str = "",
    who: str = PROGRAM,
    say: Say = lambda _: None,
) -> Fitted:
    """Fit predictions and groups on everything known by ``as_of``, and store them as one new version.

    The version goes live by itself where it passes every check and would move no more customers than the
    merchant has set; the first one of a shop moves nobody, since there is nothing to be moved from. Else it
    waits for a person. Nobody is labelled here: the next refresh does it.

    The reading takes no turn from refreshes, since it changes nothing; only the storing does.
    """
    with transaction(shop_id) as connection:
        shop = shop_settings.read(connection)
        live = model_fits.find_live(connection, SEGMENTATION)
    choices = SegmentChoices.of(shop)
    say("Reading every order.")
    history = read_history(shop_id, shop, as_of=as_of)

    say("Learning what customers do next, and testing it on the past.")
    predictions = fit_predictions(history, as_of=as_of)
    scored_at = look_back(shop_id, shop, history, predictions)
    say("Comparing ways of grouping on the past.")
    learned = _learn(history, scored_at, choices, Segmentation.of(live) if live else None, predictions)
    say("Auditing whom offers and errors fall on.")
    learned.measures["fairness"] = audit_fit(shop_id, history, scored_at, learned.grouping.grouping)

    with transaction(shop_id) as connection:
        lock_refreshes(connection)
        fit = model_fits.add_draft(
            connection,
            kind=SEGMENTATION,
            as_of=as_of,
            customer_count=learned.buyer_count,
            parameters={
                "predictions": predictions.to_json() | {"report": {}},  # kept with the measures
                "grouping": learned.grouping.grouping.to_json(),
            },
            measures=learned.measures,
            reason=reason,
        )
        line = Decision(at, who, "fit", f"version {fit.version}", None, "draft", reason)
        decisions.record(connection, line)
        words, waits = _verdict(learned.measures, choices, is_first=live is None)
        if not _failed(learned.measures):
            fit = move_on(connection, fit, "validated", who=PROGRAM, at=at, note=_checked(learned.measures))
        if not waits:
            fit = move_on(connection, fit, "approved", who=PROGRAM, at=at, note=words)
            go_live(connection, fit, live_from=as_of, who=PROGRAM, at=at, note=words)
    return _told(shop_id, fit, words, learned.measures)


def _learn(
    history: History,
    scored_at: Callable[[datetime], pl.DataFrame],
    choices: SegmentChoices,
    live: Segmentation | None,
    predictions: Predictions,
) -> _Learned:
    currency = history.rules.currency
    grouped = fit_grouping(
        scored_at,
        history,
        as_of=history.as_of,
        goal=choices.chosen_goal(),
        choices=choices.for_grouping(),
        previous=live.grouping if live else None,
        money=lambda amount: money_words(amount, currency),
    )
    scored = scored_at(history.as_of)
    buyers = scored.filter(pl.col("order_count") > 0)
    measures = {
        **grouped.to_json(),
        "report": predictions.report,
        "published": dict(predictions.published),
        "reference": reference_of(scored, as_of=history.as_of),
        "moved_ratio": _moved_ratio(buyers, grouped.grouping, live, history) if live else None,
    }
    return _Learned(predictions, grouped, measures, buyers.height)


def _moved_ratio(
    buyers: pl.DataFrame, grouping: Grouping, live: Segmentation, history: History
) -> float | None:
    """Return the share of buyers who would be called otherwise than by all that is live now."""
    if buyers.is_empty():
        return None
    by_live = score_predictions(buyers, live.predictions, as_of=history.as_of, timezone=history.timezone).drop(
        "customer_id"
    )
    as_live = pl.concat([buyers.drop(by_live.columns), by_live], how="horizontal")
    before = score_grouping(as_live, live.grouping, None)["segment"]
    after = score_grouping(buyers, grouping, before)["segment"]
    return float((before != after).sum()) / buyers.height


def _failed(measures: dict[str, Any]) -> list[str]:
    """Return what stands in the way whatever a person says."""
    return [check["words"] for check in measures["checks"] if not (check["passed"] or check["needs_person"])]


def _checked(measures: dict[str, Any]) -> str:
    """Say what the gate found, for the record."""
    asking = [check["name"] for check in measures["checks"] if not check["passed"]]
    return f"Passed, but for a person to look at: {', '.join(asking)}." if asking else "Passed every check."


def _verdict(measures: dict[str, Any], choices: SegmentChoices, *, is_first: bool) -> tuple[str, bool]:
    """Say what becomes of a fit, and whether it has to wait.

    The first fit of a shop moves nobody and sends nothing anywhere, so what a person would be asked about it is
    noted and does not hold it up.
    """
    if failed := _failed(measures):
        return f"Not live: {' '.join(failed)}", True
    asking = [
        check["words"] for check in measures["checks"] if not check["passed"] and check["check"] != "moves"
    ]
    if is_first:
        return " ".join([_FIRST_WORDS, *asking]), False
    moved, limit = measures["moved_ratio"] or 0.0, choices.move_limit_ratio
    if moved > limit:
        asking.append(f"It would move {moved:.0%} of the customers, more than the {limit:.0%} you allow.")
    if asking:
        return f"Waits for you: {' '.join(asking)}", True
    return f"It passed every check and moves {moved:.1%} of the customers.", False


def _told(shop_id: int, fit: ModelFit, words: str, measures: dict[str, Any]) -> Fitted:
    with transaction(shop_id) as connection:
        model_fits.write_note(connection, fit.id, words)
        card = model_fits.find_card(connection, fit.id)
    assert card is not None  # noqa: S101 (it was stored a moment ago)
    return Fitted(card, words, measures)

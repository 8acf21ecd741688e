"""Candidates and offers as plain values for ``--json``, with their words."""

from typing import Any

from shop_app.services.bundle_evidence import evidence_words
from shop_app.services.bundle_words import Wording, terms_words
from shop_app.services.describe_bundles import Candidate, Overview
from shop_app.services.describe_offers import OfferStory, can, card_of

_FIGURES = (
    *("most_discount_percent", "uses_expected", "would_have_bought", "extra_uses", "extra_margin"),
    *("extra_margin_low", "extra_margin_high", "horizon_days", "uses_by_stock"),
)


def run_of(overview: Overview) -> dict[str, Any] | None:
    """Return what the newest look at the baskets was made of, ``None`` before the first."""
    if overview.run is None:
        return None
    facts = overview.facts
    return {
        "as_of": overview.run.as_of,
        "made_at": overview.run.made_at,
        "next_at": overview.next_at,
        **{
            name: facts.get(name)
            for name in ("level", "baskets", "items", "customers", "window_days", "capped_baskets")
        },
        "is_enough": overview.is_enough,
        "words": list(overview.words),
        "segments": [{"slug": slug, **each} for slug, each in facts.get("segments", {}).items()],
    }


def candidate_row(candidate: Candidate, wording: Wording) -> dict[str, Any]:
    """Return one offer that could be made, with its arithmetic."""
    facts, terms = candidate.facts, candidate.terms
    return {
        "key": candidate.key,
        "segment": candidate.segment or None,
        "title": candidate.title,
        "form": terms.form.value,
        "discount_percent": terms.discount_percent,
        "list_price": candidate.list_price,
        "price": candidate.price,
        "unit_margin": candidate.margin,
        "unit_margin_ratio": candidate.margin_ratio,
        **{name: facts.get(name) for name in _FIGURES},
        "words": list(terms_words(terms, wording)),
        "evidence": list(evidence_words(facts.get("evidence", {}))),
        "anyway": [facts[name]["words"] for name in ("anyway", "cannibalised") if facts.get(name)],
        "steps": [{name: each[name] for name in ("label", "value", "unit")} for each in facts.get("steps", ())],
        "stock": [
            {name: each[name] for name in ("name", "stock", "kept_back", "uses")}
            for each in facts.get("stock", ())
        ],
        "terms": terms.to_json(),
    }


def offer_row(story: OfferStory, wording: Wording) -> dict[str, Any]:
    """Return one offer that was made with its terms, steps, decisions and result."""
    bundle = story.bundle
    return {
        **card_of(bundle),
        "words": list(terms_words(bundle.terms, wording)),
        "can": [deed for deed, is_possible in can(bundle).items() if is_possible],
        "steps": [
            {"no": each.no, "deed": each.deed, "state": each.state, "words": each.words, "at": each.at}
            for each in story.steps
        ],
        "decisions": [
            {"at": each.at, "who": each.who, "state": each.to_state, "note": each.note}
            for each in story.decisions
        ],
        "terms": bundle.terms.to_json(),
        "result": dict(bundle.result),
    }

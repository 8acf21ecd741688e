"""Drafts of offers: made by hand or of a candidate, changed until somebody decides on them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from shop_app.bundles.terms import Form, Part, Terms
from shop_app.errors import InvalidInputError, NotFoundError, RefusedError
from shop_app.services.bundle_limits import Limits
from shop_app.storage import basket_findings, bundles, decisions
from shop_app.storage.bundles import Bundle
from shop_app.storage.decisions import Decision
from shop_app.storage.engine import Connection, transaction

KIND = "bundle"
"""The kind of decisions that are about offers."""


def draft_bundle(
    shop_id: int, terms: Terms, *, title: str, facts: Mapping[str, Any], who: str, at: datetime
) -> Bundle:
    """Write an offer down; nothing is made of it before somebody approves it.

    ``facts`` is what speaks for it, as plain values.
    """
    with transaction(shop_id) as connection:
        made = bundles.add_draft(connection, title.strip(), terms, facts, who=who, at=at)
        _note(connection, made, "drafted", who=who, at=at)
    return made


def draft_from_candidate(shop_id: int, key: str, segment: str, *, who: str, at: datetime) -> Bundle:
    """Write down an offer that was found, with all that speaks for it.

    Raises
    ------
    NotFoundError
        It is not among what the newest look at the baskets has found.
    """
    with transaction(shop_id) as connection:
        found = basket_findings.find(connection, "candidate", key, segment=segment)
    if found is None:
        raise NotFoundError("This suggestion is no longer among the newest: look at the list again.")
    terms = Terms.from_json(found.facts["terms"])
    facts = {**found.facts, "key": key, "segment": segment}
    return draft_bundle(shop_id, terms, title=str(found.facts.get("title", "")), facts=facts, who=who, at=at)


def change_draft(shop_id: int, bundle_id: int, changes: Mapping[str, Any], *, who: str, at: datetime) -> Bundle:
    """Change the title or some terms of a draft.

    ``changes`` are plain values by the names of :class:`Terms` (parts as ``[{"item_id", "quantity"}]``, moments
    as ISO 8601 with a zone), and ``title``. A fixed bundle whose discount is changed gets the price that comes
    of it, unless a price is given too.

    Raises
    ------
    NotFoundError
        There is no such bundle.
    RefusedError
        It is no draft any more, or somebody else has changed it at the same moment.
    InvalidInputError
        A value cannot be read; ``field`` names it.
    """
    read = {name: _read(name, value) for name, value in changes.items()}
    with transaction(shop_id) as connection:
        before = bundles.lock(connection, bundle_id)
    if before is None:
        raise NotFoundError(f"There is no offer {bundle_id}.")
    title = str(read.pop("title", before.title))
    terms = replace(before.terms, **read)
    if terms.form is Form.FIXED and read.keys() & {"discount_percent", "parts"} and "price" not in read:
        terms = replace(terms, price=Limits.of(shop_id, terms.item_ids).fixed_price(terms))
    with transaction(shop_id) as connection:
        current = bundles.lock(connection, bundle_id)
        if current is None or current.state != "draft":
            raise RefusedError("Its terms are decided on: retire it, and draft another one.")
        if current.fingerprint != before.fingerprint:
            raise RefusedError("Somebody else has changed it meanwhile: look at it again, then change it.")
        bundles.write_draft(connection, bundle_id, title, terms)
        _note(connection, current, "changed", who=who, at=at, words=", ".join(sorted(changes)))
        changed = bundles.find(connection, bundle_id)
    assert changed is not None  # noqa: S101 (locked above)
    return changed


def _read(name: str, value: Any) -> Any:  # noqa: ANN401 (any plain value)
    reader = _READERS.get(name)
    if reader is None:
        raise InvalidInputError(f"An offer has no “{name}”.", field=name)
    try:
        return reader(value)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        words = (
            str(error) if isinstance(error, ValueError) and str(error).endswith(".") else "it cannot be that."
        )
        raise InvalidInputError(f"{_LABELS.get(name, name)}: {words}", field=name) from None


def _moment(value: Any) -> datetime | None:  # noqa: ANN401
    if value in (None, ""):
        return None
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    if moment.tzinfo is None:
        raise ValueError("say in which time zone.")
    return moment


def _whole(value: Any) -> int:  # noqa: ANN401
    text = str(value).strip()
    if isinstance(value, bool) or not text.lstrip("-").isdigit():
        raise ValueError("it is a whole number.")
    return int(text)


def _whole_or_none(value: Any) -> int | None:  # noqa: ANN401
    return None if value in (None, "") else _whole(value)


def _title(value: Any) -> str:  # noqa: ANN401
    return " ".join(str(value).split())


_READERS: dict[str, Callable[[Any], Any]] = {
    "title": _title,
    "parts": lambda value: tuple(
        Part(_whole(each["item_id"]), _whole(each.get("quantity", 1))) for each in value
    ),
    "buys": lambda value: tuple(_whole(each) for each in value),
    "gets": lambda value: tuple(_whole(each) for each in value),
    "buy_quantity": _whole,
    "get_quantity": _whole,
    "discount_percent": _whole,
    "price": _whole_or_none,
    "segment": lambda value: str(value or "").strip(),
    "code": lambda value: str(value or "").strip(),
    "starts_at": _moment,
    "ends_at": _moment,
    "uses_per_order": _whole,
    "uses_most": _whole_or_none,
    "once_per_customer": lambda value: value in (True, "true", "yes", "on", "1", 1),
}
_LABELS = {
    "discount_percent": "Discount",
    "buy_quantity": "How many are bought",
    "get_quantity": "How many are cheaper",
    "price": "Price",
    "starts_at": "Beginning",
    "ends_at": "End",
    "uses_per_order": "Uses in one order",
    "uses_most": "Uses in all",
    "parts": "Parts",
    "buys": "What is bought",
    "gets": "What is cheaper",
}


def _note(
    connection: Connection, bundle: Bundle, what: str, *, who: str, at: datetime, words: str = ""
) -> None:
    about = f"{bundle.title} ({bundle.id})"
    decisions.record(connection, Decision(at, who, KIND, about, bundle.state, what, words))

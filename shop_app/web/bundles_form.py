"""The form of an offer's terms, as texts and back: a draft is made of a candidate, or changed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from shop_app.bundles.terms import Form, Terms
from shop_app.errors import InvalidInputError
from shop_app.services.bundle_limits import Limits
from shop_app.services.check_terms import check_terms
from shop_app.services.describe_bundles import Overview
from shop_app.web.bundles_look import EVERYBODY
from shop_app.web.bundles_pages import OfferForm
from shop_app.web.chosen_shop import ChosenShop
from shop_app.web.formats import Formats
from shop_app.web.pages import Field, Option

_LONGEST = 255
_WHOLE = {"discount_percent": (0, 100), "uses_per_order": (1, 100), "uses_most": (1, 10_000_000)}
_TEXTS = ("title", "discount_percent", "segment", "code", "uses_per_order", "uses_most", "starts_on", "ends_on")
_SHOWN = (*_WHOLE, "title", "price", "code", "once_per_customer", "starts_at", "ends_at")
"""Terms with a field of their own in every form that has them."""
_LAST_SECOND = timedelta(seconds=1)
_FIRST_YEAR = 2000  # whatever is earlier was typed by mistake
FIXED_WORDS = (
    "A fixed set is a product like any other, so it is for everybody; a product for one segment alone is "
    "nothing that Shopify has."
)
SEGMENT_WORDS = (
    "For one segment alone it counts as soon as Shopify knows who is buying: after login, or at the checkout."
)


class OfferRefusedError(InvalidInputError):
    """Some terms cannot be; ``errors`` has a sentence for each by its field."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(next(iter(errors.values())))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class OfferFields:
    """What stands in the fields, by name."""

    texts: Mapping[str, str]

    @classmethod
    def of(cls, title: str, terms: Terms, formats: Formats) -> Self:
        """Write terms into the fields."""
        starts, ends = (None if at is None else formats.local(at) for at in (terms.starts_at, terms.ends_at))
        return cls(
            {
                "title": title,
                "discount_percent": str(terms.discount_percent),
                "segment": terms.segment,
                "code": terms.code,
                "uses_per_order": str(terms.uses_per_order),
                "uses_most": "" if terms.uses_most is None else str(terms.uses_most),
                "once_per_customer": "yes" if terms.once_per_customer else "",
                "starts_on": "" if starts is None else starts.date().isoformat(),
                "ends_on": "" if ends is None else ends.date().isoformat(),
            }
        )

    @classmethod
    def read(cls, form: MultiDict[str, str]) -> Self:
        """Read what was sent."""
        texts = {name: " ".join(form.get(name, "").split())[:_LONGEST] for name in _TEXTS}
        return cls(texts | {"once_per_customer": "yes" if "once_per_customer" in form else ""})

    def checked(
        self, shop: ChosenShop, terms: Terms, *, at: datetime, bundle_id: int | None = None
    ) -> tuple[str, Terms]:
        """Return the title and the terms that these fields make of others.

        What speaks against them for another reason than what stands in a field keeps no draft from being made;
        it is said on the draft's page, and keeps it from being approved.

        Raises
        ------
        OfferRefusedError
            Some of them cannot be, or go against the shop's own rules.
        """
        title, chosen = self._chosen(terms, shop.formats, Limits.of(shop.id, terms.item_ids))
        problems = check_terms(shop.id, title, chosen, at=at, bundle_id=bundle_id)
        errors = {each.field: each.words for each in reversed(problems) if each.field in _SHOWN}
        if errors:
            raise OfferRefusedError(errors)
        return title, chosen

    def _chosen(self, terms: Terms, formats: Formats, limits: Limits) -> tuple[str, Terms]:
        errors: dict[str, str] = {}
        is_fixed = terms.form is Form.FIXED
        percent = self._whole("discount_percent", errors) or 0
        changes: dict[str, Any] = {
            "discount_percent": percent,
            "uses_most": self._whole("uses_most", errors) if self.texts["uses_most"] else None,
            "starts_at": _moment(self.texts["starts_on"], "starts_on", formats.timezone, errors),
            "ends_at": _moment(self.texts["ends_on"], "ends_on", formats.timezone, errors, is_end=True),
        }
        if is_fixed:
            changes["price"] = limits.fixed_price(replace(terms, discount_percent=percent))
            if changes["price"] is None:
                words = "The price of a part is not known, so that of the set cannot be worked out."
                errors.setdefault("discount_percent", words)
        else:
            changes |= {
                "segment": self.texts["segment"],
                "code": self.texts["code"],
                "uses_per_order": self._whole("uses_per_order", errors) or 1,
                "once_per_customer": bool(self.texts["once_per_customer"]),
            }
        if not self.texts["title"]:
            errors["title"] = "Give it a title: shoppers read it."
        if errors:
            raise OfferRefusedError(errors)
        return self.texts["title"], replace(terms, **changes)

    def _whole(self, name: str, errors: dict[str, str]) -> int | None:
        least, most = _WHOLE[name]
        text = self.texts[name]
        if text.isascii() and text.isdigit() and len(text) <= len(str(most)) and least <= int(text) <= most:
            return int(text)
        errors[name] = f"Give a whole number from {least:,} to {most:,}."
        return None


def offer_form(  # noqa: PLR0913 (a form with its address, its words and what is wrong with it)
    fields: OfferFields,
    terms: Terms,
    overview: Overview,
    *,
    address: str,
    submit: str,
    kept: tuple[Field, ...] = (),
    errors: Mapping[str, str] | None = None,
    discount_words: str = "",
) -> OfferForm:
    """Write the form of an offer's terms."""
    is_fixed = terms.form is Form.FIXED
    chosen = fields.texts.get("segment", "")
    segments = {"": EVERYBODY, **overview.segments}
    if chosen not in segments:
        segments[chosen] = chosen
    return OfferForm(
        address=address,
        submit=submit,
        values=fields.texts,
        errors=errors or {},
        kept=kept,
        segments=tuple(Option(slug, name, slug == chosen) for slug, name in segments.items()),
        is_fixed=is_fixed,
        discount_words=discount_words or ("Off the sum of its parts." if is_fixed else "Off what is got."),
        whom_words=FIXED_WORDS if is_fixed else SEGMENT_WORDS,
    )


def _moment(
    text: str, name: str, timezone: str, errors: dict[str, str], *, is_end: bool = False
) -> datetime | None:
    """Read a day: its first moment on the shop's clock, or its last second."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
        if is_end:
            day += timedelta(days=1)
        start = datetime.combine(day, time(), tzinfo=ZoneInfo(timezone))
    except (ValueError, OverflowError):
        start = None
    if start is None or start.year < _FIRST_YEAR:
        errors[name] = "Give a day as 2026-12-24."
        return None
    return start - _LAST_SECOND if is_end else start

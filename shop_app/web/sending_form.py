"""The form of what the merchant has chosen for sending labels, as texts and back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from werkzeug.datastructures import MultiDict

from shop_app.errors import InvalidInputError
from shop_app.services.push_choices import PushChoices

HOLDOUT = "holdout_"
"""What the name of a segment's field begins with."""
MOST_HOLDOUT_PERCENT = 50
HOURS = 24
_LONGEST_TEXT = 500
_NUMBERS = {
    "approve_percent": (0, 100),
    "approve_count": (0, 10_000_000),
    "refund_days": (0, 365),
    "cancel_days": (0, 365),
    "over_mailed_most": (0, 100),
    "over_mailed_days": (1, 60),
}
_TEXTS = (*_NUMBERS, "quiet_from", "quiet_to", "complaint_tags")


class ChoicesRefusedError(InvalidInputError):
    """Some fields cannot be used; ``errors`` has a sentence for each by its name."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(next(iter(errors.values())))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class SendingForm:
    """What stands in the fields; ``holdouts`` are percents by the segment's slug."""

    texts: Mapping[str, str]
    no_discounts: bool
    holdouts: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, choices: PushChoices) -> Self:
        """Write the choices into the fields."""
        texts = {name: str(getattr(choices, name)) for name in _TEXTS if hasattr(choices, name)}
        texts["approve_percent"] = f"{choices.approve_ratio * 100:g}"
        texts["complaint_tags"] = ", ".join(choices.complaint_tags)
        holdouts = {slug: str(percent) for slug, percent in choices.holdouts.items()}
        return cls(texts, choices.no_discounts, holdouts)

    @classmethod
    def read(cls, form: MultiDict[str, str]) -> Self:
        """Read what was sent."""
        holdouts = {name.removeprefix(HOLDOUT): _text(form, name) for name in form if name.startswith(HOLDOUT)}
        return cls({name: _text(form, name) for name in _TEXTS}, "no_discounts" in form, holdouts)

    def changes(self, before: PushChoices, segments: Sequence[str]) -> dict[str, Any]:
        """Return the choices that these texts stand for; segments that were not asked for stay as they were.

        Raises
        ------
        ChoicesRefusedError
            Some texts stand for none.
        """
        errors: dict[str, str] = {}
        numbers = {
            name: _number(self.texts[name], name, least, most, errors)
            for name, (least, most) in _NUMBERS.items()
        }
        hours = {name: _hour(self.texts[name], name, errors) for name in ("quiet_from", "quiet_to")}
        holdouts = {slug: percent for slug, percent in before.holdouts.items() if slug not in segments}
        for slug in segments:
            given = self.holdouts.get(slug, "") or "0"
            holdouts[slug] = int(_number(given, f"{HOLDOUT}{slug}", 0, MOST_HOLDOUT_PERCENT, errors))
        if errors:
            raise ChoicesRefusedError(errors)
        return {
            "approve_ratio": numbers.pop("approve_percent") / 100,
            **{name: int(value) for name, value in numbers.items()},
            **hours,
            "complaint_tags": self.texts["complaint_tags"],
            "no_discounts": self.no_discounts,
            "holdouts": holdouts,
        }


def _number(text: str, name: str, least: int, most: int, errors: dict[str, str]) -> float:
    """Read a number; only the share of customers may have a point."""
    try:
        number = float(text.rstrip("% ").replace(",", ".")) if name == "approve_percent" else int(text)
    except ValueError:
        number = -1
    if not least <= number <= most:
        whole = "number" if name == "approve_percent" else "whole number"
        errors[name] = f"Give a {whole} from {least:,} to {most:,}."
        return 0
    return number


def _hour(text: str, name: str, errors: dict[str, str]) -> int:
    if text.isascii() and text.isdigit() and len(text) <= 2 and int(text) < HOURS:  # noqa: PLR2004 (two digits)
        return int(text)
    errors[name] = "Choose an hour."
    return 0


def _text(form: MultiDict[str, str], name: str) -> str:
    return " ".join(form.get(name, "").split())[:_LONGEST_TEXT]

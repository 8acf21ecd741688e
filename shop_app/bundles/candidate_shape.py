"""What a candidate is: an offer that could be made, with all that speaks for it."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from shop_app.bundles.cannibalisation import Anyway
from shop_app.bundles.expectation import Uptake
from shop_app.bundles.offer_goods import StockLimit
from shop_app.bundles.pricing import Figures
from shop_app.bundles.terms import Form, Terms


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What candidates rest on besides the shop's own figures; every one is shown with the candidates.

    Attributes
    ----------
    horizon_days
        Over how many days an offer's extra margin is reckoned, 1 or more.
    uptake
        How people are assumed to answer an offer.
    least_discount_percent
        A discount on single things is this deep at least, or the offer is not worth its words; 1 or more.
    most_third_percent
        The third of a line is a modest offer: no deeper than this, 1 to 100.
    most_options
        Of a mixed offer, 2 or more.
    most_findings
        Of each kind of finding so many are looked at, those with the most evidence.
    """

    horizon_days: int = 90
    uptake: Uptake = field(default_factory=Uptake)
    least_discount_percent: int = 5
    most_third_percent: int = 10
    most_options: int = 5
    most_findings: int = 500


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the arithmetic; ``unit`` is "money" (minor units), "count", "ratio" (0 to 1) or "days"."""

    label: str
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Preview:
    """The same things as one product (``kind`` "pure"), or single and cheaper together ("mixed")."""

    kind: str
    words: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Candidate:
    """An offer that could be made, with all that speaks for it; money in minor units.

    Attributes
    ----------
    key
        The same for the same idea at the next run.
    evidence
        Rows of the findings by kind.
    figures, worst
        One use: the typical one, and the one among those that the terms allow which leaves the shop least.
    most_discount_percent
        How deep the margin floor and the merchant would let it go.
    anyway, cannibalised
        Who would have bought all of it anyway: of those who buy the first, and of those who use the offer.
    uses_expected, would_have_bought, extra_uses, extra_margin, extra_margin_low, extra_margin_high
        Over ``horizon_days``, of which it can be offered on ``offer_days``.
    uses_by_stock
        ``None`` where no stock is tracked.
    depths
        For each discount that may be given, in percent, the expected extra margin before uses are rounded to
        whole ones.
    steps
        The arithmetic, line by line; the last line is ``extra_margin``.
    """

    key: str
    title: str
    terms: Terms
    evidence: Mapping[str, Any]
    figures: Figures
    worst: Figures
    most_discount_percent: int
    anyway: Anyway
    cannibalised: Anyway
    uses_expected: int
    would_have_bought: int
    extra_uses: int
    extra_margin: int
    extra_margin_low: int
    extra_margin_high: int
    horizon_days: int
    offer_days: int
    stock: tuple[StockLimit, ...]
    uses_by_stock: int | None
    depths: tuple[tuple[int, int], ...]
    steps: tuple[Step, ...]
    previews: tuple[Preview, ...]

    @property
    def form(self) -> Form:
        """Return the form of its terms."""
        return self.terms.form

    @property
    def segment(self) -> str:
        """Return the slug of the segment it is for; "" is everybody."""
        return self.terms.segment

    def to_json(self) -> dict[str, Any]:
        """Return plain values, as they are kept and shown."""
        plain = asdict(self)
        plain["terms"] = self.terms.to_json()
        plain["evidence"] = _finite(dict(self.evidence))
        for name, figures in (("figures", self.figures), ("worst", self.worst)):
            plain[name] |= {"margin": figures.margin, "margin_ratio": figures.margin_ratio}
        for shown, preview in zip(plain["previews"], self.previews, strict=True):
            figures = preview.figures
            shown["figures"] |= {"margin": figures.margin, "margin_ratio": figures.margin_ratio}
        return plain


@dataclass(frozen=True, slots=True)
class Blocked:
    """What is not proposed, and why.

    ``candidate`` is the offer at its least bad discount where nothing forbids it and it is only expected to
    bring no more than it costs: its arithmetic can be looked at, and the merchant may know better. Otherwise
    ``None``.
    """

    key: str
    title: str
    reason: str
    candidate: Candidate | None = None

    def to_json(self) -> dict[str, Any]:
        """Return plain values, as they are kept and shown."""
        candidate = None if self.candidate is None else self.candidate.to_json()
        return {"key": self.key, "title": self.title, "reason": self.reason, "candidate": candidate}


def _finite(value: object) -> object:
    """Return the same without infinities, which JSON does not know: an end that is not there is null."""
    if isinstance(value, dict):
        return {name: _finite(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value

"""The arithmetic of a candidate, line by line, and its things as one product beside single ones."""

from collections.abc import Iterator

from shop_app.bundles.brand_rules import BrandRules
from shop_app.bundles.candidate_shape import Assumptions, Preview, Step
from shop_app.bundles.expectation import Expectation, Occasion, depth_ratio, extra_ratio
from shop_app.bundles.offer_sides import Sides
from shop_app.bundles.pricing import figures_of_discount, figures_of_fixed, price_of_fixed
from shop_app.bundles.terms import Form


def title_of(sides: Sides, percent: int) -> str:
    """Return what an offer is called."""
    first, rest = names_of(sides)
    if sides.form is Form.FIXED:
        return " + ".join(goods.name for goods in sides.first + sides.rest)
    if sides.form is Form.THIRD:
        return f"Two of {first}: {percent} % off the third"
    if sides.form is Form.MIXED:
        return f"{first} with one of {len(sides.rest)} others at {percent} % off"
    return f"{first} with {rest} at {percent} % off"


def names_of(sides: Sides) -> tuple[str, str]:
    """Return what both sides are called in the middle of a sentence."""
    first = " and ".join(goods.name for goods in sides.first)
    if sides.form is Form.THIRD:
        return first, "a third"
    if sides.form is Form.MIXED:
        return first, "one of the others"
    return first, " and ".join(goods.name for goods in sides.rest)


def steps_of(
    sides: Sides,
    occasion: Occasion,
    expected: Expectation,
    assumptions: Assumptions,
    limits: tuple[int, int | None],
) -> tuple[Step, ...]:
    """Return the arithmetic of an expectation, which a person can follow with pencil and paper.

    Parameters
    ----------
    limits
        The days of the horizon on which it may be offered, and the uses that stock allows (``None``: any).

    Returns
    -------
    tuple of Step
        The last line is the expected extra margin: the two lines before it, added up.
    """
    offer_days, most_uses = limits
    first, rest = names_of(sides)
    bought = f"two of {first}" if sides.form is Form.THIRD else first
    return (
        *_occasions(bought, rest, occasion, assumptions, offer_days),
        *_one_use(rest, occasion),
        *_uses(rest, occasion, expected, assumptions, most_uses),
        Step(f"Earned on {rest} added", expected.extra_uses * occasion.added_margin, "money"),
        Step(
            "Given to those who would have bought it anyway",
            -expected.would_have_bought * occasion.discount,
            "money",
        ),
        Step(f"Expected extra margin in {assumptions.horizon_days} days", expected.extra_margin, "money"),
    )


def _occasions(
    bought: str, rest: str, occasion: Occasion, assumptions: Assumptions, offer_days: int
) -> Iterator[Step]:
    days = assumptions.horizon_days
    if offer_days < days:
        yield Step(f"Days of the next {days} on which it is in season", offer_days, "days")
    yield Step(f"Baskets with {bought} in {offer_days} days", occasion.first_baskets, "count")
    yield Step(f"Of them take {rest} without any offer", occasion.anyway.ratio, "ratio")


def _one_use(rest: str, occasion: Occasion) -> Iterator[Step]:
    yield Step(f"List price of {rest}", occasion.added_price, "money")
    yield Step("Discount on one use", -occasion.discount, "money")
    yield Step("Cost of what is added", -occasion.added_cost, "money")
    yield Step("Left of each that is added", occasion.added_margin, "money")


def _uses(
    rest: str, occasion: Occasion, expected: Expectation, assumptions: Assumptions, most_uses: int | None
) -> Iterator[Step]:
    uptake = assumptions.uptake
    usual = f"{uptake.gain_ratio:.0%} at {uptake.usual_discount_percent} % off what is added"
    assumed = f"{usual}, range {uptake.low:.0%} to {uptake.high:.0%}"
    gain = uptake.gain_ratio * depth_ratio(occasion, uptake)
    yield Step(f"Assumed: so many more take {rest} ({assumed})", gain, "ratio")
    yield Step(
        "Added by the offer, of all: that gain, times those who take it, times those who do not",
        extra_ratio(occasion, uptake),
        "ratio",
    )
    if most_uses is not None:
        yield Step("Uses that stock allows", most_uses, "count")
    yield Step("Expected uses", expected.uses, "count")
    yield Step("Of these would have bought it all anyway", expected.would_have_bought, "count")
    yield Step("Of these because of the offer", expected.extra_uses, "count")


def previews_of(sides: Sides, occasion: Occasion, rules: BrandRules) -> tuple[Preview, ...]:
    """Return the same things as one product and as single ones, for about the same money off.

    Neither is deeper than the offer itself, so both keep the margin floor where it does. Nothing for a third.
    """
    if sides.form is Form.THIRD:
        return ()
    full = [goods.priced for goods in sides.first]
    added = sides.added
    parts = [*full, added]
    total = sum(part.price for part in parts)
    pure_percent = occasion.discount * 100 // total
    mixed_percent = min(rules.most_discount_percent, occasion.discount * 100 // added.price)
    pure = figures_of_fixed(parts, price_of_fixed(parts, pure_percent))
    mixed = figures_of_discount(full, [added], mixed_percent)
    first, rest = names_of(sides)
    return (
        Preview("pure", f"One product that holds {first} and {rest}, {pure_percent} % off the sum.", pure),
        Preview(
            "mixed", f"{first} and {rest} stay single: {mixed_percent} % off {rest} when taken together.", mixed
        ),
    )

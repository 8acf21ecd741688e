"""The groups that are shown and that customers are labelled with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import polars as pl

from shop_app.segments.grouping.centre_groups import CentreGroups
from shop_app.segments.grouping.drivers import Driver
from shop_app.segments.grouping.outliers import Outliers, score_outliers
from shop_app.segments.grouping.rule_groups import PROSPECTS, RuleGroups
from shop_app.segments.grouping.ways import Groups, label


@dataclass(frozen=True, slots=True)
class PublishedGroup:
    """One group of buyers.

    Attributes
    ----------
    slug
        Leaves the house in tags; the same from fit to fit while the group is the same.
    archetype
        A key of :data:`~shop_app.segments.grouping.archetypes.ARCHETYPES`: the name's meaning, and its
        playbook.
    name, description
        What a screen calls it, and who they are.
    definition
        Who belongs to it, in sentences.
    drivers
        What sets it apart, the strongest first.
    customer_count, size_ratio, revenue_ratio
        Its members at the fit, their share of the buyers, and of the money that all buyers have spent.
    fit_words
        How well the name fits; "" for groups that are made by the name's own rule.
    """

    slug: str
    archetype: str
    name: str
    description: str
    definition: tuple[str, ...]
    drivers: tuple[Driver, ...]
    customer_count: int
    size_ratio: float
    revenue_ratio: float
    fit_words: str = ""

    def to_json(self) -> dict[str, Any]:
        """Give plain values that :meth:`from_json` reads back as an equal group."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        return plain | {
            "definition": list(self.definition),
            "drivers": [driver.to_json() for driver in self.drivers],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` gave."""
        drivers = tuple(Driver.from_json(driver) for driver in stored["drivers"])
        return cls(**{**stored, "definition": tuple(stored["definition"]), "drivers": drivers})


@dataclass(frozen=True, slots=True)
class Grouping:
    """Everything that is needed to label anybody, without fitting again.

    Attributes
    ----------
    goal
        The goal's slug.
    method
        ``rules``, ``clusters`` or ``hybrid``.
    groups
        The groups of buyers, the largest share of money first. Customers without an order are ``prospects`` and
        in none of them.
    parameters
        What tells the groups; its slugs are those of ``groups``.
    outliers
        What tells who fits nowhere.
    """

    goal: str
    method: str
    groups: tuple[PublishedGroup, ...]
    parameters: Groups
    outliers: Outliers

    def to_json(self) -> dict[str, Any]:
        """Give plain values that :meth:`from_json` reads back as an equal grouping."""
        return {
            "goal": self.goal,
            "method": self.method,
            "groups": [group.to_json() for group in self.groups],
            "parameters": self.parameters.to_json(),
            "outliers": self.outliers.to_json(),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` gave."""
        kind = RuleGroups if stored["method"] == "rules" else CentreGroups
        return cls(
            str(stored["goal"]),
            str(stored["method"]),
            tuple(PublishedGroup.from_json(group) for group in stored["groups"]),
            kind.from_json(stored["parameters"]),
            Outliers.from_json(stored["outliers"]),
        )


def score_grouping(scored: pl.DataFrame, grouping: Grouping, settled: pl.Series | None) -> pl.DataFrame:
    """Label everybody.

    Parameters
    ----------
    scored
        One row a customer: features, predictions, and signals where there are some.
    grouping
        From a fit on this shop.
    settled
        The slug each row had at the last midnight of the shop (null: none), in the order of ``scored``: borders
        give way to who is inside.

    Returns
    -------
    polars.DataFrame
        ``customer_id``, ``segment`` (a slug; ``prospects`` without a counted order), ``margin`` (0 at the
        border to another group, 1 well inside; null for prospects) and ``is_outlier``, in the order of
        ``scored``.
    """
    bought = (scored["order_count"] > 0).fill_null(value=False)
    found = label(scored, grouping.parameters, settled)
    return found.with_columns(bought=bought, is_outlier=score_outliers(scored, grouping.outliers)).select(
        "customer_id",
        segment=pl.when("bought").then("segment").otherwise(pl.lit(PROSPECTS)),
        margin=pl.when("bought").then("margin"),
        is_outlier="is_outlier",
    )

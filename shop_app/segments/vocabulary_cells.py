"""The three vocabularies: which cell of marks belongs to which named group."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

from shop_app.segments import segment_groups as words
from shop_app.segments.segment_groups import Group

THREE_MEASURES = 3


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A set of names that divides all customers: every cell of marks has exactly one group.

    Attributes
    ----------
    slug, name
        What the setting stores, and what the merchant reads.
    groups
        From the best to the last, the group without orders at the end.
    cells
        Codes and the slug of their group: recency and FM (each 1 to 5), or for Klaviyo recency, frequency and
        money (each 1 to 3).
    coarser
        For the ladders ``five`` and ``three``: the larger group that takes a group in. One that is not named
        stays as it is.
    """

    slug: str
    name: str
    groups: tuple[Group, ...]
    cells: Mapping[tuple[int, ...], str]
    coarser: Mapping[str, Mapping[str, Group]]

    @property
    def has_levels(self) -> bool:
        """Tell whether the cells are of three levels in three measures."""
        return len(next(iter(self.cells))) == THREE_MEASURES

    def groups_at(self, ladder: str) -> tuple[Group, ...]:
        """List the groups of a ladder, from the best to the last."""
        coarser = self.coarser.get(ladder, {})
        seen = {group.slug: coarser.get(group.slug, group) for group in self.groups}
        return tuple({group.slug: group for group in seen.values()}.values())

    def cells_at(self, ladder: str) -> dict[tuple[int, ...], str]:
        """Give the group's slug of every cell on a ladder."""
        coarser = self.coarser.get(ladder, {})
        return {cell: coarser[slug].slug if slug in coarser else slug for cell, slug in self.cells.items()}


def _grid(*rows: str) -> dict[tuple[int, ...], str]:
    """Read a 5 x 5 table as it is printed: recency 5 to 1 downwards, FM 1 to 5 across."""
    return {
        (5 - down, across): slug
        for down, row in enumerate(rows)
        for across, slug in enumerate(row.split(), start=1)
    }


def _codes(**codes: str) -> dict[tuple[int, ...], str]:
    listed = {code: slug for slug, text in codes.items() for code in text.split()}
    every = product((1, 2, 3), repeat=3)
    return {code: listed["".join(map(str, code))].replace("_", "-") for code in every}


def _merged(*larger: tuple[Group, str]) -> dict[str, Group]:
    return {slug: group for group, slugs in larger for slug in slugs.split()}


SHOPIFY = Vocabulary(
    slug="shopify",
    name="Shopify",
    groups=(
        words.CHAMPIONS,
        words.LOYAL,
        words.ACTIVE,
        words.NEW,
        words.PROMISING,
        words.NEEDS_ATTENTION,
        words.AT_RISK,
        words.PREVIOUSLY_LOYAL,
        words.ALMOST_LOST,
        words.DORMANT,
        words.PROSPECTS,
    ),
    # Shopify describes its ten groups of buyers in words (help page on RFM analysis), which line up one to
    # one with the public 5 x 5 grid. The cells are inferred so, and not confirmed on a page of Shopify's.
    cells=_grid(
        "new         active      active          champions champions",
        "promising   active      active          loyal     loyal",
        "almost-lost almost-lost needs-attention loyal     loyal",
        "dormant     dormant     at-risk         at-risk   previously-loyal",
        "dormant     dormant     at-risk         at-risk   previously-loyal",
    ),
    coarser={
        "five": _merged(
            (words.REGULARS, "loyal active"),
            (words.NEWCOMERS, "new promising"),
            (words.SLIPPING, "needs-attention at-risk previously-loyal"),
            (words.LAPSED, "almost-lost dormant"),
        ),
        "three": _merged(
            (words.BEST_CUSTOMERS, "champions loyal"),
            (words.RECENT_CUSTOMERS, "active new promising"),
            (words.DRIFTING_AWAY, "needs-attention at-risk previously-loyal almost-lost dormant"),
        ),
    },
)

PUTLER = Vocabulary(
    slug="putler",
    name="Putler",
    groups=(
        words.CHAMPIONS,
        words.LOYAL_CUSTOMERS,
        words.POTENTIAL_LOYALIST,
        words.NEW,
        words.PROMISING,
        words.NEED_ATTENTION,
        words.ABOUT_TO_SLEEP,
        words.AT_RISK,
        words.CANT_LOSE,
        words.HIBERNATING,
        words.LOST,
        words.PROSPECTS,
    ),
    # The public 5 x 5 grid with Putler's names. Putler's own ranges overlap, and give Hibernating and Lost
    # the same corner: the very last cell is Lost here, the other three are Hibernating.
    cells=_grid(
        "new            potential-loyalist potential-loyalist champions champions",
        "promising      potential-loyalist potential-loyalist loyal     loyal",
        "about-to-sleep about-to-sleep     need-attention     loyal     loyal",
        "hibernating    hibernating        at-risk            at-risk   cant-lose",
        "lost           hibernating        at-risk            at-risk   cant-lose",
    ),
    coarser={
        "five": _merged(
            (words.REGULARS, "loyal potential-loyalist"),
            (words.NEWCOMERS, "new promising"),
            (words.SLIPPING, "need-attention at-risk cant-lose"),
            (words.LAPSED, "about-to-sleep hibernating lost"),
        ),
        "three": _merged(
            (words.BEST_CUSTOMERS, "champions loyal"),
            (words.RECENT_CUSTOMERS, "potential-loyalist new promising"),
            (words.DRIFTING_AWAY, "need-attention at-risk cant-lose about-to-sleep hibernating lost"),
        ),
    },
)

KLAVIYO = Vocabulary(
    slug="klaviyo",
    name="Klaviyo",
    groups=(
        words.CHAMPIONS,
        words.LOYAL,
        words.RECENT,
        words.NEEDS_ATTENTION_OF_THREE,
        words.AT_RISK,
        words.INACTIVE,
        words.NO_ORDERS,
    ),
    # Klaviyo states the five codes of Loyal and the names of all six groups; the rest is their complement.
    # How recency 1 divides is inferred: whoever was at the top of frequency or money, or in the middle of
    # both, is At risk, the others are Inactive.
    cells=_codes(
        champions="333 332 323",
        loyal="321 322 331 232 233",
        recent="311 312 313",
        needs_attention="211 212 213 221 222 223 231",
        at_risk="122 123 131 132 133 113",
        inactive="111 112 121",
    ),
    coarser={
        "five": _merged((words.SLIPPING, "needs-attention at-risk")),
        "three": _merged(
            (words.BEST_CUSTOMERS, "champions loyal"),
            (words.RECENT_CUSTOMERS, "recent"),
            (words.DRIFTING_AWAY, "needs-attention at-risk inactive"),
        ),
    },
)

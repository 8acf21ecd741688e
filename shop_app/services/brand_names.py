"""What a merchant types for things in rules, and what the rules call them: names and SKUs against numbers."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from shop_app.errors import InvalidInputError
from shop_app.storage import basket_lines


@dataclass(frozen=True, slots=True)
class BrandNames:
    """What everything that is sold is called by people, in small letters, and by rules.

    ``tokens`` are all that a rule has to name for a thing that is typed so: two items of one name are two;
    ``names`` is the way back. ``items`` are our numbers of items by how they may be typed.
    """

    tokens: Mapping[str, tuple[str, ...]]
    names: Mapping[str, str]
    items: Mapping[str, tuple[int, ...]]

    def all_tokens(self, typed: str, field: str) -> tuple[str, ...]:
        """Return what rules call the things of a name.

        Raises
        ------
        InvalidInputError
            Nothing is called so.
        """
        found = self.tokens.get(_plain(typed))
        if not found:
            raise InvalidInputError(
                f"“{typed.strip()}” is no item, SKU, category or collection of this shop; write it as it is "
                "written there.",
                field=field,
            )
        return found

    def pairs(self, one: str, other: str, field: str) -> list[list[str]]:
        """Return every pair of what rules call the things of two names; errors as with :meth:`all_tokens`."""
        return [[a, b] for a in self.all_tokens(one, field) for b in self.all_tokens(other, field)]

    def item_ids(self, typed: str, field: str) -> tuple[int, ...]:
        """Return the numbers of all items that are called so.

        Raises
        ------
        InvalidInputError
            No item is called so.
        """
        found = self.items.get(_plain(typed))
        if not found:
            raise InvalidInputError(
                f"“{typed.strip()}” is no item or SKU of this shop; write it as it is written there.",
                field=field,
            )
        return found

    def name(self, token: str) -> str:
        """Return what a thing is called by people."""
        return self.names.get(token, token)


def read_brand_names(shop_id: int, tokens_asked: Collection[str] | None = None) -> BrandNames:
    """Read what everything that is sold is called, or only what rules call by one of these."""
    found, collections = basket_lines.read_items_and_collections(shop_id, tokens_asked)
    names: dict[str, str] = {}
    items: dict[str, list[int]] = {}
    tokens: dict[str, dict[str, None]] = {}
    groups = {*found["category"].drop_nulls(), *collections["collection"].drop_nulls()}
    for group in sorted(filter(None, groups)):
        tokens.setdefault(_plain(group), {})[group] = None
    for row in found.iter_rows(named=True):
        number, product = str(row["item_id"]), row["product_number"]
        is_whole = product is not None and row["variant_number"] is None
        token = f"p{product}" if is_whole else number
        names[number] = names[token] = row["name"]
        for typed in filter(None, (row["name"], row["sku"], number)):
            tokens.setdefault(_plain(typed), {})[token] = None
            items.setdefault(_plain(typed), []).append(row["item_id"])
    return BrandNames(
        {typed: tuple(each) for typed, each in tokens.items()},
        names,
        {typed: tuple(each) for typed, each in items.items()},
    )


def _plain(typed: str) -> str:
    return typed.strip().casefold()

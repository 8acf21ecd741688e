"""What has to be done at each customer, step by step; and what can be said of it before anything is sent."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shop_app.destinations.base import Outcome, Row
from shop_app.destinations.documents import difference
from shop_app.destinations.shopify_labels import (
    BY_KEY,
    NAMESPACE,
    TAG_LENGTH_AT_MOST,
    TAGS_AT_MOST,
    named,
    tags_in,
    theirs,
)

REMOVE_TAGS, ADD_TAGS = "remove-tags", "add-tags"
SET_METAFIELDS, DELETE_METAFIELDS = "set-metafields", "delete-metafields"
STEPS = (REMOVE_TAGS, ADD_TAGS, SET_METAFIELDS, DELETE_METAFIELDS)
"""In this order: a customer in two segments at once for a moment would get both mails."""

OK = Outcome("ok")
ABSENT = Outcome("absent", "Shopify knows no such customer.")
TOO_MANY_TAGS = Outcome(
    "rejected",
    f"This customer would have more than the {TAGS_AT_MOST} tags that Shopify allows: take some away in "
    "Shopify's admin, and Kindred tries again.",
)


@dataclass(frozen=True, slots=True)
class Change:
    """One customer's part of a step: tags to add or to remove, or metafields by key (``None``: to delete)."""

    customer_id: int
    gid: str
    tags: tuple[str, ...] = ()
    values: tuple[tuple[str, str | None], ...] = ()

    def metafields(self) -> list[dict[str, str]]:
        """Return the metafields as Shopify's mutations take them."""
        return [self._metafield(key, value) for key, value in self.values]

    def _metafield(self, key: str, value: str | None) -> dict[str, str]:
        place = {"ownerId": self.gid, "namespace": NAMESPACE, "key": key}
        return place if value is None else place | {"type": BY_KEY[key].type, "value": value}


def gid_of(row: Row) -> str | None:
    """Return the customer's global id, or ``None`` where Shopify has given it none."""
    number = row.contact.shopify_id
    return None if number is None else f"gid://shopify/Customer/{number}"


def needed(rows: Sequence[Row]) -> tuple[str, ...]:
    """Return the steps that at least one row needs."""
    return tuple(step for step in STEPS if any(_content(step, row) for row in rows))


def plan(step: str, rows: Sequence[Row]) -> tuple[list[Change], dict[int, Outcome]]:
    """Return the changes of a step by customer, and the outcomes that are plain before anything is sent.

    Equal rows give equal changes in equal order, whenever this is asked.
    """
    changes: list[Change] = []
    settled: dict[int, Outcome] = {}
    for row in sorted(rows, key=lambda each: each.customer_id):
        content, gid = _content(step, row), gid_of(row)
        if gid is None:
            settled[row.customer_id] = ABSENT
        elif not content:
            settled[row.customer_id] = OK
        elif step in (REMOVE_TAGS, ADD_TAGS):
            wrong = _tag_problem(step, row, content)
            if wrong is None:
                changes.append(Change(row.customer_id, gid, tags=tuple(tag for tag, _ in content)))
            else:
                settled[row.customer_id] = wrong
        else:
            changes.append(Change(row.customer_id, gid, values=content))
    return changes, settled


_Content = tuple[tuple[str, str | None], ...]


def _content(step: str, row: Row) -> _Content:
    return _CONTENTS[step](row)


def _tags_to_remove(row: Row) -> _Content:
    """Return what we own and no longer want: nothing else is ever removed, nor what the merchant spells so."""
    kept = named(tags_in(row.after)).keys() | theirs(row)
    return tuple((tag, None) for folded, tag in sorted(named(row.owned).items()) if folded not in kept)


def _tags_to_add(row: Row) -> _Content:
    """Return what is wanted, neither there without us nor known to be there of us.

    A tag that we own, and that is not in what was acknowledged, may have been lost on its way: adding it again
    changes nothing where it is there.
    """
    acknowledged = named(tags_in(row.before)).keys() & named(row.owned).keys()
    known = theirs(row) | acknowledged
    return tuple(
        (tag, None) for folded, tag in sorted(named(tags_in(row.after)).items()) if folded not in known
    )


def _values_to_set(row: Row) -> _Content:
    written = difference(row.before, row.after).written.get("metafields", {})
    return tuple((key, str(value)) for key, value in written.items() if value is not None)


def _values_to_delete(row: Row) -> _Content:
    written = difference(row.before, row.after).written.get("metafields", {})
    return tuple((key, None) for key, value in written.items() if value is None)


_CONTENTS: dict[str, Callable[[Row], _Content]] = {
    REMOVE_TAGS: _tags_to_remove,
    ADD_TAGS: _tags_to_add,
    SET_METAFIELDS: _values_to_set,
    DELETE_METAFIELDS: _values_to_delete,
}


def _tag_problem(step: str, row: Row, content: _Content) -> Outcome | None:
    """Return why these tags are not sent; a comma would make several tags of one, and not all of them ours."""
    for tag, _ in content:
        if "," in tag or tag != tag.strip() or not tag:
            return Outcome(
                "rejected", f'"{tag}" cannot be a tag in Shopify: it holds a comma or ends in a space.'
            )
        if len(tag) > TAG_LENGTH_AT_MOST:
            shown = f"{tag[:40]}…"
            return Outcome(
                "rejected", f'"{shown}" is longer than the {TAG_LENGTH_AT_MOST} characters of a tag.'
            )
    if step == ADD_TAGS:
        wanted = named(tags_in(row.after)).keys()
        if len(theirs(row) | wanted) > TAGS_AT_MOST:
            return TOO_MANY_TAGS
    return None

"""Pushes as people read them: who moves where, which names and values change, who is left out and why."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shop_app.destinations import registry
from shop_app.destinations.documents import difference
from shop_app.services.plan_pushes import label_maker
from shop_app.services.push_words import consent_words, left_out_words
from shop_app.services.segment_reasons import find_group
from shop_app.storage import destinations, people, push_counts, push_subjects, pushes
from shop_app.storage.engine import Connection
from shop_app.storage.pushes import Push, PushRow

NO_SEGMENT = "No segment"
Namer = Callable[[str], str]
"""What says a segment's name by its slug."""

_SAMPLE = 10
_UNDOABLE = ("plan", "flow")


@dataclass(frozen=True, slots=True)
class PushCard:
    """One push in a list; ``counts`` are its rows by state. ``id`` is 0 where it is only a look ahead."""

    id: int
    destination: str
    destination_name: str
    kind: str
    state: str
    title: str
    made_at: datetime
    decided_at: datetime | None
    decided_by: str
    note: str
    why: str
    counts: dict[str, int]
    can_undo: bool
    can_decide: bool


@dataclass(frozen=True, slots=True)
class Move:
    """So many customers go from one segment to another; "" is no segment."""

    from_slug: str
    from_name: str
    to_slug: str
    to_name: str
    customers: int


@dataclass(frozen=True, slots=True)
class NameChange:
    """How many customers get and lose one name of a list, such as a tag."""

    part: str
    name: str
    added: int
    removed: int


@dataclass(frozen=True, slots=True)
class RowStory:
    """What a push does to one customer; ``values`` are key, before and after (``None``: not there)."""

    customer_id: int
    shopify_id: int | None
    label: str
    from_name: str
    to_name: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    values: tuple[tuple[str, Any, Any], ...]
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class PushStory:
    """A push with its exact differences.

    ``foreign_untouched`` counts tags of these customers that are not ours. ``left_out`` counts by kind of guard
    who is kept from something at the destination now, ``left_out_words`` says each kind in words; both are
    empty for a push that is over.
    """

    card: PushCard
    moves: list[Move]
    names: list[NameChange]
    foreign_untouched: int
    left_out: dict[str, int]
    left_out_words: dict[str, str]
    sample: list[RowStory]
    consent_words: str


def story_of(connection: Connection, shop_id: int, push: Push, name: Namer) -> PushStory:
    """Tell everything of one push; ``name`` says what a segment is called, see :func:`read_names`."""
    counts = pushes.count_rows(connection, [push.id])[push.id]
    stored = destinations.find(connection, shop_id, push.destination)
    is_over = push.state not in ("open", "running")
    left_out = {} if is_over else push_counts.count_guards(connection, push.destination)
    moves = [
        Move(
            each["from_segment"],
            name(each["from_segment"]),
            each["to_segment"],
            name(each["to_segment"]),
            each["customers"],
        )
        for each in pushes.count_moves(connection, push.id)
    ]
    return PushStory(
        card=card_of(push, counts),
        moves=moves,
        names=_names(connection, push.id),
        foreign_untouched=push_counts.count_foreign_tags(connection, push.id) if _is_per_record(push) else 0,
        left_out=left_out,
        left_out_words=left_out_words(left_out),
        sample=rows_of(connection, shop_id, pushes.list_rows(connection, push.id, limit=_SAMPLE), name),
        consent_words=consent_words(push.destination, stored.settings if stored else {}),
    )


def _names(connection: Connection, push_id: int) -> list[NameChange]:
    return [
        NameChange(part, name, counts["added"], counts["removed"])
        for part in push_counts.list_parts(connection, push_id)
        for name, counts in sorted(pushes.count_names(connection, push_id, part).items())
    ]


def rows_of(connection: Connection, shop_id: int, rows: Sequence[PushRow], name: Namer) -> list[RowStory]:
    """Tell these rows of a push, with whom they are about."""
    wanted = {row.customer_id for row in rows}
    known = {
        each.customer_id: each
        for each in push_subjects.list_some(connection, sorted(wanted))
        if each.customer_id in wanted
    }
    contacts = people.read_contacts(connection, shop_id, sorted({each.person_id for each in known.values()}))
    found = []
    for row in rows:
        subject = known.get(row.customer_id)
        contact = contacts.get(subject.person_id) if subject else None
        label = (contact.name or contact.email) if contact else ""
        found.append(
            _row(row, label or f"Customer {row.customer_id}", subject.shopify_id if subject else None, name)
        )
    return found


def _row(row: PushRow, label: str, shopify_id: int | None, name: Namer) -> RowStory:
    change = difference(row.before, row.after)
    before = row.before or {}
    return RowStory(
        customer_id=row.customer_id,
        shopify_id=shopify_id,
        label=label,
        from_name=name(row.from_segment),
        to_name=name(row.segment),
        added=tuple(each for names in change.added.values() for each in names),
        removed=tuple(each for names in change.removed.values() for each in names),
        values=tuple(
            (key, (before.get(part) or {}).get(key), value)
            for part, values in change.written.items()
            for key, value in values.items()
        ),
        state=row.state,
        reason=row.reason,
    )


def card_of(push: Push, counts: dict[str, int]) -> PushCard:
    """Tell a push as a list does; ``counts`` are its rows by state."""
    can_undo = push.kind in _UNDOABLE and push.undone_by is None and counts.get("sent", 0) > 0
    return PushCard(
        id=push.id,
        destination=push.destination,
        destination_name=name_of(push.destination),
        kind=push.kind,
        state=push.state,
        title=_title(push, sum(counts.values())),
        made_at=push.made_at,
        decided_at=push.decided_at,
        decided_by=push.decided_by,
        note=push.note,
        why=push.why,
        counts=counts,
        can_undo=can_undo,
        can_decide=push.kind == "plan" and push.state == "open",
    )


def _title(push: Push, customers: int) -> str:
    """Say what a push is; of an old one it is not known any more whom it concerned."""
    where = name_of(push.destination)
    what = {
        "plan": f"Plan for {where}",
        "flow": f"Small changes for {where}",
        "undo": f"Push {push.undoes} taken back from {where}",
        "clean-up": f"Everything of ours taken back from {where}",
    }[push.kind]
    return f"{what}: {customers_words(customers)}" if customers else what


def customers_words(count: int) -> str:
    """Say how many customers."""
    return f"{count:,} {'customer' if count == 1 else 'customers'}"


def read_names(shop_id: int) -> Namer:
    """Return what says a segment's name: the shop's own, else what its slug spells."""
    maker = label_maker(shop_id)

    def name(slug: str) -> str:
        if not slug:
            return NO_SEGMENT
        if maker is None:
            return slug.replace("-", " ").capitalize()
        return find_group(slug, maker.shop, maker.models).name

    return name


def name_of(kind: str) -> str:
    """Return what a destination is called."""
    return registry.KINDS[kind].name if kind in registry.KINDS else kind


def _is_per_record(push: Push) -> bool:
    return push.destination in registry.KINDS and registry.KINDS[push.destination].per_record

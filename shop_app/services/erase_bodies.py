"""The bodies of webhooks that tell of somebody who was erased: found by opening each, and blanked."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from shop_app.services.webhook_subjects import subjects_in
from shop_app.storage import gone, held_bodies
from shop_app.storage.engine import transaction

_AT_ONCE = 200

Hashes = frozenset[tuple[str, bytes]]


@dataclass(slots=True)
class Swept:
    """Of whom the blanked bodies told, one entry a body, and of whom those that wait to be read do."""

    blanked: list[Hashes] = field(default_factory=list)
    waiting: set[tuple[str, bytes]] = field(default_factory=set)

    def count_of(self, hashes: Hashes) -> int:
        """Return how many of the blanked bodies told of this person."""
        return sum(not hashes.isdisjoint(told) for told in self.blanked)


def sweep_bodies(shop_id: int, only: Sequence[int] | None = None) -> Swept:
    """Blank every body (``only`` of these webhooks) that tells of anybody who was ever erased from this shop.

    A webhook that nobody has read yet keeps its body: what it says of the person is dropped when it is
    read, the sale in it is not.
    """
    swept, after = Swept(), 0
    with transaction(shop_id) as connection:
        erased = gone.list_erased_hashes(connection)
    while erased:
        with transaction(shop_id) as connection:
            held = held_bodies.list_after(connection, shop_id, after=after, limit=_AT_ONCE, only=only)
            told = {each.id: told_of(each, shop_id) & erased for each in held}
            ended = {each.id for each in held if each.state != "new"}
            held_bodies.blank(connection, [found for found in told if told[found] and found in ended])
        swept.blanked += [hashes for found, hashes in told.items() if hashes and found in ended]
        swept.waiting.update(*(hashes for found, hashes in told.items() if found not in ended))
        if len(held) < _AT_ONCE:
            break
        after = held[-1].id
    return swept


def told_of(held: held_bodies.HeldBody, shop_id: int) -> Hashes:
    """Return whom a body tells of, by what they would be remembered if they were erased."""
    return subjects_in(held.topic, held.body).hashes(shop_id)

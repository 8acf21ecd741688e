"""Records that are gone from the store: forgotten, but for what of ours a merge has put on the one that stays.

Shopify gives the customer who stays the tags of both. The label of the other one is ours there too, and goes.
"""

from collections.abc import Sequence
from datetime import datetime

from shop_app.destinations.base import Document
from shop_app.storage import push_marks, push_states, push_subjects, push_work
from shop_app.storage.engine import Connection
from shop_app.storage.push_states import Desired, PushState, Settled


def hand_over_labels(connection: Connection, kind: str, gone: Sequence[int], *, at: datetime) -> None:
    """Forget at a destination the records that are gone; whoever they were merged into holds their labels.

    Whose heir is being sent something right now is left for the next time.
    """
    left_behind = push_states.read_some(connection, kind, gone)
    heirs = push_subjects.heirs_of(connection, list(left_behind))
    job = push_work.find_job(connection, kind)
    busy = set(job.customer_ids) if job else set()
    later = [each for each, heir in heirs.items() if heir in busy]
    if later:
        push_marks.mark(connection, later)
    estates: dict[int, list[PushState]] = {}
    for each, heir in heirs.items():
        if each not in later and left_behind[each].owned:
            estates.setdefault(heir, []).append(left_behind[each])
    if estates:
        _inherit(connection, kind, estates, at=at)
    push_states.drop(connection, kind, [each for each in left_behind if each not in later])


def _inherit(connection: Connection, kind: str, estates: dict[int, list[PushState]], *, at: datetime) -> None:
    known = push_states.read_some(connection, kind, list(estates))
    blank = [Desired(heir, None, "") for heir in estates if heir not in known]
    if blank:
        push_states.write_desired(connection, kind, blank, at=at)
    states = push_states.read_some(connection, kind, list(estates))
    settled = []
    for heir, estate in estates.items():
        document, owned = states[heir].acknowledged, set(states[heir].owned)
        for each in estate:
            document, owned = _together(document, each.acknowledged), owned | set(each.owned)
        settled.append(Settled(heir, document, sorted(owned), states[heir].held_segment))
    push_states.settle(connection, kind, settled, at=at)


def _together(one: Document | None, other: Document | None) -> Document | None:
    """Return a document with the names of both; values stay those of the first."""
    lists = {part: names for part, names in (other or {}).items() if isinstance(names, list)}
    if not any(lists.values()):
        return one
    held = one or {}
    return {**held, **{part: sorted({*held.get(part, ()), *names}) for part, names in lists.items()}}

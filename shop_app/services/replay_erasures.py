"""After a backup was restored: everything that was erased since it was made is erased again."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from shop_app.services.erase import relabel
from shop_app.services.erase_shop import delete_everything
from shop_app.services.personal_data import SHOP_TABLES
from shop_app.services.purge_shop import forget_again
from shop_app.storage import connections, erasure_ledger, gone, shop_tables, shops
from shop_app.storage.engine import shopless, transaction
from shop_app.storage.erasure_ledger import Entry
from shop_app.storage.privacy_requests import SHOP_REDACT


@dataclass(frozen=True, slots=True)
class Replayed:
    """What was found, by table, of one shop's erased people, or of a shop that left.

    ``is_known`` says whether the database has that shop at all.
    """

    shop_domain: str
    is_known: bool
    erasure_count: int
    stores: dict[str, int]


def replay_erasures(*, now: datetime) -> tuple[list[Replayed], int]:
    """Apply the whole ledger again, and return what it did and how many lines of it cannot be read.

    A database that forgot nothing is left as it is. Before this has run, nothing else should.
    """
    ledger = erasure_ledger.read()
    by_shop = sorted(ledger.entries, key=lambda entry: entry.shop_domain)
    replayed = [
        _replay(domain, list(entries), now=now)
        for domain, entries in groupby(by_shop, key=lambda entry: entry.shop_domain)
    ]
    return replayed, ledger.unreadable_count


def count_forgotten() -> int:
    """Return how many erasures of the ledger this database knows nothing of.

    More than none means that an older backup was restored, and that :func:`replay_erasures` is to run before
    anything else does.
    """
    by_shop: dict[str, list[Entry]] = {}
    for entry in erasure_ledger.read().entries:
        by_shop.setdefault(entry.shop_domain, []).append(entry)
    with shopless() as connection:
        ids = {domain: shops.find_id(connection, domain) for domain in by_shop}
    return sum(
        _count_forgotten(shop_id, by_shop[domain]) for domain, shop_id in ids.items() if shop_id is not None
    )


def _count_forgotten(shop_id: int, entries: Sequence[Entry]) -> int:
    if _has_left(shop_id, entries):
        with transaction(shop_id) as connection:
            return int(not all(shop_tables.is_empty(connection, table) for table in SHOP_TABLES))
    left = [entry.at for entry in entries if entry.kind == SHOP_REDACT]
    with transaction(shop_id) as connection:
        erased = gone.list_erased_hashes(connection)
    since = [entry for entry in entries if entry.kind != SHOP_REDACT and not (left and entry.at <= max(left))]
    return sum(not set(entry.subjects) <= erased for entry in since)


def _replay(domain: str, entries: Sequence[Entry], *, now: datetime) -> Replayed:
    with shopless() as connection:
        shop_id = shops.find_id(connection, domain)
    if shop_id is None:
        return Replayed(domain, is_known=False, erasure_count=len(entries), stores={})
    counts: Counter[str] = Counter()
    if _has_left(shop_id, entries):
        counts += delete_everything(shop_id)
        return Replayed(domain, is_known=True, erasure_count=len(entries), stores=dict(counts))
    with transaction(shop_id) as connection:
        for entry in entries:
            gone.remember_erased(connection, entry.subjects, at=entry.at)
    counts += Counter(forget_again(shop_id, now=now))
    relabel(shop_id, now=now)
    return Replayed(domain, is_known=True, erasure_count=len(entries), stores=dict(counts))


def _has_left(shop_id: int, entries: Sequence[Entry]) -> bool:
    """Tell whether the shop was erased as a whole after the installation that this database knows of."""
    left = [entry.at for entry in entries if entry.kind == SHOP_REDACT]
    if not left:
        return False
    with transaction(shop_id) as connection:
        installed_at = connections.read_state(connection).installed_at
    return installed_at is None or installed_at < max(left)

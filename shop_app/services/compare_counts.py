"""Where counts differ: ranges of numbers are halved until what is odd in them can be listed."""

from dataclasses import dataclass, field
from datetime import datetime

from shop_app.shopify.admin_api import AdminApi
from shop_app.storage import gone, known_numbers
from shop_app.storage.engine import transaction

_LISTED = 2_000
_PAGE = 250
_MOST_COUNTS = 60
_MOST_PAGES = 40
_SPLIT_ANYWAY = 4  # one that is missing and one too many make equal counts, but seldom in the same sixteenth
_COUNTS = {"orders": "OrdersCount", "customers": "CustomersCount", "products": "ProductsCount"}
_NUMBERS = {"orders": "OrdersNumbers", "customers": "CustomersNumbers", "products": "ProductsNumbers"}
_SINGLE = {"orders": "order", "customers": "customer", "products": "product"}


@dataclass(slots=True)
class Odd:
    """How many there are here and there, what is only there (``missing``), and what is only here."""

    here: int = 0
    there: int | None = None
    missing: list[int] = field(default_factory=list)
    extra: list[int] = field(default_factory=list)


@dataclass(slots=True)
class _Search:
    """One search for what is odd, and how much it may still ask."""

    shop_id: int
    api: AdminApi
    name: str
    settled: datetime
    counts_left: int = _MOST_COUNTS
    pages_left: int = _MOST_PAGES


def find_odd(shop_id: int, api: AdminApi, name: str, low: int, *, settled: datetime) -> Odd:
    """Compare ``orders``, ``customers`` or ``products`` from the number ``low`` on.

    The newest range is listed in any case, and all of a small shop. What was created or changed after
    ``settled`` is not odd yet. In a shop where very much differs some of it
    is found each night: the calls for one search are limited.
    """
    search = _Search(shop_id, api, name, settled)
    odd = Odd()
    ranges: list[tuple[int, int | None, int]] = [(low, None, 0)]
    while ranges and search.counts_left > 0:
        begin, end, depth = ranges.pop()
        here, there = _count(search, begin, end)
        if depth == 0:
            odd.here, odd.there = here, there
        if there is None:
            break
        middle = _middle(search, begin, end) if max(here, there) > _LISTED else None
        if middle is not None and (here != there or depth < _SPLIT_ANYWAY):
            ranges += [(begin, middle, depth + 1), (middle, end, depth + 1)]
        elif here != there or end is None:
            _list_odd(search, begin, end, odd)
    return _without_the_gone(search, odd)


def _count(search: _Search, begin: int, end: int | None) -> tuple[int, int | None]:
    """Return how many there are here and there; ``None`` where Shopify does not say."""
    search.counts_left -= 1
    with transaction(search.shop_id) as connection:
        here = known_numbers.count_between(connection, search.name, begin, end)
    answer = search.api.run(_COUNTS[search.name], {"query": _range(begin, end)})
    told = answer.data.get(f"{search.name}Count") or {}
    is_exact = told.get("precision") == "EXACT" and not answer.warnings
    return here, int(told["count"]) if is_exact else None


def _middle(search: _Search, begin: int, end: int | None) -> int | None:
    with transaction(search.shop_id) as connection:
        return known_numbers.middle_of(connection, search.name, begin, end)


def _list_odd(search: _Search, begin: int, end: int | None, odd: Odd) -> None:
    with transaction(search.shop_id) as connection:
        here = known_numbers.list_between(connection, search.name, begin, end)
    there, is_whole = _list_there(search, begin, end)
    odd.missing += [
        number for number, created in there.items() if number not in here and created <= search.settled
    ]
    if is_whole:
        odd.extra += [
            number for number, fact_at in here.items() if number not in there and fact_at <= search.settled
        ]


def _list_there(search: _Search, begin: int, end: int | None) -> tuple[dict[int, datetime], bool]:
    """Return the numbers in a range with when each was created, and whether these are all."""
    found: dict[int, datetime] = {}
    cursor: str | None = None
    while search.pages_left > 0:
        search.pages_left -= 1
        variables = {"first": _PAGE, "after": cursor, "query": _range(begin, end)}
        connection = search.api.run(_NUMBERS[search.name], variables).data.get(search.name) or {}
        for node in connection.get("nodes") or []:
            found[int(node["id"].rpartition("/")[2])] = datetime.fromisoformat(node["createdAt"])
        page_info = connection.get("pageInfo") or {}
        if not page_info.get("hasNextPage"):
            return found, True
        cursor = page_info.get("endCursor")
    return found, False


def _without_the_gone(search: _Search, odd: Odd) -> Odd:
    """Drop what is away on purpose: people who were erased, and what was deleted and is still listed there."""
    if odd.missing:
        with transaction(search.shop_id) as connection:
            away = gone.list_buried(connection, _SINGLE[search.name], odd.missing)
            if search.name == "customers":
                away |= gone.list_erased_numbers(connection, search.shop_id, odd.missing)
        odd.missing = [number for number in odd.missing if number not in away]
    return odd


def _range(begin: int, end: int | None) -> str | None:
    bounds = [f"id:>={begin}"] if begin else []
    if end is not None:
        bounds.append(f"id:<{end}")
    return " AND ".join(bounds) or None

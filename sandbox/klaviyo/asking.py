"""What a reading call asks for in its address: filter, sort, page, sparse fields; and the links of a page."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import orjson

from sandbox.klaviyo.filters import Condition, Field, read_filter, to_sql
from sandbox.klaviyo.interface import Call
from sandbox.klaviyo.refusals import invalid

_SPARSE = re.compile(r"(additional-)?fields\[([a-z-]+)\]")


@dataclass(frozen=True, slots=True)
class Offer:
    """What an address offers: ``sorts`` are columns by name, ``page`` the usual and the largest size."""

    page: tuple[int, int] | None = None
    sorts: Mapping[str, str] = field(default_factory=dict)
    filters: Mapping[str, Field] = field(default_factory=dict)
    fields: Mapping[str, Iterable[str]] = field(default_factory=dict)
    additional: Mapping[str, Iterable[str]] = field(default_factory=dict)
    include: Iterable[str] = ()


@dataclass(slots=True)
class Asked:
    """What one call asks for."""

    conditions: list[Condition]
    where: str
    values: list[Any]
    sort: str  # a column, or empty
    descending: bool
    size: int
    after: list[Any] | None  # sort key and id of the last one of the page before
    fields: dict[str, set[str]]
    additional: set[str]
    include: set[str]

    def order(self, default: str, key: str = "id") -> tuple[str, list[Any]]:
        """Return SQL words that go on behind the cursor, in order, one more than a page; and their values."""
        column, way = self.sort or default, "DESC" if self.descending else "ASC"
        words, values = "", []
        if self.after is not None:
            words, values = f" AND ({column}, {key}) {'<' if self.descending else '>'} (?, ?)", list(self.after)
        return f"{words} ORDER BY {column} {way}, {key} {way} LIMIT {self.size + 1}", values


def read_options(call: Call, offer: Offer) -> Asked:
    """Read the options of an address.

    Raises
    ------
    RefusedError
        400: an option, or a value of one, that this address does not offer.
    """
    fields: dict[str, set[str]] = {}
    additional: set[str] = set()
    for name, text in call.options.items():
        if sparse := _SPARSE.fullmatch(name):
            known = (offer.additional if sparse[1] else offer.fields).get(sparse[2])
            wanted = _listed(name, text, known)
            if sparse[1]:
                additional |= wanted
            else:
                fields[sparse[2]] = wanted
        elif name not in _known_names(offer):
            raise invalid(f"'{name}' is not a valid parameter here.", parameter=name)
    conditions = read_filter(call.options["filter"]) if call.options.get("filter") else []
    where, values = to_sql(conditions, offer.filters)
    sort = call.options.get("sort", "")
    column = offer.sorts.get(sort.removeprefix("-"), "")
    if sort and not column:
        raise invalid(f"'{sort}' is not a valid sort.", parameter="sort")
    include = _listed("include", call.options["include"], offer.include) if "include" in call.options else set()
    after, size = _cursor(call), _size(call, offer)
    return Asked(
        conditions, where, values, column, sort.startswith("-"), size, after, fields, additional, include
    )


def page(call: Call, rows: list[tuple[Any, ...]], asked: Asked) -> tuple[list[tuple[Any, ...]], dict[str, Any]]:
    """Cut rows to a page; return it and its links. A row begins with its sort key and its id."""
    shown = rows[: asked.size]
    following = _address(call, _write(list(shown[-1][:2]))) if len(rows) > asked.size else None
    links: dict[str, Any] = {"self": _address(call, call.options.get("page[cursor]"))}
    if following is not None or call.world.settings["null_links"]:
        links["next"] = following
    if call.world.settings["null_links"]:
        links["prev"] = None
    return shown, links


def self_link(call: Call, path: str) -> dict[str, str]:
    """Return the links of one thing."""
    return {"self": f"{call.world.origin}{path}"}


def sparse(attributes: dict[str, Any], wanted: set[str] | None) -> dict[str, Any]:
    """Return only the attributes that were asked for; a dotted name asks for a part of one."""
    if wanted is None:
        return attributes
    tops = {name.partition(".")[0] for name in wanted}
    return {name: value for name, value in attributes.items() if name in tops}


def _known_names(offer: Offer) -> set[str]:
    names = {"filter"} if offer.filters else set()
    names |= {"sort"} if offer.sorts else set()
    names |= {"include"} if offer.include else set()
    return names | ({"page[cursor]", "page[size]"} if offer.page else set())


def _listed(name: str, text: str, known: Iterable[str] | None) -> set[str]:
    wanted = {one.strip() for one in text.split(",") if one.strip()}
    allowed = set(known or ())
    for one in wanted:
        if one not in allowed and one.partition(".")[0] not in allowed:
            raise invalid(f"'{one}' is not valid for '{name}'.", parameter=name)
    return wanted


def _size(call: Call, offer: Offer) -> int:
    usual, most = offer.page or (1, 1)
    text = call.options.get("page[size]", str(usual))
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= most:
        raise invalid(f"Page size must be from 1 to {most}.", parameter="page[size]")
    return int(text)


def _cursor(call: Call) -> list[Any] | None:
    text = call.options.get("page[cursor]")
    if not text:
        return None
    try:
        found = orjson.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError:
        found = None
    if not isinstance(found, list) or len(found) != 2:
        raise invalid("The cursor is not valid.", parameter="page[cursor]")
    return found


def _write(after: list[Any]) -> str:
    return urlsafe_b64encode(orjson.dumps(after)).decode().rstrip("=")


def _address(call: Call, cursor: str | None) -> str:
    options = {name: value for name, value in call.options.items() if name != "page[cursor]"}
    query = urlencode(options | ({"page[cursor]": cursor} if cursor else {}))
    path = "/".join([call.world.origin, call.path.strip("/")])
    return f"{path}?{query}" if query else path

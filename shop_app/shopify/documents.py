"""The GraphQL documents, one file each in ``graphql/``, by the name of their operation.

What is to be known of a document besides its text stands in the comment at its head: whether a mutation is
safe to repeat, and what it costs before Shopify has said so itself.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "graphql"
_FRAGMENTS = "fragments"
_BULK = "bulk_"
_USUAL_COST = 50
_SEARCH = '(query: "SEARCH", sortKey: UPDATED_AT)'

_FRAGMENT = re.compile(r"^fragment (\w+) on \w+ \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_SPREAD = re.compile(r"\.\.\.(\w+Fields)\b")
_COMMENT = re.compile(r"^#.*\n", re.MULTILINE)
_OPERATION = re.compile(r"^(query|mutation) (\w+)", re.MULTILINE)
_COST = re.compile(r"Costs about (\d+)")


@dataclass(frozen=True, slots=True)
class Document:
    """One operation; ``usual_cost`` is in points, and only until Shopify names its own figure."""

    name: str
    text: str
    is_mutation: bool
    is_repeatable: bool
    usual_cost: int


def get(name: str) -> Document:
    """Return the document of an operation such as ``OrdersPage``; one that there is not is a ``KeyError``."""
    return all_documents()[name]


@cache
def all_documents() -> dict[str, Document]:
    """Return every document by the name of its operation."""
    found = [
        _read(path)
        for path in sorted(FOLDER.glob("*.graphql"))
        if path.stem != _FRAGMENTS and not path.stem.startswith(_BULK)
    ]
    return {document.name: document for document in found}


def bulk_query(
    kind: str, *, since: datetime | None = None, until: datetime | None = None, by: str = "updated_at"
) -> str:
    """Return the query that Shopify is to run over a whole shop, as one text without variables.

    Parameters
    ----------
    kind
        ``orders``, ``customers``, ``products`` or ``collections``.
    since, until
        Only what has its date at or after the one and before the other.
    by
        Which date: ``updated_at`` or ``created_at`` (collections have none of the latter).
    """
    bounds = ((">=", since), ("<", until))
    search = " AND ".join(f"{by}:{sign}'{stamp(moment)}'" for sign, moment in bounds if moment is not None)
    arguments = f'(query: "{search}", sortKey: {by.upper()})' if search else ""
    return _bulk_text(kind).replace(_SEARCH, arguments)


def stamp(moment: datetime) -> str:
    """Write a moment as Shopify's searches want it, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@cache
def _bulk_text(kind: str) -> str:
    text = (FOLDER / f"{_BULK}{kind}.graphql").read_text(encoding="utf-8")
    return _SPREAD.sub(lambda spread: _fragments()[spread[1]], _COMMENT.sub("", text)).strip()


@cache
def _fragments() -> dict[str, str]:
    text = (FOLDER / f"{_FRAGMENTS}.graphql").read_text(encoding="utf-8")
    return {name: body.strip() for name, body in _FRAGMENT.findall(text)}


def _read(path: Path) -> Document:
    """Read a document; fragments are written out in place, which costs nothing and needs no second text."""
    text = path.read_text(encoding="utf-8")
    head = "\n".join(_COMMENT.findall(text))
    operation = _OPERATION.search(text)
    if operation is None:
        raise ValueError(f"{path.name} holds no named operation")
    cost = _COST.search(head)
    is_mutation = operation[1] == "mutation"
    return Document(
        name=operation[2],
        text=_SPREAD.sub(lambda spread: _fragments()[spread[1]], _COMMENT.sub("", text)).strip(),
        is_mutation=is_mutation,
        is_repeatable=not is_mutation or "# Safe to repeat" in head,
        usual_cost=int(cost[1]) if cost else _USUAL_COST,
    )

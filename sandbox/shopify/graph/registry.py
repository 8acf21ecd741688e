"""Where resolvers meet the schema: registration, what a resolver is told of its call, and how it refuses.

A module under ``graph/resolvers/`` registers functions::

    @resolver("Mutation", "tagsAdd")
    def tags_add(_parent: None, info: Info, *, id: str, tags: list[str]) -> Answer: ...

The engine loads every module of that package and every ``graph/*.graphql`` file by itself. What a resolver
returns for an object is a dict in camelCase; a field without a resolver is read from the dict by its name.
An interface or union value carries its type's name under ``__typename``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from graphql import GraphQLError, GraphQLResolveInfo

from sandbox.shopify.state import Document, State
from sandbox.shopify.world import World

Info = GraphQLResolveInfo
Answer = dict[str, Any]
Resolver = Callable[..., Any]
_Function = TypeVar("_Function", bound=Resolver)

RESOLVERS: dict[tuple[str, str], Resolver] = {}
COSTS: dict[tuple[str, str], int] = {}  # requested cost of a field where it is not that of its type


@dataclass(slots=True)
class Call:
    """One request as resolvers see it: ``info.context``."""

    world: World
    shop: str  # the domain
    token: Document
    version: str
    operation: str = ""  # the operation's name, if it has one
    notes: dict[str, Any] = field(default_factory=dict)  # what resolvers leave for the answer's extensions
    bulk: bool = False  # whether a bulk operation asks, for whom page limits do not hold

    @property
    def state(self) -> State:
        """Return the store of documents."""
        return self.world.state

    @property
    def shop_document(self) -> Document:
        """Return the shop's own document, read once a request."""
        if "shop" not in self.notes:
            self.notes["shop"] = next(self.state.each(self.shop, "shop"), {})
        document: Document = self.notes["shop"]
        return document

    @property
    def scopes(self) -> frozenset[str]:
        """Return what the token may do; a write scope implies the read scope of the same name."""
        given = set(self.token.get("scopes") or ())
        return frozenset(given | {f"read_{one[6:]}" for one in given if one.startswith("write_")})


class GraphQLRefusal(GraphQLError):  # noqa: N818 (it is an answer, not a fault)
    """A refusal at the top level of the answer: message, ``extensions.code`` and what else is told there."""

    def __init__(self, code: str, message: str, **extensions: Any) -> None:  # noqa: ANN401 (any JSON)
        super().__init__(message, extensions={"code": code, **extensions})
        self.code = code


def resolver(type_name: str, field_name: str, *, cost: int | None = None) -> Callable[[_Function], _Function]:
    """Register a function for one field, and its requested cost where the rule of types does not hold."""

    def register(function: _Function) -> _Function:
        if (type_name, field_name) in RESOLVERS:
            raise ValueError(f"{type_name}.{field_name} has a resolver already")
        RESOLVERS[type_name, field_name] = function
        if cost is not None:
            COSTS[type_name, field_name] = cost
        return function

    return register


def user_error(field_path: list[str] | None, message: str, code: str | None = None, **more: Any) -> Answer:  # noqa: ANN401
    """Return one element of a payload's ``userErrors``."""
    return {"field": field_path, "message": message, "code": code, **more}


def gid(kind: str, number: int | str) -> str:
    """Return ``gid://shopify/{kind}/{number}``."""
    return f"gid://shopify/{kind}/{number}"


def number_of(text: str, kind: str | None = None) -> int | None:
    """Return the number in a global id; ``None`` where it names another kind or is none."""
    parts = text.partition("?")[0].split("/")
    fits = len(parts) == 5 and parts[:3] == ["gid:", "", "shopify"] and parts[4].isdigit()
    return int(parts[4]) if fits and kind in (None, parts[3]) else None


def kind_of(text: str) -> str:
    """Return the kind in a global id, an empty text where it is none."""
    parts = text.split("/")
    return parts[3] if len(parts) == 5 else ""


def require_scope(call: Call, scope: str, field_name: str, wording: str | None = None) -> None:
    """Refuse with ``ACCESS_DENIED`` where the token lacks a scope, as the real one words it."""
    if scope in call.scopes:
        return
    needed = wording or f"`{scope}` access scope."
    raise GraphQLRefusal(
        "ACCESS_DENIED",
        f"Access denied for {field_name} field. Required access: {needed}",
        documentation="https://shopify.dev/api/usage/access-scopes",
        requiredAccess=needed,
    )


def note_of(call: Call, name: str) -> Mapping[str, Any]:
    """Return (and begin, if need be) a mapping kept for the length of the request."""
    started: Mapping[str, Any] = call.notes.setdefault(name, {})
    return started

"""What a query costs: the formula that fits the recorded costs of the real one, asked for and used.

``connection = 2 + g(size) * (1 + children)`` where ``g`` grows like a logarithm; objects and lists 1, counts
10, mutations 10 with all that is in their payload; scalars, money, page infos and user errors nothing.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_object_type,
    value_from_ast_untyped,
)

from sandbox.shopify.graph.registry import COSTS

MAX_COST = 1000
MUTATION = 10
_COUNT = 10
_POINTS = ((0, 0), (1, 1), (2, 2), (3, 2), (5, 3), (10, 4), (20, 5), (50, 7), (100, 9), (110, 9), (250, 11))
_FREE = ("PageInfo", "MoneyBag", "MoneyV2")
_UNKNOWN = object()  # no data yet: the cost is asked for, not used

COSTS["StagedUploadsCreatePayload", "stagedTargets"] = 1


def growth(size: int) -> int:
    """Return ``g``: how many times its children a page of a size counts."""
    for (low, least), (high, most) in pairwise(_POINTS):
        if size <= high:
            return round(least + (most - least) * (size - low) / (high - low))
    return _POINTS[-1][1]


class Reckoner:
    """Reckons the cost of one operation."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, variables: dict[str, Any]) -> None:
        self._schema = schema
        self._variables = variables
        definitions = document.definitions
        self._fragments = {
            one.name.value: one for one in definitions if isinstance(one, FragmentDefinitionNode)
        }

    def requested(self, operation: OperationDefinitionNode) -> int:
        """Return what must be there for the operation to start."""
        return self._of(operation, _UNKNOWN)

    def used(self, operation: OperationDefinitionNode, data: dict[str, Any] | None) -> int:
        """Return what the operation used, by what came back."""
        return self._of(operation, data or {})

    def _of(self, operation: OperationDefinitionNode, data: Any) -> int:  # noqa: ANN401 (data of any shape)
        root = self._schema.get_root_type(operation.operation)
        if root is None:
            return 0
        cost = self._children(operation.selection_set, root, data, payload=False)
        return max(int(cost + 0.5), 1 if operation.operation is OperationType.QUERY else MUTATION)

    def _children(
        self,
        selections: SelectionSetNode | None,
        of: GraphQLNamedType,
        data: Any,  # noqa: ANN401 (data of any shape)
        *,
        payload: bool,
    ) -> float:
        if selections is None:
            return 0.0
        total, branches = 0.0, [0.0]
        for node, condition in self._fields(selections, of):
            cost = self._field(node, condition or of, data, payload=payload)
            if condition is None or not is_abstract_type(of):
                total += cost
            else:
                branches.append(cost)
        return total + max(branches)

    def _fields(self, selections: SelectionSetNode, of: GraphQLNamedType) -> Iterator[tuple[FieldNode, Any]]:
        """Yield fields, each with the type it stands under where a fragment narrows it."""
        for one in selections.selections:
            if isinstance(one, FieldNode):
                yield one, None
                continue
            fragment: Any = one
            if isinstance(one, FragmentSpreadNode):
                fragment = self._fragments[one.name.value]
            condition = fragment.type_condition
            narrowed = self._schema.type_map.get(condition.name.value) if condition else None
            for node, inner in self._fields(fragment.selection_set, narrowed or of):
                same = narrowed is None or narrowed is of
                yield node, inner if inner is not None else (None if same else narrowed)

    def _field(self, node: FieldNode, of: GraphQLNamedType, data: Any, *, payload: bool) -> float:  # noqa: ANN401
        name = node.name.value
        known = getattr(of, "fields", {}).get(name)
        if known is None or is_leaf_type(get_named_type(known.type)):
            return 0.0
        kind = get_named_type(known.type)
        found = data if data is _UNKNOWN else _found(data, node)
        own = COSTS.get((of.name, name))
        if of is self._schema.mutation_type:
            return (own or MUTATION) + self._children(node.selection_set, kind, found, payload=True)
        if payload:
            return own or 0
        if kind.name.endswith("Connection") and own is None:
            return self._connection(node, kind, found)
        if name == "nodes" and of is self._schema.query_type:
            return self._nodes(node, kind, found)
        return self._plain(node, kind, found, own)

    def _plain(self, node: FieldNode, kind: GraphQLNamedType, data: Any, own: int | None) -> float:  # noqa: ANN401
        if kind.name in _FREE or kind.name.endswith("UserError"):
            return 0.0
        if kind.name == "Count":
            return _COUNT
        rows = data if isinstance(data, list) else [data]
        inside = max(
            (self._children(node.selection_set, kind, one, payload=False) for one in rows), default=0.0
        )
        return (1 if own is None else own) + inside

    def _nodes(self, node: FieldNode, kind: GraphQLNamedType, data: Any) -> float:  # noqa: ANN401
        ids = self._argument(node, "ids") or []
        inside = self._children(node.selection_set, kind, _UNKNOWN if data is _UNKNOWN else data, payload=False)
        return growth(len(ids)) * (1 + inside)

    def _connection(self, node: FieldNode, kind: GraphQLNamedType, data: Any) -> float:  # noqa: ANN401
        if data is not _UNKNOWN:
            return self._page(node, kind, data)
        size = next((one for one in (self._argument(node, "first"), self._argument(node, "last")) if one), 0)
        return 2 + growth(size) * (1 + self._inside(node, kind, _UNKNOWN))

    def _page(self, node: FieldNode, kind: GraphQLNamedType, data: Any) -> float:  # noqa: ANN401
        rows = _rows(data)
        if not rows:
            return 2.0
        inside = sum(self._inside(node, kind, row) for row in rows) / len(rows)
        return 2 + growth(len(rows)) * (1 + inside)

    def _inside(self, node: FieldNode, kind: GraphQLNamedType, row: Any) -> float:  # noqa: ANN401
        """Return the cost of one row: whatever is chosen under ``nodes`` and ``edges { node }``."""
        total = 0.0
        for field, _ in self._fields(node.selection_set, kind) if node.selection_set else ():
            of = get_named_type(kind.fields[field.name.value].type) if field.name.value in kind.fields else None  # type: ignore[attr-defined]
            if field.name.value == "nodes" and of is not None:
                total += self._children(field.selection_set, of, row, payload=False)
            elif field.name.value == "edges" and of is not None and is_object_type(of) and field.selection_set:
                for inner, _ in self._fields(field.selection_set, of):
                    if inner.name.value == "node":
                        below = get_named_type(of.fields["node"].type)
                        total += self._children(inner.selection_set, below, row, payload=False)
        return total

    def _argument(self, node: FieldNode, name: str) -> Any:  # noqa: ANN401
        for argument in node.arguments or ():
            if argument.name.value == name:
                return value_from_ast_untyped(argument.value, self._variables)
        return None


def _found(data: Any, node: FieldNode) -> Any:  # noqa: ANN401
    key = node.alias.value if node.alias else node.name.value
    if isinstance(data, list):
        return next((one.get(key) for one in data if isinstance(one, dict) and key in one), None)
    return data.get(key) if isinstance(data, dict) else None


def _rows(data: Any) -> list[Any]:  # noqa: ANN401
    """Return the rows of a page, whatever name they were asked for by."""
    for value in data.values() if isinstance(data, dict) else ():
        if isinstance(value, list):
            return [one.get("node", one) if isinstance(one, dict) else one for one in value]
    return []

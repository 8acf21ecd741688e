"""Running one selection over very many rows: fields are looked up once, then each row is a few plain calls.

It gives what graphql-core would give for the same selection (the same resolvers run), but for connections:
their rows become lines of their own, which name their parent.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLSchema,
    SelectionSetNode,
    get_argument_values,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
)

from sandbox.shopify.graph.registry import RESOLVERS, Answer, Call

Getter = Callable[[Any], Any]
Line = tuple[Answer, bool]  # the object, and whether it is a root


@dataclass(slots=True)
class Projection:
    """What is taken of a row: plain values by key, and the connections under it."""

    values: list[tuple[str, Getter]] = field(default_factory=list)
    connections: list[tuple[Getter, "Projection"]] = field(default_factory=list)

    def of(self, row: Any) -> Answer:  # noqa: ANN401 (whatever a resolver returns)
        """Return the values of one row."""
        return {key: get(row) for key, get in self.values}

    def lines(self, row: Any, parent: str | None = None) -> Iterator[Line]:  # noqa: ANN401
        """Yield a row and all that lies under it, parents before children."""
        shown = self.of(row)
        if parent is not None:
            shown["__parentId"] = parent
        yield shown, parent is None
        for rows_of, below in self.connections:
            for child in rows_of(row):
                yield from below.lines(child, shown["id"])


class Compiler:
    """Makes projections of the selections of one document."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, call: Call) -> None:
        self._schema = schema
        self._call = call
        self._fragments = {
            one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)
        }

    def roots(self, selections: SelectionSetNode) -> Iterator[tuple[Getter, Projection]]:
        """Yield the connections at the top: what returns their rows, and what is taken of each."""
        root = self._schema.query_type
        if root is not None:
            yield from self._compile(selections, root).connections

    def _compile(self, selections: SelectionSetNode | None, of: GraphQLNamedType) -> Projection:
        made = Projection()
        for node, narrowed in self._fields(selections, of):
            key = node.alias.value if node.alias else node.name.value
            if node.name.value == "__typename":
                made.values.append((key, lambda row, name=of.name: row.get("__typename", name)))
                continue
            kind = narrowed if narrowed is not None else of
            self._add(made, key, node, kind)
        return made

    def _add(self, made: Projection, key: str, node: FieldNode, of: GraphQLNamedType) -> None:
        definition = of.fields[node.name.value]  # type: ignore[attr-defined]
        kind = get_named_type(definition.type)
        get = self._resolver(node, of)
        if is_leaf_type(kind):
            made.values.append((key, get))
        elif kind.name.endswith("Connection"):
            made.connections.append((get, self._rows(node, kind)))
        elif is_list_type(get_nullable_type(definition.type)):
            inner = self._objects(node, kind)
            made.values.append(
                (key, lambda row: None if (found := get(row)) is None else [inner(one) for one in found])
            )
        else:
            self._add_object(made, key, get, self._compiled(node, kind), kind)

    def _add_object(
        self, made: Projection, key: str, get: Getter, below: Projection | Getter, kind: GraphQLNamedType
    ) -> None:
        inner = below.of if isinstance(below, Projection) else below
        made.values.append((key, lambda row: None if (found := get(row)) is None else inner(found)))
        for rows_of, child in below.connections if isinstance(below, Projection) else ():
            made.connections.append(
                (lambda row, rows_of=rows_of: () if (found := get(row)) is None else rows_of(found), child)
            )
        if kind is self._schema.query_type:
            raise LookupError("the root cannot lie under itself")

    def _objects(self, node: FieldNode, kind: GraphQLNamedType) -> Getter:
        below = self._compiled(node, kind)
        return below.of if isinstance(below, Projection) else below

    def _compiled(self, node: FieldNode, kind: GraphQLNamedType) -> Projection | Getter:
        if not is_abstract_type(kind):
            return self._compile(node.selection_set, kind)
        kinds = {one.name: self._compile_for(node, one) for one in self._schema.get_possible_types(kind)}
        return lambda row: kinds[row["__typename"]].of(row)

    def _compile_for(self, node: FieldNode, kind: GraphQLNamedType) -> Projection:
        return self._compile(node.selection_set, kind)

    def _rows(self, node: FieldNode, kind: GraphQLNamedType) -> Projection:
        edge = get_named_type(kind.fields["edges"].type)  # type: ignore[attr-defined]
        below = get_named_type(edge.fields["node"].type)
        for edges, _ in self._fields(node.selection_set, kind):
            for inner, _ in self._fields(edges.selection_set, edge) if edges.name.value == "edges" else ():
                if inner.name.value == "node":
                    found = self._compiled(inner, below)
                    return found if isinstance(found, Projection) else Projection(values=[("node", found)])
        raise LookupError(f"{node.name.value} selects no edges")

    def _resolver(self, node: FieldNode, of: GraphQLNamedType) -> Getter:
        name = node.name.value
        function = RESOLVERS.get((of.name, name))
        if function is None:
            return lambda row: row.get(name)
        definition = of.fields[name]  # type: ignore[attr-defined]
        args = get_argument_values(definition, node)
        path = SimpleNamespace(as_list=lambda: [name], key=name, prev=None)
        info = SimpleNamespace(context=self._call, field_name=name, field_nodes=[node], path=path)
        return lambda row: function(row, info, **args)

    def _fields(
        self, selections: SelectionSetNode | None, of: GraphQLNamedType
    ) -> Iterator[tuple[FieldNode, GraphQLNamedType | None]]:
        for one in selections.selections if selections else ():
            if isinstance(one, FieldNode):
                yield one, None
                continue
            fragment: Any = self._fragments[one.name.value] if isinstance(one, FragmentSpreadNode) else one
            condition = fragment.type_condition
            narrowed = self._schema.type_map[condition.name.value] if condition else of
            if narrowed is of or is_abstract_type(narrowed):
                yield from self._fields(fragment.selection_set, of)

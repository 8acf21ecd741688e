"""What a bulk operation refuses before it begins, in the recorded words."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
    parse,
)

from sandbox.shopify.graph.refusals import check_document, syntax_refusal

MOST_CONNECTIONS, MOST_DEPTH, MOST_BYTES = 5, 2, 65_535
_LISTS_OF_A_PAGE = ("edges", "nodes")


@dataclass(slots=True)
class Shape:
    """What the connections of a document look like."""

    connections: int = 0
    depth: int = 0
    by_nodes: list[str] = field(default_factory=list)
    without_id: list[str] = field(default_factory=list)
    within_list: bool = False
    top_level_node: bool = False


def parsed_operation(text: str) -> tuple[DocumentNode, OperationDefinitionNode] | str:
    """Return a document with its one operation, or what is wrong with it."""
    try:
        document = parse(text)
    except GraphQLSyntaxError as error:
        return str(syntax_refusal(error, text)["message"])
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    return (document, operations[0]) if len(operations) == 1 else "a single operation is expected"


def query_problems(schema: GraphQLSchema, text: str, version: str) -> list[str]:
    """Return why a bulk query cannot be run; nothing where it can."""
    if len(text.encode()) > MOST_BYTES:
        return [f"Query is too long (maximum is {MOST_BYTES} bytes)"]
    found = parsed_operation(text)
    if isinstance(found, str):
        return ["Invalid bulk query: " + found.partition(" at [")[0]]
    document, operation = found
    if operation.operation is not OperationType.QUERY:
        return ["Invalid operation type. Only `query` operations are supported."]
    errors = check_document(schema, document, version)
    if errors:
        return [f"Invalid bulk query: {errors[0]['message']}"]
    if operation.variable_definitions:
        return ["Invalid bulk query: Variables are not supported."]
    return list(_shape_problems(shape_of(schema, document, operation)))


def _shape_problems(shape: Shape) -> Iterator[str]:
    if shape.by_nodes:
        names = "', '".join(shape.by_nodes)
        yield (
            "All connection fields in a bulk query must select their contents using 'edges' > 'node', e.g: "
            f"'{shape.by_nodes[0]} {{ edges {{ node {{'. Selecting via 'nodes' is not supported. "
            f"Invalid connection fields: '{names}'."
        )
    if shape.top_level_node:
        yield "Bulk queries cannot contain a top level `node` field."
    if shape.depth > MOST_DEPTH:
        yield "Bulk queries cannot contain connections with a nesting depth greater than 2."
    if shape.connections > MOST_CONNECTIONS:
        yield "Bulk queries cannot contain more than 5 connections."
    if shape.without_id:
        yield (
            "The parent 'node' field for a nested connection must select the 'id' field without an alias and "
            f"must be of 'ID' return type. Connection fields without 'id': {', '.join(shape.without_id)}."
        )
    if shape.within_list:
        yield "Queries that contain a connection field within a list field are not currently supported."
    if not shape.connections:
        yield "Bulk queries must contain at least one connection."


def shape_of(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> Shape:
    """Look at all connections of an operation."""
    looker = _Looker(schema, document)
    root = schema.get_root_type(operation.operation)
    if root is not None:
        looker.look(operation.selection_set, root, depth=0, in_list=False)
    roots = {one.name.value for one in operation.selection_set.selections if isinstance(one, FieldNode)}
    looker.shape.top_level_node = bool(roots & {"node", "nodes"})
    return looker.shape


class _Looker:
    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self.shape = Shape()
        self._schema = schema
        self._fragments = {
            one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)
        }

    def look(
        self, selections: SelectionSetNode | None, of: GraphQLNamedType, *, depth: int, in_list: bool
    ) -> None:
        """Walk one selection with all that is under it."""
        for node, parent in self._fields(selections, of):
            known = getattr(parent, "fields", {}).get(node.name.value)
            if known is None or node.selection_set is None:
                continue
            kind = get_named_type(known.type)
            listed = in_list or is_list_type(get_nullable_type(known.type))
            if kind.name.endswith("Connection"):
                self._connection(node, kind, depth + 1, in_list=in_list)
            else:
                self.look(node.selection_set, kind, depth=depth, in_list=listed)

    def _connection(self, node: FieldNode, kind: GraphQLNamedType, depth: int, *, in_list: bool) -> None:
        shape, name = self.shape, node.name.value
        shape.connections += 1
        shape.depth = max(shape.depth, depth)
        shape.within_list = shape.within_list or in_list
        before = shape.connections
        rows = list(self._rows(node, kind))
        if not any(by == "edges" for by, _, _ in rows):
            shape.by_nodes.append(name)
        for by, selections, below in rows:
            if by == "nodes" and name not in shape.by_nodes:
                shape.by_nodes.append(name)
            self.look(selections, below, depth=depth, in_list=False)
            if shape.connections > before and not self._selects_id(selections, below):
                shape.without_id.append(name)

    def _rows(
        self, node: FieldNode, kind: GraphQLNamedType
    ) -> Iterator[tuple[str, SelectionSetNode | None, GraphQLNamedType]]:
        for one, of in self._fields(node.selection_set, kind):
            if one.name.value not in _LISTS_OF_A_PAGE:
                continue
            edge = get_named_type(of.fields[one.name.value].type)  # type: ignore[attr-defined]
            if one.name.value == "nodes":
                yield "nodes", one.selection_set, edge
                continue
            for inner, _ in self._fields(one.selection_set, edge):
                if inner.name.value == "node":
                    yield "edges", inner.selection_set, get_named_type(edge.fields["node"].type)  # type: ignore[attr-defined]

    def _selects_id(self, selections: SelectionSetNode | None, of: GraphQLNamedType) -> bool:
        return any(node.name.value == "id" and node.alias is None for node, _ in self._fields(selections, of))

    def _fields(
        self, selections: SelectionSetNode | None, of: GraphQLNamedType
    ) -> Iterator[tuple[FieldNode, GraphQLNamedType]]:
        for one in selections.selections if selections else ():
            if isinstance(one, FieldNode):
                yield one, of
                continue
            fragment = self._fragments[one.name.value] if isinstance(one, FragmentSpreadNode) else one
            condition = fragment.type_condition  # type: ignore[union-attr]
            narrowed = self._schema.type_map[condition.name.value] if condition else of
            yield from self._fields(fragment.selection_set, narrowed)  # type: ignore[union-attr]

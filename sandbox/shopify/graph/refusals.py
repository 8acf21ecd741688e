"""What the real one says of a document that does not fit its schema, in its own words and codes."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    InlineFragmentNode,
    Node,
    ObjectFieldNode,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    ValidationRule,
    ValueNode,
    Visitor,
    get_named_type,
    print_ast,
    specified_rules,
    validate,
    visit,
)

from sandbox.shopify.graph.registry import Answer

Detail = Callable[[re.Match[str], Node | None, DocumentNode], tuple[str, str, Answer]]

SINCE = {
    ("CustomerPhoneNumber", "smsMarketingConsent"): "2026-10",
    ("Order", "cartToken"): "2026-07",
    ("Order", "checkoutToken"): "2026-07",
    ("Order", "attribution"): "2026-07",
    ("QueryRoot", "bulkOperation"): "2026-01",
    ("QueryRoot", "bulkOperations"): "2026-01",
    ("WebhookSubscription", "name"): "2026-04",
}


def syntax_refusal(error: GraphQLSyntaxError, text: str) -> Answer:
    """Return the answer to a document that cannot be read."""
    location = (error.locations or [None])[0]
    line, column = (location.line, location.column) if location else (1, 1)
    what = "unexpected end of file" if "<EOF>" in error.message else _unexpected(error.message)
    if "<EOF>" in error.message:
        lines = text.rstrip().splitlines() or [""]
        token = re.search(r"\w+$|\S$", lines[-1])
        line, column = len(lines), token.start() + 1 if token else 1
    return {
        "message": f"syntax error, {what} at [{line}, {column}]",
        "locations": [{"line": line, "column": column}],
        "extensions": {"code": "PARSE_ERROR"},
    }


def _unexpected(message: str) -> str:
    found = re.search(r"(?:Unexpected|found) (?:Name |String |Int |character:? )?['\"]?([^'\".]+)", message)
    return f"unexpected {found.group(1).strip()!r}".replace("'", '"') if found else "unexpected token"


def check_document(schema: GraphQLSchema, document: DocumentNode, version: str) -> list[Answer]:
    """Return what is wrong with a document, as the top level of an answer shows it."""
    rules = [*specified_rules, _not_before(version)]
    errors = validate(schema, document, rules, max_errors=20)
    return [_worded(error, document, schema) for error in errors]


def _not_before(version: str) -> type[ValidationRule]:
    """Return a rule that knows only the fields of a version."""

    class Since(ValidationRule):
        def enter_field(self, node: FieldNode, *_args: Any) -> None:  # noqa: ANN401 (of the visitor)
            of = self.context.get_parent_type()
            since = SINCE.get((of.name if of else "", node.name.value), "")
            if of is not None and version < since and version != "unstable":
                words = f"Cannot query field '{node.name.value}' on type '{of.name}'."
                self.report_error(GraphQLError(words, node))

    return Since


def _field_unknown(
    match: re.Match[str], _node: Node | None, _document: DocumentNode
) -> tuple[str, str, Answer]:
    name, of = match.group(1), match.group(2)
    more = {"typeName": of, "fieldName": name}
    return f"Field '{name}' doesn't exist on type '{of}'", "undefinedField", more


def _argument_unknown(
    match: re.Match[str], _node: Node | None, _document: DocumentNode
) -> tuple[str, str, Answer]:
    name, of, argument = match.group(2).partition(".")[2], "Field", match.group(1)
    more = {"name": name, "typeName": of, "argumentName": argument}
    return f"Field '{name}' doesn't accept argument '{argument}'", "argumentNotAccepted", more


def _no_selection(match: re.Match[str], _node: Node | None, _document: DocumentNode) -> tuple[str, str, Answer]:
    name, of = match.group(1), match.group(2).strip("[]!")
    words = (
        f"Field must have selections (field '{name}' returns {of} but has no selections. "
        f"Did you mean '{name} {{ ... }}'?)"
    )
    return words, "selectionMismatch", {"nodeName": f"field '{name}'", "typeName": of}


def _no_subfields(match: re.Match[str], _node: Node | None, _document: DocumentNode) -> tuple[str, str, Answer]:
    name, of = match.group(1), match.group(2).strip("[]!")
    words = f"Selections can't be made on scalars (field '{name}' returns {of} but has selections)"
    return words, "selectionMismatch", {"nodeName": f"field '{name}'", "typeName": of}


def _argument_missing(
    match: re.Match[str], _node: Node | None, _document: DocumentNode
) -> tuple[str, str, Answer]:
    name, argument = match.group(1).rpartition(".")[2], match.group(2)
    words = f"Field '{name}' is missing required arguments: {argument}"
    more = {"className": "Field", "name": name, "arguments": argument}
    return words, "missingRequiredArguments", more


def _variable_unknown(
    match: re.Match[str], _node: Node | None, _document: DocumentNode
) -> tuple[str, str, Answer]:
    words = f"Variable ${match.group(1)} is used by {match.group(2) or 'anonymous query'} but not declared"
    return words, "variableNotDefined", {"variableName": match.group(1)}


def _variable_unused(
    match: re.Match[str], _node: Node | None, _document: DocumentNode
) -> tuple[str, str, Answer]:
    words = f"Variable ${match.group(1)} is declared by {match.group(2) or 'anonymous query'} but not used"
    return words, "variableNotUsed", {"variableName": match.group(1)}


def _variable_unfit(match: re.Match[str], node: Node | None, document: DocumentNode) -> tuple[str, str, Answer]:
    name, declared, expected = match.group(1), match.group(2), match.group(3)
    argument = (path_to(document, node) if node is not None else [""])[-1]
    words = f"Type mismatch on variable ${name} and argument {argument} ({declared} / {expected})"
    more = {
        "variableName": name,
        "typeName": declared,
        "argumentName": argument,
        "errorMessage": "Type mismatch",
    }
    return words, "variableMismatch", more


def _value_unfit(error: GraphQLError, document: DocumentNode, schema: GraphQLSchema) -> tuple[str, str, Answer]:
    """Word a literal that does not fit; whatever else has no wording of its own keeps that of graphql-core."""
    node, code = (error.nodes or [None])[0], "argumentLiteralsIncompatible"
    found = _Literal(schema, node)
    if node is not None:
        visit(document, TypeInfoVisitor(found.info, found))
    if found.expected is None:
        return error.message, code, {}
    holder = "InputObject" if found.holder[0].isupper() else "Field"
    words = f"Argument '{found.argument}' on {holder} '{found.holder}' has an invalid value ({found.value})."
    more = {"typeName": holder, "argumentName": found.argument}
    return f"{words} Expected type '{found.expected}'.", code, more


class _Literal(Visitor):
    """Finds which argument a literal stands in, and what was expected there."""

    def __init__(self, schema: GraphQLSchema, target: Node | None) -> None:
        super().__init__()
        self.info = TypeInfo(schema)
        self.expected: str | None = None
        self.holder = self.argument = self.value = ""
        self._target = target
        self._places: list[tuple[str, str]] = []
        self._field = ""

    def enter(self, node: Node, *_args: Any) -> None:  # noqa: ANN401 (of the visitor)
        """Remember where we are; take note of the literal that is sought."""
        if isinstance(node, FieldNode):
            self._field = node.name.value
        elif isinstance(node, ArgumentNode):
            self._places = [(self._field, node.name.value)]
        elif isinstance(node, ObjectFieldNode):
            self._places.append((str(get_named_type(self.info.get_parent_input_type())), node.name.value))
        if node is self._target and isinstance(node, ValueNode) and self._places:
            self.holder, self.argument = self._places[-1]
            self.expected, self.value = str(self.info.get_input_type()), print_ast(node)


def _fragment_unknown(
    match: re.Match[str], _node: Node | None, _document: DocumentNode
) -> tuple[str, str, Answer]:
    name = match.group(1)
    return f"Fragment {name} was used, but not defined", "useAndDefineFragment", {"fragmentName": name}


def _fragment_unused(
    match: re.Match[str], _node: Node | None, _document: DocumentNode
) -> tuple[str, str, Answer]:
    name = match.group(1)
    return f"Fragment {name} was defined, but not used", "useAndDefineFragment", {"fragmentName": name}


def _type_unknown(match: re.Match[str], _node: Node | None, _document: DocumentNode) -> tuple[str, str, Answer]:
    words = f"{match.group(1)} isn't a defined input type"
    return words, "variableRequiresValidType", {"typeName": match.group(1)}


_WORDINGS: tuple[tuple[str, Detail], ...] = (
    (r"Cannot query field '(\w+)' on type '(\w+)'", _field_unknown),
    (r"Unknown argument '(\w+)' on field '([\w.]+)'", _argument_unknown),
    (r"Field '(\w+)' of type '([^']+)' must have a selection", _no_selection),
    (r"Field '(\w+)' must not have a selection since type '([^']+)'", _no_subfields),
    (r"(?:Field|Argument) '([\w.]+)(?:\(|' argument ')(\w+)", _argument_missing),
    (r"Variable '\$(\w+)' is not defined(?: by operation '(\w+)')?", _variable_unknown),
    (r"Variable '\$(\w+)' is never used(?: in operation '(\w+)')?", _variable_unused),
    (r"Variable '\$(\w+)' of type '([^']+)' used in position expecting type '([^']+)'", _variable_unfit),
    (r"Unknown fragment '(\w+)'", _fragment_unknown),
    (r"Fragment '(\w+)' is never used", _fragment_unused),
    (r"Unknown type '(\w+)'", _type_unknown),
)


def _worded(error: GraphQLError, document: DocumentNode, schema: GraphQLSchema) -> Answer:
    node = (error.nodes or [None])[0]
    words, code, more = _value_unfit(error, document, schema)
    for pattern, detail in _WORDINGS:
        match = re.search(pattern, error.message)
        if match is not None:
            words, code, more = detail(match, (error.nodes or [None])[-1], document)
            break
    locations = [{"line": one.line, "column": one.column} for one in error.locations or ()]
    path = path_to(document, node) if node is not None else []
    return {"message": words, "locations": locations[:1], "path": path, "extensions": {"code": code, **more}}


def path_to(document: DocumentNode, target: Node) -> list[str]:
    """Return the way to a node: the operation, then field by field, then an argument."""
    for definition in document.definitions:
        for way, node in _ways(definition, []):
            if node is target:
                return way
    return []


def _ways(node: Node, way: list[str]) -> Iterator[tuple[list[str], Node]]:
    here = [*way, *_step(node)]
    yield here, node
    for key in node.keys:
        value = getattr(node, key, None)
        for one in value if isinstance(value, list | tuple) else (value,):
            if isinstance(one, Node):
                yield from _ways(one, here)


def _step(node: Node) -> list[str]:
    if isinstance(node, OperationDefinitionNode):
        return [" ".join(filter(None, (node.operation.value, node.name.value if node.name else "")))]
    if isinstance(node, FragmentDefinitionNode):
        return [f"fragment {node.name.value}"]
    if isinstance(node, InlineFragmentNode):
        return [f"... on {print_ast(node.type_condition)}"] if node.type_condition else []
    if isinstance(node, FieldNode):
        return [node.alias.value if node.alias else node.name.value]
    return [node.name.value] if node.kind == "argument" else []  # type: ignore[attr-defined]

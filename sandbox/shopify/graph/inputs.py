"""What is checked of the values of a request before anything runs: types, global ids, the length of lists."""

import re
from collections.abc import Iterator
from typing import Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    GraphQLInputType,
    GraphQLSchema,
    OperationDefinitionNode,
    StringValueNode,
    TypeInfo,
    TypeInfoVisitor,
    VariableDefinitionNode,
    Visitor,
    get_named_type,
    get_nullable_type,
    is_enum_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
    print_ast,
    type_from_ast,
    value_from_ast_untyped,
    visit,
)

from sandbox.shopify.graph.refusals import path_to
from sandbox.shopify.graph.registry import Answer

LIST_AT_MOST = 250
_GLOBAL_ID = re.compile(r"gid://shopify/\w+/[\w-]+(\?.*)?")
Problem = tuple[list[str | int], str]
_PLAIN = {"String": (str,), "Boolean": (bool,), "Int": (int,), "Float": (int, float)}


def check_variables(
    schema: GraphQLSchema, operation: OperationDefinitionNode, given: dict[str, Any]
) -> list[Answer]:
    """Return an ``INVALID_VARIABLE`` for every variable whose value does not fit."""
    found = []
    for one in operation.variable_definitions or ():
        name, kind = one.variable.name.value, type_from_ast(schema, one.type)
        if name not in given and (one.default_value is not None or not is_non_null_type(kind)):
            continue
        problems = list(_problems(given.get(name), kind, []))  # type: ignore[arg-type]
        if problems:
            found.append(_invalid(one, given.get(name), problems))
    return found


def _invalid(one: VariableDefinitionNode, value: Any, problems: list[Problem]) -> Answer:  # noqa: ANN401
    reasons = [f"{'.'.join(map(str, path))} ({why})" for path, why in problems if path]
    words = f"Variable ${one.variable.name.value} of type {print_ast(one.type)} was provided invalid value"
    location = one.loc
    at = location.source.get_location(location.start) if location else None
    return {
        "message": f"{words} for {', '.join(reasons)}" if reasons else words,
        "locations": [{"line": at.line, "column": at.column}] if at else [],
        "extensions": {
            "code": "INVALID_VARIABLE",
            "value": value,
            "problems": [_problem(path, why) for path, why in problems],
        },
    }


def _problem(path: list[str | int], why: str) -> Answer:
    more = {"message": why} if why.startswith("Invalid global id") else {}
    return {"path": path, "explanation": why, **more}


def _problems(value: Any, kind: GraphQLInputType, path: list[str | int]) -> Iterator[Problem]:  # noqa: ANN401
    if value is None:
        if is_non_null_type(kind):
            yield path, "Expected value to not be null"
        return
    kind = get_nullable_type(kind)
    if is_list_type(kind):
        for place, one in enumerate(value if isinstance(value, list) else [value]):
            yield from _problems(one, kind.of_type, [*path, place] if isinstance(value, list) else path)
    elif is_input_object_type(kind):
        yield from _object_problems(value, kind, path)
    elif is_enum_type(kind):
        if not isinstance(value, str) or value not in kind.values:
            yield path, f'Expected "{value}" to be one of: {", ".join(kind.values)}'
    else:
        yield from _scalar_problems(value, kind.name, path)


def _object_problems(value: Any, kind: Any, path: list[str | int]) -> Iterator[Problem]:  # noqa: ANN401
    if not isinstance(value, dict):
        yield path, f"Expected {value!r} to be a key-value object."
        return
    for name in value:
        if name not in kind.fields:
            yield [*path, name], f"Field is not defined on {kind.name}"
    for name, field in kind.fields.items():
        if name in value:
            yield from _problems(value[name], field.type, [*path, name])
        elif is_non_null_type(field.type) and field.default_value in (None, ...) and not _has_default(field):
            yield [*path, name], "Expected value to not be null"


def _has_default(field: Any) -> bool:  # noqa: ANN401 (an input field)
    return getattr(field, "ast_node", None) is not None and field.ast_node.default_value is not None


def _scalar_problems(value: Any, name: str, path: list[str | int]) -> Iterator[Problem]:  # noqa: ANN401
    if name == "ID":
        if not _GLOBAL_ID.fullmatch(str(value)):
            yield path, f"Invalid global id '{value}'"
        return
    accepted = _PLAIN.get(name)
    unfit = isinstance(value, dict | list) and name != "JSON"
    if accepted is not None:
        unfit = not isinstance(value, accepted) or (isinstance(value, bool) and name != "Boolean")
    if unfit:
        shown = f'"{value}"' if isinstance(value, str) else value
        yield path, f"Could not coerce value {shown} to {name}"


def check_literals(schema: GraphQLSchema, document: DocumentNode, given: dict[str, Any]) -> list[Answer]:
    """Return what is wrong with the arguments: global ids that are none, and lists that are too long."""
    info = TypeInfo(schema)
    looker = _Looker(document, info, given)
    visit(document, TypeInfoVisitor(info, looker))
    return looker.found


def has_long_list(given: dict[str, Any]) -> bool:
    """Tell whether any list in the values of variables is too long."""
    return next(_too_long(given, []), None) is not None


class _Looker(Visitor):
    def __init__(self, document: DocumentNode, info: TypeInfo, given: dict[str, Any]) -> None:
        super().__init__()
        self.found: list[Answer] = []
        self._document, self._info, self._given = document, info, given
        self._field: FieldNode | None = None

    def enter_field(self, node: FieldNode, *_args: Any) -> None:  # noqa: ANN401 (of the visitor)
        self._field = node

    def enter_argument(self, node: ArgumentNode, *_args: Any) -> None:  # noqa: ANN401
        value = value_from_ast_untyped(node.value, self._given)
        for size, way in _too_long(value, []):
            words = f"The input array size of {size} is greater than the maximum allowed of {LIST_AT_MOST}."
            path = [*path_to(self._document, node)[1:], *way]
            self._refuse(node, words, path, {"code": "MAX_INPUT_SIZE_EXCEEDED"})

    def enter_string_value(self, node: StringValueNode, *_args: Any) -> None:  # noqa: ANN401
        kind = self._info.get_input_type()
        if kind is None or get_named_type(kind).name != "ID" or _GLOBAL_ID.fullmatch(node.value):
            return
        extensions = {"code": "argumentLiteralsIncompatible", "typeName": "CoercionError"}
        self._refuse(node, f"Invalid global id '{node.value}'", path_to(self._document, node), extensions)

    def _refuse(self, node: Any, words: str, path: list[Any], extensions: Answer) -> None:  # noqa: ANN401
        loc = (self._field or node).loc
        at = loc.source.get_location(loc.start) if loc else None
        locations = [{"line": at.line, "column": at.column}] if at else []
        self.found.append({"message": words, "locations": locations, "path": path, "extensions": extensions})


def _too_long(value: Any, path: list[Any]) -> Iterator[tuple[int, list[Any]]]:  # noqa: ANN401
    if isinstance(value, list):
        if len(value) > LIST_AT_MOST:
            yield len(value), path
        for place, one in enumerate(value):
            yield from _too_long(one, [*path, place])
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from _too_long(one, [*path, name])

"""A body held against Klaviyo's own OpenAPI file: all that the file says, and nothing that it does not."""

import json
import re
from functools import cache
from pathlib import Path

_TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
}


class Shapes:
    """The request bodies of one OpenAPI file."""

    def __init__(self, path: Path):
        self._file = _read(path)
        self._paths = [
            (re.compile(re.sub(r"\{[^}]+\}", "[^/]+", template)), methods)
            for template, methods in self._file["paths"].items()
        ]

    def operation(self, method, path):
        """Return the operation at an address, or ``None``."""
        for pattern, methods in self._paths:
            if method.lower() in methods and pattern.fullmatch(path):
                return methods[method.lower()]
        return None

    def faults_of(self, method, path, body):
        """Return what is wrong with a body, as sentences with the place; none where it is right."""
        operation = self.operation(method, path)
        if operation is None:
            return [f"there is no {method} {path}"]
        if "requestBody" not in operation:
            return [] if body is None else ["a body where there is none"]
        schema = next(iter(operation["requestBody"]["content"].values()))["schema"]
        return list(self._faults(schema, body, "$"))

    def faults_of_query(self, method, path, options):
        """Return the options of an address that it does not offer, or whose value it does not."""
        known = {each["name"]: each.get("schema", {}) for each in self.operation(method, path)["parameters"]}
        wrong = [name for name in options if name not in known]
        for name, text in options.items():
            schema = known.get(name, {})
            allowed = schema.get("items", schema).get("enum")
            values = text.split(",") if schema.get("type") == "array" else [text]
            if allowed and not set(values) <= set(allowed):
                wrong.append(f"{name}={text}")
            if schema.get("type") == "integer" and not schema["minimum"] <= int(text) <= schema["maximum"]:
                wrong.append(f"{name}={text}")
        return wrong

    def _faults(self, schema, value, place):
        schema = self._resolved(schema)
        choices = schema.get("oneOf") or schema.get("anyOf")
        if value is None:
            yield from () if schema.get("nullable") else (f"{place}: null",)
        elif choices:
            tries = [list(self._faults(each, value, place)) for each in choices]
            yield from min(tries, key=len)[:1]
        else:
            yield from self._faults_of_value(schema, value, place)

    def _faults_of_value(self, schema, value, place):
        if "enum" in schema and value not in schema["enum"]:
            yield f"{place}: {value!r} is none of {schema['enum']}"
        wanted = _TYPES.get(schema.get("type"))
        if wanted and (not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool)):
            yield f"{place}: no {schema['type']}"
        elif isinstance(value, dict) and "properties" in schema:
            yield from self._faults_of_object(schema, value, place)
        elif isinstance(value, list) and "items" in schema:
            for number, each in enumerate(value):
                yield from self._faults(schema["items"], each, f"{place}[{number}]")

    def _faults_of_object(self, schema, value, place):
        for name in schema.get("required", ()):
            if name not in value:
                yield f"{place}: {name} is missing"
        for name, inner in value.items():
            if name not in schema["properties"]:
                yield f"{place}: there is no {name}"
            else:
                yield from self._faults(schema["properties"][name], inner, f"{place}.{name}")

    def _resolved(self, schema):
        while "$ref" in schema:
            schema = self._file["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return schema


@cache
def _read(path):
    return json.loads(path.read_bytes())

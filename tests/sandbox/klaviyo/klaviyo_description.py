"""Klaviyo's own OpenAPI file, where it is at hand: what a request and an answer have to look like."""

import json
import os
import re
from functools import cache
from pathlib import Path

FOLDER = Path(os.environ.get("KINDRED_TEST_DATA") or Path(__file__).parents[3] / ".." / "shared" / "reference")
FILE = FOLDER / "klaviyo-openapi.json"
_TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float)}
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?([+-]\d{2}:\d{2}|Z)")


class Description:
    """All operations of the file, and values held against its schemas."""

    def __init__(self, path):
        self._file = json.loads(path.read_bytes())
        self.operations = {
            (method.upper(), template): operation
            for template, methods in self._file["paths"].items()
            for method, operation in methods.items()
            if isinstance(operation, dict) and "responses" in operation
        }
        self._patterns = [
            (method, re.compile(re.sub(r"\{[^}]+\}", "[^/]+", template) + "/?"), operation)
            for (method, template), operation in self.operations.items()
        ]

    def operation(self, method, path):
        """Return the operation at an address; one without ids goes before one with."""
        found = [(pattern, one) for known, pattern, one in self._patterns if known == method]
        fitting = [(pattern.pattern.count("[^/]+"), one) for pattern, one in found if pattern.fullmatch(path)]
        return min(fitting, key=lambda pair: pair[0])[1] if fitting else None

    def faults_of_request(self, method, path, body, options):
        """Return what the file does not allow of a request."""
        operation = self.operation(method, path)
        known = {one["name"] for one in operation["parameters"]}
        found = [f"no option {name}" for name in options if name not in known]
        if body is not None:
            schema = next(iter(operation["requestBody"]["content"].values()))["schema"]
            found += self._faults(schema, body, "$")
        return found

    def faults_of_answer(self, method, path, status, body):
        """Return what is otherwise in an answer than the file says."""
        answers = self.operation(method, path)["responses"]
        answer = answers.get(str(status)) or answers.get(f"{str(status)[0]}XX")
        if answer is None:
            return [f"no status {status}"]
        answer = self._file["components"]["responses"].get(answer.get("$ref", "").rpartition("/")[2], answer)
        content = answer.get("content")
        if content is None or body is None:
            return [] if (content is None) == (body is None) else [f"body {body!r} with {status}"]
        schema = next(iter(content.values()))["schema"]
        return list(self._faults(schema, body, "$", closed=status < 400))

    def _faults(self, schema, value, place, *, closed=True):
        schema = self._resolved(schema)
        choices = schema.get("oneOf") or schema.get("anyOf")
        if value is None:
            yield from () if schema.get("nullable") else (f"{place}: null",)
        elif choices:
            tries = [list(self._faults(one, value, place, closed=closed)) for one in choices]
            yield from min(tries, key=len)[:1]
        else:
            yield from self._faults_of_value(schema, value, place, closed=closed)

    def _faults_of_value(self, schema, value, place, *, closed):
        if "enum" in schema and value not in schema["enum"]:
            yield f"{place}: {value!r} is none of {schema['enum']}"
        wanted = _TYPES.get(schema.get("type"))
        if wanted and (not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool)):
            yield f"{place}: {value!r} is no {schema['type']}"
        elif schema.get("format") == "date-time" and not _MOMENT.fullmatch(value):
            yield f"{place}: {value!r} is no moment"
        elif isinstance(value, dict) and "properties" in schema:
            yield from self._faults_of_object(schema, value, place, closed=closed)
        elif isinstance(value, list) and "items" in schema:
            for number, one in enumerate(value):
                yield from self._faults(schema["items"], one, f"{place}[{number}]", closed=closed)

    def _faults_of_object(self, schema, value, place, *, closed):
        for name in schema.get("required", ()):
            if name not in value:
                yield f"{place}: {name} is missing"
        for name, inner in value.items():
            if name in schema["properties"]:
                yield from self._faults(schema["properties"][name], inner, f"{place}.{name}", closed=closed)
            elif closed:
                yield f"{place}: there is no {name}"

    def _resolved(self, schema):
        """Follow references; parts that have to hold together become one."""
        while "$ref" in schema:
            schema = self._file["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        if "allOf" not in schema:
            return schema
        whole = {"type": "object", "properties": {}, "required": []}
        for part in map(self._resolved, schema["allOf"]):
            for name, inner in part.get("properties", {}).items():
                before = whole["properties"].get(name)
                whole["properties"][name] = inner if before is None else {"allOf": [before, inner]}
            whole["required"] += part.get("required", [])
        plain = [part for part in map(self._resolved, schema["allOf"]) if "properties" not in part]
        return plain[0] if plain else whole


@cache
def description():
    """Return the description, or ``None`` where the file is not there."""
    return Description(FILE) if FILE.exists() else None

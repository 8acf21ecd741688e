"""What docs/cli.md says of every command's ``--json``, and whether an output is as it says."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
HEADING = re.compile(r"^###? `kindred ([a-z-]+)|^`--what (\w+)`.*:$", re.MULTILINE)
ROW = re.compile(r"^\| `([^`]+)` \| ([a-z ]+) \|.*\|$", re.MULTILINE)
KINDS = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null", dict: "object"}


def documented():
    """Return command by command the documented keys and their types."""
    words = (ROOT / "docs/cli.md").read_text(encoding="utf-8")
    parts = list(HEADING.finditer(words))
    ends = [part.start() for part in parts[1:]] + [len(words)]
    return {
        part[1] or f"export {part[2]}": dict(ROW.findall(words[part.end() : end]))
        for part, end in zip(parts, ends, strict=True)
    }


DOCUMENTED = documented()


def found(value, path=""):
    """Yield the path and the type of everything inside a JSON value."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from found(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for inner in value:
            yield from found(inner, f"{path}[]")
    else:
        yield path, KINDS[type(value)]


def documented_path(path, keys):
    """Return the documented key that a path falls under; names that are data stand in braces there.

    One that ends in a star stands for a value of any shape.
    """
    for key in keys:
        pattern = "[^.]+".join(map(re.escape, re.split(r"\{\w+\}", key.removesuffix(".*"))))
        if re.fullmatch(pattern + (r"\..+" if key.endswith(".*") else ""), path):
            return key
    return None


def check(command, *outputs, unseen=()):
    """Hold outputs of a command against its table: no other key is there, and all but the ``unseen`` are."""
    keys = DOCUMENTED[command]
    seen = set()
    for output in outputs:
        for path, kind in found(output):
            key = documented_path(path, keys)
            assert key is not None, f"{command}: {path} is not in docs/cli.md"
            allowed = set(keys[key].split(" or "))
            is_number = kind == "integer" and "number" in allowed
            assert kind in allowed or is_number or "any" in allowed, f"{command}: {path} is {kind}"
            seen.add(key)
    parents = {key for key in keys if keys[key].startswith("object")}
    missing = set(keys) - seen - parents
    assert missing == set(unseen), f"{command}: documented, and not there: {sorted(missing)}"

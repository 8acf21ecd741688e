"""Every type, field, argument and value of our schema stands in the real one, exactly so."""

import os
from functools import cache
from pathlib import Path

import pytest
from graphql import (
    build_schema,
    is_enum_type,
    is_input_object_type,
    is_interface_type,
    is_object_type,
    is_union_type,
    print_ast,
    validate_schema,
)

from sandbox.shopify.graph.engine import admin_schema

REPOSITORY = Path(__file__).resolve().parents[3]
REFERENCE = Path(os.environ.get("KINDRED_TEST_DATA", REPOSITORY.parent / "shared" / "reference"))
REAL = REFERENCE / "shopify-admin-schema.graphql"
BUILT_IN = {"String", "Int", "Float", "Boolean", "ID"}


@cache
def real_schema():
    return build_schema(REAL.read_text(encoding="utf-8"), assume_valid=True)


def ours():
    return {name: kind for name, kind in admin_schema().type_map.items() if not name.startswith("__")}


def default_of(argument):
    given = argument.default
    return None if given is None else print_ast(given.literal)


def described(kind):
    """What is compared of a type, but for its fields."""
    if is_enum_type(kind):
        return set(kind.values)
    if is_union_type(kind):
        return {one.name for one in kind.types}
    if is_object_type(kind) or is_interface_type(kind):
        return {one.name for one in kind.interfaces}
    return set()


def differences(name, mine, real):
    if type(mine) is not type(real):
        yield f"{name}: another kind of type"
        return
    yield from (f"{name}: {one} is not in the real one" for one in described(mine) - described(real))
    if is_input_object_type(mine) and mine.is_one_of != real.is_one_of:
        yield f"{name}: oneOf differs"
    for field, spec in getattr(mine, "fields", {}).items():
        there = real.fields.get(field)
        if there is None or str(there.type) != str(spec.type):
            yield f"{name}.{field}: {spec.type}, really {there and there.type}"
            continue
        if is_input_object_type(mine):
            if default_of(spec) != default_of(there):
                yield f"{name}.{field}: another default"
            continue
        yield from argument_differences(f"{name}.{field}", spec, there)


def argument_differences(place, spec, there):
    for argument, given in spec.args.items():
        real = there.args.get(argument)
        if real is None or str(real.type) != str(given.type) or default_of(real) != default_of(given):
            yield f"{place}({argument}): {given.type}, really {real and real.type}"
    for argument, real in there.args.items():
        if argument not in spec.args and str(real.type).endswith("!"):
            yield f"{place}: lacks the required {argument}"


@pytest.mark.skipif(not REAL.exists(), reason="the real schema is not here (KINDRED_TEST_DATA)")
def test_our_schema_is_a_subset_of_the_real_one():
    found = []
    for name, mine in ours().items():
        if name in BUILT_IN:
            continue
        real = real_schema().type_map.get(name)
        found += [f"{name}: no such type"] if real is None else differences(name, mine, real)
    assert found == []


def test_our_schema_is_valid_by_itself():
    folder = REPOSITORY / "sandbox" / "shopify" / "graph"
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.graphql"))]
    assert validate_schema(build_schema("\n".join(texts))) == []


@pytest.mark.skipif(not REAL.exists(), reason="the real schema is not here (KINDRED_TEST_DATA)")
def test_the_comparison_sees_what_differs():
    wrong = "enum SegmentSortKeys { SIZE } type Segment { id: ID name: String! colour: String }"
    mine = build_schema(f"{wrong} type Query {{ a: Int }}", assume_valid=True).type_map
    real = real_schema().type_map
    assert list(differences("SegmentSortKeys", mine["SegmentSortKeys"], real["SegmentSortKeys"]))
    assert len(list(differences("Segment", mine["Segment"], real["Segment"]))) == 2

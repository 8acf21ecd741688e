import re
from datetime import UTC, datetime

import pytest
from graphql import (
    FieldNode,
    GraphQLList,
    GraphQLNonNull,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    build_schema,
    parse,
    validate,
    visit,
)

from shop_app.shopify import documents

KINDS = ("orders", "customers", "products", "collections")
SINCE = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def schema(reference):
    return build_schema((reference / "shopify-admin-schema.graphql").read_text(), assume_valid=True)


@pytest.mark.parametrize("name", sorted(documents.all_documents()))
def test_every_document_is_valid_against_the_schema_of_its_version(schema, name):
    assert validate(schema, parse(documents.get(name).text)) == []


@pytest.mark.parametrize("since", [None, SINCE])
@pytest.mark.parametrize("kind", KINDS)
def test_every_bulk_query_is_valid_too(schema, kind, since):
    assert validate(schema, parse(documents.bulk_query(kind, since=since))) == []


class Connections(Visitor):
    """Notes how deep connections lie, and whether one lies in a list."""

    def __init__(self, types):
        super().__init__()
        self.types, self.depth, self.deepest, self.count, self.lists = types, 0, 0, 0, 0
        self.faults = []

    def enter_field(self, node: FieldNode, *_):
        kind = self.types.get_type()
        name = str(kind).strip("!")
        if name.endswith("Connection"):
            self.count += 1
            self.depth += 1
            self.deepest = max(self.deepest, self.depth)
            fields = {each.name.value for each in node.selection_set.selections}
            self.faults += ["asks for more than edges"] if fields != {"edges"} else []
            self.faults += ["lies in a list"] if self.lists else []
        elif name != "edges" and isinstance(bare(kind), GraphQLList) and node.name.value != "edges":
            self.lists += 1

    def leave_field(self, node: FieldNode, *_):
        kind = self.types.get_type()
        if str(kind).strip("!").endswith("Connection"):
            self.depth -= 1
        elif isinstance(bare(kind), GraphQLList) and node.name.value != "edges":
            self.lists -= 1


def bare(kind):
    return kind.of_type if isinstance(kind, GraphQLNonNull) else kind


@pytest.mark.parametrize("kind", KINDS)
def test_bulk_queries_keep_to_what_shopify_allows(schema, kind):
    types = TypeInfo(schema)
    seen = Connections(types)
    text = documents.bulk_query(kind, since=SINCE)
    visit(parse(text), TypeInfoVisitor(types, seen))
    assert seen.faults == []
    assert seen.count <= 5
    assert seen.deepest <= 2
    assert "nodes" not in text
    assert "$" not in text
    assert re.findall(r"\.\.\.(?! on )", text) == [], "named fragments are put in; what a thing is may be asked"
    assert len(text.encode()) < 65_535
    for parent in re.findall(r"node \{\s*(\w+)", text):
        assert parent == "id"


def test_a_bulk_query_holds_its_bounds_as_text():
    text = documents.bulk_query("orders", since=SINCE, until=datetime(2026, 2, 1, tzinfo=UTC), by="created_at")
    assert "created_at:>='2026-01-01T00:00:00Z' AND created_at:<'2026-02-01T00:00:00Z'" in text
    assert "sortKey: CREATED_AT" in text


def test_what_makes_something_new_is_not_safe_to_repeat():
    unsafe = {name for name, each in documents.all_documents().items() if not each.is_repeatable}
    assert {"StartBulkQuery", "CreateSubscription"} <= unsafe
    assert all(documents.get(name).is_mutation for name in unsafe)
    assert documents.get("UpdateSubscription").is_repeatable


def test_pages_and_bulk_files_ask_for_the_same_fields():
    for kind, page in zip(
        KINDS, ("OrdersPage", "CustomersPage", "ProductsPage", "CollectionsPage"), strict=True
    ):
        words = set(re.findall(r"\w+", documents.get(page).text))
        asked = set(re.findall(r"\w+", documents.bulk_query(kind))) - {"edges", "node"}
        assert asked <= words

"""Metafields and their definitions: all or nothing, compare and set, namespaces, types."""

import pytest
from small_shop import SmallShop, gid

SET = """mutation($metafields: [MetafieldsSetInput!]!) {
  metafieldsSet(metafields: $metafields) {
    metafields { id namespace key type value compareDigest jsonValue ownerType }
    userErrors { field message code elementIndex } } }"""
DELETE = """mutation($metafields: [MetafieldIdentifierInput!]!) {
  metafieldsDelete(metafields: $metafields) {
    deletedMetafields { ownerId namespace key } userErrors { field message } } }"""
READ = """query($id: ID!, $namespace: String, $key: String!) { customer(id: $id) {
  metafield(namespace: $namespace, key: $key) { id value compareDigest definition { name } }
  metafields(first: 10) { nodes { namespace key } } } }"""
DEFINE = """mutation($definition: MetafieldDefinitionInput!) {
  metafieldDefinitionCreate(definition: $definition) {
    createdDefinition { id namespace key ownerType type { name category } metafieldsCount
      access { admin storefront customerAccount } capabilities { adminFilterable { enabled } } }
    userErrors { field message code } } }"""
OWN = "app--1000000001"


@pytest.fixture
def shop(tmp_path):
    with SmallShop(tmp_path) as shop:
        yield shop


def field(owner, key="segment", value="champions", **more):
    base = {
        "ownerId": owner,
        "key": key,
        "value": value,
        "type": "single_line_text_field",
        "namespace": "custom",
    }
    return {name: given for name, given in (base | more).items() if given is not Ellipsis}


def set_one(shop, owner, **more):
    return shop.run(SET, metafields=[field(owner, **more)])


def test_the_apps_own_namespace_is_what_is_meant_by_nothing(shop):
    owner = shop.customer(7)
    written = [
        set_one(shop, owner, namespace=name, value=str(name))["metafields"][0] for name in (..., "$app", OWN)
    ]
    assert {one["namespace"] for one in written} == {OWN}
    assert len({one["id"] for one in written}) == 1
    assert shop.run(READ, id=owner, key="segment")["metafield"]["value"] == OWN
    assert set_one(shop, owner, namespace="$app:sub")["metafields"][0]["namespace"] == f"{OWN}--sub"


def test_another_apps_namespace_is_closed(shop):
    error = set_one(shop, shop.customer(7), namespace="app--999")["userErrors"][0]
    assert error["code"] == "APP_NOT_AUTHORIZED"


def test_all_are_written_or_none(shop):
    owner = shop.customer(7)
    answer = shop.run(SET, metafields=[field(owner), field(gid("Customer", 999))])
    assert answer == {
        "metafields": [],
        "userErrors": [
            {
                "field": ["metafields", "1", "ownerId"],
                "message": "Owner does not exist.",
                "code": "INVALID_VALUE",
                "elementIndex": None,
            }
        ],
    }
    assert shop.run(READ, id=owner, key="segment", namespace="custom")["metafield"] is None
    assert shop.told == []


def test_a_call_takes_25_and_no_more(shop):
    owner = shop.customer(7)
    many = [field(owner, key=f"key_{number}") for number in range(26)]
    error = shop.errors(SET, metafields=many)[0]
    assert (error["message"], error["code"]) == (
        "Exceeded the maximum metafields input limit of 25.",
        "LESS_THAN_OR_EQUAL_TO",
    )
    assert shop.errors(SET, metafields=many[:25]) == []
    assert shop.topics == ["customers/update"]


def test_compare_and_set_writes_only_over_what_was_seen(shop):
    owner = shop.customer(7)
    first = set_one(shop, owner, compareDigest=None)["metafields"][0]
    assert set_one(shop, owner, value="loyal", compareDigest=None)["userErrors"][0]["code"] == "STALE_OBJECT"
    stale = set_one(shop, owner, value="loyal", compareDigest="0" * 64)["userErrors"][0]
    assert stale["field"] == ["metafields", "0"]
    assert stale["message"].startswith("The resource has been updated since it was loaded.")
    second = set_one(shop, owner, value="loyal", compareDigest=first["compareDigest"])["metafields"][0]
    assert second["id"] == first["id"]
    assert second["compareDigest"] != first["compareDigest"]
    fresh = set_one(shop, owner, key="other", compareDigest="0" * 64)["userErrors"][0]
    assert fresh["code"] == "INVALID_COMPARE_DIGEST"


@pytest.mark.parametrize(
    ("more", "where", "message", "code"),
    [
        ({"namespace": "ab"}, "namespace", "Namespace is too short (minimum is 3 characters)", "TOO_SHORT"),
        (
            {"namespace": "n" * 256},
            "namespace",
            "Namespace is too long (maximum is 255 characters)",
            "TOO_LONG",
        ),
        ({"key": "x"}, "key", "Key is too short (minimum is 2 characters)", "TOO_SHORT"),
        ({"key": "k" * 65}, "key", "Key is too long (maximum is 64 characters)", "TOO_LONG"),
        ({"namespace": "protected"}, "namespace", "Namespace protected is a reserved namespace", None),
        ({"type": ...}, "type", "Type can't be blank", "BLANK"),
        ({"value": ""}, "value", "Value can't be blank.", "BLANK"),
        ({"type": "number_integer", "value": "x"}, "value", "Value must be an integer.", "INVALID_VALUE"),
        ({"type": "boolean", "value": "yes"}, "value", "Value must be true or false.", "INVALID_VALUE"),
        ({"type": "color", "value": "blue"}, "value", "Value must be a hex color code.", "INVALID_VALUE"),
    ],
)
def test_names_types_and_values_are_refused_in_the_recorded_words(shop, more, where, message, code):
    error = set_one(shop, shop.customer(7), **more)["userErrors"][0]
    assert (error["field"], error["message"], error["code"]) == (["metafields", "0", where], message, code)


def test_a_type_that_is_none_is_refused(shop):
    error = set_one(shop, shop.customer(7), type="colour")["userErrors"][0]
    assert error["code"] == "INCLUSION"


@pytest.mark.parametrize(
    ("type_name", "value", "shown"),
    [
        ("number_integer", "-12", -12),
        ("boolean", "true", True),
        ("json", '{"a": [1]}', {"a": [1]}),
        ("list.single_line_text_field", '["a", "b"]', ["a", "b"]),
        ("date", "2026-11-01", "2026-11-01"),
        ("date_time", "2026-11-01T10:00:00+00:00", "2026-11-01T10:00:00+00:00"),
        ("money", '{"amount": "5.99", "currency_code": "CAD"}', {"amount": "5.99", "currency_code": "CAD"}),
    ],
)
def test_values_are_kept_as_text_and_shown_as_json(shop, type_name, value, shown):
    (written,) = set_one(shop, shop.customer(7), type=type_name, value=value)["metafields"]
    assert (written["value"], written["jsonValue"]) == (value, shown)


def test_what_is_deleted_is_told_and_what_was_not_there_is_null(shop):
    owner = shop.customer(7)
    set_one(shop, owner)
    asked = [{"ownerId": owner, "namespace": "custom", "key": key} for key in ("segment", "missing")]
    answer = shop.run(DELETE, metafields=asked)
    assert answer == {"deletedMetafields": [asked[0], None], "userErrors": []}
    assert shop.run(READ, id=owner, key="segment", namespace="custom")["metafield"] is None
    assert shop.topics == ["customers/update", "customers/update"]


def test_the_scope_of_the_owner_is_needed(tmp_path):
    with SmallShop(tmp_path, scopes=["write_products"]) as shop:
        assert (
            shop.ask(SET, metafields=[field(shop.customer(7))])["errors"][0]["extensions"]["code"]
            == "ACCESS_DENIED"
        )
        assert shop.errors(SET, metafields=[field(shop.product(70))]) == []


def define(shop, **more):
    base = {"name": "Segment", "key": "segment", "ownerType": "CUSTOMER", "type": "single_line_text_field"}
    return shop.run(DEFINE, definition=base | more)


def test_a_definition_gives_the_type_and_holds_values_to_it(shop):
    made = define(shop)["createdDefinition"]
    assert (made["namespace"], made["type"]["category"], made["ownerType"]) == (OWN, "TEXT", "CUSTOMER")
    owner = shop.customer(7)
    assert set_one(shop, owner, namespace=..., type=...)["metafields"][0]["type"] == "single_line_text_field"
    wrong = set_one(shop, owner, namespace=..., type="number_integer", value="1")["userErrors"][0]
    assert wrong["code"] == "INVALID_TYPE"
    assert shop.run(READ, id=owner, key="segment")["metafield"]["definition"] == {"name": "Segment"}


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"namespace": "ab"}, "TOO_SHORT"),
        ({"namespace": "my space"}, "INVALID_CHARACTER"),
        ({"key": "bad.key!"}, "INVALID_CHARACTER"),
        ({"name": "n" * 256}, "TOO_LONG"),
        ({"type": "colour"}, "INCLUSION"),
        ({"namespace": "custom", "access": {"admin": "MERCHANT_READ"}}, "ADMIN_ACCESS_INPUT_NOT_ALLOWED"),
        ({"type": "json", "capabilities": {"adminFilterable": {"enabled": True}}}, "INVALID_CAPABILITY"),
    ],
)
def test_definitions_are_checked(shop, more, code):
    assert code in [error["code"] for error in define(shop, **more)["userErrors"]]


def test_a_definition_is_made_once(shop):
    define(shop, access={"admin": "MERCHANT_READ"})
    error = define(shop)["userErrors"][0]
    assert error["code"] == "TAKEN"
    assert error["message"] == f"Key is in use for Customer metafields on the '{OWN}' namespace."


def test_a_definition_in_another_apps_namespace_is_denied_at_the_top(shop):
    base = {"name": "S", "key": "segment", "ownerType": "CUSTOMER", "type": "boolean", "namespace": "app--999"}
    assert shop.ask(DEFINE, definition=base)["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"


def test_deleting_an_own_definition_takes_its_metafields_along(shop):
    made = define(shop)["createdDefinition"]
    owner = shop.customer(7)
    set_one(shop, owner, namespace=...)
    delete = """mutation($id: ID!, $all: Boolean) {
      metafieldDefinitionDelete(id: $id, deleteAllAssociatedMetafields: $all) {
        deletedDefinitionId userErrors { code } } }"""
    assert shop.errors(delete, id=made["id"])[0]["code"] == "RESERVED_NAMESPACE_ORPHANED_METAFIELDS"
    assert shop.run(delete, id=made["id"], all=True)["deletedDefinitionId"] == made["id"]
    assert shop.run(READ, id=owner, key="segment")["metafield"] is None


def test_definitions_are_found_by_name_and_changed(shop):
    define(shop)
    update = """mutation($definition: MetafieldDefinitionUpdateInput!) {
      metafieldDefinitionUpdate(definition: $definition) { updatedDefinition { name } userErrors { code } } }"""
    wanted = {"key": "segment", "ownerType": "CUSTOMER", "namespace": "$app"}
    assert shop.run(update, definition=wanted | {"name": "Group"})["updatedDefinition"] == {"name": "Group"}
    assert shop.errors(update, definition=wanted | {"key": "none"})[0]["code"] == "NOT_FOUND"
    read = """{ metafieldDefinition(identifier: {ownerType: CUSTOMER, key: "segment"}) { name }
      metafieldDefinitions(ownerType: CUSTOMER, first: 5) { nodes { key } } }"""
    assert shop.data(read) == {
        "metafieldDefinition": {"name": "Group"},
        "metafieldDefinitions": {"nodes": [{"key": "segment"}]},
    }

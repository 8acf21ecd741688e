"""Every place that can hold somebody is in the one list that erasures, the page and the manual stand on."""

import re
from pathlib import Path

import graphql

from shop_app.services.personal_data import SHOP_TABLES, STORES
from shop_app.storage.personal_tables import PERSONAL_TABLES
from shop_app.storage.sealed_columns import SEALED
from shop_app.web.privacy_notice import CUSTOMER_NOTICE

ROOT = Path(__file__).parents[2]
VERSIONS = ROOT / "shop_app/storage/migrations/versions"
TELLS_OF_A_PERSON = re.compile(
    r"^\s*(?:ADD COLUMN )?"
    r"(customer_id|customer_shopify_id|email|phone|first_name|person_id|subject\w*|body|user_id) ",
    re.MULTILINE,
)
OPENED_ONE_BY_ONE = {"webhook_inbox", "privacy_requests", "erased_subjects"}
"""These are no matter of one statement: sealed, or what an erasure leaves on purpose."""


def tables():
    """Every table of the migrations with its columns, later additions among them."""
    source = "\n".join(path.read_text(encoding="utf-8") for path in VERSIONS.glob("*.py"))
    found = dict(re.findall(r"CREATE TABLE (\w+) \((.*?)\n\s*\)", source, re.DOTALL))
    for name, added in re.findall(r"ALTER TABLE (\w+) (ADD COLUMN \w+ [^\n\"]+)", source):
        found[name] += f"\n{added}"
    return found


def test_every_table_with_rows_of_a_shop_is_listed():
    of_shops = {name for name, columns in tables().items() if re.search(r"\bshop_id\b", columns)}
    assert len(of_shops) > 25
    assert of_shops - {"due_work"} == set(SHOP_TABLES)


def test_every_table_that_points_to_a_person_is_erased_from():
    telling = {name for name, columns in tables().items() if TELLS_OF_A_PERSON.search(columns)}
    personal = {store.table for store in STORES if store.is_personal and store.table}
    assert telling <= personal
    assert telling - OPENED_ONE_BY_ONE <= {table.name for table in PERSONAL_TABLES}


def test_what_is_erased_from_is_listed_as_personal_and_what_is_sealed_says_so():
    listed = {store.table: store for store in STORES}
    assert all(listed[table.name].is_personal for table in PERSONAL_TABLES)
    assert all(listed[table].sealed for table in SEALED)


def test_the_manual_tells_of_every_place():
    words = (ROOT / "docs/privacy.md").read_text(encoding="utf-8")
    assert [store.name for store in STORES if f"| {store.name} |" not in words] == []


def test_the_manual_has_the_notice_that_the_page_shows():
    told = re.sub(r"\s*\n(> ?)?\s*", " ", (ROOT / "docs/privacy.md").read_text(encoding="utf-8"))
    assert [paragraph for paragraph in CUSTOMER_NOTICE if paragraph not in told] == []


def leaves(selections, before):
    """Every field that is asked for, by its path; money is one field, however it is wrapped."""
    for field in selections.selections:
        if isinstance(field, graphql.InlineFragmentNode):  # of things of one kind: the path is the same
            yield from leaves(field.selection_set, before)
            continue
        path = f"{before}.{field.name.value}"
        below = field.selection_set.selections if field.selection_set else []
        inner = [each.name.value for each in below if isinstance(each, graphql.FieldNode)]
        if not below or set(inner) & {"shopMoney", "state", "amount"}:
            yield path
        else:
            yield from leaves(field.selection_set, path)


def test_every_field_that_is_requested_has_its_use_in_the_manual_and_no_other_is_named():
    source = (ROOT / "shop_app/shopify/graphql/fragments.graphql").read_text(encoding="utf-8")
    asked = {
        path
        for fragment in graphql.parse(source).definitions
        for path in leaves(fragment.selection_set, fragment.type_condition.name.value)
    }
    words = (ROOT / "docs/privacy.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+\.[\w.]+)` \| .+ \|$", words, re.MULTILINE)) == asked

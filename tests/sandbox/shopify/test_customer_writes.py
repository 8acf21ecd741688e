"""Customers through the interface: made, changed, deleted, merged, asked for consent."""

import pytest
from small_shop import SmallShop, gid

SCOPES = ["write_customers", "write_orders", "write_customer_merge", "read_all_orders"]
SHOWN = """id firstName email tags note locale state
  defaultEmailAddress { emailAddress marketingState marketingOptInLevel marketingUpdatedAt }
  defaultPhoneNumber { smsMarketingConsent { state } }"""
CREATE = f"""mutation($input: CustomerInput!) {{ customerCreate(input: $input) {{
  customer {{ {SHOWN} }} userErrors {{ field message }} }} }}"""
UPDATE = f"""mutation($input: CustomerInput!) {{ customerUpdate(input: $input) {{
  customer {{ {SHOWN} }} userErrors {{ field message }} }} }}"""
DELETE = """mutation($id: ID!) { customerDelete(input: {id: $id}) {
  deletedCustomerId shop { id } userErrors { field message } } }"""
EMAIL = f"""mutation($input: CustomerEmailMarketingConsentUpdateInput!) {{
  customerEmailMarketingConsentUpdate(input: $input) {{
    customer {{ {SHOWN} }} userErrors {{ field message code }} }} }}"""
SMS = f"""mutation($input: CustomerSmsMarketingConsentUpdateInput!) {{
  customerSmsMarketingConsentUpdate(input: $input) {{
    customer {{ {SHOWN} }} userErrors {{ field message code }} }} }}"""


@pytest.fixture
def shop(tmp_path):
    with SmallShop(tmp_path, scopes=SCOPES) as shop:
        yield shop


def test_a_customer_is_made_with_tags_split_and_ordered(shop):
    made = shop.run(CREATE, input={"email": "a@example.com", "firstName": " Ada ", "tags": ["b, a", "B"]})[
        "customer"
    ]
    assert (made["firstName"], made["tags"], made["state"]) == ("Ada", ["a", "b"], "DISABLED")
    assert shop.topics == ["customers/create", "customer.tags_added"]


@pytest.mark.parametrize(
    ("given", "field", "message"),
    [
        ({"firstName": " "}, None, "A name, phone number, or email address must be present"),
        ({"email": "not-an-email"}, ["email"], "Email is invalid"),
        ({"phone": "abc"}, ["phone"], "Phone is invalid"),
        ({"email": "C7@example.com"}, ["email"], "Email has already been taken"),
        ({"email": "a@example.com", "locale": "not-a-locale"}, ["locale"], "Locale is invalid"),
        (
            {"email": "a@example.com", "note": "n" * 5001},
            ["note"],
            "Note is too long (maximum is 5000 characters)",
        ),
        (
            {"email": "a@example.com", "tags": [",".join(f"t{n}" for n in range(251))]},
            ["tags"],
            "Tags cannot be more than 250",
        ),
        ({"email": "a@example.com", "id": gid("Customer", 9)}, ["id"], "Cannot specify ID on creation"),
    ],
)
def test_a_customer_is_refused_in_the_recorded_words(shop, given, field, message):
    shop.customer(7)
    answer = shop.run(CREATE, input=given)
    assert answer == {"customer": None, "userErrors": [{"field": field, "message": message}]}


def test_an_update_replaces_all_tags_and_tells_which(shop):
    id_ = shop.customer(7, tags=["a", "b"])
    assert shop.run(UPDATE, input={"id": id_, "tags": ["b", "c"]})["customer"]["tags"] == ["b", "c"]
    assert [(topic, told.get("tags")) for topic, told in shop.told[1:]] == [
        ("customer.tags_added", ["c"]),
        ("customer.tags_removed", ["a"]),
    ]
    assert shop.errors(UPDATE, input={"id": gid("Customer", 9), "note": "x"}) == [
        {"field": ["id"], "message": "Customer does not exist"}
    ]


def test_consent_is_not_changed_in_passing(shop):
    id_ = shop.customer(7)
    consent = {"marketingState": "SUBSCRIBED", "marketingOptInLevel": "SINGLE_OPT_IN"}
    error = shop.errors(UPDATE, input={"id": id_, "emailMarketingConsent": consent})[0]
    assert "customerEmailMarketingConsentUpdate" in error["message"]


def test_metafields_come_along(shop):
    field = {"namespace": "custom", "key": "tier", "type": "single_line_text_field", "value": "gold"}
    made = shop.run(CREATE, input={"email": "a@example.com", "metafields": [field]})["customer"]
    read = 'query($id: ID!) { customer(id: $id) { metafield(namespace: "custom", key: "tier") { value } } }'
    assert shop.run(read, id=made["id"])["metafield"] == {"value": "gold"}


def test_a_customer_with_orders_is_not_deleted(shop):
    with_orders, without = shop.customer(7), shop.customer(8)
    shop.order(101, 7)
    assert shop.errors(DELETE, id=with_orders)[0]["message"] == (
        "Customer can\u2019t be deleted because they have associated orders"
    )
    assert shop.run(DELETE, id=without) == {
        "deletedCustomerId": without,
        "shop": {"id": gid("Shop", 11)},
        "userErrors": [],
    }
    assert shop.topics == ["customers/delete"]


def test_a_merge_moves_orders_and_keeps_the_second(shop):
    one, two = shop.customer(7, tags=["a"], email="one@example.com"), shop.customer(8, tags=["b"])
    shop.order(101, 7)
    merge = """mutation($one: ID!, $two: ID!, $fields: CustomerMergeOverrideFields) {
      customerMerge(customerOneId: $one, customerTwoId: $two, overrideFields: $fields) {
        resultingCustomerId job { id done } userErrors { field message code } } }"""
    answer = shop.run(merge, one=one, two=two, fields={"customerIdOfEmailToKeep": one})
    assert answer["resultingCustomerId"] == two
    assert shop.find("customer", 7) is None
    kept = shop.find("customer", 8)
    assert (kept["tags"], kept["email"]) == (["a", "b"], "one@example.com")
    assert shop.find("order", 101)["customerId"] == 8
    assert "customers/merge" in shop.topics
    assert shop.errors(merge, one=one, two=two)[0]["code"] == "INVALID_CUSTOMER_ID"


def email(id_, **consent):
    return {"customerId": id_, "emailMarketingConsent": consent}


def test_consent_to_emails_is_written_down_and_told(shop):
    id_ = shop.customer(7)
    wish = email(
        id_,
        marketingState="SUBSCRIBED",
        marketingOptInLevel="SINGLE_OPT_IN",
        consentUpdatedAt="2026-04-25T01:00:00Z",
    )
    shown = shop.run(EMAIL, input=wish)["customer"]["defaultEmailAddress"]
    assert shown["marketingState"] == "SUBSCRIBED"
    assert shown["marketingUpdatedAt"] == "2026-04-25T01:00:00Z"
    shop.run(EMAIL, input=wish)
    assert shop.topics == ["customers_email_marketing_consent/update", "customers/update"]


@pytest.mark.parametrize(
    ("consent", "field", "message", "code"),
    [
        (
            {"marketingState": "SUBSCRIBED"},
            "marketingOptInLevel",
            "Marketing opt in level must exist",
            "MISSING_ARGUMENT",
        ),
        (
            {"marketingState": "PENDING", "marketingOptInLevel": "SINGLE_OPT_IN"},
            "marketingOptInLevel",
            "Marketing opt in level must be confirmed opt-in for pending consent state",
            "INVALID",
        ),
        (
            {
                "marketingState": "SUBSCRIBED",
                "marketingOptInLevel": "SINGLE_OPT_IN",
                "consentUpdatedAt": "2999-01-01T00:00:00Z",
            },
            "consentUpdatedAt",
            "Consent updated at must not be in the future",
            "INVALID",
        ),
    ],
)
def test_consent_is_refused_in_the_recorded_words(shop, consent, field, message, code):
    answer = shop.run(EMAIL, input=email(shop.customer(7), **consent))
    place = ["input", "emailMarketingConsent", field]
    assert answer["userErrors"] == [{"field": place, "message": message, "code": code}]
    assert answer["customer"]["defaultEmailAddress"]["marketingState"] == "NOT_SUBSCRIBED"
    assert shop.told == []


@pytest.mark.parametrize("state", ["NOT_SUBSCRIBED", "REDACTED", "INVALID"])
def test_some_states_cannot_be_given(shop, state):
    error = shop.ask(EMAIL, input=email(shop.customer(7), marketingState=state))["errors"][0]
    assert error["message"] == f"Cannot specify {state} as a marketing state input"
    assert error["extensions"]["code"] == "INVALID"


def test_consent_to_messages_needs_a_phone(shop):
    with_phone, without = shop.customer(7, phone="+14155550100"), shop.customer(8)
    consent = {"marketingState": "SUBSCRIBED", "marketingOptInLevel": "SINGLE_OPT_IN"}
    answer = shop.run(SMS, input={"customerId": with_phone, "smsMarketingConsent": consent})
    assert answer["customer"]["defaultPhoneNumber"] == {"smsMarketingConsent": {"state": "SUBSCRIBED"}}
    errors = shop.errors(SMS, input={"customerId": without, "smsMarketingConsent": consent})
    assert errors[0]["message"] == "A phone number is required to set the SMS consent state."
    assert shop.topics == ["customers_marketing_consent/update", "customers/update"]


def test_an_order_takes_a_note_and_keeps_its_customer(shop):
    shop.customer(7)
    id_ = shop.order(101, 7)
    update = """mutation($input: OrderInput!) { orderUpdate(input: $input) {
      order { id note tags } userErrors { field message } } }"""
    answer = shop.run(update, input={"id": id_, "note": "ring twice", "tags": ["b", "a"]})
    assert answer["order"] == {"id": id_, "note": "ring twice", "tags": ["a", "b"]}
    assert len(shop.state.children("tea.myshopify.com", "order", 7)) == 1
    assert shop.topics == ["orders/updated"]
    assert shop.errors(update, input={"id": gid("Order", 9)})[0]["message"] == "Order does not exist"

"""Customers changed through the interface: made, edited, deleted, merged, asked for consent."""

from typing import Any

from sandbox.shopify.deeds.people import merge_customers
from sandbox.shopify.documents import make_consent, make_customer, new_number
from sandbox.shopify.graph.access import need
from sandbox.shopify.graph.customer_checks import consent_of, fields_of, problems
from sandbox.shopify.graph.inline_metafields import check_inline, write_inline
from sandbox.shopify.graph.registry import Answer, Call, Info, gid, number_of, resolver, user_error
from sandbox.shopify.graph.writing import keep, refused
from sandbox.shopify.state import Document

EMAIL_TOPIC = "customers_email_marketing_consent/update"
SMS_TOPIC = "customers_marketing_consent/update"
_CONSENTS = (
    ("emailMarketingConsent", "emailMarketing", "email", EMAIL_TOPIC),
    ("smsMarketingConsent", "smsMarketing", "phone", SMS_TOPIC),
)
_HAS_ORDERS = "Customer can\u2019t be deleted because they have associated orders"
_KEPT = {
    "customerIdOfEmailToKeep": "email",
    "customerIdOfPhoneNumberToKeep": "phone",
    "customerIdOfFirstNameToKeep": "firstName",
    "customerIdOfLastNameToKeep": "lastName",
    "customerIdOfDefaultAddressToKeep": "defaultAddress",
}


@resolver("Mutation", "customerCreate")
def customer_create(_parent: None, info: Info, *, input: dict[str, Any]) -> Answer:  # noqa: A002 (the schema's name)
    """Make a customer."""
    call = need(info, "write_customers")
    if input.get("id") is not None:
        return refused("customer", user_error(["id"], "Cannot specify ID on creation"))
    with call.state.together():
        number = new_number(call.state, "customer")
        return _written(call, make_customer(number), input, "customers/create")


@resolver("Mutation", "customerUpdate")
def customer_update(_parent: None, info: Info, *, input: dict[str, Any]) -> Answer:  # noqa: A002
    """Change a customer; ``tags`` replaces them all."""
    call = need(info, "write_customers")
    if input.get("id") is None:
        return refused("customer", user_error(["id"], "Customer does not exist"))
    if input.get("emailMarketingConsent") or input.get("smsMarketingConsent"):
        name = "Email" if input.get("emailMarketingConsent") else "Sms"
        message = (
            f"To update {name.lower()}MarketingConsent, please use the "
            f"customer{name}MarketingConsentUpdate Mutation instead"
        )
        return refused("customer", user_error([f"{name.lower()}MarketingConsent"], message))
    with call.state.together():
        before = _find(call, input["id"])
        if before is None:
            return refused("customer", user_error(["id"], "Customer does not exist"))
        return _written(call, before, input, "customers/update")


def _written(call: Call, before: Document, given: dict[str, Any], topic: str) -> Answer:
    found = fields_of(given)
    inline = check_inline(call, ("customer", before), given.get("metafields"))
    wrong = problems(call, before, found) + [one for one in inline if isinstance(one, dict)]
    if wrong:
        return refused("customer", *wrong)
    topics = [topic]
    for name, stored, _, consent_topic in _CONSENTS:
        if given.get(name):
            consent = consent_of(given[name], [name])
            if "message" in consent:
                return refused("customer", consent)
            found[stored] = consent
            topics.append(consent_topic)
    customer = keep(call, "customer", before | found, *topics)
    _tell_of_tags(call, before["tags"], customer)
    write_inline(call, inline)
    return {"customer": customer, "userErrors": []}


def _tell_of_tags(call: Call, before: list[str], customer: Document) -> None:
    old, new = ({tag.casefold(): tag for tag in tags} for tags in (before, customer["tags"]))
    for deed, changed in (
        ("tags_added", [tag for key, tag in new.items() if key not in old]),
        ("tags_removed", [tag for key, tag in old.items() if key not in new]),
    ):
        if changed:
            change = {"id": customer["id"], "tags": changed, "occurredAt": customer["updatedAt"]}
            call.world.emit(call.shop, f"customer.{deed}", change)


@resolver("Mutation", "customerDelete")
def customer_delete(_parent: None, info: Info, *, input: dict[str, Any]) -> Answer:  # noqa: A002
    """Delete a customer who has never ordered."""
    call = need(info, "write_customers")
    shop = call.shop_document | {"id": gid("Shop", call.shop_document["id"])}
    with call.state.together():
        customer = _find(call, input["id"])
        if customer is None:
            error = user_error(["id"], "Customer can't be found")
            return refused("deletedCustomerId", error, shop=shop)
        if call.state.children(call.shop, "order", customer["id"]):
            error = user_error(["id"], _HAS_ORDERS)
            return refused("deletedCustomerId", error, shop=shop)
        call.state.delete(call.shop, "customer", customer["id"])
        call.world.emit(call.shop, "customers/delete", customer)
    return {"deletedCustomerId": gid("Customer", customer["id"]), "shop": shop, "userErrors": []}


@resolver("Mutation", "customerMerge")
def customer_merge(
    _parent: None,
    info: Info,
    *,
    customerOneId: str,  # noqa: N803 (the schema's name)
    customerTwoId: str,  # noqa: N803
    overrideFields: dict[str, Any] | None = None,  # noqa: N803
) -> Answer:
    """Fold the first customer into the second."""
    call = need(info, "write_customer_merge")
    given = overrideFields or {}
    with call.state.together():
        one, two = _find(call, customerOneId), _find(call, customerTwoId)
        for name, text, found in (("customerOneId", customerOneId, one), ("customerTwoId", customerTwoId, two)):
            if found is None:
                message = f"Customer does not exist with ID {text.rpartition('/')[2]}"
                return _no_merge(user_error([name], message, "INVALID_CUSTOMER_ID"))
        if one is None or two is None or one["id"] == two["id"]:
            return _no_merge(user_error(None, "Customers IDs should not match", "INVALID_CUSTOMER_ID"))
        wishes = {stored: one[stored] for name, stored in _KEPT.items() if given.get(name) == customerOneId}
        wishes |= {name: given[name] for name in ("note", "tags") if given.get(name) is not None}
        merge_customers(call.world, call.shop, kept_id=two["id"], deleted_id=one["id"])
        kept = _find(call, customerTwoId)
        if kept is not None and wishes:
            keep(call, "customer", kept | fields_of(wishes) | wishes, "customers/update")
    job = {"id": gid("Job", f"merge-{one['id']}-{two['id']}"), "done": True}
    return {"resultingCustomerId": customerTwoId, "job": job, "userErrors": []}


def _no_merge(error: Answer) -> Answer:
    return refused("resultingCustomerId", error, job=None)


@resolver("Mutation", "customerEmailMarketingConsentUpdate")
def email_consent_update(_parent: None, info: Info, *, input: dict[str, Any]) -> Answer:  # noqa: A002
    """Write down a customer's consent to e-mails; where it is refused the customer is shown as they are."""
    call = need(info, "write_customers")
    with call.state.together():
        customer = _find(call, input["customerId"])
        if customer is None:
            return refused("customer", user_error(["input", "customerId"], "Customer not found", "INVALID"))
        consent = consent_of(input["emailMarketingConsent"], ["input", "emailMarketingConsent"])
        if "message" in consent:
            return {"customer": customer, "userErrors": [consent]}
        if customer["email"] and consent != customer["emailMarketing"]:
            customer["emailMarketing"] = make_consent() | consent
            keep(call, "customer", customer, EMAIL_TOPIC, "customers/update")
    return {"customer": customer, "userErrors": []}


@resolver("Mutation", "customerSmsMarketingConsentUpdate")
def sms_consent_update(_parent: None, info: Info, *, input: dict[str, Any]) -> Answer:  # noqa: A002
    """Write down a customer's consent to text messages; it needs a phone number."""
    call = need(info, "write_customers")
    place = ["input", "smsMarketingConsent"]
    with call.state.together():
        customer = _find(call, input["customerId"])
        if customer is None:
            return refused("customer", user_error(None, "Customer not found"))
        consent = consent_of(input["smsMarketingConsent"], place)
        if "message" in consent:
            return refused("customer", consent)
        if not customer["phone"]:
            message = "A phone number is required to set the SMS consent state."
            return refused("customer", user_error(place, message, "INVALID"))
        if consent != customer["smsMarketing"]:
            customer["smsMarketing"] = consent
            keep(call, "customer", customer, SMS_TOPIC, "customers/update")
    return {"customer": customer, "userErrors": []}


def _find(call: Call, text: str) -> Document | None:
    number = number_of(text, "Customer")
    return None if number is None else call.state.find(call.shop, "customer", number)

"""Subscriptions that an app makes by call; those of its configuration file are not seen here."""

import re
from typing import Any
from urllib.parse import urlsplit

from sandbox.shopify.documents import new_number
from sandbox.shopify.graph.connections import Stored, connection
from sandbox.shopify.graph.filters import Compiled, Filter, compile_search
from sandbox.shopify.graph.registry import Answer, Call, Info, gid, number_of, resolver, user_error
from sandbox.shopify.graph.resolvers.orders import counted
from sandbox.shopify.state import Document
from sandbox.shopify.world import now, stamp

KIND = "webhook_subscription"
_CREATED = "json_extract(body, '$.createdAt')"
_FILTERS: dict[str, Filter] = {
    "id": Filter("number", lambda one, _: one["id"], "id"),
    "created_at": Filter("time", lambda one, _: one["createdAt"], _CREATED),
    "updated_at": Filter("time", lambda one, _: one["updatedAt"], "updated_at"),
    "topic": Filter("text", lambda one, _: one["topic"]),
}
_INTERNAL = re.compile(
    r"(.*\.)?(shopify\.com|myshopify\.com|shopify\.io|localhost|internal)|127\..*|10\..*|\[?::1\]?"
)
_FILTER_WORDS = re.compile(r"[\w.]+\s*:")
_ADDRESS = ["webhookSubscription", "callbackUrl"]


@resolver("WebhookSubscription", "id")
def subscription_id(parent: Document, _info: Info) -> str:
    """Return the global id."""
    return gid("WebhookSubscription", parent["id"])


@resolver("WebhookSubscription", "legacyResourceId")
def legacy_id(parent: Document, _info: Info) -> str:
    """Return the plain number."""
    return str(parent["id"])


@resolver("WebhookSubscription", "apiVersion")
def api_version(parent: Document, _info: Info) -> Answer:
    """Return the version the bodies are built with."""
    return {"handle": parent["apiVersion"], "displayName": parent["apiVersion"], "supported": True}


@resolver("WebhookSubscription", "callbackUrl")
def callback_url(parent: Document, _info: Info) -> str:
    """Return the address under its old name."""
    return str(parent["uri"])


@resolver("WebhookSubscription", "endpoint")
def endpoint(parent: Document, _info: Info) -> Answer:
    """Return the address as the old kind of object."""
    if parent["uri"].startswith("pubsub://"):
        project, _, topic = parent["uri"].removeprefix("pubsub://").partition(":")
        return {"__typename": "WebhookPubSubEndpoint", "pubSubProject": project, "pubSubTopic": topic}
    if parent["uri"].startswith("arn:"):
        return {"__typename": "WebhookEventBridgeEndpoint", "arn": parent["uri"]}
    return {"__typename": "WebhookHttpEndpoint", "callbackUrl": parent["uri"]}


@resolver("QueryRoot", "webhookSubscriptions")
def webhook_subscriptions(_parent: None, info: Info, **args: Any) -> Any:  # noqa: ANN401
    """Return a page of subscriptions."""
    call: Call = info.context
    search = compile_search(args.get("query"), _FILTERS, call, info.path.as_list())
    _narrow(search, args)
    key = _CREATED if (args.get("sortKey") or "CREATED_AT") == "CREATED_AT" else "id"
    return connection(info, Stored(call, KIND, search, key=key, reverse=bool(args.get("reverse"))), args)


def _narrow(search: Compiled, args: dict[str, Any]) -> None:
    topics, address = args.get("topics"), args.get("uri") or args.get("callbackUrl")
    if topics:
        search.tests.append(lambda one: one["topic"] in topics)
    if address:
        search.tests.append(lambda one: one["uri"] == address)
    if args.get("format"):
        search.tests.append(lambda one: one["format"] == args["format"])


@resolver("QueryRoot", "webhookSubscription")
def webhook_subscription(_parent: None, info: Info, *, id: str) -> Document | None:  # noqa: A002
    """Return one subscription."""
    call: Call = info.context
    number = number_of(id, "WebhookSubscription")
    return None if number is None else call.state.find(call.shop, KIND, number)


@resolver("QueryRoot", "webhookSubscriptionsCount")
def subscriptions_count(_parent: None, info: Info, **args: Any) -> Answer:  # noqa: ANN401
    """Return how many there are."""
    call: Call = info.context
    search = compile_search(args.get("query"), _FILTERS, call, info.path.as_list())
    return counted(Stored(call, KIND, search), args.get("limit"))


@resolver("Mutation", "webhookSubscriptionCreate")
def create(_parent: None, info: Info, *, topic: str, webhookSubscription: Document) -> Answer:  # noqa: N803
    """Make a subscription for this store."""
    call: Call = info.context
    given = dict(webhookSubscription)
    document = _with(_blank(call, topic), given)
    errors = _errors(call, document, given)
    if errors:
        return {"webhookSubscription": None, "userErrors": errors}
    document["id"] = new_number(call.state, KIND)
    call.state.put(call.shop, KIND, document)
    return {"webhookSubscription": document, "userErrors": []}


@resolver("Mutation", "webhookSubscriptionUpdate")
def update(_parent: None, info: Info, *, id: str, webhookSubscription: Document) -> Answer:  # noqa: A002, N803
    """Change a subscription."""
    call: Call = info.context
    found = webhook_subscription(None, info, id=id)
    if found is None:
        words = "Webhook subscription does not exist"
        return {"webhookSubscription": None, "userErrors": [user_error(["id"], words)]}
    given = dict(webhookSubscription)
    document = _with(found, given) | {"updatedAt": stamp(now()), "apiVersion": call.version}
    errors = _errors(call, document, given)
    if errors:
        return {"webhookSubscription": None, "userErrors": errors}
    call.state.put(call.shop, KIND, document)
    return {"webhookSubscription": document, "userErrors": []}


@resolver("Mutation", "webhookSubscriptionDelete")
def delete(_parent: None, info: Info, *, id: str) -> Answer:  # noqa: A002 (the argument's name)
    """Remove a subscription."""
    call: Call = info.context
    number = number_of(id, "WebhookSubscription")
    if number is None or not call.state.delete(call.shop, KIND, number):
        words = "Webhook subscription does not exist"
        return {"deletedWebhookSubscriptionId": None, "userErrors": [user_error(["id"], words)]}
    return {"deletedWebhookSubscriptionId": id, "userErrors": []}


def _blank(call: Call, topic: str) -> Document:
    at = stamp(now())
    return {
        "id": 0,
        "topic": topic,
        "uri": "",
        "format": "JSON",
        "includeFields": [],
        "metafieldNamespaces": [],
        "filter": None,
        "name": None,
        "apiVersion": call.version,
        "apiCreated": True,
        "failures": 0,
        "createdAt": at,
        "updatedAt": at,
    }


def _with(document: Document, given: Document) -> Document:
    """Return a subscription with what was given; the old name of the address counts, too."""
    known = {name: value for name, value in given.items() if name in document}
    address = given.get("uri") or given.get("callbackUrl") or document["uri"]
    return document | known | {"uri": address}


def _errors(call: Call, document: Document, given: Document) -> list[Answer]:
    errors = _address_errors(call, document["uri"])
    errors += _name_errors(call, document) if "name" in given else []
    if document["filter"] and not _FILTER_WORDS.search(document["filter"]):
        words = "The specified filter is invalid, please ensure you specify the field(s) you wish to filter on."
        errors.append(user_error(["webhookSubscription"], words))
    if not document["uri"].startswith("http") and document["format"] == "XML":
        errors.append(
            user_error(["webhookSubscription", "format"], "Format can only be used with format: 'json'")
        )
    return errors or _taken(call, document)


def _address_errors(call: Call, address: str) -> list[Answer]:
    """Return what is wrong with an address; the registered app's own may lie on this machine."""
    if not address:
        return [user_error(_ADDRESS, "Address can't be blank")]
    if address.startswith((call.world.app.app_url + "/", "pubsub://", "arn:")):
        return []
    parts = urlsplit(address)
    if parts.scheme == "http":
        return [user_error(_ADDRESS, "Address protocol http:// is not supported")]
    if parts.scheme != "https" or not parts.hostname or address != address.strip():
        return [user_error(_ADDRESS, "Address is invalid")]
    if _INTERNAL.fullmatch(parts.hostname):
        return [user_error(_ADDRESS, "Address cannot be a Shopify or an internal domain")]
    return []


def _name_errors(call: Call, document: Document) -> list[Answer]:
    name, path = document["name"], ["webhookSubscription", "name"]
    if name is None:
        return []
    errors = [user_error(path, "Name is too short (minimum is 1 character)")] if not name else []
    if not re.fullmatch(r"[\w-]+", name, re.ASCII):
        words = "Name name field can only contain alphanumeric characters, underscores, and hyphens"
        errors.append(user_error(path, words))
    others = (one for one in call.state.each(call.shop, KIND) if one["id"] != document["id"])
    if not errors and any(one["name"] == name for one in others):
        errors.append(user_error(path, "Name already exists, no duplicate allowed"))
    return errors


def _taken(call: Call, document: Document) -> list[Answer]:
    same = ("topic", "uri", "format", "filter")
    for one in call.state.each(call.shop, KIND):
        if one["id"] != document["id"] and all(one[name] == document[name] for name in same):
            return [user_error(_ADDRESS, "Address for this topic has already been taken")]
    return []

"""A small Shopify for tests of the first reading: bulk operations, their files, pages and counts, over HTTP.

It keeps to what it is told (`start_answers`, `outcomes`, `file_faults`), and else behaves.
"""

import gzip
import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

import orjson
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from shop_app.settings import API_VERSION, ShopifySettings
from shop_app.shopify import config
from shop_app.storage import connections
from shop_app.storage.connections import Tokens
from shop_app.storage.engine import transaction

_CHILDREN = {"orders": ("LineItem", "lineItems"), "products": ("ProductVariant", "variants")}
_CHILDREN["collections"] = ("Product", "products")
_RESOURCE = re.compile(r"^\s*\{\s*(orders|customers|products|collections)\b")
_BOUND = re.compile(r"(created|updated)_at:(>=|<)'([^']+)'")
_NAMES = {"Orders": "orders", "Customers": "customers", "Products": "products", "Collections": "collections"}


@dataclass
class Operation:
    """One bulk operation: `looks` is how often it was asked for since."""

    id: str
    query: str
    resource: str
    status: str = "RUNNING"
    error_code: str | None = None
    looks: int = 0
    created_at: str = ""
    body: bytes = b""
    roots: int = 0
    objects: int = 0


@dataclass
class BulkShopify:
    """What is in the shop, what is to go wrong, and what was asked."""

    port: int = 0
    objects: dict = field(default_factory=lambda: {name: [] for name in _NAMES.values()})
    start_answers: list = field(default_factory=list)  # one a start: "busy", "limit", "denied", "lost"
    outcomes: dict = field(default_factory=dict)  # resource -> list of (status, error code), one an operation
    change_file: dict = field(default_factory=dict)  # resource -> list of functions of the file's bytes
    file_faults: list = field(default_factory=list)  # one a download: a function of the request -> Response
    operations: list = field(default_factory=list)
    calls: list = field(default_factory=list)
    downloads: list = field(default_factory=list)
    refused_pages: set = field(default_factory=set)
    running_looks: int = 1
    page_size: int = 50
    numbers: count = field(default_factory=lambda: count(1))

    def app(self, environ, start_response):
        request = Request(environ)
        answer = self._graphql(request) if request.method == "POST" else self._file(request)
        return answer(environ, start_response)

    @property
    def origin(self):
        return f"http://127.0.0.1:{self.port}"

    def _graphql(self, request):
        asked = orjson.loads(request.get_data())
        name, variables = asked["operationName"], asked["variables"]
        self.calls.append(name)
        data = self._answer(name, variables)
        if isinstance(data, Response):
            return data
        status = {"maximumAvailable": 20_000.0, "currentlyAvailable": 19_900, "restoreRate": 1_000.0}
        cost = {"requestedQueryCost": 10, "actualQueryCost": 10, "throttleStatus": status}
        body = (data if "errors" in data else {"data": data}) | {"extensions": {"cost": cost}}
        return Response(orjson.dumps(body), mimetype="application/json")

    def _answer(self, name, variables):
        if name == "StartBulkQuery":
            return self._start(variables["query"])
        if name == "PollBulk":
            return {"bulkOperation": self._look(variables["id"])}
        if name == "RunningBulks":
            return {"bulkOperations": {"nodes": [self._state(each) for each in reversed(self.operations)]}}
        resource = _NAMES.get(re.match("[A-Z][a-z]+", name)[0])
        if name.endswith("Count"):
            found = self._within(resource, variables["query"] or "")
            return {f"{resource}Count": {"count": len(found), "precision": "EXACT"}}
        if name.endswith("Page"):
            return self._page(resource, variables)
        return {"errors": [{"message": f"not here: {name}", "extensions": {"code": "NOT_SIMULATED"}}]}

    def _within(self, resource, query):
        found = self.objects[resource]
        for date, sign, moment in _BOUND.findall(query):
            found = [each for each in found if (each[0][f"{date}At"] >= moment) == (sign == ">=")]
        return found

    def _start(self, query):
        answer = self.start_answers.pop(0) if self.start_answers else "ok"
        if answer == "denied":
            return {
                "errors": [{"message": "Access denied.", "extensions": {"code": "ACCESS_DENIED"}}],
                "data": {"bulkOperationRunQuery": None},
            }
        if answer in {"busy", "limit"}:
            code = {"busy": "OPERATION_IN_PROGRESS", "limit": "LIMIT_REACHED"}[answer]
            error = {"field": None, "message": "A bulk query operation is already in progress.", "code": code}
            return {"bulkOperationRunQuery": {"bulkOperation": None, "userErrors": [error]}}
        started = self._begin(query)
        if answer == "lost":
            return Response("", 502)
        return {"bulkOperationRunQuery": {"bulkOperation": {"id": started.id}, "userErrors": []}}

    def _begin(self, query):
        resource = _RESOURCE.match(query)[1]
        found = self._within(resource, query)
        lines = file_lines(resource, found)
        body = b"".join(line + b"\n" for line in lines)
        started = Operation(f"gid://shopify/BulkOperation/{next(self.numbers)}", query, resource)
        started.roots, started.objects = len(found), len(lines)
        changes = self.change_file.get(resource) or []
        started.body = changes.pop(0)(body) if changes else body
        started.created_at = datetime.now(tz=UTC).isoformat()
        self.operations.append(started)
        return started

    def _look(self, bulk_id):
        found = next((each for each in self.operations if each.id == bulk_id), None)
        if found is None:
            return None
        found.looks += 1
        if found.status == "RUNNING" and found.looks > self.running_looks:
            outcomes = self.outcomes.get(found.resource) or []
            found.status, found.error_code = outcomes.pop(0) if outcomes else ("COMPLETED", None)
        return self._state(found)

    def _state(self, found):
        is_complete = found.status == "COMPLETED"
        link = f"{self.origin}/_bulk/{found.id.rpartition('/')[2]}.jsonl" if found.objects else None
        return {
            "id": found.id,
            "type": "QUERY",
            "status": found.status,
            "errorCode": found.error_code,
            "objectCount": str(found.objects),
            "rootObjectCount": str(found.roots),
            "fileSize": str(len(found.body)) if is_complete else None,
            "createdAt": found.created_at,
            "completedAt": None,
            "url": link if is_complete else None,
            "partialDataUrl": link if found.status == "FAILED" else None,
            "query": found.query,
        }

    def _page(self, resource, variables):
        if resource in self.refused_pages:
            return {"errors": [{"message": "No scope.", "extensions": {"code": "ACCESS_DENIED"}}], "data": None}
        found = self._within(resource, variables.get("query") or "")
        begin = int(variables.get("after") or 0)
        shown = found[begin : begin + self.page_size]
        end = begin + len(shown)
        nodes = [_with_children(resource, root, children) for root, children in shown]
        page_info = {"hasNextPage": end < len(found), "endCursor": str(end) if shown else None}
        return {resource: {"pageInfo": page_info, "nodes": nodes}}

    def _file(self, request):
        self.downloads.append(dict(request.headers))
        fault = self.file_faults.pop(0) if self.file_faults else None
        number = re.fullmatch(r"/_bulk/(\d+)\.jsonl", request.path)[1]
        body = next(each.body for each in self.operations if each.id.endswith(f"/{number}"))
        return fault(request, body) if fault else ranged(request, body)


def ranged(request, body, *, cut_at=None):
    """Answer with the bytes asked for; with `cut_at`, break off there although more was promised."""
    begin = int(re.match(r"bytes=(\d+)-", request.headers.get("Range", "bytes=0-"))[1])
    headers = {"Content-Length": str(len(body) - begin), "Content-Type": "application/jsonl"}
    if "Range" in request.headers:
        headers["Content-Range"] = f"bytes {begin}-{len(body) - 1}/{len(body)}"
    status = 206 if "Range" in request.headers else 200
    return Response(iter([body[begin:cut_at]]), status, headers=headers)


def breaks_off_at(byte):
    return lambda request, body: ranged(request, body, cut_at=byte)


def answers(status, **headers):
    return lambda _request, _body: Response("", status, headers=headers)


def packed(_request, body):
    return Response(gzip.compress(body), headers={"Content-Encoding": "gzip"})


def file_lines(resource, found):
    """The lines of a bulk file, children after all roots and in another order: nothing may rely on it."""
    kind = _CHILDREN.get(resource, ("", ""))[0]
    roots = [orjson.dumps(root) for root, _ in found]
    children = [
        orjson.dumps({**child, "__parentId": root["id"]}) for root, children in found for child in children
    ]
    assert kind or not children
    return [*children[::2], *roots, *children[1::2]]


def _with_children(resource, root, children):
    if resource not in _CHILDREN:
        return root
    connection = {"nodes": children, "pageInfo": {"hasNextPage": False, "endCursor": None}}
    return {**root, _CHILDREN[resource][1]: connection}


@contextmanager
def running_shopify():
    """Serve it from a thread of its own, and point this process at it."""
    shopify = BulkShopify()
    server = make_server("127.0.0.1", 0, shopify.app, threaded=True)
    shopify.port = server.port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    config.configure(settings_of(shopify.origin))
    try:
        yield shopify
    finally:
        config.configure(None)
        server.shutdown()
        thread.join()
        server.server_close()


def settings_of(origin):
    return ShopifySettings(
        api_key="key",
        api_secret="hush",
        api_secret_old=None,
        api_version=API_VERSION,
        admin_origin=origin,
        admin_web_origin=origin,
        cdn_origin=origin,
        app_url="https://kindred.example.com",
    )


def connect(shop_id, *, at):
    """Connect a shop with a token that never ends."""
    tokens = Tokens("token", None, None, None, ("read_orders", "read_customers", "read_products"))
    with transaction(shop_id) as connection:
        connections.connect(connection, shop_id, tokens, grant_kind="token_exchange", installed_at=at, at=at)


def money(amount):
    return {"shopMoney": {"amount": f"{amount:.2f}", "currencyCode": "EUR"}}


def an_order(
    number, *, customer=None, at="2026-05-01T10:00:00Z", updated_at=None, lines=1, price=10.0, **other
):
    """One order of `OrderFields` with so many lines of `LineItemFields`."""
    items = [
        {
            "id": f"gid://shopify/LineItem/{number * 100 + place}",
            "title": f"Tea {place}",
            "sku": f"T-{place}",
            "vendor": "Ash & Co",
            "quantity": 1,
            "isGiftCard": False,
            "product": {"id": f"gid://shopify/Product/{place + 1}", "productType": "Tea"},
            "variant": {"id": f"gid://shopify/ProductVariant/{place + 11}"},
            "originalUnitPriceSet": money(price),
            "totalDiscountSet": money(0),
        }
        for place in range(lines)
    ]
    order = {
        "id": f"gid://shopify/Order/{number}",
        "name": f"#{number}",
        "createdAt": at,
        "processedAt": at,
        "updatedAt": updated_at or at,
        "cancelledAt": None,
        "test": False,
        "currencyCode": "EUR",
        "displayFinancialStatus": "PAID",
        "sourceName": "web",
        "taxesIncluded": True,
        "discountCodes": [],
        "tags": [],
        "email": None,
        "phone": None,
        "customer": None if customer is None else {"id": f"gid://shopify/Customer/{customer}"},
        "shippingAddress": {"countryCodeV2": "DE"},
        "billingAddress": {"countryCodeV2": "DE"},
        "totalPriceSet": money(price * lines),
        "totalOutstandingSet": money(0),
        "totalTaxSet": money(0),
        "totalShippingPriceSet": money(0),
        "totalDiscountsSet": money(0),
        "refunds": [],
        **other,
    }
    return order, items


def a_customer(number, *, at="2026-04-01T10:00:00Z", **other):
    customer = {
        "id": f"gid://shopify/Customer/{number}",
        "createdAt": at,
        "updatedAt": at,
        "firstName": "Ann",
        "lastName": f"No {number}",
        "tags": [],
        "dataSaleOptOut": False,
        "defaultEmailAddress": {"emailAddress": f"c{number}@example.com", "marketingState": "SUBSCRIBED"},
        "defaultPhoneNumber": None,
        "defaultAddress": {"countryCodeV2": "DE"},
        **other,
    }
    return customer, []


def a_product(number, *, variants=1, at="2026-01-01T10:00:00Z", **other):
    product = {
        "id": f"gid://shopify/Product/{number}",
        "title": f"Tea of the house {number}",
        "handle": f"tea-{number}",
        "status": "ACTIVE",
        "vendor": "Ash & Co",
        "productType": "Tea",
        "tags": ["green", "loose"],
        "isGiftCard": False,
        "createdAt": at,
        "publishedAt": at,
        "updatedAt": at,
        **other,
    }
    return product, [
        {
            "id": f"gid://shopify/ProductVariant/{number + 10 + 1000 * place}",
            "title": f"{place} g" if variants > 1 else "Default Title",
            "sku": f"TEA-{number}-{place}",
            "price": "10.00",
            "compareAtPrice": None,
            "inventoryQuantity": 3,
            "inventoryItem": {"tracked": True, "unitCost": {"amount": "4.20"}},
        }
        for place in range(variants)
    ]


def a_collection(number, products, *, at="2026-01-01T10:00:00Z"):
    collection = {
        "id": f"gid://shopify/Collection/{number}",
        "title": f"Teas {number}",
        "handle": f"teas-{number}",
    }
    collection |= {"updatedAt": at, "createdAt": at}
    return collection, [{"id": f"gid://shopify/Product/{each}"} for each in products]

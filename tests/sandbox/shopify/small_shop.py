"""A shop of the stand-in with a handful of people in it, asked through GraphQL as the app would."""

from sandbox.shopify import documents
from sandbox.shopify.graph.engine import execute
from sandbox.shopify.state import State
from sandbox.shopify.world import App, World

TEA, RIVAL = "tea.myshopify.com", "rival.myshopify.com"
SCOPES = ["write_customers", "write_orders", "write_products", "write_discounts", "read_all_orders"]


def gid(kind, number):
    return f"gid://shopify/{kind}/{number}"


class SmallShop:
    """Two shops in one state; everything is asked of the first unless it is said otherwise."""

    def __init__(self, folder, *, scopes=SCOPES):
        self.told = []
        self.state = State(folder / "state.sqlite")
        app = App("client-1", "hush-hush", "http://127.0.0.1:9", tuple(scopes))
        self.world = World(self.state, app, "http://127.0.0.1:8", [self._listen])
        self.token = {"id": 1, "token": "shpat_x", "kind": "offline", "scopes": list(scopes), "expiresAt": None}
        for number, (domain, name) in enumerate([(TEA, "Tea"), (RIVAL, "Rival")], start=11):
            shop = documents.make_shop(number, domain, name, state="installed", restoreRate=100_000)
            self.state.put(domain, "shop", shop | {"bucketSize": 1_000_000})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.state.close()

    def _listen(self, domain, topic, document):
        self.told.append((topic, document))

    @property
    def topics(self):
        return [topic for topic, _ in self.told]

    def customer(self, number, shop=TEA, **fields):
        customer = documents.make_customer(number, **{"email": f"c{number}@example.com"} | fields)
        self.state.put(shop, "customer", customer)
        return gid("Customer", number)

    def order(self, number, customer=None, price=1000, product=None, at="2026-11-01T10:00:00Z", **fields):
        line = documents.make_line(number * 10, price=price, productId=product)
        order = documents.make_order(number, number, [line], createdAt=at, customerId=customer, **fields)
        self.state.put(TEA, "order", order, parent=customer)
        return gid("Order", number)

    def product(self, number, title="Tea", options=None, price=500, **fields):
        product = documents.make_product(number, title, **fields)
        if options:
            product["options"] = [
                {"id": number + place, "name": name, "position": place, "values": values}
                for place, (name, values) in enumerate(options.items(), start=1)
            ]
        self.state.put(TEA, "product", product)
        self.state.put(TEA, "variant", documents.make_variant(number + 500, number, price=price), parent=number)
        return gid("Product", number)

    def find(self, kind, number, shop=TEA):
        return self.state.find(shop, kind, number)

    def ask(self, document, shop=TEA, /, **variables):
        """The whole answer."""
        status, body, _ = execute(
            self.world, shop, self.token, "2026-10", {"query": document, "variables": variables}
        )
        assert status == 200, body
        return body

    def data(self, document, shop=TEA, /, **variables):
        """The data of an answer without errors."""
        body = self.ask(document, shop, **variables)
        assert "errors" not in body, body["errors"]
        return body["data"]

    def run(self, document, shop=TEA, /, **variables):
        """The one field of a mutation or query."""
        (answer,) = self.data(document, shop, **variables).values()
        return answer

    def errors(self, document, /, **variables):
        """The user errors of a mutation."""
        return self.run(document, **variables)["userErrors"]

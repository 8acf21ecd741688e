"""The battery's way to Shopify: a store in the stand-in, with tags, metafields and a segment of others'."""

from dataclasses import replace

from battery import Harness
from stand_in_store import StandInStore

from shop_app.destinations.base import Access, Contact
from shop_app.destinations.shopify import ShopifyCustomers
from shop_app.shopify.admin_api import AdminApi
from shop_app.shopify.cost_budget import CostBudget

OWN = "app--1000000001"
PREFIX = "kindred:"
_WRITING = (
    "tagsAdd",
    "tagsRemove",
    "metafieldsSet",
    "metafieldsDelete",
    "segmentCreate",
    "bulkOperationRunMutation",
)


class ShopifyHarness(Harness):
    """Customers 1 to 4 are there with two tags of the merchant's and a metafield each, 999 is not."""

    known = (1, 2, 3, 4)
    unknown = 999

    def __init__(self, folder, *, customers=4, patience_seconds=60.0, **shop_fields):
        self.store = StandInStore(folder, **shop_fields)
        self.store.world.settings["bulk_pause"] = 0.02
        token = self.store.token()
        self.secrets = (token,)
        self.known = tuple(range(1, customers + 1))
        with self.store.world.state.together():
            for number in self.known:
                self.store.customer(number, tags=[f"batch {number % 3}", "VIP"])
        for number in self.known[:4]:
            self.write_metafield(number, "care", "gift", "yes")
        self.store.put("segment", self._segment(501, "Kindred: Loyal", "number_of_orders > 3"))
        budget = CostBudget(90_000, patience_seconds=patience_seconds)
        api = AdminApi(self.store.domain, token, budget)
        self.access = Access(1, self.store.domain, lambda: api)
        self.account_id = (
            f"gid://shopify/Shop/{next(self.store.world.state.each(self.store.domain, 'shop'))['id']}"
        )
        self.destination = self.connected()

    def connected(self, **settings):
        """The destination with other settings."""
        return ShopifyCustomers({"tag_prefix": PREFIX, **settings}, self.access)

    @staticmethod
    def _segment(number, name, query):
        moment = "2026-01-01T00:00:00Z"
        return {"id": number, "name": name, "query": query, "creationDate": moment, "lastEditDate": moment}

    def write_metafield(self, customer_id, namespace, key, value):
        state = self.store.world.state
        number = 70_000 + state.next_number("foreign metafield")
        metafield = {
            "id": number,
            "ownerKind": "customer",
            "ownerId": customer_id,
            "namespace": namespace,
            "key": key,
            "type": "single_line_text_field",
            "value": value,
            "createdAt": "2026-01-01T00:00:00Z",
            "updatedAt": "2026-01-01T00:00:00Z",
            "compareDigest": "x",
        }
        state.put(self.store.domain, "metafield", metafield, parent=customer_id)

    def stop(self):
        self.store.stop()

    def contact(self, customer_id):
        return Contact(customer_id)

    def customers(self):
        return self._each("customer")

    def tags(self, customer_id):
        return self.store.find("customer", customer_id)["tags"]

    def values(self, customer_id):
        """Our metafields of one customer."""
        return {
            each["key"]: each["value"]
            for each in self._each("metafield")
            if each["ownerId"] == customer_id and each["namespace"] == OWN
        }

    def segments(self):
        """What is not the merchant's own."""
        return [each for each in self._each("segment") if each["id"] != 501]

    def _each(self, kind):
        return list(self.store.world.state.each(self.store.domain, kind))

    def foreign(self):
        people = [
            {
                name: [tag for tag in value if not tag.startswith(PREFIX)] if name == "tags" else value
                for name, value in customer.items()
                if name != "updatedAt"
            }
            for customer in self.customers()
        ]
        rest = [[each for each in self._each(kind) if each.get("namespace") != OWN] for kind in _KINDS]
        return people, rest, [each for each in self._each("segment") if each["id"] == 501]

    def ours(self):
        tags = {
            each["id"]: [tag for tag in each["tags"] if tag.startswith(PREFIX)] for each in self.customers()
        }
        values = {each["id"]: self.values(each["id"]) for each in self.customers()[:8]}
        named = [(each["id"], each["name"], each["query"]) for each in self.segments()]
        definitions = [each for each in self._each("metafield_definition") if each["namespace"] == OWN]
        return tags, values, named, definitions

    def write_foreign(self, customer_id, number):
        self.store.deed(
            "edit_customer",
            customer_id=customer_id,
            add_tags=[f"Seen {number}"],
            remove_tags=[f"Seen {number - 1}"],
        )
        self.write_metafield(customer_id, "care", f"note_{number}", "rang")

    def spoil(self, row):
        crowd = [f"Club {number}" for number in range(248)]
        self.store.deed("edit_customer", customer_id=row.customer_id, add_tags=crowd)
        return replace(row, after=row.after | {"tags": [*row.after["tags"], "kindred:third"]})

    def refuse_us(self):
        self.store.fault("kill_tokens", which="all")

    def ask_for_patience(self, times):
        self.store.fault("throttle", count=times)

    def lose_answers(self, times):
        for operation in _WRITING:
            self.store.fault("timeout", operation=operation, count=times, seconds=0.05)

    def heal(self):
        self.store.no_faults()

    def writes(self):
        return len([call for call in self.store.calls(kind="mutation") if call["status"] == 200])


_KINDS = ("metafield", "metafield_definition", "order", "product")

"""The battery's way to an outgoing webhook: a receiver that does what the manual tells receivers to do."""

from battery import Harness
from hook_receiver import hook_receiver

from shop_app.destinations.base import Access, Contact
from shop_app.destinations.webhook import OutgoingWebhook

SECRET = "a secret of thirty-two characters"


class WebhookHarness(Harness):
    """Keeps of each customer what the last event says, passes over repeats, and has fields of its own."""

    known = (1, 2, 3, 4)
    unknown = 999
    secrets = (SECRET, "s3cret")
    knows_customers = False
    reads_back = False
    keeps_groups = False
    tells_figures = False
    knows_repeats = True

    def __init__(self, folder):
        self._running = hook_receiver()
        self.receiver = self._running.__enter__()
        self.held, self.last_ids, self.fields = {}, {}, {"4": "a note"}
        self.refused, self.patience, self.lost, self.status, self.applied = set(), 0, 0, 200, 0
        self.receiver.answer = self._answer
        self.destination = OutgoingWebhook(
            {"url": self.receiver.url, "secret": SECRET}, Access(1, "tea.myshopify.com", _no_api)
        )
        self.account_id = self.destination.check().account_id

    def _answer(self, event):
        if self.status != 200:
            return self.status, {}
        if self.patience:
            self.patience -= 1
            return 429, {"Retry-After": "1"}
        told = event.json
        if told["type"] == "ping":
            return 204, {}
        customer = told["customer"]["key"]
        if customer in self.refused:
            return 422, {}
        if self.last_ids.get(customer) != told["id"]:
            self.held[customer], self.last_ids[customer] = told["to"], told["id"]
            self.applied += 1
        if self.lost:
            self.lost -= 1
            return 0, {}
        return 200, {}

    def stop(self):
        self._running.__exit__(None, None, None)

    def contact(self, customer_id):
        return Contact(customer_id, f"c{customer_id}@example.com")

    def foreign(self):
        return dict(self.fields)

    def ours(self):
        return {customer: held for customer, held in self.held.items() if held}

    def write_foreign(self, customer_id, number):
        self.fields[str(customer_id)] = f"note {number}"

    def spoil(self, row):
        self.refused.add(str(row.contact.shopify_id))
        return row

    def refuse_us(self):
        self.status = 401

    def ask_for_patience(self, times):
        self.patience = times

    def lose_answers(self, times):
        self.lost = times

    def heal(self):
        self.patience = self.lost = 0

    def writes(self):
        return self.applied


def _no_api():
    raise AssertionError("a webhook needs nothing of Shopify")

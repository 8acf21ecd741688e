"""A shop whose labels go to the Shopify stand-in, to look at what the pages say about it."""

from datetime import timedelta

from sqlalchemy import text
from stand_in_store import StandInStore

from shop_app.clock import utc_now
from shop_app.services import connect_destination as connecting
from shop_app.services.decide_pushes import approve_push
from shop_app.services.describe_pushes import list_pushes
from shop_app.services.push_due import push_due
from shop_app.services.read_changes import read_changes_since
from shop_app.services.refresh_dirty import refresh_dirty
from shop_app.services.renew_shop import renew_shop
from shop_app.shopify import config
from shop_app.storage.engine import transaction

BUYERS = 20
KIND = "shopify"


class PushingStore(StandInStore):
    """Twenty buyers with tags of the merchant's; nothing is connected yet."""

    def __init__(self, folder):
        super().__init__(folder)
        self.now = utc_now()
        self.shop_id = self.connect(self.now)
        with transaction(self.shop_id) as connection:
            connection.execute(text("UPDATE shop_settings SET source = 'shopify', title = 'Tea & more'"))
        self.product(7)
        for number in range(1, BUYERS + 1):
            self.customer(number, tags=["vip-2019", "Wholesale"])
            for order in range(1 + number % 4):
                self.order(number * 100 + order, customer=number, at=self.ago(5 + number * 3 + order * 20))
        read_changes_since(self.shop_id, self.now - timedelta(days=700), self.now)
        renew_shop(self.shop_id, now=self.now)
        refresh_dirty(self.shop_id, now=self.now)

    @property
    def picked(self):
        return {"shop": self.domain}

    def ago(self, days):
        return f"{self.now - timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"

    def connected(self):
        """Connect Shopify's customers as a destination; it stays paused."""
        connecting.save_destination(self.shop_id, KIND, {}, who="Ann", at=self.now)
        return self

    def planned(self):
        """Switch it on and let the worker make the plan; return its number."""
        connecting.switch_on(self.shop_id, KIND, who="Ann", at=self.now)
        self.work()
        return self.plan_id()

    def sent(self):
        """Approve the open plan and let the worker send it; return its number."""
        plan = self.planned()
        approve_push(self.shop_id, plan, who="Ann", at=self.now)
        self.work()
        return plan

    def planned_again(self):
        """Call the tags otherwise, which is more than may change without a person; return the plan's number."""
        connecting.save_destination(self.shop_id, KIND, {"tag_prefix": "kd:"}, who="Ann", at=self.now)
        self.work()
        return self.plan_id()

    def work(self, later=timedelta(0)):
        self.answer()
        push_due(self.shop_id, now=self.now + later)

    def plan_id(self):
        return next((card.id for card in list_pushes(self.shop_id) if card.can_decide), None)

    def answer(self):
        """Be the Shopify that the app asks: another store of the same test run may have been it."""
        config.configure(self.settings())

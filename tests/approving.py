"""A merchant who has labels sent everywhere: connects what there is, switches it on, and lets every plan run.

    python -m tests.approving SHOP=KIND,KIND SHOP=KIND …

Runs until it is killed, and looks once a second. What fails is tried again, as a person would who finds the
page broken and loads it anew; what the app has paused by itself stays so.
"""

import os
import sys
import time

from shop_app.cli.session import connected, say
from shop_app.clock import utc_now
from shop_app.errors import KindredError
from shop_app.services.connect_destination import read_destination, save_destination, switch_on
from shop_app.services.decide_pushes import approve_push
from shop_app.services.open_shop import get_shop_id
from shop_app.services.push_choices import change_push_choices
from shop_app.services.push_soon import push_soon
from shop_app.settings import Settings
from shop_app.storage import customer_scores, pushes
from shop_app.storage.engine import transaction

WHO = "Ann"


class Merchant:
    """One shop's owner."""

    def __init__(self, shop, kinds, key):
        self.shop, self.kinds, self.key = shop, kinds, key
        self.has_chosen, self.switched = False, set()

    def look(self):
        shop_id = get_shop_id(self.shop)
        with transaction(shop_id) as connection:
            if not customer_scores.count(connection):
                return
        if not self.has_chosen:
            change_push_choices(
                shop_id, {"approve_ratio": 1, "approve_count": 1_000_000}, who=WHO, at=utc_now()
            )
            self.has_chosen = True
        for kind in self.kinds:
            self.look_after(shop_id, kind)

    def look_after(self, shop_id, kind):
        if kind not in self.switched:
            stored = read_destination(shop_id, kind).stored
            if stored is None:
                values = {"private_key": self.key} if kind == "klaviyo" else {}
                save_destination(shop_id, kind, values, who=WHO, at=utc_now())
            switch_on(shop_id, kind, who=WHO, at=utc_now())
            push_soon(shop_id, now=utc_now())
            self.switched.add(kind)
        with transaction(shop_id) as connection:
            plan = pushes.find_open(connection, kind)
        if plan is not None:
            approve_push(shop_id, plan.id, who=WHO, at=utc_now())
            push_soon(shop_id, now=utc_now())


def main():
    key = os.environ["SANDBOX_KLAVIYO_KEY"]
    wishes = [word.split("=") for word in sys.argv[1:]]
    merchants = [Merchant(shop, kinds.split(","), key) for shop, kinds in wishes]
    with connected(Settings.from_env(os.environ)):
        while True:
            for merchant in merchants:
                try:
                    merchant.look()
                except KindredError as error:
                    say(f"{merchant.shop}: {error}")
                except Exception as error:  # noqa: BLE001 (a database that is just coming back, for one)
                    say(f"{merchant.shop}: {type(error).__name__}")
            time.sleep(1)


if __name__ == "__main__":
    main()

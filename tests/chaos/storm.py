"""The storm: what is done to the product while shops are busy, by one row of chances."""

import json
import random
import time
from collections import Counter

from foreign import Others
from stack import OTHER, SAMPLE, ask

DEEDS = {
    "place_order": 50,
    "refund_order": 12,
    "cancel_order": 4,
    "edit_order": 6,
    "edit_customer": 10,
    "create_customer": 6,
    "change_consent": 5,
    "delete_order": 2,
    "merge_customers": 1,
    "edit_product": 3,
    "start_checkout": 3,
}

SHOPIFY_TROUBLE = (
    ("status", {"status": 503, "count": 3}),
    ("throttle", {"count": 5}),
    ("reset", {"count": 2}),
    ("reset", {"count": 2, "after": True}),
    ("timeout", {"count": 2, "seconds": 0.3}),
    ("latency", {"seconds": 0.5, "count": 5}),
    ("html", {"count": 1}),
    ("kill_tokens", {"which": "access"}),
)
KLAVIYO_TROUBLE = (
    ("throttle", {"count": 4, "seconds": 1}),
    ("throttle", {"count": 12, "seconds": 1}),
    ("status", {"status": 503, "count": 3}),
    ("reset", {"count": 2}),
    ("reset", {"count": 2, "after": True, "method": "POST"}),
    ("timeout", {"count": 2, "seconds": 0.3}),
    ("latency", {"seconds": 0.5, "count": 4}),
    ("html", {"count": 1}),
    ("cancel_job", {"count": 1}),
)


class Storm:
    """What is done to the product, by one row of chances."""

    def __init__(self, stack, seed):
        self.stack, self.chance = stack, random.Random(seed)
        self.done = Counter()
        self.calls = {"sandbox": [], "klaviyo": []}
        self.others = Others(stack, (SAMPLE, OTHER), self.chance)

    def deeds(self, how_many):
        names = self.chance.choices(list(DEEDS), weights=list(DEEDS.values()), k=how_many)
        for name in names:
            shop = self.chance.choice((SAMPLE, SAMPLE, OTHER))
            status, told = ask(f"{self.stack.origin}/_deeds/{name}", {"shop": shop})
            self.done["deeds"] += status == 200
            if name == "merge_customers" and status == 200:
                self.others.merged(shop, json.loads(told))
        for _ in range(how_many // 2):
            self.others.write()

    def restart(self, name):
        if name in self.calls:
            self.hear(name)
        self.stack.kill(name)
        if name == "worker":
            self.stack.let_leases_end()
        time.sleep(self.chance.uniform(0.1, 0.8))
        self.stack.start(name)
        self.done["kills"] += 1

    def restart_server(self, name):
        self.stack.kill_server(name)
        self.done["kills"] += 1

    def hear(self, *names):
        """Keep what a stand-in was asked, which it forgets when it is killed."""
        for name in names:
            origin = {"sandbox": self.stack.origin, "klaviyo": self.stack.klaviyo_origin}[name]
            status, told = ask(f"{origin}/_calls")
            if status == 200:  # else it was started a moment ago
                self.calls[name] += json.loads(told)
                ask(f"{origin}/_calls", method="DELETE")

    def trouble(self):
        kind, words = self.chance.choice(SHOPIFY_TROUBLE)
        self.stack.faults(kind=kind, **words)
        self.done["faults"] += 1

    def klaviyo_trouble(self):
        kind, words = self.chance.choice(KLAVIYO_TROUBLE)
        self.stack.klaviyo_faults(kind=kind, **words)
        self.done["faults"] += 1

    def strike(self):
        """Do one bad thing; the web's own master dies as readily as a worker."""
        chosen = self.chance.choices(
            ("web", "worker", "heavy", "beat", "sandbox", "klaviyo", "redis", "postgres", "trouble", "429"),
            weights=(4, 6, 5, 2, 1, 2, 1, 1, 6, 5),
        )[0]
        if chosen == "trouble":
            self.trouble()
        elif chosen == "429":
            self.klaviyo_trouble()
        elif chosen in {"redis", "postgres"}:
            self.restart_server(chosen)
        else:
            self.restart(chosen)

"""Whatever happens between us and a store: labels end up as they should be, nobody else loses anything."""

import random
from datetime import timedelta

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from push_shop import NOW, a_push_shop, foreign, ours, settled, told, wanted, without_spared
from stand_in_store import StandInStore
from tellings import one, rows

from shop_app.services import connect_destination as connecting
from shop_app.services.decide_pushes import approve_push
from shop_app.services.push_choices import change_push_choices
from shop_app.services.push_due import push_due

CUSTOMERS = 8
STEPS = st.sampled_from(
    (
        "order",
        "order",
        "push",
        "push",
        "later",
        "foreign tag",
        "foreign tag",
        "fault",
        "reset after",
        "throttle",
    )
)


class World:
    """One shop, its store, a clock that only goes on, and what the merchant's own tags should be."""

    def __init__(self, store):
        self.store, self.now, self.chance = store, NOW, random.Random(7)
        self.shop_id = a_push_shop(store, customers=CUSTOMERS)
        self.numbers = iter(range(70_000, 99_999))
        change_push_choices(self.shop_id, {"approve_ratio": 1.0}, who="Ann", at=NOW)
        connecting.switch_on(self.shop_id, "shopify", who="Ann", at=NOW)
        push_due(self.shop_id, now=self.now)
        approve_push(self.shop_id, one(self.shop_id, "SELECT id FROM pushes")["id"], who="Ann", at=NOW)
        self.foreign = foreign(store)

    def do(self, step):
        if step == "order":
            self.store.order(next(self.numbers), customer=self.chance.randint(1, CUSTOMERS), at=self.stamp())
            told(self.shop_id, self.now, self.now + timedelta(seconds=1))
        elif step == "push":
            push_due(self.shop_id, now=self.now)
        elif step == "later":
            self.now += timedelta(minutes=self.chance.choice((1, 30)))
        elif step == "foreign tag":
            self.change_a_foreign_tag()
        else:
            how = {"fault": ("status", {"status": 503}), "reset after": ("reset", {"after": True})}
            kind, words = how.get(step, ("throttle", {}))
            operation = self.chance.choice(("tagsAdd", "tagsRemove", "metafieldsSet"))
            self.store.fault(kind, count=1, operation=operation, **words)
        self.now += timedelta(seconds=1)

    def change_a_foreign_tag(self):
        number = self.chance.randint(1, CUSTOMERS)
        person = self.store.find("customer", number)
        held = list(person["tags"])
        if self.foreign[number] and self.chance.random() < 0.5:
            held.remove(self.foreign[number].pop())
        else:
            name = f"t{self.chance.randint(1, 9)}"
            held += [name] * (name not in held)
            self.foreign[number] = sorted({*self.foreign[number], name})
        self.store.put("customer", person | {"tags": held, "updatedAt": self.stamp()})

    def stamp(self):
        return self.now.strftime("%Y-%m-%dT%H:%M:%SZ")

    def come_to_rest(self):
        self.store.no_faults()
        for _ in range(20):
            self.now += timedelta(minutes=16)
            push_due(self.shop_id, now=self.now)
            if settled(self.shop_id):
                return
        raise AssertionError(
            rows(self.shop_id, "SELECT state, reason, count(*) FROM push_states GROUP BY 1, 2")
        )


@settings(
    max_examples=10,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
@given(steps=st.lists(STEPS, min_size=3, max_size=14))
def test_any_sequence_ends_with_our_labels_true_and_foreign_ones_untouched(tmp_path_factory, database, steps):
    store = StandInStore(tmp_path_factory.mktemp("store"))
    try:
        world = World(store)
        for step in steps:
            world.do(step)
        world.come_to_rest()
        assert without_spared(ours(store)) == wanted(world.shop_id)
        assert foreign(store) == world.foreign
    finally:
        store.stop()

"""Pushes amid refusals, lost answers and other people's writing: in the end our state is exactly as wanted."""

import random
from contextlib import suppress
from dataclasses import replace

import pytest
from stand_in_klaviyo import AT_RISK, LOYAL, SILENT, StandInKlaviyo, row, settle

from sandbox.klaviyo import faults
from shop_app.destinations import klaviyo_api
from shop_app.destinations.base import Group
from shop_app.destinations.errors import OutcomeUnknownError
from shop_app.errors import TemporaryError

PEOPLE = 70
GROUPS = [Group("at-risk", "Kindred: At risk"), Group("loyal", "Kindred: Loyal"), Group("vip", "Kindred: VIP")]
CHOICES = [
    AT_RISK,
    LOYAL,
    SILENT,
    replace(AT_RISK, may_mail=False),
    replace(LOYAL, others=("no-discounts", "vip")),
]
STORM = (
    {"kind": "throttle", "seconds": 1, "rate": 0.05},
    {"kind": "status", "status": 503, "rate": 0.05},
    {"kind": "status", "status": 500, "rate": 0.03},
    {"kind": "reset", "rate": 0.03},
    {"kind": "reset", "after": True, "rate": 0.05},
    {"kind": "html", "rate": 0.02},
)


@pytest.fixture
def klaviyo(tmp_path, monkeypatch):
    """An account with people in it, and no long pauses."""
    monkeypatch.setattr(klaviyo_api, "_PAUSES_SECONDS", (0.01, 0.01))
    stand_in = StandInKlaviyo(tmp_path, monkeypatch)
    yield stand_in
    stand_in.stop()


class Dispatcher:
    """What the engine does with rows: step by step, reading back where nobody knows what was done."""

    def __init__(self, destination, groups, ids):
        self.destination, self.groups, self.ids = destination, groups, ids
        self.held = dict.fromkeys(ids)
        self.tries = 0

    def bring(self, wanted):
        """Try until everybody is as wanted."""
        while rows := self._rows(wanted):
            self.tries += 1
            assert self.tries < 400, "it does not converge"
            try:
                self._once(rows)
            except OutcomeUnknownError:
                self._read(rows)
            except TemporaryError:
                continue

    def _rows(self, wanted):
        return [
            row(number, before=self.held[number], after=document, remote_id=self.ids[number])
            for number, document in wanted.items()
            if document != self.held[number]
        ]

    def _once(self, rows):
        left = rows
        for step in self.destination.steps(rows):
            outcomes = settle(self.destination, step, left, self.groups)
            assert {outcome.kind for outcome in outcomes.values()} <= {"ok"}
            left = [each for each in left if each.customer_id in outcomes]
        self.held |= {each.customer_id: each.after for each in left}

    def _read(self, rows):
        with suppress(TemporaryError):  # doing a step twice does no harm, so it may be read after the next try
            self.held |= self.destination.read_back(rows, self.groups)


@pytest.mark.parametrize("seed", range(3))
def test_everything_converges_and_nothing_of_others_is_touched(klaviyo, seed):
    draws = random.Random(seed)
    destination = klaviyo.destination()
    groups, _ = destination.prepare(GROUPS, [])
    theirs = klaviyo.do("create_list", name="Newsletter")["list_id"]
    ids = dict(enumerate(klaviyo.people(PEOPLE), start=1))
    dispatcher = Dispatcher(destination, groups, ids)
    foreign = {}
    klaviyo.forget_calls()
    for turn in range(4):
        faults.of(klaviyo.world).remove()
        for fault in STORM:
            klaviyo.fault(**fault)
        for number in draws.sample(sorted(ids), 10):
            foreign[number] = f"visit {turn}"
            klaviyo.do("set_property", profile=ids[number], name="last_visit", value=foreign[number])
            klaviyo.do("add_to_list", list=theirs, profile=ids[number])
        moving = draws.sample(sorted(ids), PEOPLE if turn == 0 else draws.choice([5, 60]))
        wanted = {
            number: destination.desired(draws.choice(CHOICES), previous=dispatcher.held[number])
            for number in moving
        }
        dispatcher.bring(wanted)
    faults.of(klaviyo.world).remove()
    rows = [row(number, remote_id=one) for number, one in ids.items()]
    assert destination.read_back(rows, groups) == dispatcher.held
    assert klaviyo.members(theirs) == {ids[number] for number in foreign}
    for number, one in ids.items():
        others = {k: v for k, v in klaviyo.profile(one)["properties"].items() if not k.startswith("kindred_")}
        assert others == ({"last_visit": foreign[number]} if number in foreign else {})
    assert klaviyo.profile_count() == PEOPLE

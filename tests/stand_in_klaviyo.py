"""An account at the running stand-in for Klaviyo, and the app's destination connected to it.

Every body and every option that the app sends is held against Klaviyo's OpenAPI file, where that is at hand.
"""

import itertools
import os
import time
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import orjson
from openapi_shapes import Shapes

from sandbox.klaviyo import call_log, faults, profiles
from sandbox.klaviyo.deeds import DEEDS
from sandbox.klaviyo.server import StandIn, make_account, make_key, make_world
from shop_app.destinations import klaviyo_api, rate_windows
from shop_app.destinations.base import Access, Contact, Job, Labels, Row
from shop_app.destinations.klaviyo import Klaviyo
from shop_app.wire import http

REFERENCE = Path(os.environ.get("KINDRED_TEST_DATA") or Path(__file__).parents[2] / "shared" / "reference")
SPEC = REFERENCE / "klaviyo-openapi.json"
AT_RISK = Labels(
    segment="at-risk", segment_name="At risk", may_mail=True, churn_risk_90d=0.42, as_of="2026-11-30"
)
LOYAL = Labels(segment="loyal", segment_name="Loyal", may_mail=True, churn_risk_90d=0.05, as_of="2026-11-30")
SILENT = Labels(segment=None)
_numbers = itertools.count(1)


class StandInKlaviyo:
    """One account with its key; ``time_scale`` is small, so that no test waits for a window."""

    def __init__(self, folder, monkeypatch=None, *, time_scale=0.001, pace=1000.0):
        self.world = make_world(
            folder / f"klaviyo-{next(_numbers)}.sqlite", time_scale=time_scale, rows_a_second=5000.0
        )
        self.account = make_account(self.world, "Thistle & Quire", key=f"ACC{next(_numbers):03}")["id"]
        self.key = make_key(self.world, self.account)["id"]
        self.sent = []
        self.wrong = []
        self._shapes = Shapes(SPEC) if SPEC.exists() else None
        if monkeypatch is not None:
            monkeypatch.setattr(http, "call", self._heard(http.call))
        self.stand_in = StandIn(self.world)
        self.stand_in.start()
        klaviyo_api.configure(self.world.origin)
        rate_windows.connect(None, pace=pace)

    def stop(self):
        self.stand_in.stop()
        self.world.state.close()
        klaviyo_api.configure(None)
        rate_windows.connect(None)
        assert self.wrong == []
        assert call_log.of(self.world).listed(consent="true") == []

    def destination(self, *, key=None, account="", **settings):
        def no_shop():
            raise AssertionError("Klaviyo does not ask Shopify.")

        access = Access(1, "tea.myshopify.com", no_shop, self.account if account == "" else account)
        return Klaviyo({"private_key": key or self.key, **settings}, access)

    def do(self, deed, **how):
        return DEEDS[deed](self.world, self.account, **how)

    def fault(self, kind, **how):
        faults.switch_on(self.world, {"kind": kind, **how})

    def calls(self, **wanted):
        return call_log.of(self.world).listed(**wanted)

    def forget_calls(self):
        call_log.of(self.world).clear()
        self.sent.clear()

    def person(self, number, **fields):
        """A profile with an address, and the id it has."""
        return self.do("create_profile", email=f"person-{number}@example.com", **fields)["profile_id"]

    def people(self, count):
        """Many profiles at once."""
        made = [self._blank(number) for number in range(1, count + 1)]
        self.world.state.put_profiles(self.account, made)
        return [each["id"] for each in made]

    def profile(self, key):
        return self.world.state.profile_by(self.account, "email" if "@" in key else "id", key)

    def profile_count(self):
        return self.world.state.count("profiles", self.account)

    def members(self, list_id):
        rows = self.world.state.rows(
            "SELECT profile FROM members WHERE account = ? AND grouping = ?", (self.account, list_id)
        )
        return {profile for (profile,) in rows}

    def everything(self):
        """All that the account holds, byte by byte, but for the times of changes."""
        tables = {
            table: self.world.state.rows(f"SELECT * FROM {table} WHERE account = ?", (self.account,))
            for table in ("things", "members", "events")
        }
        profiles = [{**each, "updated": 0} for each in self.world.state.each_profile(self.account)]
        return tables | {"profiles": profiles}

    def _blank(self, number):
        return profiles.blank(f"01BLANK{number:019}") | {"email": f"person-{number}@example.com"}

    def _heard(self, call):
        def heard(method, url, *, body=None, **more):
            if url.startswith(self.world.origin):
                self._note(method, url, None if body is None else orjson.loads(body))
            return call(method, url, body=body, **more)

        return heard

    def _note(self, method, url, body):
        path = urlsplit(url).path
        if method != "GET":
            self.sent.append((method, path, body))
        if self._shapes is not None:
            options = dict(parse_qsl(urlsplit(url).query))
            self.wrong += self._shapes.faults_of_query(method, path, options)
            if method != "GET":
                self.wrong += self._shapes.faults_of(method, path, body)


def row(number, *, before=None, after=None, remote_id=None, email=""):
    """One customer; ``email`` defaults to the address of the profile of that number."""
    address = f"person-{number}@example.com" if email == "" else email
    return Row(number, before, after, Contact(number, address), remote_id)


def settle(destination, step, rows, groups=(), seconds=20.0, every=0.02):
    """Submit a step and ask until it is over; return the outcomes."""
    receipt = destination.submit(step, rows, list(groups))
    end = time.monotonic() + seconds
    while isinstance(receipt, Job):
        assert time.monotonic() < end, "the job is not over"
        time.sleep(every)
        receipt = destination.poll(step, receipt.key, rows, list(groups))
    return dict(receipt.outcomes)


def push(destination, rows, groups=()):
    """Do every step that the rows need; return each customer's worst outcome."""
    outcomes = {}
    for step in destination.steps(rows):
        for customer_id, outcome in settle(destination, step, rows, groups).items():
            if outcomes.get(customer_id) is None or outcomes[customer_id].kind == "ok":
                outcomes[customer_id] = outcome
    return outcomes

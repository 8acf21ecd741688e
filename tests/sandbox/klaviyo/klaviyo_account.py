"""One account of the stand-in with a key, and calls to it that are held against Klaviyo's own description."""

import json
from urllib.parse import parse_qsl, urlsplit

import requests
from klaviyo_description import description
from patience import eventually

from sandbox.klaviyo import call_log, faults
from sandbox.klaviyo.deeds import DEEDS
from sandbox.klaviyo.server import StandIn, make_account, make_key, make_world

MIME = "application/vnd.api+json"
HEADERS = {"revision": "2026-07-15", "Accept": MIME, "Content-Type": MIME}
JOBS = "/api/profile-bulk-import-jobs"


class Account:
    """An empty account; rate windows are off unless a test turns them on."""

    def __init__(self, path, **settings):
        settings = {"time_scale": 0.001, "limits_on": False} | settings
        self.world = make_world(path, **settings)
        self.id = make_account(self.world, "Tea")["id"]
        self.key = make_key(self.world, self.id, scopes=["all"])["id"]
        self.stand_in = StandIn(self.world)
        self.stand_in.start()

    def stop(self):
        self.stand_in.stop()
        self.world.state.close()

    def call(self, method, path, body=None, *, key=None, headers=None, checked=True, **options):
        """Call the interface; the request (if it is done) and the answer have to be as Klaviyo describes."""
        url = path if path.startswith("http") else f"{self.world.origin}{path}"
        sent = HEADERS | {"Authorization": f"Klaviyo-API-Key {key or self.key}"} | (headers or {})
        data = None if body is None else json.dumps(body)
        sent = {name: value for name, value in sent.items() if value is not None}
        answer = requests.request(method, url, params=options, data=data, headers=sent, timeout=30)
        if checked and description() is not None:
            self._check(method, urlsplit(answer.url), body, answer)
        return answer

    def get(self, path, **options):
        answer = self.call("GET", path, **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def all(self, path, **options):
        """Follow ``next`` to the end; return the resources of all pages."""
        page = self.get(path, **options)
        found = page["data"]
        while following := page["links"].get("next"):
            page = self.get(following)
            found += page["data"]
        return found

    def person(self, number=1, **fields):
        """Make a profile; return its id."""
        return self.do("create_profile", email=f"person-{number}@example.com", **fields)["profile_id"]

    def make_list(self, name="Kindred: At risk"):
        body = {"data": {"type": "list", "attributes": {"name": name}}}
        answer = self.call("POST", "/api/lists", body)
        assert answer.status_code == 201, answer.text
        return answer.json()["data"]["id"]

    def import_rows(self, rows, *, into=None):
        data = {"type": "profile-bulk-import-job", "attributes": {"profiles": {"data": rows}}}
        if into:
            data["relationships"] = {"lists": {"data": [{"type": "list", "id": into}]}}
        return self.call("POST", JOBS, {"data": data})

    def finish(self, answer):
        """Wait until a job is over; return its attributes."""
        assert answer.status_code == 202, answer.text
        path = f"{JOBS}/{answer.json()['data']['id']}"
        eventually(lambda: self.get(path)["data"]["attributes"]["status"] in ("complete", "cancelled"))
        return self.get(path)["data"]["attributes"]

    def profile(self, named):
        return self.world.state.profile_by(self.id, "email" if "@" in named else "id", named)

    def members(self, group):
        rows = self.world.state.rows(
            "SELECT profile FROM members WHERE grouping = ? ORDER BY profile", (group,)
        )
        return [profile for (profile,) in rows]

    def do(self, deed, **how):
        return DEEDS[deed](self.world, self.id, **how)

    def fault(self, kind, **how):
        return faults.switch_on(self.world, {"kind": kind, **how})

    def calm(self):
        faults.of(self.world).remove()

    def lines(self, **wanted):
        return call_log.of(self.world).listed(**wanted)

    def _check(self, method, url, body, answer):
        content = answer.json() if answer.content else None
        found = description().faults_of_answer(method, url.path, answer.status_code, content)
        if answer.ok:
            options = dict(parse_qsl(url.query))
            found += description().faults_of_request(method, url.path, body, options)
        assert found == [], (method, answer.url, found)


def row(email=None, *, key=None, properties=None, **attributes):
    """Return a row of an import."""
    told = {"email": email} if email else {}
    told |= attributes | ({} if properties is None else {"properties": properties})
    return {"type": "profile", **({"id": key} if key else {}), "attributes": told}


def complaints(answer):
    """Return the places and the codes of an answer's errors."""
    return [
        (one["source"].get("pointer") or one["source"].get("parameter"), one["code"])
        for one in answer.json()["errors"]
    ]

"""The battery's way to Klaviyo: an account in the stand-in, with things of others' in it."""

from dataclasses import replace

from battery import Harness
from stand_in_klaviyo import StandInKlaviyo

from sandbox.klaviyo import faults, groups
from shop_app.destinations.base import Contact

OURS = "kindred_"
_WRITING = (
    "create_or_update_profile",
    "bulk_import_profiles",
    "add_profiles_to_list",
    "remove_profiles_from_list",
    "create_list",
    "create_segment",
    "create_event",
)
_TIMES = ("created", "updated", "last_event")


class KlaviyoHarness(Harness):
    """Profiles 1 to 4 are there with a property of the merchant's each, and in a list of theirs; 999 is not."""

    known = (1, 2, 3, 4)
    unknown = 999

    def __init__(self, folder):
        self.klaviyo = StandInKlaviyo(folder)
        self.secrets = (self.klaviyo.key,)
        self.account_id = self.klaviyo.account
        self.theirs = self.klaviyo.do("create_list", name="Kindred: Loyal")["list_id"]
        self.ids = {}
        for number in self.known:
            self.ids[number] = self.klaviyo.person(number, properties={"tier": "gold", "visits": number})
            self.klaviyo.do("add_to_list", list=self.theirs, profile=self.ids[number])
        definition = {"condition_groups": [{"conditions": [_gold()]}]}
        self.segment = groups.make_segment(
            self.klaviyo.world, self.klaviyo.account, "Kindred: Gold", definition
        )["id"]
        self.destination = self.klaviyo.destination(segment_changed_event=True)

    def stop(self):
        self.klaviyo.stop()

    def contact(self, customer_id):
        return Contact(customer_id, f"person-{customer_id}@example.com")

    def foreign(self):
        people = [
            {
                **{name: value for name, value in each.items() if name not in _TIMES},
                "properties": {k: v for k, v in each["properties"].items() if not k.startswith(OURS)},
            }
            for each in self.klaviyo.world.state.each_profile(self.account_id)
        ]
        return people, self._groups(ours=False), self.klaviyo.members(self.theirs)

    def ours(self):
        people = {
            each["id"]: {k: v for k, v in each["properties"].items() if k.startswith(OURS)}
            for each in self.klaviyo.world.state.each_profile(self.account_id)
        }
        lists = [key for kind, key, _ in self._groups(ours=True) if kind == "list"]
        return people, self._groups(ours=True), {key: self.klaviyo.members(key) for key in lists}

    def _groups(self, *, ours):
        return [
            (kind, each["id"], each["name"])
            for kind in ("list", "segment")
            for each in self.klaviyo.world.state.things(self.account_id, kind)
            if (each["id"] not in (self.theirs, self.segment)) == ours
        ]

    def write_foreign(self, customer_id, number):
        self.klaviyo.do("set_property", profile=self.ids[customer_id], name=f"note_{number}", value="rang")
        self.klaviyo.do("set_property", profile=self.ids[customer_id], name="visits", value=number)

    def spoil(self, row):
        properties = {**row.after["properties"], "kindred_reason": "No order. " * 12_000}  # over 100 KB
        return replace(row, after={**row.after, "properties": properties})

    def refuse_us(self):
        self.klaviyo.do("revoke_key")

    def ask_for_patience(self, times):
        self.klaviyo.fault("throttle", count=times, seconds=1)

    def lose_answers(self, times):
        for operation in _WRITING:
            self.klaviyo.fault("reset", after=True, operation=operation, count=times)

    def heal(self):
        faults.of(self.klaviyo.world).remove()

    def writes(self):
        return len([call for call in self.klaviyo.calls() if call["method"] != "GET" and call["status"] < 400])


def _gold():
    equals_gold = {"type": "string", "operator": "equals", "value": "gold"}
    return {"type": "profile-property", "property": "properties['tier']", "filter": equals_gold}

"""What everybody but the app has written, kept beside the stand-ins: tags, profiles, lists, consent.

Begins with what was there before the app came, and goes on with each deed as it is done. Some of it is made to
look like the app's own.
"""

import json
import sqlite3

import oracle
from stack import ask

TAGS = ("vip", "Wholesale", "kindred-spirit", "kindred:by-hand", "Fair 2026", "naïve café", "B2B")
PROPERTIES = {
    "Loyalty Points": (0, 250, 1_200),
    "kindred_note": ("calls on Mondays", "prefers letters"),
    "Quiz": (["ink", "paper"], []),
    "Größe": ("M", "L"),
}
NEVER_OURS = frozenset(PROPERTIES)
LISTS = ("Kindred: Friends of the house", "Winter fair")


def add_metafields(state_file, shop):
    """Let another app have written a metafield on every customer, behind the stand-in's back."""
    with sqlite3.connect(state_file, timeout=20) as db:
        for number in sorted(oracle.told_customers(state_file, shop)):
            value = f"level {number % 4}"
            body = {
                "id": 1_000_000 + number,
                "ownerKind": "customer",
                "ownerId": number,
                "namespace": "loyalty",
                "key": "segment",
                "type": "single_line_text_field",
                "value": value,
                **dict.fromkeys(("createdAt", "updatedAt"), "2026-01-01T00:00:00Z"),
                "compareDigest": value,
            }
            row = (shop, "metafield", body["id"], body["updatedAt"], number, json.dumps(body))
            db.execute("INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?)", row)


def metafields(state_file, shop):
    """Return the metafields that are not the app's, by number."""
    found = oracle.documents(state_file, shop, "metafield")
    return {each["id"]: each for each in found if not each["namespace"].startswith("app--")}


def account(state_file):
    """Return the account's profiles by id, its lists and segments by id, and who is in which list."""
    with sqlite3.connect(f"file:{state_file}?mode=ro", uri=True) as db:
        profiles = {key: json.loads(body) for key, body in db.execute("SELECT id, body FROM profiles")}
        groups = {
            key: {"kind": kind, **json.loads(body)}
            for kind, key, body in db.execute(
                "SELECT kind, id, body FROM things WHERE kind IN ('list', 'segment')"
            )
        }
        members = {key: set() for key in groups}
        for group, profile in db.execute("SELECT grouping, profile FROM members"):
            members.setdefault(group, set()).add(profile)
    return profiles, groups, members


def without_ours(profile):
    """Return a profile without the properties that the app may write, and without the time of its change."""
    kept = {
        name: value
        for name, value in profile["properties"].items()
        if name in NEVER_OURS or not name.startswith("kindred_")
    }
    return {**profile, "properties": kept, "updated": None}


class Others:
    """Everybody else, and all that they have written so far."""

    def __init__(self, stack, shops, chance):
        self.stack, self.shops, self.chance, self.deeds = stack, shops, chance, 0
        self.tags = {shop: oracle.told_customers(stack.home.stand_in_state, shop) for shop in shops}
        for shop in shops:
            add_metafields(stack.home.stand_in_state, shop)
        self.metafields = {shop: metafields(stack.home.stand_in_state, shop) for shop in shops}
        profiles, self.groups, self.members = account(stack.home.klaviyo_stand_in_state)
        self.profiles = {key: without_ours(profile) for key, profile in profiles.items()}
        self.mine = [self._make_list(name) for name in LISTS]

    def write(self):
        """Do one thing, in a store or in the account."""
        self.chance.choice((self.tag, self.tag, self.set_property, self.change_list, self.change_consent))()
        self.deeds += 1

    def tag(self):
        shop = self.chance.choice(self.shops)
        here = sorted(oracle.told_customers(self.stack.home.stand_in_state, shop))
        number, tag = self.chance.choice(here), self.chance.choice(TAGS)
        held = self.tags[shop].setdefault(number, [])
        word = "remove_tags" if tag in held else "add_tags"
        self.stack.deed("edit_customer", shop=shop, customer_id=number, **{word: [tag]})
        self.tags[shop][number] = sorted({*held} ^ {tag})

    def set_property(self):
        profile, name = self.chance.choice(sorted(self.profiles)), self.chance.choice(sorted(PROPERTIES))
        value = self.chance.choice(PROPERTIES[name])
        self.stack.klaviyo_deed("set_property", profile=profile, name=name, value=value)
        self.profiles[profile]["properties"][name] = value

    def change_list(self):
        key, profile = self.chance.choice(self.mine), self.chance.choice(sorted(self.profiles))
        deed = "remove_from_list" if profile in self.members[key] else "add_to_list"
        self.stack.klaviyo_deed(deed, list=key, profile=profile)
        self.members[key] ^= {profile}

    def change_consent(self):
        profile = self.chance.choice(sorted(self.profiles))
        deed = self.chance.choice(("subscribe", "unsubscribe", "suppress"))
        self.stack.klaviyo_deed(deed, profile=profile)
        address = f"{self.stack.klaviyo_origin}/_store/profile/{profile}"
        self.profiles[profile]["consent"] = json.loads(ask(address)[1])["consent"]

    def merged(self, shop, told):
        """Two customers of a store became one, who has the tags of both."""
        kept, gone = told["kept_id"], told["deleted_id"]
        both = {*self.tags[shop].get(kept, ()), *self.tags[shop].pop(gone, ())}
        self.tags[shop][kept] = sorted(both)

    def _make_list(self, name):
        key = self.stack.klaviyo_deed("create_list", name=name)["list_id"]
        address = f"{self.stack.klaviyo_origin}/_store/list/{key}"
        self.groups[key], self.members[key] = {"kind": "list", **json.loads(ask(address)[1])}, set()
        return key

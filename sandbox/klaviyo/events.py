"""Events and their metrics: what somebody did, once for each ``unique_id`` of a person and a metric."""

import uuid
from typing import Any

import orjson

from sandbox.klaviyo import profiles
from sandbox.klaviyo.ids import new_short_id, short_id
from sandbox.klaviyo.state import Document
from sandbox.klaviyo.world import World, now, read_moment

KLAVIYO = {"object": "integration", "id": "0rG4eQ", "key": "klaviyo", "name": "Klaviyo", "category": "Internal"}
API = {"object": "integration", "id": "0eMvjm", "key": "api", "name": "API", "category": "API"}
SHOPIFY = {
    "object": "integration",
    "id": "0eMvjn",
    "key": "shopify",
    "name": "Shopify",
    "category": "eCommerce",
}
RECEIVED, OPENED, CLICKED = "Received Email", "Opened Email", "Clicked Email"
NATIVE = (
    RECEIVED,
    OPENED,
    CLICKED,
    "Bounced Email",
    "Dropped Email",
    "Marked Email as Spam",
    "Unsubscribed from Email Marketing",
)
_INSERT = "INSERT OR IGNORE INTO events VALUES (?, ?, ?, ?, ?, ?, ?)"


def metric(world: World, account: str, name: str, *, integration: dict[str, str] = API) -> Document:
    """Return the metric of this name, made now if there is none yet."""
    for one in world.state.things(account, "metric"):
        if one["name"] == name and one["integration"]["name"] == integration["name"]:
            return one
    at = now()
    made = {
        "id": new_short_id(world.state, account, "metric"),
        "name": name,
        "integration": integration,
        "created": at,
        "updated": at,
    }
    world.state.put(account, "metric", made)
    return made


def make_event(
    metric_id: str, profile: str, at: float, properties: dict[str, Any], *, unique_id: str = ""
) -> Document:
    """Return an event; without a ``unique_id`` there is one a second for a person and a metric."""
    unique = unique_id or str(int(at))
    seed = f"{profile}/{metric_id}/{unique}"
    return {
        "id": short_id(seed, length=11),
        "uuid": str(uuid.uuid5(uuid.NAMESPACE_URL, seed)),
        "metric": metric_id,
        "profile": profile,
        "at": int(at),
        "unique_id": unique,
        "properties": properties,
    }


def put_events(world: World, account: str, events: list[Document]) -> None:
    """Keep events; one that is there already stays as it is."""
    world.state.change_all(
        _INSERT,
        (
            (account, one["id"], one["metric"], one["profile"], one["at"], one["unique_id"], orjson.dumps(one))
            for one in events
        ),
    )


def record(world: World, account: str, attributes: dict[str, Any], who: dict[str, Any]) -> Document:
    """Take in an event of the interface: its profile is made or updated, its metric made if need be.

    ``who`` is the profile's resource. Raises :class:`~.refusals.RefusedError` as an import's row does.
    """
    with world.state.together():
        named = attributes["metric"]["data"]["attributes"]
        held = {
            name: value for name, value in who["attributes"].items() if name not in ("meta", "anonymous_id")
        }
        row = {
            "id": who.get("id"),
            "attributes": held,
            "meta": who.get("meta") or who["attributes"].get("meta"),
        }
        profile, _ = profiles.upsert(world, account, row, null_clears=False)
        at = read_moment(attributes["time"]) if attributes.get("time") else now()
        properties = dict(attributes.get("properties") or {})
        if attributes.get("value") is not None:
            properties |= {"$value": attributes["value"], "$value_currency": attributes.get("value_currency")}
        found = metric(world, account, named["name"])
        event = make_event(
            found["id"], profile["id"], at, properties, unique_id=attributes.get("unique_id") or ""
        )
        event["properties"]["$event_id"] = event["unique_id"]
        put_events(world, account, [event])
        if at > (profile["last_event"] or 0):
            profile["last_event"] = int(at)
            world.state.put_profiles(account, [profile])
    return event


def is_known(world: World, account: str, metric_name: str, who: dict[str, Any], unique_id: str) -> bool:
    """Tell whether there is an event of this ``unique_id`` for a person and a metric."""
    found = profiles.find_all(world, account, who["attributes"])
    if who.get("id") and (one := world.state.profile(account, who["id"])):
        found.append(one)
    metrics = [one["id"] for one in world.state.things(account, "metric") if one["name"] == metric_name]
    return any(
        world.state.count(
            "events",
            account,
            "AND profile = ? AND metric = ? AND unique_id = ?",
            (profile["id"], key, unique_id),
        )
        for profile in found
        for key in metrics
    )

"""What changes whether people may be written to, or removes them: played, so that a call to it shows."""

from collections.abc import Callable, Iterable
from typing import Any

from sandbox.klaviyo import consent, groups, privacy, profiles
from sandbox.klaviyo import profile_shapes as shapes
from sandbox.klaviyo.ids import new_long_id
from sandbox.klaviyo.interface import Answer, Call, answers
from sandbox.klaviyo.refusals import invalid, not_found
from sandbox.klaviyo.shapes import boolean, document, fields, just, many, mapping, maybe, resource, text
from sandbox.klaviyo.shapes import reference as reference_shape
from sandbox.klaviyo.state import Document
from sandbox.klaviyo.world import now, read_moment, stamp

_LIST = fields({}, {"list": fields({"data": reference_shape("list")})})
_GROUPS = fields(
    {},
    {
        "list": fields({"data": reference_shape("list")}),
        "segment": fields({"data": reference_shape("segment")}),
    },
)
_WHO = {"email": maybe(shapes.email), "phone_number": maybe(shapes.phone)}
_SUBSCRIBER = resource(
    "profile",
    fields({"subscriptions": mapping}, _WHO | {"age_gated_date_of_birth": maybe(text)}),
    id=maybe(text),
)
_LEAVER = resource("profile", fields({"subscriptions": mapping}, _WHO))
_ADDRESS = resource("profile", fields({"email": shapes.email}))


def _subscription_job(kind: str, person: Any, most: int, **more: Any) -> Any:  # noqa: ANN401 (checks)
    people = fields({"data": many(person, least=1, most=most)})
    return document(resource(kind, fields({"profiles": people}, more), relationships=_LIST))


def _suppression_job(kind: str) -> Any:  # noqa: ANN401 (a check)
    people = maybe(fields({"data": many(_ADDRESS, least=1, most=100)}))
    return document(resource(kind, fields({}, {"profiles": people}), relationships=_GROUPS))


_SUBSCRIBE = _subscription_job(
    "profile-subscription-bulk-create-job",
    _SUBSCRIBER,
    1000,
    custom_source=maybe(text),
    historical_import=maybe(boolean),
)
_UNSUBSCRIBE = _subscription_job("profile-subscription-bulk-delete-job", _LEAVER, 100)
_SUPPRESS = _suppression_job("profile-suppression-bulk-create-job")
_UNSUPPRESS = _suppression_job("profile-suppression-bulk-delete-job")
_DELETION = document(
    fields(
        {
            "type": just("data-privacy-deletion-job"),
            "attributes": fields(
                {"profile": fields({"data": resource("profile", fields({}, _WHO), id=maybe(text))})}
            ),
        }
    )
)


@answers("bulk_subscribe_profiles")
def subscribe(call: Call) -> Answer:
    """Subscribe people: they are made if need be, put into the list, and suppressions are lifted."""
    shapes.check(_SUBSCRIBE, call.body)
    group, rows = _list(call), call.body["data"]["attributes"]["profiles"]["data"]
    with call.state.together():
        for row in rows:
            told = {name: row["attributes"].get(name) for name in _WHO}
            who = {"id": row.get("id"), "attributes": told}
            profile, _ = profiles.upsert(call.world, call.account, who, null_clears=False)
            for channel, wish in row["attributes"]["subscriptions"].items():
                at = ((wish or {}).get("marketing") or {}).get("consented_at")
                if channel in ("email", "sms"):
                    consent.subscribe(profile, channel=channel, at=read_moment(at) if at else None)
            profiles.save(call.world, call.account, profile)
            if group:
                groups.add(call.world, call.account, group, [profile["id"]])
    return 202, None


@answers("bulk_unsubscribe_profiles")
def unsubscribe(call: Call) -> Answer:
    """Unsubscribe people; those who are not in the list are unsubscribed from everything."""
    shapes.check(_UNSUBSCRIBE, call.body)
    group, rows = _list(call), call.body["data"]["attributes"]["profiles"]["data"]
    with call.state.together():
        for row in rows:
            for profile in profiles.find_all(call.world, call.account, row["attributes"]):
                _leave(call, profile, row["attributes"]["subscriptions"], group)
    return 202, None


@answers("bulk_suppress_profiles")
def suppress(call: Call) -> Answer:
    """Keep people from being written to."""
    shapes.check(_SUPPRESS, call.body)
    return _for_all(call, lambda profile: consent.suppress(profile, "USER_SUPPRESSED"))


@answers("bulk_unsuppress_profiles")
def unsuppress(call: Call) -> Answer:
    """Lift what a user of the account had suppressed, and nothing else."""
    shapes.check(_UNSUPPRESS, call.body)
    return _for_all(call, lambda profile: consent.unsuppress(profile, "USER_SUPPRESSED"))


@answers("request_profile_deletion")
def delete_person(call: Call) -> Answer:
    """Ask for a person to be deleted, named by exactly one of id, e-mail and phone."""
    shapes.check(_DELETION, call.body)
    row = call.body["data"]["attributes"]["profile"]["data"]
    named = {"id": row.get("id")} | {name: row["attributes"].get(name) for name in _WHO}
    who = {name: value.lower() if name == "email" else value for name, value in named.items() if value}
    if len(who) != 1:
        raise invalid(
            "Exactly one of id, email, phone_number must be given.", pointer="/data/attributes/profile"
        )
    privacy.ask(call.world, call.account, who)
    return 202, None


def _leave(call: Call, profile: Document, wishes: dict[str, Any], group: str | None) -> None:
    inside = group is not None and any(
        one["id"] == group for one in groups.of_profile(call.world, call.account, profile["id"], "list")
    )
    for channel in wishes:
        if inside and channel == "email":
            profile["consent"]["list_suppressions"].append(
                {"list_id": group, "reason": "UNSUBSCRIBE", "timestamp": stamp(now())}
            )
        elif channel in ("email", "sms"):
            consent.unsubscribe(profile, channel=channel)
    if inside and group is not None:
        groups.remove(call.world, call.account, group, [profile["id"]])
    profiles.save(call.world, call.account, profile)


def _for_all(call: Call, change: Callable[[Document], None]) -> Answer:
    """Change the profiles that a suppression job names, by address or by group; answer as the real one does."""
    data = call.body["data"]
    named = (data["attributes"].get("profiles") or {"data": []})["data"]
    related = data.get("relationships", {})
    if bool(named) + len(related) != 1:
        raise invalid("Exactly one of profiles, a list, a segment must be given.", pointer="/data/attributes")
    with call.state.together():
        found = [one for row in named for one in profiles.find_all(call.world, call.account, row["attributes"])]
        found += list(_members(call, related))
        for profile in found:
            change(profile)
            profiles.save(call.world, call.account, profile)
    key, at = new_long_id(call.state), stamp(now())
    path = f"{call.world.origin}{call.path.rstrip('/')}/{key}/"
    told = {
        "status": "complete",
        "created_at": at,
        "total_count": len(named) or len(found),
        "completed_count": len(found),
        "completed_at": at,
        "skipped_count": max(0, len(named) - len(found)),
    }
    shown = {"type": data["type"], "id": key, "attributes": told, "links": {"self": path}}
    return 202, {"data": shown, "links": {"self": path}}


def _members(call: Call, related: dict[str, Any]) -> Iterable[Document]:
    for kind, wish in related.items():
        key = wish["data"]["id"]
        if call.state.find(call.account, kind, key) is None:
            raise not_found(kind, key)
        for row in groups.members(call.world, call.account, key, "ORDER BY members.profile", []):
            if profile := call.state.profile(call.account, row[1]):
                yield profile


def _list(call: Call) -> str | None:
    related = call.body["data"].get("relationships", {}).get("list")
    if related is None:
        return None
    key = str(related["data"]["id"])
    if call.state.find(call.account, "list", key) is None:
        raise not_found("list", key)
    return key

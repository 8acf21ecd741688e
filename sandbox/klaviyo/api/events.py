"""Metrics and events: read, and taken in one by one or in bulk."""

from typing import Any

import orjson

from sandbox.klaviyo import events, profile_shapes
from sandbox.klaviyo.asking import Asked, Offer, page, read_options
from sandbox.klaviyo.filters import Condition, Field
from sandbox.klaviyo.interface import Answer, Call, answers
from sandbox.klaviyo.refusals import invalid, not_found, wrong_body
from sandbox.klaviyo.resources import (
    EVENT_FIELDS,
    METRIC_FIELDS,
    PROFILE_FIELDS,
    event_resource,
    metric_resource,
    profile_resource,
)
from sandbox.klaviyo.shapes import (
    Found,
    boolean,
    document,
    fields,
    just,
    many,
    mapping,
    maybe,
    moment,
    number,
    resource,
)
from sandbox.klaviyo.shapes import text as any_text
from sandbox.klaviyo.state import Document

_METRIC_PAGE = 200
_BOUNDS = ("greater-or-equal", "greater-than", "less-or-equal", "less-than")
_EVENTS = Offer(
    page=(200, 1000),
    sorts={"datetime": "at", "timestamp": "at"},
    filters={
        "metric_id": Field(("equals",), "metric"),
        "profile_id": Field(("equals",), "profile"),
        "datetime": Field(_BOUNDS, "at", moment=True),
        "timestamp": Field(_BOUNDS, "at", number=True),
    },
    fields={"event": EVENT_FIELDS, "metric": METRIC_FIELDS, "profile": PROFILE_FIELDS},
    include=("attributions", "metric", "profile"),
)
_INTEGRATIONS = {"integration.name": "name", "integration.category": "category"}


def _metric_name(value: Any, place: str) -> Found:  # noqa: ANN401 (any JSON)
    if not isinstance(value, str) or not 0 < len(value) < 128:
        yield place, "A metric's name has 1 to 127 characters."


def _properties(value: Any, place: str) -> Found:  # noqa: ANN401 (any JSON)
    yield from mapping(value, place)
    if isinstance(value, dict) and len(value) > 400:
        yield place, "An event has at most 400 properties."


_METRIC = fields({"data": resource("metric", fields({"name": _metric_name}, {"service": maybe(any_text)}))})
_EVENT_FIELDS = {
    "time": maybe(moment),
    "value": maybe(number),
    "value_currency": maybe(any_text),
    "unique_id": maybe(any_text),
}
_WHO = fields(
    {},
    profile_shapes.ATTRIBUTES
    | {"anonymous_id": maybe(any_text), "_kx": maybe(any_text), "meta": profile_shapes.META},
)
_PROFILE = fields({"data": resource("profile", _WHO, id=maybe(any_text), meta=profile_shapes.META)})
_ONE = document(
    resource(
        "event",
        fields(
            {"properties": _properties, "metric": _METRIC, "profile": _PROFILE},
            _EVENT_FIELDS | {"backfill": maybe(boolean)},
        ),
    )
)
_PACK = resource(
    "event-bulk-create",
    fields(
        {
            "profile": _PROFILE,
            "events": fields(
                {
                    "data": many(
                        resource(
                            "event", fields({"properties": _properties, "metric": _METRIC}, _EVENT_FIELDS)
                        ),
                        least=1,
                    )
                }
            ),
        },
        {"backfill": maybe(boolean)},
    ),
)
_BULK = document(
    fields(
        {
            "type": just("event-bulk-create-job"),
            "attributes": fields({"events-bulk-create": fields({"data": many(_PACK, least=1, most=1000)})}),
        }
    )
)


@answers("get_metrics")
def get_metrics(call: Call) -> Answer:
    """Return a page of metrics."""
    offered = {name: Field(("equals",), name) for name in _INTEGRATIONS}
    asked = read_options(
        call, Offer(page=(_METRIC_PAGE, _METRIC_PAGE), filters=offered, fields={"metric": METRIC_FIELDS})
    )
    if "page[size]" in call.options:
        raise invalid("The page size of metrics is fixed.", parameter="page[size]")
    found = [one for one in call.state.things(call.account, "metric") if _belongs(one, asked.conditions)]
    rows = [
        (one["created"], one["id"], one) for one in sorted(found, key=lambda one: (one["created"], one["id"]))
    ]
    if asked.after is not None:
        rows = [row for row in rows if [row[0], row[1]] > asked.after]
    shown, links = page(call, rows[: _METRIC_PAGE + 1], asked)
    wanted = asked.fields.get("metric")
    return 200, {"data": [metric_resource(call.world, row[2], fields=wanted) for row in shown], "links": links}


@answers("get_metric")
def get_metric(call: Call, id: str) -> Answer:  # noqa: A002 (as the address names it)
    """Return one metric."""
    asked = read_options(call, Offer(fields={"metric": METRIC_FIELDS}))
    found = call.state.find(call.account, "metric", id)
    if found is None:
        raise not_found("metric", id)
    shown = metric_resource(call.world, found, fields=asked.fields.get("metric"))
    return 200, {"data": shown, "links": shown["links"]}


@answers("get_events")
def get_events(call: Call) -> Answer:
    """Return a page of events, newest first unless asked otherwise."""
    asked = read_options(call, _EVENTS)
    if not asked.sort:
        asked.descending = True
    order, after = asked.order("at")
    rows = call.state.rows(
        f"SELECT at, id, body FROM events WHERE account = ?{asked.where}{order}",  # noqa: S608 (our own words)
        (call.account, *asked.values, *after),
    )
    shown, links = page(call, rows, asked)
    found = [orjson.loads(row[2]) for row in shown]
    answer = {
        "data": [event_resource(call.world, one, fields=asked.fields.get("event")) for one in found],
        "links": links,
    }
    return 200, answer | ({"included": _included(call, found, asked)} if asked.include else {})


@answers("get_event")
def get_event(call: Call, id: str) -> Answer:  # noqa: A002 (as the address names it)
    """Return one event."""
    asked = read_options(call, Offer(fields=_EVENTS.fields, include=_EVENTS.include))
    rows = call.state.rows("SELECT body FROM events WHERE account = ? AND id = ?", (call.account, id))
    if not rows:
        raise not_found("event", id)
    found = orjson.loads(rows[0][0])
    shown = event_resource(call.world, found, fields=asked.fields.get("event"))
    answer = {"data": shown, "links": shown["links"]}
    return 200, answer | ({"included": _included(call, [found], asked)} if asked.include else {})


@answers("create_event")
def create_event(call: Call) -> Answer:
    """Take in one event; one of a ``unique_id`` that is known changes nothing."""
    profile_shapes.check(_ONE, call.body)
    attributes = call.body["data"]["attributes"]
    who = _who(attributes["profile"]["data"], "/data/attributes/profile/data")
    events.record(call.world, call.account, attributes, who)
    return 202, None


@answers("bulk_create_events")
def bulk_create_events(call: Call) -> Answer:
    """Take in many events; a ``unique_id`` that is known refuses all of them."""
    profile_shapes.check(_BULK, call.body)
    packs = call.body["data"]["attributes"]["events-bulk-create"]["data"]
    entries = []
    for index, pack in enumerate(packs):
        place = f"/data/attributes/events-bulk-create/data/{index}/attributes"
        who = _who(pack["attributes"]["profile"]["data"], f"{place}/profile/data")
        for number_, one in enumerate(pack["attributes"]["events"]["data"]):
            entries.append((f"{place}/events/data/{number_}/attributes/unique_id", one["attributes"], who))
    if len(entries) > 1000:
        raise invalid("At most 1000 events may be given.", pointer="/data/attributes/events-bulk-create")
    with call.state.together():
        _refuse_repeated(call, entries)
        for _, attributes, who in entries:
            events.record(call.world, call.account, attributes, who)
    return 202, None


def _refuse_repeated(call: Call, entries: list[tuple[str, dict[str, Any], dict[str, Any]]]) -> None:
    seen: set[tuple[str, ...]] = set()
    found = []
    for place, attributes, who in entries:
        unique = attributes.get("unique_id")
        if not unique:
            continue
        name = attributes["metric"]["data"]["attributes"]["name"]
        key = (
            name,
            unique,
            str(who.get("id")),
            *(str(who["attributes"].get(one)) for one in ("email", "external_id")),
        )
        if key in seen or events.is_known(call.world, call.account, name, who, unique):
            found.append((place, "An event with this unique_id exists already."))
        seen.add(key)
    if found:
        raise wrong_body(found)


def _who(profile: dict[str, Any], place: str) -> dict[str, Any]:
    if found := list(profile_shapes.without_identifier(profile, place)):
        raise wrong_body(found)
    return profile


def _belongs(metric: Document, conditions: list[Condition]) -> bool:
    return all(metric["integration"].get(_INTEGRATIONS[one.field]) == one.value for one in conditions)


def _included(call: Call, found: list[Document], asked: Asked) -> list[dict[str, Any]]:
    included: list[dict[str, Any]] = []
    if "metric" in asked.include:
        metrics = (
            call.state.find(call.account, "metric", key) for key in sorted({one["metric"] for one in found})
        )
        included += [
            metric_resource(call.world, one, fields=asked.fields.get("metric")) for one in metrics if one
        ]
    if "profile" in asked.include:
        people = (call.state.profile(call.account, key) for key in sorted({one["profile"] for one in found}))
        included += [
            profile_resource(call.world, one, fields=asked.fields.get("profile")) for one in people if one
        ]
    return included

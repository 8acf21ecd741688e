"""Things as the interface shows them: JSON:API resources with their links."""

from typing import Any

from sandbox.klaviyo import consent
from sandbox.klaviyo.asking import sparse
from sandbox.klaviyo.profile_shapes import OWN_NAMES
from sandbox.klaviyo.state import IDENTIFIERS, Document
from sandbox.klaviyo.world import World, stamp

PROFILE_FIELDS = (
    *IDENTIFIERS,
    *OWN_NAMES,
    "id",
    "created",
    "updated",
    "last_event_date",
    "location",
    "properties",
    "subscriptions",
)
MEMBER_FIELDS = (*PROFILE_FIELDS, "joined_group_at")
PROFILE_EXTRAS = ("subscriptions", "predictive_analytics")
LIST_FIELDS = ("id", "name", "created", "updated", "opt_in_process")
SEGMENT_FIELDS = ("id", "name", "definition", "created", "updated", "is_active", "is_processing", "is_starred")
METRIC_FIELDS = ("id", "name", "created", "updated", "integration")
EVENT_FIELDS = ("id", "timestamp", "event_properties", "datetime", "uuid")
JOB_FIELDS = (
    "id",
    "status",
    "total_count",
    "completed_count",
    "failed_count",
    "created_at",
    "started_at",
    "completed_at",
    "expires_at",
)


def profile_resource(
    world: World,
    profile: Document,
    *,
    fields: set[str] | None = None,
    extras: set[str] = frozenset(),  # type: ignore[assignment]
    joined: int | None = None,
) -> dict[str, Any]:
    """Return a profile; ``joined`` is when it came into the group that is read."""
    attributes = {name: profile[name] for name in (*IDENTIFIERS, *OWN_NAMES)}
    attributes |= {name: stamp(profile[name]) for name in ("created", "updated")}
    attributes |= {"last_event_date": stamp(profile["last_event"])}
    attributes |= {"location": profile["location"], "properties": profile["properties"]}
    if joined is not None:
        attributes["joined_group_at"] = stamp(joined)
    attributes = sparse(attributes, fields)
    if "subscriptions" in extras:
        attributes["subscriptions"] = consent.shown(profile)
    if "predictive_analytics" in extras:
        attributes["predictive_analytics"] = {}
    path = f"{world.origin}/api/profiles/{profile['id']}"
    return {
        "type": "profile",
        "id": profile["id"],
        "attributes": attributes,
        "relationships": _relations(path, ("lists", "segments", "push-tokens")),
        "links": {"self": f"{path}/"},
    }


def list_resource(
    world: World, one: Document, *, fields: set[str] | None = None, count: int | None = None
) -> dict[str, Any]:
    """Return a list."""
    attributes = {"name": one["name"], "opt_in_process": one["opt_in_process"], **_times(one)}
    return _group(world, "list", "lists", one, sparse(attributes, fields), count)


def segment_resource(
    world: World, one: Document, *, fields: set[str] | None = None, count: int | None = None
) -> dict[str, Any]:
    """Return a segment."""
    told = ("name", "definition", "is_active", "is_processing", "is_starred")
    attributes = {name: one[name] for name in told} | _times(one)
    return _group(world, "segment", "segments", one, sparse(attributes, fields), count)


def metric_resource(world: World, one: Document, *, fields: set[str] | None = None) -> dict[str, Any]:
    """Return a metric."""
    attributes = {"name": one["name"], "integration": one["integration"], **_times(one)}
    path = f"{world.origin}/api/metrics/{one['id']}"
    return {
        "type": "metric",
        "id": one["id"],
        "attributes": sparse(attributes, fields),
        "relationships": _relations(path, ("flow-triggers",)),
        "links": {"self": f"{path}/"},
    }


def event_resource(world: World, event: Document, *, fields: set[str] | None = None) -> dict[str, Any]:
    """Return an event."""
    attributes = {
        "timestamp": event["at"],
        "event_properties": event["properties"],
        "datetime": stamp(event["at"]),
        "uuid": event["uuid"],
    }
    path = f"{world.origin}/api/events/{event['id']}"
    relations = _relations(path, ("profile", "metric", "attributions"))
    relations["profile"]["data"] = {"type": "profile", "id": event["profile"]}
    relations["metric"]["data"] = {"type": "metric", "id": event["metric"]}
    relations["attributions"]["data"] = []
    return {
        "type": "event",
        "id": event["id"],
        "attributes": sparse(attributes, fields),
        "relationships": relations,
        "links": {"self": f"{path}/"},
    }


def job_resource(world: World, job: Document, *, fields: set[str] | None = None) -> dict[str, Any]:
    """Return an import job."""
    attributes = {
        "status": job["status"],
        "total_count": job["total"],
        "completed_count": job["completed"],
        "failed_count": job["failed"],
        "created_at": stamp(job["created"]),
        "started_at": stamp(job["started_at"]),
        "completed_at": stamp(job["completed_at"]),
        "expires_at": stamp(job["created"] + 7 * 86_400),
    }
    path = f"{world.origin}/api/profile-bulk-import-jobs/{job['id']}"
    relations = _relations(path, ("lists", "profiles"))
    relations["lists"]["data"] = [{"type": "list", "id": key} for key in job["lists"]]
    relations["import-errors"] = {"links": {"related": f"{path}/import-errors/"}}
    return {
        "type": "profile-bulk-import-job",
        "id": job["id"],
        "attributes": sparse(attributes, fields),
        "relationships": relations,
        "links": {"self": f"{path}/"},
    }


def reference(kind: str, key: str) -> dict[str, str]:
    """Return a type and an id."""
    return {"type": kind, "id": key}


def _group(
    world: World, kind: str, folder: str, one: Document, attributes: dict[str, Any], count: int | None
) -> dict[str, Any]:
    if count is not None:
        attributes["profile_count"] = count
    path = f"{world.origin}/api/{folder}/{one['id']}"
    return {
        "type": kind,
        "id": one["id"],
        "attributes": attributes,
        "relationships": _relations(path, ("profiles", "tags", "flow-triggers")),
        "links": {"self": f"{path}/"},
    }


def _times(one: Document) -> dict[str, str | None]:
    return {"created": stamp(one["created"]), "updated": stamp(one["updated"])}


def _relations(path: str, names: tuple[str, ...]) -> dict[str, Any]:
    return {
        name: {"links": {"self": f"{path}/relationships/{name}/", "related": f"{path}/{name}/"}}
        for name in names
    }

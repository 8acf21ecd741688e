"""Every operation that is played: where it is, how often it may be called, which scopes it takes.

The figures are those of ``x-klaviyo-ratelimit`` and ``x-klaviyo-scopes`` in Klaviyo's own description.
"""

from dataclasses import dataclass

XS, S, M, L, XL = (1, 15), (3, 60), (10, 150), (75, 750), (350, 3500)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation; ``rate`` is how many calls in a second and in a minute."""

    name: str
    method: str
    path: str  # with {id} where an id stands
    rate: tuple[int, int]
    scopes: tuple[str, ...]
    daily: int | None = None
    max_bytes: int = 5_000_000


def _read(name: str, path: str, rate: tuple[int, int], *scopes: str) -> Operation:
    return Operation(name, "GET", path, rate, scopes)


def _post(name: str, path: str, rate: tuple[int, int], *scopes: str, daily: int | None = None) -> Operation:
    return Operation(name, "POST", path, rate, scopes, daily)


_PROFILE, _LIST, _SEGMENT, _JOB = (
    "/api/profiles/{id}",
    "/api/lists/{id}",
    "/api/segments/{id}",
    "/api/profile-bulk-import-jobs",
)
_SUBSCRIBE = ("lists:write", "profiles:write", "subscriptions:write")

ALL = (
    _read("get_accounts", "/api/accounts", XS, "accounts:read"),
    _read("get_account", "/api/accounts/{id}", XS, "accounts:read"),
    _read("get_profiles", "/api/profiles", L, "profiles:read"),
    _post("create_profile", "/api/profiles", L, "profiles:write"),
    _read("get_profile", _PROFILE, L, "profiles:read"),
    Operation("update_profile", "PATCH", _PROFILE, L, ("profiles:write",)),
    _read("get_lists_for_profile", f"{_PROFILE}/lists", S, "lists:read", "profiles:read"),
    _read("get_list_ids_for_profile", f"{_PROFILE}/relationships/lists", S, "lists:read", "profiles:read"),
    _read("get_segments_for_profile", f"{_PROFILE}/segments", S, "profiles:read", "segments:read"),
    _read(
        "get_segment_ids_for_profile", f"{_PROFILE}/relationships/segments", S, "profiles:read", "segments:read"
    ),
    _post("create_or_update_profile", "/api/profile-import", L, "profiles:write"),
    _post("merge_profiles", "/api/profile-merge", M, "profiles:write"),
    _post("bulk_import_profiles", _JOB, M, "lists:write", "profiles:write"),
    _read("get_bulk_import_profiles_jobs", _JOB, M, "lists:read", "profiles:read"),
    _read("get_bulk_import_profiles_job", f"{_JOB}/{{job_id}}", M, "lists:read", "profiles:read"),
    _read("get_errors_for_bulk_import_profiles_job", f"{_JOB}/{{id}}/import-errors", M, "profiles:read"),
    _read("get_profiles_for_bulk_import_profiles_job", f"{_JOB}/{{id}}/profiles", M, "profiles:read"),
    _read(
        "get_profile_ids_for_bulk_import_profiles_job",
        f"{_JOB}/{{id}}/relationships/profiles",
        M,
        "profiles:read",
    ),
    _read("get_list_for_bulk_import_profiles_job", f"{_JOB}/{{id}}/lists", M, "lists:read"),
    _read("get_list_ids_for_bulk_import_profiles_job", f"{_JOB}/{{id}}/relationships/lists", M, "lists:read"),
    _read("get_lists", "/api/lists", L, "lists:read"),
    _post("create_list", "/api/lists", M, "lists:write", daily=150),
    _read("get_list", _LIST, L, "lists:read"),
    Operation("update_list", "PATCH", _LIST, M, ("lists:write",)),
    Operation("delete_list", "DELETE", _LIST, M, ("lists:write",)),
    _read("get_profiles_for_list", f"{_LIST}/profiles", L, "lists:read", "profiles:read"),
    _read("get_profile_ids_for_list", f"{_LIST}/relationships/profiles", L, "lists:read", "profiles:read"),
    _post("add_profiles_to_list", f"{_LIST}/relationships/profiles", M, "lists:write", "profiles:write"),
    Operation(
        "remove_profiles_from_list",
        "DELETE",
        f"{_LIST}/relationships/profiles",
        M,
        ("lists:write", "profiles:write"),
    ),
    _read("get_flows_triggered_by_list", f"{_LIST}/flow-triggers", S, "flows:read", "lists:read"),
    _read("get_segments", "/api/segments", L, "segments:read"),
    _post("create_segment", "/api/segments", XS, "segments:write", daily=100),
    _read("get_segment", _SEGMENT, L, "segments:read"),
    Operation("update_segment", "PATCH", _SEGMENT, XS, ("segments:write",), 100),
    Operation("delete_segment", "DELETE", _SEGMENT, S, ("segments:write",)),
    _read("get_profiles_for_segment", f"{_SEGMENT}/profiles", L, "profiles:read", "segments:read"),
    _read(
        "get_profile_ids_for_segment", f"{_SEGMENT}/relationships/profiles", L, "profiles:read", "segments:read"
    ),
    _read("get_metrics", "/api/metrics", M, "metrics:read"),
    _read("get_metric", "/api/metrics/{id}", M, "metrics:read"),
    _read("get_events", "/api/events", XL, "events:read"),
    _read("get_event", "/api/events/{id}", M, "events:read"),
    _post("create_event", "/api/events", XL, "events:write"),
    _post("bulk_create_events", "/api/event-bulk-create-jobs", M, "events:write"),
    _post("request_profile_deletion", "/api/data-privacy-deletion-jobs", S, "data-privacy:write"),
    _post("bulk_subscribe_profiles", "/api/profile-subscription-bulk-create-jobs", L, *_SUBSCRIBE),
    _post("bulk_unsubscribe_profiles", "/api/profile-subscription-bulk-delete-jobs", L, *_SUBSCRIBE),
    _post(
        "bulk_suppress_profiles",
        "/api/profile-suppression-bulk-create-jobs",
        L,
        "profiles:write",
        "subscriptions:write",
    ),
    _post("bulk_unsuppress_profiles", "/api/profile-suppression-bulk-delete-jobs", L, "subscriptions:write"),
)
BY_NAME = {one.name: one for one in ALL}
CONSENT = frozenset(
    (
        "bulk_subscribe_profiles",
        "bulk_unsubscribe_profiles",
        "bulk_suppress_profiles",
        "bulk_unsuppress_profiles",
    )
)
"""The operations that change whether somebody may be written to."""
EVERY_SCOPE = tuple(sorted({scope for one in ALL for scope in one.scopes}))


def rate_of(operation: Operation, options: dict[str, str]) -> tuple[int, int]:
    """Return how often an operation may be called with these options of the address: some cost more."""
    if "predictive_analytics" in options.get("additional-fields[profile]", ""):
        return min(operation.rate, M)
    counted = "profile_count" in options.get(f"additional-fields[{operation.name.removeprefix('get_')}]", "")
    groups = operation.name == "get_profile" and {"lists", "segments"} & set(
        options.get("include", "").split(",")
    )
    return XS if counted or groups else operation.rate


def find(method: str, path: str) -> Operation | None:
    """Return the operation at an address; a slash at its end changes nothing."""
    parts = path.strip("/").split("/")
    for one in ALL:
        wanted = one.path.strip("/").split("/")
        fits = len(wanted) == len(parts) and all(
            name == part or name.startswith("{") for name, part in zip(wanted, parts, strict=True)
        )
        if fits and one.method == method:
            return one
    return None

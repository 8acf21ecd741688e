"""What Klaviyo allows, call by call: how often, and with which permission of the key.

Revision 2026-07-15 of Klaviyo's interface (``x-klaviyo-ratelimit`` and ``x-klaviyo-scopes`` of its OpenAPI
file; "Rate limits, status codes, and errors" in its developer guide). A call that is not in the table cannot
be made: the ones that change consent are not, and no key of ours needs a permission for them.
"""

from dataclasses import dataclass

from shop_app.destinations.rate_windows import Window

_BY_SIZE = {"XS": (1, 15), "S": (3, 60), "M": (10, 150), "L": (75, 750), "XL": (350, 3500)}
"""Calls a second and calls a minute."""

_DAY_SECONDS = 86_400.0
_AT_ONCE_OF_A_DAY_RATIO = 0.6
_REFILL_OF_A_DAY_RATIO = 0.3


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One call: its size class, the permissions it needs, and how often it may be made a day (0: no limit)."""

    size: str
    scopes: tuple[str, ...]
    daily: int = 0
    daily_name: str = ""

    @property
    def windows(self) -> tuple[Window, ...]:
        """Return the windows that one such call is counted in."""
        second, minute = _BY_SIZE[self.size]
        windows = (
            Window(f"{self.size}:second", second, 1.0),
            Window(f"{self.size}:minute", minute, 60.0),
        )
        if not self.daily:
            return windows
        day = Window(
            f"{self.daily_name}:day", self.daily, _DAY_SECONDS, _AT_ONCE_OF_A_DAY_RATIO, _REFILL_OF_A_DAY_RATIO
        )
        return (*windows, day)


ACCOUNTS = "/api/accounts"
PROFILES = "/api/profiles"
PROFILE_IMPORT = "/api/profile-import"
PROFILE_LISTS = "/api/profiles/{id}/relationships/lists"
IMPORT_JOBS = "/api/profile-bulk-import-jobs"
IMPORT_JOB = "/api/profile-bulk-import-jobs/{job_id}"
IMPORT_ERRORS = "/api/profile-bulk-import-jobs/{id}/import-errors"
LISTS = "/api/lists"
LIST = "/api/lists/{id}"
LIST_MEMBERS = "/api/lists/{id}/relationships/profiles"
SEGMENTS = "/api/segments"
SEGMENT = "/api/segments/{id}"
METRICS = "/api/metrics"
EVENTS = "/api/events"

ENDPOINTS: dict[tuple[str, str], Endpoint] = {
    ("GET", ACCOUNTS): Endpoint("XS", ("accounts:read",)),
    ("GET", PROFILES): Endpoint("L", ("profiles:read",)),
    ("POST", PROFILE_IMPORT): Endpoint("L", ("profiles:write",)),
    ("GET", PROFILE_LISTS): Endpoint("S", ("lists:read", "profiles:read")),
    ("POST", IMPORT_JOBS): Endpoint("M", ("lists:write", "profiles:write")),
    ("GET", IMPORT_JOBS): Endpoint("M", ("lists:read", "profiles:read")),
    ("GET", IMPORT_JOB): Endpoint("M", ("lists:read", "profiles:read")),
    ("GET", IMPORT_ERRORS): Endpoint("M", ("profiles:read",)),
    ("GET", LISTS): Endpoint("L", ("lists:read",)),
    ("POST", LISTS): Endpoint("M", ("lists:write",), 150, "lists-made"),
    ("DELETE", LIST): Endpoint("M", ("lists:write",)),
    ("GET", LIST_MEMBERS): Endpoint("L", ("lists:read", "profiles:read")),
    ("POST", LIST_MEMBERS): Endpoint("M", ("lists:write", "profiles:write")),
    ("DELETE", LIST_MEMBERS): Endpoint("M", ("lists:write", "profiles:write")),
    ("GET", SEGMENTS): Endpoint("L", ("segments:read",)),
    ("POST", SEGMENTS): Endpoint("XS", ("segments:write",), 100, "segments-made"),
    ("DELETE", SEGMENT): Endpoint("S", ("segments:write",)),
    ("GET", METRICS): Endpoint("M", ("metrics:read",)),
    ("GET", EVENTS): Endpoint("XL", ("events:read",)),
    ("POST", EVENTS): Endpoint("XL", ("events:write",)),
}

"""Profiles at Klaviyo: looked up by id or e-mail a hundred at a time, and written one by one."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shop_app.destinations.base import Row
from shop_app.destinations.klaviyo_answers import CallRefusedError, Json
from shop_app.destinations.klaviyo_api import KlaviyoApi, quoted
from shop_app.destinations.klaviyo_limits import PROFILE_IMPORT, PROFILES

BATCH = 100
"""Values in one filter, and profiles in one page (the most there are, as Klaviyo's page says)."""

_LONGEST_FILTER_BYTES = 6000
"""An address line much longer than this is refused on the way by many a server."""
_LONGEST_EMAIL = 254

_LOOKS_LIKE_EMAIL = re.compile(r"[^\s@\"\\,()<>\[\]]+@[^\s@\"'\\,()<>\[\]]+\.[^\s@\"'\\,()<>\[\]]+")
_SOUND_EMAIL = re.compile(
    r"(?=.{6,254}$)(?=[^@]{1,64}@)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+(?:[A-Za-z]{2,63}|xn--[A-Za-z0-9-]{2,59})"
)


@dataclass(frozen=True, slots=True)
class Profile:
    """One profile: its id, what it holds, and whether it may be mailed (``None``: not asked for)."""

    id: str
    email: str | None = field(default=None, repr=False)
    properties: Mapping[str, Any] = field(default_factory=dict, repr=False)
    may_receive: bool | None = None


def is_sound_email(email: str | None) -> bool:
    """Tell whether an address can be sent in an import: one bad address would sink the whole of it."""
    return bool(email and _SOUND_EMAIL.fullmatch(email))


def folded(email: str) -> str:
    """Return an address as it is compared: Klaviyo keeps them in small letters."""
    return email.strip().casefold()


def look_up(api: KlaviyoApi, emails: Iterable[str | None]) -> dict[str, Profile]:
    """Return the profiles of these addresses by :func:`folded` address; who is not there is missing.

    Asks ``GET /api/profiles`` with ``any(email,[…])``, at most 100 addresses a call, with ``subscriptions``
    (revision 2026-07-15). Addresses that cannot be one are not asked for.

    Raises
    ------
    BrokenConnectionError, SlowDownError, TemporaryError, RejectedError
        As every read of :class:`~shop_app.destinations.klaviyo_api.KlaviyoApi`.
    """
    sound = sorted({folded(email) for email in emails if email and _can_be_asked_for(email)})
    found: dict[str, Profile] = {}
    for batch in batched(sound):
        found |= {folded(each.email): each for each in _with_emails(api, batch) if each.email}
    return found


def look_up_ids(api: KlaviyoApi, ids: Iterable[str]) -> dict[str, Profile]:
    """Return the profiles with these ids, with their properties; one that was merged away is missing.

    Asks ``GET /api/profiles`` with ``any(id,[…])``, at most 100 ids a call (revision 2026-07-15).
    """
    found: dict[str, Profile] = {}
    for batch in batched(sorted(set(ids))):
        for profile in _read(api, "id", batch, {"fields[profile]": "email,properties"}):
            found[profile.id] = profile
    return found


def look_up_rows(api: KlaviyoApi, rows: Sequence[Row]) -> dict[int, Profile]:
    """Return the profile of each customer, with its properties; who is not there is missing.

    By id where we have one, else by e-mail; an id that is gone (deleted, merged into another profile) is
    looked up by e-mail once again.
    """
    by_id = look_up_ids(api, (row.remote_id for row in rows if row.remote_id))
    without = [row for row in rows if row.remote_id not in by_id]
    by_email = look_up(api, (row.contact.email for row in without))
    moved = look_up_ids(api, (each.id for each in by_email.values())) if by_email else {}
    found = {row.customer_id: by_id[row.remote_id] for row in rows if row.remote_id in by_id}
    for row in without:
        profile = by_email.get(folded(row.contact.email or ""))
        if profile is not None and profile.id in moved:
            found[row.customer_id] = moved[profile.id]
    return found


def write(
    api: KlaviyoApi, values: Mapping[str, Any], *, profile_id: str | None, email: str | None = None
) -> str:
    """Write custom properties of one profile and return its id; ``None`` takes a property away.

    ``POST /api/profile-import`` (revision 2026-07-15): other properties stay as they are. With ``email`` in
    place of an id, a profile that is not there is made.

    Raises
    ------
    CallRefusedError
        The profile is not there (404), or this is refused for another reason.
    """
    data: Json = {"type": "profile", "attributes": {"properties": dict(values)}}
    if profile_id is not None:
        data["id"] = profile_id
    else:
        data["attributes"]["email"] = email
    answer = api.send("POST", PROFILE_IMPORT, {"data": data})
    return str((answer.get("data") or {}).get("id") or profile_id or "")


def batched(values: Sequence[str]) -> Iterator[list[str]]:
    """Cut values so that a filter has at most 100, and is not too long for an address line."""
    batch: list[str] = []
    size = 0
    for value in values:
        if batch and (len(batch) == BATCH or size + len(value) > _LONGEST_FILTER_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(value)
        size += len(value) + 12  # quotes and comma, encoded
    if batch:
        yield batch


def _can_be_asked_for(email: str) -> bool:
    text = email.strip()
    return len(text) <= _LONGEST_EMAIL and _LOOKS_LIKE_EMAIL.fullmatch(text) is not None


def _with_emails(api: KlaviyoApi, emails: list[str]) -> list[Profile]:
    """Read profiles by address; where Klaviyo refuses the filter, halve it until the odd address is alone."""
    query = {"fields[profile]": "email,subscriptions", "additional-fields[profile]": "subscriptions"}
    try:
        return _read(api, "email", emails, query)
    except CallRefusedError:
        if len(emails) == 1:
            return []  # an address that Klaviyo does not even read is nobody's there
        middle = len(emails) // 2
        return [*_with_emails(api, emails[:middle]), *_with_emails(api, emails[middle:])]


def _read(api: KlaviyoApi, name: str, values: list[str], query: Mapping[str, str]) -> list[Profile]:
    asked = {**query, "filter": f"any({name},{quoted(values)})", "page[size]": str(BATCH)}
    return [_profile(each) for page in api.pages(PROFILES, asked) for each in page]


def _profile(resource: Json) -> Profile:
    attributes = resource.get("attributes") or {}
    email = (attributes.get("subscriptions") or {}).get("email") or {}
    return Profile(
        id=str(resource["id"]),
        email=attributes.get("email"),
        properties=attributes.get("properties") or {},
        may_receive=(email.get("marketing") or {}).get("can_receive_email_marketing"),
    )

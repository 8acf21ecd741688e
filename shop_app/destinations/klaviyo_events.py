"""E-mail engagement read from Klaviyo: who was sent, opened, clicked and left, and what machines did."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from shop_app.clock import utc_now
from shop_app.destinations.klaviyo_answers import Json
from shop_app.destinations.klaviyo_api import KlaviyoApi
from shop_app.destinations.klaviyo_limits import EVENTS, METRICS

EmailEventKind = Literal["sent", "opened", "clicked", "bounced", "spam", "unsubscribed"]

METRIC_NAMES: dict[str, EmailEventKind] = {
    "Received Email": "sent",
    "Opened Email": "opened",
    "Clicked Email": "clicked",
    "Bounced Email": "bounced",
    "Marked Email as Spam": "spam",
    "Unsubscribed from Email Marketing": "unsubscribed",
}
"""Klaviyo's own names; their ids differ from account to account."""

LOOK_BACK = timedelta(days=1)
"""Events come in late, and some are dated ahead: what was read last is read once more."""
WINDOW = timedelta(days=7)
LONGEST_PAST = timedelta(days=365)

_PAGE = "1000"
_MACHINE_FLAGS = frozenset({"machine_open", "apple_privacy_open", "bot_click", "is_bot", "bot"})
"""Klaviyo's pages say "Apple Privacy Open" and "Bot Click"; names are compared in small letters with ``_``."""
_TRUE = frozenset({"true", "1", "yes"})


@dataclass(frozen=True, slots=True)
class EmailEvent:
    """Something that happened with one e-mail; ``at`` is in UTC, ``id`` is Klaviyo's and says it once.

    ``is_machine``: a privacy proxy opened it, or a scanner clicked it, and so nobody did.
    """

    id: str
    profile_id: str
    kind: EmailEventKind
    at: datetime
    is_machine: bool


def metric_ids(api: KlaviyoApi) -> dict[EmailEventKind, str]:
    """Look up the ids of Klaviyo's own e-mail metrics in this account; one that it lacks is missing.

    ``GET /api/metrics`` with ``equals(integration.name,"Klaviyo")``, revision 2026-07-15: metrics of the same
    name from other integrations are not meant.
    """
    found: dict[EmailEventKind, str] = {}
    for page in api.pages(METRICS, {"filter": 'equals(integration.name,"Klaviyo")'}):
        for each in page:
            attributes = each.get("attributes") or {}
            kind = METRIC_NAMES.get(str(attributes.get("name")))
            if kind is not None and (attributes.get("integration") or {}).get("name") == "Klaviyo":
                found.setdefault(kind, str(each["id"]))
    return found


def read_engagement(
    api: KlaviyoApi, ids: Mapping[EmailEventKind, str], since: datetime, until: datetime
) -> Iterator[EmailEvent]:
    """Read what happened with e-mails, metric by metric, in stretches of at most seven days.

    Parameters
    ----------
    api
        The account's interface.
    ids
        From :func:`metric_ids`.
    since
        Up to where was read before; a day more is read again, and the same event comes with the same id.
        Farther back than 365 days before ``until`` nothing is read.
    until
        Up to where to read; never past this moment, whatever is asked for. The next ``since`` is the smaller
        of the two.

    Raises
    ------
    BrokenConnectionError, SlowDownError, TemporaryError, RejectedError
        As every read; what was yielded before stands.

    Notes
    -----
    ``GET /api/events`` (revision 2026-07-15) filters on one metric a call, and takes times from (included) to
    (left out). A shopper can refuse open tracking, so that no open means nothing.
    """
    end = min(until, utc_now())
    start = max(since - LOOK_BACK, end - LONGEST_PAST)
    for kind, metric_id in ids.items():
        low = start
        while low < end:
            high = min(low + WINDOW, end)
            yield from _stretch(api, kind, metric_id, low, high)
            low = high


def _stretch(
    api: KlaviyoApi, kind: EmailEventKind, metric_id: str, low: datetime, high: datetime
) -> Iterator[EmailEvent]:
    """Read one metric from ``low`` to before ``high``; a page that shifts meanwhile tells nothing twice."""
    conditions = (
        f'equals(metric_id,"{metric_id}")',
        f"greater-or-equal(datetime,{_written(low)})",
        f"less-than(datetime,{_written(high)})",
    )
    query = {
        "filter": f"and({','.join(conditions)})",
        "sort": "datetime",
        "page[size]": _PAGE,
        "fields[event]": "datetime,event_properties,uuid",
    }
    seen: set[str] = set()
    for page in api.pages(EVENTS, query):
        for each in page:
            event = _event(each, kind)
            if event is not None and event.id not in seen:
                seen.add(event.id)
                yield event


def _event(resource: Json, kind: EmailEventKind) -> EmailEvent | None:
    """Return an event, or ``None`` for one that belongs to no profile or has no time."""
    attributes = resource.get("attributes") or {}
    profile = ((resource.get("relationships") or {}).get("profile") or {}).get("data") or {}
    try:
        at = datetime.fromisoformat(str(attributes.get("datetime")))
    except ValueError:
        return None
    if not profile.get("id"):
        return None
    return EmailEvent(
        id=str(resource["id"]),
        profile_id=str(profile["id"]),
        kind=kind,
        at=(at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC),
        is_machine=_is_machine(attributes.get("event_properties") or {}),
    )


def _is_machine(properties: Json) -> bool:
    return any(
        name.lower().strip("$").replace(" ", "_") in _MACHINE_FLAGS
        and str(value).lower() in {"true", "1", "yes"}
        for name, value in properties.items()
    )


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

"""Links to an export that work without a login, for a time: whoever has one has the file.

What is exported, of which shop and until when stands in the address itself, signed; nothing is stored. A link
ends by its date, and with the installation.
"""

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode

from shop_app.errors import InvalidInputError, NotVerifiedError, RefusedError, TemporaryError
from shop_app.services.export_rows import BY_SEGMENT
from shop_app.services.export_text import FORMATS, WHAT
from shop_app.services.note_access import note_access
from shop_app.storage import access_log, connections, shops
from shop_app.storage.encryption import signing_key
from shop_app.storage.engine import shopless, transaction

PATH = "/export/by-link"
_MARK = "signed"
"""The parameter of the signature; the log leaves out what is called so."""
_NAMES = ("shop", "what", "format", "segment", "made", "until")
USUAL_HOURS, MOST_HOURS = 24, 720
_OPENED_BY = "link"
_A_WHILE = timedelta(hours=1)
_OPENINGS_A_WHILE = 60
"""More than any person or program needs; every one of them reads the whole shop."""


class LinkRefusedError(NotVerifiedError):
    """The link was not made here, or something in it was changed."""


class LinkEndedError(RefusedError):
    """The link was made here, and is over."""


class TooOftenError(TemporaryError):
    """The shop's links were opened more often than is sensible."""


@dataclass(frozen=True, slots=True)
class ExportLink:
    """What a link opens."""

    shop_id: int
    shop_domain: str
    what: str
    format: str
    segment: str | None
    made_at: datetime
    until: datetime


def make_link(
    shop_id: int,
    what: str,
    *,
    form: str = "csv",
    segment: str | None = None,
    hours: int = USUAL_HOURS,
    now: datetime,
) -> tuple[ExportLink, str]:
    """Return a link and its path with the query; the address of this installation goes in front.

    Raises
    ------
    InvalidInputError
        There is no such export or format, it has no segments to choose from, or ``hours`` is out of range.
    """
    if what not in WHAT:
        raise InvalidInputError(f"what must be one of {', '.join(WHAT)}, not {what!r}.", field="what")
    if form not in FORMATS:
        raise InvalidInputError(f"format must be one of {', '.join(FORMATS)}, not {form!r}.", field="format")
    if segment is not None and what not in BY_SEGMENT:
        raise InvalidInputError(
            "segment: only customers and predictions can be exported by segment.", field="segment"
        )
    if not 1 <= hours <= MOST_HOURS:
        raise InvalidInputError(f"hours must be from 1 to {MOST_HOURS}, not {hours}.", field="hours")
    with shopless() as connection:
        domain = shops.domain_of(connection, shop_id)
    made_at = now.replace(microsecond=0)
    link = ExportLink(shop_id, domain, what, form, segment, made_at, made_at + timedelta(hours=hours))
    query = _query(link)
    return link, f"{PATH}?{query}&{urlencode({_MARK: _signature(query)})}"


def open_link(query: str, *, now: datetime) -> ExportLink:
    """Return what the query of a link asks for, once it is proven, and note that it was opened.

    Raises
    ------
    LinkRefusedError
        It was not made here, or was changed.
    LinkEndedError
        Its time is over, or the shop has left since it was made.
    TooOftenError
        The shop's links were opened too often within an hour.
    """
    link = _proven(query)
    if now >= link.until:
        raise LinkEndedError(f"This link ended on {link.until:%Y-%m-%d at %H:%M} UTC. Ask for a new one.")
    with transaction(link.shop_id) as connection:
        state = connections.read_state(connection)
        opened = access_log.count_since(connection, now - _A_WHILE, user_id=_OPENED_BY)
    if state.uninstalled_at is not None and state.uninstalled_at >= link.made_at:
        raise LinkEndedError("This link has ended: the shop no longer uses Kindred.")
    if opened >= _OPENINGS_A_WHILE:
        raise TooOftenError(
            f"The links of this shop were opened {opened} times within an hour; that is enough for now.",
            retry_after_seconds=_A_WHILE.total_seconds() / 4,
        )
    note_access(link.shop_id, f"export of {link.what} by link", user_id=_OPENED_BY, at=now)
    return link


def _proven(query: str) -> ExportLink:
    """Return what a query says, if it is signed; the database is asked only then."""
    try:
        given = parse_qsl(query, keep_blank_values=True, max_num_fields=len(_NAMES) + 1)
    except ValueError:  # more of them than a link has
        raise _not_ours() from None
    values = dict(given)
    signature = values.pop(_MARK, "")
    if len(values) + 1 != len(given) or not set(values) <= set(_NAMES):
        raise _not_ours()
    signed = urlencode([(name, values[name]) for name in _NAMES if name in values])
    if not hmac.compare_digest(_signature(signed).encode(), signature.encode()):
        raise _not_ours()
    with shopless() as connection:
        shop_id = next((id_ for id_, domain in shops.list_active(connection) if domain == values["shop"]), None)
    if shop_id is None:
        raise LinkEndedError("This link has ended: the shop no longer uses Kindred.")
    return ExportLink(
        shop_id=shop_id,
        shop_domain=values["shop"],
        what=values["what"],
        format=values["format"],
        segment=values.get("segment"),
        made_at=datetime.fromtimestamp(int(values["made"]), tz=UTC),
        until=datetime.fromtimestamp(int(values["until"]), tz=UTC),
    )


def _query(link: ExportLink) -> str:
    values = {
        "shop": link.shop_domain,
        "what": link.what,
        "format": link.format,
        "segment": link.segment,
        "made": int(link.made_at.timestamp()),
        "until": int(link.until.timestamp()),
    }
    return urlencode([(name, values[name]) for name in _NAMES if values[name] is not None])


def _signature(query: str) -> str:
    return hmac.digest(signing_key("export-link"), query.encode(), "sha256").hex()


def _not_ours() -> LinkRefusedError:
    return LinkRefusedError("This link was not made here, or is not whole. Copy it anew, to its very end.")

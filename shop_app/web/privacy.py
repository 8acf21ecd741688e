"""``/privacy``: what is kept of customers and for how long, what they asked for, and who looked at whom."""

from datetime import datetime, timedelta

from flask import Blueprint, Response, url_for

from shop_app.clock import utc_now
from shop_app.services.export_person import export_person, get_request, hand_out
from shop_app.services.note_access import note_access
from shop_app.services.personal_data import NAMES, list_personal
from shop_app.storage import access_log, privacy_requests
from shop_app.storage.access_log import Access
from shop_app.storage.engine import transaction
from shop_app.storage.privacy_requests import CUSTOMER_REDACT, DATA_REQUEST, SHOP_REDACT, PrivacyRequest
from shop_app.web.callers import download_route, user_id
from shop_app.web.chosen_shop import ChosenShop, chosen_shop
from shop_app.web.formats import Formats, counted
from shop_app.web.pages import Link, Notice
from shop_app.web.privacy_notice import CUSTOMER_NOTICE
from shop_app.web.privacy_page import AccessRow, PrivacyPage, RequestRow, StoreRow
from shop_app.web.rendering import build_frame, render

bp = Blueprint("privacy", __name__, url_prefix="/privacy")

LATE = timedelta(days=7)
TOO_LATE = timedelta(days=25)
"""Of the thirty days that there are: whoever looks now can still do something about it."""

_REQUESTS_SHOWN = 50
_LOOKS_SHOWN = 50
_KINDS = {
    DATA_REQUEST: "Asks for their data",
    CUSTOMER_REDACT: "Asks to be erased",
    SHOP_REDACT: "The shop left: erase everything",
}
_ENDS = {"done": ("Done", "success"), "void": ("Nothing to do", "neutral")}


@bp.get("")
def index() -> Response:
    """Show what is kept, what was asked for and who looked."""
    shop, now = chosen_shop(), utc_now()
    with transaction(shop.id) as connection:
        requests = privacy_requests.list_newest(connection, shop.id, limit=_REQUESTS_SHOWN)
        accesses = access_log.list_newest(connection, limit=_LOOKS_SHOWN)
    return render("privacy/index.html", _page(shop, requests, accesses, now))


@bp.get("/requests/<int:request_id>.json")
@download_route
def data(request_id: int) -> Response:
    """Send everything that is held of somebody who asked for it; it is read for this and kept nowhere."""
    shop, now = chosen_shop(), utc_now()
    request = get_request(shop.id, request_id)
    note_access(shop.id, "data of a request", user_id=user_id(), at=now)
    hand_out(shop.id, request_id, now=now)
    response = Response(
        export_person(shop.id, request.subject or {}, now=now), content_type="application/json; charset=utf-8"
    )
    response.headers["Content-Disposition"] = f'attachment; filename="{_file_name(request)}"'
    return response


def _page(
    shop: ChosenShop, requests: list[PrivacyRequest], accesses: list[Access], now: datetime
) -> PrivacyPage:
    return PrivacyPage(
        frame=build_frame("Privacy", shop, "privacy.index"),
        notices=_notices([request for request in requests if request.state == "open"], now),
        requests=tuple(_request_row(request, now, shop.formats) for request in requests),
        stores=tuple(
            StoreRow(store.name, store.holds, store.kept, store.sealed, store.erasure)
            for store in list_personal()
        ),
        accesses=tuple(_access_row(access, shop.formats) for access in accesses),
        customer_notice=CUSTOMER_NOTICE,
        command=f"kindred redact {shop.domain} ann@example.com",
    )


def _notices(waiting: list[PrivacyRequest], now: datetime) -> tuple[Notice, ...]:
    """Say above everything else that somebody has waited for too long."""
    late = [request for request in waiting if now - request.received_at >= LATE]
    if not late:
        return ()
    oldest = min(request.received_at for request in late)
    is_alarm = now - oldest >= TOO_LATE
    return (
        Notice(
            "critical" if is_alarm else "warning",
            f"{counted(len(late), 'request')} open for a week or longer",
            (
                f"The oldest has waited for {counted((now - oldest).days, 'day')}; thirty is the limit.",
                "Each one below says what it waits for.",
            ),
        ),
    )


def _request_row(request: PrivacyRequest, now: datetime, formats: Formats) -> RequestRow:
    state, tone = _ENDS.get(request.state) or _open_words(request, now)
    return RequestRow(
        kind=_KINDS[request.kind] + (" (by hand)" if request.origin == "hand" else ""),
        subject=_subject(request),
        received=formats.date(request.received_at),
        due=formats.date(request.due_at),
        state=state,
        state_tone=tone,
        outcome=_outcome(request, formats),
        counts=tuple(f"{NAMES.get(table, table)}: {count:,}" for table, count in request.stores.items()),
        download=_download(request),
    )


def _open_words(request: PrivacyRequest, now: datetime) -> tuple[str, str]:
    days = (now - request.received_at).days
    if days >= TOO_LATE.days:
        return f"Open for {counted(days, 'day')}", "critical"
    return ("Open", "info") if days < LATE.days else (f"Open for {counted(days, 'day')}", "warning")


def _outcome(request: PrivacyRequest, formats: Formats) -> str:
    if request.state == "open":
        return request.outcome or (
            "Download it and hand it on." if request.kind == DATA_REQUEST else "At work."
        )
    ended = f" {formats.moment(request.done_at)}." if request.done_at else ""
    return f"{request.outcome}{ended}"


def _subject(request: PrivacyRequest) -> str:
    """Say whom it is about as long as that is known: whoever answers has to know."""
    named = request.subject or {}
    return str(named.get("email") or named.get("phone") or named.get("id") or "")


def _download(request: PrivacyRequest) -> Link | None:
    if request.kind != DATA_REQUEST or request.subject is None:
        return None
    text = "Download again" if request.handed_out_at else "Download"
    return Link(text, url_for("privacy.data", request_id=request.id), download=_file_name(request))


def _file_name(request: PrivacyRequest) -> str:
    return f"data-request-{request.id}.json"


def _access_row(access: Access, formats: Formats) -> AccessRow:
    customer = None
    if access.customer_id is not None:
        href = url_for("customers.show", customer_id=access.customer_id)
        customer = Link(f"customer {access.customer_id}", href)
    return AccessRow(
        at=formats.moment(access.at),
        user="this machine" if access.user_id == "local" else f"staff {access.user_id}",
        what=access.what,
        customer=customer,
    )

"""Links for downloads out of the admin's frame: bound to path, shop and person, good for five minutes.

A browser's own download carries no session token, and the bounce page takes nothing but HTML.
"""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Blueprint, Response, current_app, g, jsonify, request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.exceptions import HTTPException

from shop_app.clock import utc_now
from shop_app.errors import InvalidInputError
from shop_app.storage import shops
from shop_app.storage.encryption import signing_key
from shop_app.storage.engine import shopless
from shop_app.web.callers import Caller, StrangerError, caller, takes_signed_links

bp = Blueprint("signed_links", __name__)

PARAMETER = "signed"
_LIFE = timedelta(minutes=5)
_NOT_OURS = {"shop", "host", "embedded", "locale", "id_token", PARAMETER}


@bp.post("/links")
def sign() -> Response:
    """Hand out a link to a download of ours that works without a token for five minutes."""
    target = _checked_target(request.form.get("to", ""))
    asking = caller()
    if asking is None:
        return jsonify(href=target)  # local mode: nobody is asked there
    signed = _signer().dumps([target, asking.shop_id, asking.user_id, utc_now().timestamp()])
    mark = urlencode({PARAMETER: signed})
    return jsonify(href=f"{target}{'&' if '?' in target else '?'}{mark}")


def read(now: datetime) -> Caller:
    """Return who was given the link of this request.

    Raises
    ------
    StrangerError
        It was not made here, is for another page, or is older than five minutes.
    """
    try:
        target, shop_id, user_id, at = _signer().loads(request.args[PARAMETER])
        made_at = datetime.fromtimestamp(float(at), tz=UTC)
        found = Caller(int(shop_id), _domain_of(int(shop_id)), str(user_id))
    except (BadSignature, TypeError, ValueError):
        raise StrangerError("This link was not made here.") from None
    if target != _address(request.path, request.query_string.decode("ascii", errors="replace")):
        raise StrangerError("This link is for another page.")
    if not made_at <= now <= made_at + _LIFE or request.method != "GET":
        raise StrangerError("This link has ended. Go back to the page and download again.")
    g.link_made_at = made_at
    return found


def is_older_than(moment: datetime | None, now: datetime) -> bool:
    """Tell whether this request's link was handed out before that moment."""
    made_at: datetime = g.get("link_made_at", now)
    return moment is not None and made_at < moment


def _checked_target(target: str) -> str:
    """Return the address of a download of ours, in one way of writing it."""
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or not parts.path.startswith("/"):
        raise _no_download()
    try:
        endpoint, _ = current_app.url_map.bind("").match(parts.path, method="GET")
    except HTTPException:
        raise _no_download() from None
    if not takes_signed_links(str(endpoint)):
        raise _no_download()
    return _address(parts.path, parts.query)


def _address(path: str, query: str) -> str:
    own = [pair for pair in parse_qsl(query, keep_blank_values=True) if pair[0] not in _NOT_OURS]
    return path + (f"?{urlencode(own)}" if own else "")


def _no_download() -> InvalidInputError:
    return InvalidInputError("to: this is no download of Kindred.", field="to")


def _domain_of(shop_id: int) -> str:
    with shopless() as connection:
        return shops.domain_of(connection, shop_id)


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(signing_key("download link"))

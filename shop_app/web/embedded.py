"""``/auth/…``: the page that fetches a token, and both ends of an authorization-code grant. No token needed."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, after_this_request, g, redirect, request
from werkzeug.wrappers import Response as PlainResponse

from shop_app.clock import utc_now
from shop_app.errors import InvalidInputError, NotVerifiedError
from shop_app.services.install_shop import install_from_code
from shop_app.shopify.config import current, embedded_url
from shop_app.shopify.shop_domain import checked_shop_domain
from shop_app.shopify.signed_query import is_in_order, verify_query
from shop_app.web import grant_state
from shop_app.web.callers import public_route
from shop_app.web.entrances import RELOAD
from shop_app.web.pages import BouncePage
from shop_app.web.rendering import bridge, render

bp = Blueprint("embedded", __name__, url_prefix="/auth")

_LONGEST_ADDRESS = 2048


@bp.get("/bounce")
@public_route("it holds App Bridge alone, which loads the page that was meant with a fresh token")
def bounce() -> Response:
    """Send App Bridge alone; it loads the page that ``shopify-reload`` names."""
    _check_reload(request.args.get(RELOAD, ""))
    shop = request.args.get("shop")
    if shop is not None:
        g.frame_shop = checked_shop_domain(shop)
    return render("bounce.html", BouncePage(bridge()))


@bp.get("/begin")
@public_route("Shopify's signature over the address says who is asking")
def begin() -> PlainResponse:
    """Begin an authorization-code grant for the shop that Shopify has signed."""
    now = utc_now()
    shop = checked_shop_domain(request.args.get("shop", ""))
    verify_query(_raw_query(), current().secrets, now=now)
    return grant_state.ask_for_consent(shop, now)


@bp.get("/callback")
@public_route("the state in the browser's cookie and Shopify's signature say who is asking")
def callback() -> PlainResponse:
    """Finish an authorization-code grant: state, signature, age, then the code; then into the admin."""
    now = utc_now()
    after_this_request(grant_state.forget_state)
    shop = checked_shop_domain(request.args.get("shop", ""))
    state = grant_state.read_state(request.args.get("state", ""), shop, now)
    signed = verify_query(_raw_query(), current().secrets, now=now)
    if not is_in_order(_raw_query()):
        raise NotVerifiedError("The address is not as Shopify writes it.")
    if not signed.get("code"):
        raise InvalidInputError("code: the address holds none.", field="code")
    install_from_code(shop, signed["code"], state_issued_at=state.issued_at, now=now)
    return redirect(embedded_url(shop), 302)


def _raw_query() -> str:
    return request.query_string.decode("ascii", errors="replace")


def _check_reload(target: str) -> None:
    """Let App Bridge be sent to a page of ours only."""
    own = f"{current().app_url}/"
    path = "/" + target.removeprefix(own) if target.startswith(own) else target
    is_path = path.startswith("/") and not path.startswith(("//", "/\\"))
    is_plain = path.isascii() and path.isprintable() and "\\" not in path and len(path) <= _LONGEST_ADDRESS
    if not (is_path and is_plain) or urlsplit(path).netloc:
        raise InvalidInputError(f"{RELOAD}: this is no page of Kindred.", field=RELOAD)

"""The fence around local mode: no login, so only this machine's own browser may come in.

A page on the web can make a browser ask 127.0.0.1 under a name of its own (DNS rebinding), and a proxy
can bring the whole world: a foreign ``Host``, any forwarding header, or a peer elsewhere is refused.
"""

import ipaddress
import re

from flask import request

from shop_app.errors import RefusedError

_OWN_HOST = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE)
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


class ForeignRequestError(RefusedError):
    """The request did not come from this machine's own browser."""


def refuse_foreign_requests() -> None:
    """Let a request through only if it is local in every way that can be told."""
    if not _OWN_HOST.fullmatch(request.headers.get("Host", "")):
        raise ForeignRequestError(
            "Host: this copy of Kindred runs without a login and answers only at 127.0.0.1 or localhost."
        )
    if is_forwarded():
        raise ForeignRequestError(
            "X-Forwarded-*: this copy of Kindred runs without a login and must not stand behind a proxy. "
            "Set up the Shopify login to share it."
        )
    if not comes_from_loopback():
        raise ForeignRequestError("This copy of Kindred runs without a login and answers only to this machine.")


def refuse_changes_from_elsewhere() -> None:
    """Let a change through only if a page of this app itself asks for it; no token says who is asking."""
    if request.method not in _SAFE_METHODS and not _is_same_origin():
        raise ForeignRequestError("Origin: a change must be asked for from a page of this app itself.")


def is_forwarded() -> bool:
    """Tell whether a proxy says that it stands between."""
    names = {name.lower() for name, _ in request.headers}
    return any(name.startswith("x-forwarded") or name in {"forwarded", "x-real-ip", "via"} for name in names)


def comes_from_loopback() -> bool:
    """Tell whether the peer of the connection is this machine."""
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def _is_same_origin() -> bool:
    """Trust the browser's own word: ``Sec-Fetch-Site`` where it is sent, else ``Origin``; no word is a no."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("Origin") == request.host_url.rstrip("/")

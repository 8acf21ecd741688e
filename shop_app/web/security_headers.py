"""What every answer says to the browser about itself."""

from flask import Flask, Response, request

_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    # A tile of the treemap lies where its style attribute says; style elements stay forbidden.
    "style-src-attr 'unsafe-inline'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_A_YEAR_SECONDS = 31_536_000


def install(app: Flask) -> None:
    """Put the headers on every answer of this app, refusals and failures among them."""
    app.after_request(_add_headers)


def _add_headers(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint == "static" and "v" in request.args:
        response.headers["Cache-Control"] = f"private, max-age={_A_YEAR_SECONDS}, immutable"
    else:
        response.headers["Cache-Control"] = "no-store"
    return response

"""What every answer says to the browser about itself."""

from flask import Flask, Response, current_app, g, request

from shop_app.settings import ShopifySettings

_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    # A tile of the treemap lies where its style attribute says; style elements stay forbidden.
    "style-src-attr 'unsafe-inline'"
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_UNFRAMED_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_A_YEAR_SECONDS = 31_536_000


def install(app: Flask) -> None:
    """Put the headers on every answer of this app, refusals and failures among them."""
    app.after_request(_add_headers)


def _add_headers(response: Response) -> Response:
    shopify: ShopifySettings | None = current_app.config["SETTINGS"].shopify
    for name, value in {**_HEADERS, **_framing(shopify)}.items():
        response.headers.setdefault(name, value)
    if shopify is not None and shopify.app_url.startswith("https://"):
        response.headers["Strict-Transport-Security"] = f"max-age={_A_YEAR_SECONDS}"
    if request.endpoint == "static" and "v" in request.args:
        response.headers["Cache-Control"] = f"private, max-age={_A_YEAR_SECONDS}, immutable"
    else:
        response.headers["Cache-Control"] = "no-store"
    return response


def _framing(shopify: ShopifySettings | None) -> dict[str, str]:
    """Return who may frame this answer: the admin of the shop that it is about, else nobody."""
    shop: str | None = g.get("frame_shop")
    if shop is None or shopify is None:
        return _UNFRAMED_HEADERS
    scripts = f"{shopify.cdn_origin}/shopifycloud"
    links = [f"<{scripts}/app-bridge.js>; rel=preload; as=script"]
    links += [f"<{scripts}/polaris.js>; rel=preload; as=script"] * shopify.is_real
    return {"Content-Security-Policy": _framed_policy(shopify, shop), "Link": ", ".join(links)}


def _framed_policy(shopify: ShopifySettings, shop: str) -> str:
    """Return the policy of a page in the admin's frame; ``shop`` is a checked domain.

    There are no nonces: App Bridge writes a page under the policy of the bounce page before it. It makes style
    elements of its own, so that inline styles cannot be forbidden; inline scripts are.
    """
    cdn = shopify.cdn_origin
    calls = "https://*.shopify.com" if shopify.is_real else shopify.admin_web_origin
    return (
        f"default-src 'self'; script-src 'self' {cdn}; style-src 'self' 'unsafe-inline' {cdn}; "
        f"font-src 'self' {cdn}; img-src 'self' data: {cdn}; connect-src 'self' {calls}; object-src 'none'; "
        f"base-uri 'none'; form-action 'self'; frame-ancestors https://{shop} {shopify.admin_web_origin}"
    )

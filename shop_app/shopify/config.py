"""The app as it is registered with Shopify, set once at a process' start."""

from shop_app.errors import StartRefusedError
from shop_app.settings import ShopifySettings

_state: list[ShopifySettings] = []


def configure(settings: ShopifySettings | None) -> None:
    """Set what this process knows of the app's registration; ``None``: it is not in Shopify."""
    _state[:] = [] if settings is None else [settings]


def is_configured() -> bool:
    """Tell whether this process may speak to Shopify at all."""
    return bool(_state)


def current() -> ShopifySettings:
    """Return the registration, or raise :class:`StartRefusedError` where there is none."""
    if not _state:
        raise StartRefusedError(
            "SHOPIFY_API_KEY, SHOPIFY_API_SECRET and APP_URL are not set, so nothing can be asked of Shopify. "
            "docs/install.md says where to find them."
        )
    return _state[0]


def api_origin(shop_domain: str) -> str:
    """Return where the interface of this shop answers."""
    return current().admin_origin.replace("{shop}", shop_domain)


def needs_host_header() -> bool:
    """Tell whether one address serves every shop, so that a request must name its shop in ``Host``."""
    return "{shop}" not in current().admin_origin


def embedded_url(shop_domain: str, path: str = "/") -> str:
    """Return where a page of the app, named by its own path, is opened in this shop's admin."""
    settings = current()
    store = shop_domain.removesuffix(".myshopify.com")
    own = "" if path == "/" else path
    return f"{settings.admin_web_origin}/store/{store}/apps/{settings.api_key}{own}"

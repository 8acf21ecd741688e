"""What counts as a shop's domain, and nothing else does."""

import re

from shop_app.errors import InvalidInputError

_DOMAIN = re.compile(r"[a-z0-9][a-z0-9-]{0,62}\.myshopify\.com")


def checked_shop_domain(text: str) -> str:
    """Return the domain in small letters.

    Raises
    ------
    InvalidInputError
        It is anything but one name of letters, digits and hyphens before ``.myshopify.com``: another host,
        with a scheme, a port, a path, a user, spaces, or letters of other alphabets.
    """
    # Folded only if it is ASCII: some foreign letters become plain ones when they are made small.
    domain = text.lower() if text.isascii() else ""
    if not _DOMAIN.fullmatch(domain):
        raise InvalidInputError("shop: this is not the domain of a Shopify store.", field="shop")
    return domain

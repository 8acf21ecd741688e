"""Find a shop by the name that people call it, or open a new one."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from shop_app.errors import InvalidInputError, NotFoundError
from shop_app.storage import shop_settings, shops
from shop_app.storage.engine import shopless

_LONGEST_NAME = 120
_SHOWN_SHOPS = 10


@dataclass(frozen=True, slots=True)
class OpenedShop:
    """A shop, and whether it was opened just now."""

    shop_id: int
    is_new: bool


def open_shop(
    name: str,
    *,
    currency: str | None = None,
    timezone: str | None = None,
    title: str | None = None,
    source: str = "file",
) -> OpenedShop:
    """Return the shop of this name; a new one gets the currency and the time zone, an old one keeps its own.

    Raises
    ------
    InvalidInputError
        The name is empty, too long or holds control characters, or there is no such currency or time zone.
    """
    shown = _checked_name(name)
    with shopless() as connection:
        found = shops.find_id(connection, shown)
        if found is not None:
            return OpenedShop(found, is_new=False)
        fresh = shops.create(connection, shown)
        if fresh is not None:
            shop_settings.create(
                connection,
                fresh,
                title=title or shown,
                currency=checked_currency(currency) if currency else shop_settings.UNKNOWN_CURRENCY,
                timezone=checked_timezone(timezone or "UTC"),
                source=source,
            )
            return OpenedShop(fresh, is_new=True)
    return OpenedShop(get_shop_id(shown), is_new=False)  # somebody else opened it in this very moment


def get_shop_id(name: str) -> int:
    """Return the id of the shop of this name, or raise :class:`NotFoundError` that names the known ones."""
    with shopless() as connection:
        found = shops.find_id(connection, name)
        known = [] if found is not None else [domain for _, domain in shops.list_active(connection)]
    if found is not None:
        return found
    shown = ", ".join(known[:_SHOWN_SHOPS]) + (" …" if len(known) > _SHOWN_SHOPS else "")
    raise NotFoundError(
        f"There is no shop called {name!r}; there is {shown}."
        if known
        else f"There is no shop called {name!r}, nor any other; `kindred import FILE --shop NAME` opens one."
    )


def checked_currency(code: str) -> str:
    """Return an ISO 4217 code in capitals; anything else is refused with a sentence."""
    plain = code.strip().upper()
    if len(plain) != 3 or not plain.isascii() or not plain.isalpha():  # noqa: PLR2004 (ISO 4217: three letters)
        raise InvalidInputError(f"{code!r} is no currency; give three letters, such as EUR.", field="currency")
    return plain


def checked_timezone(name: str) -> str:
    """Return the name of a time zone that there is; anything else is refused with a sentence."""
    try:
        return ZoneInfo(name).key
    except (OSError, ValueError, KeyError):  # a folder, a path, a name that nobody knows
        raise InvalidInputError(
            f"{name!r} is no time zone; give one such as Europe/Berlin.", field="timezone"
        ) from None


def _checked_name(name: str) -> str:
    shown = " ".join(name.split())
    if not shown or len(shown) > _LONGEST_NAME or not shown.isprintable():
        raise InvalidInputError(f"A shop's name has 1 to {_LONGEST_NAME} printable characters.", field="shop")
    return shown

"""Which addresses a merchant may have us call: those of the open internet, and nothing behind our own door.

Whoever may name an address could otherwise have this server ask its neighbours: databases, the metadata of a
cloud, a router. So an address is looked at twice: its spelling when it is saved, and what its name leads to at
the moment of connecting (a name may lead elsewhere by then).
"""

import ipaddress
import re
import socket
from collections.abc import Sequence
from contextlib import suppress
from urllib.parse import urlsplit, urlunsplit

from shop_app.errors import InvalidInputError, KindredError

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_PORTS = (443, 8443)
"""Those that HTTPS is served at; others are where other programs listen."""
_LONGEST = 2_048
_NAME = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
_INNER_NAMES = (".localhost", ".local", ".internal", ".intranet", ".lan", ".home.arpa", ".localdomain")
_PRINTABLE = re.compile(r"[!-~]+")

_SPECIAL_V4 = tuple(
    map(
        ipaddress.IPv4Network,
        (
            "0.0.0.0/8",  # this network: leads to the machine itself
            "10.0.0.0/8",
            "100.64.0.0/10",  # shared by the customers of a provider; the metadata of one cloud, too
            "127.0.0.0/8",
            "168.63.129.16/32",  # what a machine in Azure asks about itself
            "169.254.0.0/16",  # the metadata of nearly every cloud
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
        ),
    )
)
_GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")
"""All that is handed out to the open internet lies in here."""
_SPECIAL_V6 = tuple(
    map(
        ipaddress.IPv6Network,
        ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
    )
)
"""What of it is none: tunnels that may end anywhere (Teredo, 6to4), examples, protocols."""
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_LOCAL = tuple(
    map(
        ipaddress.ip_network,
        ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7"),
    )
)
"""This machine and its network, for whoever runs Kindred at home and says so. Metadata is in none of them."""

_local_targets: list[bool] = []


class NotPublicError(KindredError):
    """The address leads to something that is not on the open internet; nothing was sent there."""


class UnknownNameError(OSError):
    """The name of a host leads nowhere, at least now."""


def allow_local_targets(allowed: bool) -> None:  # noqa: FBT001 (a setting, passed on)
    """Say at a process' start whether addresses of this machine and its network may be called."""
    _local_targets[:] = [True] if allowed else []


def checked_public_url(url: str, *, field: str = "url") -> str:
    """Return an address that may be saved, in one way of writing it; a fragment is dropped.

    What its name leads to is looked at too, where it leads anywhere now.

    Raises
    ------
    InvalidInputError
        It is no address of HTTPS, is spelled oddly, holds a password, names a port where no HTTPS is
        served, or leads to something that is not on the open internet.
    """
    kept = checked_spelling(url, field=field)
    parts = urlsplit(kept)
    host = parts.hostname or ""
    try:
        public_places(host, parts.port or _PORTS[0])
    except NotPublicError as error:
        raise InvalidInputError(f"{field}: {error}", field=field) from None
    except UnknownNameError:
        raise _wrong(field, f"no server is known by the name {host}; is it spelled right?") from None
    return kept


def checked_spelling(url: str, *, field: str = "url") -> str:
    """Return the same without looking up where it leads; the same spellings are refused."""
    text = url.strip()
    if not text or len(text) > _LONGEST or not _PRINTABLE.fullmatch(text) or "\\" in text:
        raise _wrong(field, "give a whole address, such as https://hooks.example.com/kindred")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _wrong(field, "its host or its port cannot be read") from None
    if parts.scheme != "https" and not (parts.scheme == "http" and _local_targets):
        raise _wrong(field, "it must begin with https://")
    if "@" in parts.netloc:
        raise _wrong(field, "leave out the user name and the password in front of the host")
    if port not in (None, *_PORTS) and not _local_targets:
        raise _wrong(field, "its port must be 443 or 8443")
    named = _checked_host(host, field)
    shown = f"[{named}]" if ":" in named else named
    return urlunsplit((parts.scheme, shown if port is None else f"{shown}:{port}", parts.path, parts.query, ""))


def public_places(host: str, port: int) -> list[str]:
    """Look up where a host is, once, and return its addresses as digits; each of them is looked at.

    Raises
    ------
    NotPublicError
        One of them is not on the open internet: then none is used.
    UnknownNameError
        The name leads nowhere.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        raise UnknownNameError("the name of the host is not known") from None
    addresses = list(dict.fromkeys(str(address[0]) for _, _, _, _, address in found))
    refuse_inner(host, addresses)
    return addresses


def refuse_inner(host: str, addresses: Sequence[str]) -> None:
    """Raise :class:`NotPublicError` unless every address is on the open internet."""
    if not addresses or not all(may_be_called(address) for address in addresses):
        raise NotPublicError(
            f"{host} leads to an address that is not on the open internet (this machine, a private network or "
            "a reserved range). Give the address of a server that anybody can reach."
        )


def may_be_called(address: str) -> bool:
    """Tell whether an address, as digits, is on the open internet, or a local one where those are allowed."""
    try:
        read = _innermost(ipaddress.ip_address(address))
    except ValueError:
        return False
    if _local_targets and any(read.version == inner.version and read in inner for inner in _LOCAL):
        return True
    if isinstance(read, ipaddress.IPv4Address):
        return not any(read in special for special in _SPECIAL_V4)
    return read in _GLOBAL_V6 and not any(read in special for special in _SPECIAL_V6)


def _innermost(address: IpAddress) -> IpAddress:
    """Return the older address that a newer one stands for, else the address itself."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def _checked_host(host: str, field: str) -> str:
    """Return a name with its dots, or an address in its usual spelling; every other spelling is refused.

    ``2130706433``, ``0x7f.1`` and ``0177.0.0.1`` are this machine to some programs and a name to others.
    """
    named = host.lower().removesuffix(".")
    if _local_targets and named == "localhost":
        return named
    with suppress(ValueError):
        if "%" not in named:  # one of this machine's own network cards
            return str(ipaddress.ip_address(named))
    if not _NAME.fullmatch(named):
        raise _wrong(
            field,
            "its host must be a name with a dot, such as hooks.example.com, in plain letters, or an address "
            "in its usual spelling",
        )
    if named.endswith(_INNER_NAMES) and not _local_targets:
        raise _wrong(field, f"{named} is a name inside a network; nobody else can reach it")
    return named


def _wrong(field: str, what: str) -> InvalidInputError:
    return InvalidInputError(f"{field}: this address cannot be used: {what}.", field=field)

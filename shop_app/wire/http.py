"""One HTTP call to a vendor: bounded in time and size, to the host we mean, and never redirected."""

import threading
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3

from shop_app.errors import KindredError, TemporaryError
from shop_app.wire.timed_connections import PublicAdapter, TimedAdapter, set_deadline

_CHUNK_BYTES = 64 * 1024
_SESSIONS = threading.local()  # a session of requests is not made for several threads at once


@dataclass(frozen=True, slots=True)
class Limits:
    """How long one call may take, and how large its answer may be once it is unpacked."""

    connect_seconds: float = 5.0
    silence_seconds: float = 30.0
    total_seconds: float = 60.0
    answer_bytes: int = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What came back; names of ``headers`` are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class UnusableAnswerError(KindredError):
    """The address is not the one we mean, or what it answers is nothing that we take: permanent."""


class NotReachedError(TemporaryError):
    """Nobody was reached, so nothing was done: trying again is always safe."""


class NoAnswerError(TemporaryError):
    """Something was sent and no whole answer came: it may or may not have been done."""


def call(  # noqa: PLR0913 (a call has so many parts)
    method: str,
    url: str,
    *,
    who: str,
    host: str,
    headers: Mapping[str, str],
    body: bytes | None = None,
    limits: Limits | None = None,
    only_public: bool = False,
) -> HttpAnswer:
    """Make one call and return the whole answer, whatever its status.

    ``who`` is what the other side is called in the words of an error; ``host`` is the host, with its port
    where it has one, that ``url`` has to be of. With ``only_public`` (an address that a merchant gave) the
    name is looked up once, and the connection made to that very address, if it is on the open internet.

    Raises
    ------
    UnusableAnswerError
        ``url`` is not one of ``host``, or the answer leads elsewhere, is larger than it may be, or is packed
        in a way that nobody asked for.
    NotReachedError, NoAnswerError
        There is no answer; told apart by whether something was sent.
    NotPublicError
        With ``only_public``: the name leads to something that is not on the open internet.
    """
    bounds = limits or Limits()
    if urlsplit(url).netloc != host:
        raise UnusableAnswerError(f"This address is not one of {who}; nothing was sent there.")
    set_deadline(time.monotonic() + bounds.total_seconds)
    try:
        return _exchange(_session(only_public=only_public), method, url, who, body, headers, bounds)
    except requests.exceptions.ConnectTimeout:
        raise NotReachedError(f"{who} cannot be reached (it takes too long to connect).") from None
    except requests.exceptions.ConnectionError as error:
        raise _of_connection(error, who) from None
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        # Its text may hold the address and what was sent; its kind is enough.
        raise NoAnswerError(f"{who} did not answer in full ({type(error).__name__}).") from None
    finally:
        set_deadline(None)


def _exchange(
    session: requests.Session,
    method: str,
    url: str,
    who: str,
    body: bytes | None,
    headers: Mapping[str, str],
    bounds: Limits,
) -> HttpAnswer:
    with session.request(
        method,
        url,
        data=body,
        headers={"Accept-Encoding": "gzip", **headers},
        timeout=(bounds.connect_seconds, bounds.silence_seconds),
        allow_redirects=False,
        stream=True,
    ) as answer:
        if answer.is_redirect:
            raise UnusableAnswerError(f"The answer of {who} leads elsewhere, and nothing is sent on.")
        named = {name.lower(): value for name, value in answer.headers.items()}
        return HttpAnswer(answer.status_code, named, _read(answer, who, bounds.answer_bytes))


def hang_up() -> None:
    """Close every connection that this thread keeps: for one that ends before the process does."""
    for session in _kept().values():
        session.close()
    _kept().clear()


def _kept() -> dict[bool, requests.Session]:
    kept: dict[bool, requests.Session] = _SESSIONS.__dict__.setdefault("kept", {})
    return kept


def _session(*, only_public: bool) -> requests.Session:
    session = _kept().get(only_public)
    if session is None:
        session = requests.Session()
        session.trust_env = False  # neither a .netrc nor a proxy of the machine gets to see the token
        for scheme in ("http://", "https://"):
            session.mount(scheme, PublicAdapter() if only_public else TimedAdapter())
        _kept()[only_public] = session
    return session


def _read(answer: requests.Response, who: str, largest: int) -> bytes:
    """Return the body, unpacked piece by piece so that a small one cannot become a large one unseen."""
    encoding = answer.headers.get("Content-Encoding", "identity").lower()
    if encoding not in {"identity", "gzip", ""}:
        raise UnusableAnswerError(f"The answer of {who} is packed in a way that nobody asked for.")
    unpacker: Any = zlib.decompressobj(wbits=31) if encoding == "gzip" else None
    body = bytearray()
    while packed := answer.raw.read(_CHUNK_BYTES, decode_content=False):
        body += packed if unpacker is None else _unpacked(unpacker, who, packed, largest + 1 - len(body))
        if len(body) > largest:
            raise UnusableAnswerError(f"The answer of {who} is larger than {largest} bytes, and was left.")
    if unpacker is not None and not unpacker.eof:
        raise NoAnswerError(f"The answer of {who} ended in the middle.")
    return bytes(body)


def _unpacked(unpacker: Any, who: str, packed: bytes, most: int) -> bytes:  # noqa: ANN401 (zlib names no type for it)
    try:
        found: bytes = unpacker.decompress(packed, most)
    except zlib.error:
        raise NoAnswerError(f"The answer of {who} cannot be unpacked.") from None
    return found


def _of_connection(error: requests.exceptions.ConnectionError, who: str) -> TemporaryError:
    """Tell a connection that never was from one that broke: only the former did surely nothing."""
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    if isinstance(reason, urllib3.exceptions.NewConnectionError | urllib3.exceptions.NameResolutionError):
        return NotReachedError(f"{who} cannot be reached (no connection).")
    return NoAnswerError(f"{who} did not answer in full ({type(reason).__name__}).")

"""The file of a bulk operation: fetched as a stream, into a file that only we may read, resumable at any byte.

The link is a signed one of a storage service: it wants no token and gets none. Nothing is followed to
another host, nothing is taken in beyond the size that Shopify has named, and a server that goes silent or
drips is left.
"""

import os
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

from shop_app.errors import KindredError, TemporaryError

_CONNECT_SECONDS = 10.0
_SILENCE_SECONDS = 30.0
_CHUNK_BYTES = 1 << 20
_LARGEST_BYTES = 50 << 30
"""Nothing is that large; whoever sends more has something else in mind."""
_SLOWEST_BYTES_A_SECOND = 2_000
_PATIENCE_SECONDS = 60.0
_REDIRECTS = 3
_SOON_SECONDS = 1.0
_LINK_DEAD = frozenset({400, 401, 403, 404, 410})
_OK, _PARTIAL, _NOT_SATISFIABLE = 200, 206, 416


class LinkDeadError(KindredError):
    """The link is no longer good: Shopify has to be asked for a new one."""


class FileRefusedError(KindredError):
    """What comes is not the file that Shopify spoke of."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file to fetch: its link, and how many bytes Shopify says it has (``None`` where it does not say)."""

    url: str
    file_bytes: int | None
    plain_http: bool = False

    @property
    def largest(self) -> int:
        """Return how many bytes are taken at most."""
        return _LARGEST_BYTES if self.file_bytes is None else min(self.file_bytes, _LARGEST_BYTES)


def fetch(wanted: Wanted, target: Path, *, may_go_on: Callable[[int], bool]) -> bool:
    """Fetch what is missing of a file, from where ``target`` ends; tell whether it is whole now.

    ``may_go_on`` is told the size after every chunk, and stops the fetching by saying no.

    Raises
    ------
    LinkDeadError
        The link has expired (403, 404, 410).
    FileRefusedError
        It leads to another host, is longer than Shopify said, or the connection is not an encrypted one.
    TemporaryError
        The server went away, went silent, or is at a loss; what has come so far stays.
    """
    held = target.stat().st_size if target.exists() else 0
    if wanted.file_bytes is not None and held == wanted.file_bytes:
        target.touch(mode=0o600)
        return True
    if held > wanted.largest:
        target.unlink()
        held = 0
    try:
        with closing(_open(wanted, held)) as answer:
            return _take(answer, wanted, target, may_go_on)
    except (requests.RequestException, urllib3.exceptions.HTTPError, zlib.error) as error:
        raise TemporaryError(
            f"The file's server does not answer ({type(error).__name__}).", retry_after_seconds=_SOON_SECONDS
        ) from None


def _open(wanted: Wanted, held: int) -> requests.Response:
    """Ask for the file from a byte on; a redirect is followed on the same host only."""
    url = wanted.url
    for _ in range(_REDIRECTS + 1):
        _refuse_odd_address(url, wanted)
        answer = requests.get(
            url,
            headers={"Accept-Encoding": "identity"} | ({"Range": f"bytes={held}-"} if held else {}),
            stream=True,
            allow_redirects=False,
            timeout=(_CONNECT_SECONDS, _SILENCE_SECONDS),
            auth=_as_it_is,
        )
        if not answer.is_redirect:
            return answer
        answer.close()
        url = urljoin(url, answer.headers["Location"])
    raise FileRefusedError("The file's link leads from one place to the next without an end.")


def _refuse_odd_address(url: str, wanted: Wanted) -> None:
    there, first = urlsplit(url), urlsplit(wanted.url)
    if there.scheme != "https" and not (wanted.plain_http and there.scheme == "http"):
        raise FileRefusedError("The file's link is not an encrypted one.")
    if (there.scheme, there.netloc) != (first.scheme, first.netloc):
        raise FileRefusedError("The file's link leads to another host.")


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Add no credentials, not even those that a .netrc of the machine may hold."""
    return request


def _take(answer: requests.Response, wanted: Wanted, target: Path, may_go_on: Callable[[int], bool]) -> bool:
    begin = _begin(answer, wanted, target)
    if begin is None:
        return True
    size = begin
    began = time.monotonic()
    with _open_private(target, begin) as file:
        for chunk in _chunks(answer, wanted.largest - begin):
            file.write(chunk)
            size += len(chunk)
            if size > wanted.largest:
                file.truncate(0)
                raise FileRefusedError("The file is longer than Shopify said.")
            elapsed = time.monotonic() - began
            if elapsed > _PATIENCE_SECONDS and (size - begin) / elapsed < _SLOWEST_BYTES_A_SECOND:
                raise TemporaryError("The file's server sends too slowly.", retry_after_seconds=_SOON_SECONDS)
            if not may_go_on(size):
                return wanted.file_bytes == size
    return _is_whole(answer, wanted, begin, size)


def _begin(answer: requests.Response, wanted: Wanted, target: Path) -> int | None:
    """Return the byte from which on the answer is to be written; ``None`` where there is nothing to write."""
    status = answer.status_code
    if status in _LINK_DEAD:
        raise LinkDeadError(f"The file's link is no longer good (HTTP {status}).")
    if status == _NOT_SATISFIABLE:
        if wanted.file_bytes is None:
            return None  # nobody knew that it was whole already
        target.unlink(missing_ok=True)
        raise TemporaryError(
            "The file is another one than before; it is fetched from its beginning.",
            retry_after_seconds=_SOON_SECONDS,
        )
    if status == _OK:
        return 0
    if status != _PARTIAL:
        raise TemporaryError(f"The file's server answers HTTP {status}.", retry_after_seconds=_SOON_SECONDS)
    return _begin_of_range(answer, wanted, target)


def _begin_of_range(answer: requests.Response, wanted: Wanted, target: Path) -> int:
    """Check that a part of the file is the one that is missing here."""
    held = target.stat().st_size if target.exists() else 0
    span, _, total = answer.headers.get("Content-Range", "").removeprefix("bytes ").partition("/")
    fits = wanted.file_bytes is None or total in {"*", str(wanted.file_bytes)}
    if span.partition("-")[0] != str(held) or not fits or answer.headers.get("Content-Encoding"):
        target.unlink(missing_ok=True)
        raise TemporaryError(
            "Another part came than was asked for; the file is fetched from its beginning.",
            retry_after_seconds=_SOON_SECONDS,
        )
    return held


def _chunks(answer: requests.Response, largest: int) -> Iterator[bytes]:
    """Yield the bytes of the file; packed ones are unpacked, and never to more than the file's size."""
    raw = iter(lambda: answer.raw.read(_CHUNK_BYTES, decode_content=False), b"")
    encoding = answer.headers.get("Content-Encoding", "identity").lower()
    if encoding in {"identity", ""}:
        yield from raw
        return
    if encoding not in {"gzip", "x-gzip"}:
        raise FileRefusedError(f"The file comes in an encoding that nobody asked for ({encoding[:20]!r}).")
    unpacked = 0
    unpacker = zlib.decompressobj(wbits=31)
    for packed in raw:
        waiting = packed
        while waiting and unpacked <= largest:
            piece = unpacker.decompress(waiting, _CHUNK_BYTES)
            waiting = unpacker.unconsumed_tail
            unpacked += len(piece)
            yield piece


def _is_whole(answer: requests.Response, wanted: Wanted, begin: int, size: int) -> bool:
    """Tell whether the end of the answer is the end of the file."""
    if wanted.file_bytes is not None:
        if size < wanted.file_bytes:
            raise TemporaryError("The file's server stopped in the middle.", retry_after_seconds=_SOON_SECONDS)
        return True
    length = answer.headers.get("Content-Length")
    if length is not None and not answer.headers.get("Content-Encoding") and begin + int(length) != size:
        raise TemporaryError("The file's server stopped in the middle.", retry_after_seconds=_SOON_SECONDS)
    return True


def _open_private(target: Path, begin: int) -> BinaryIO:
    """Open the file for what comes from this byte on; nobody but this account can read it."""
    handle = os.open(target, os.O_RDWR | os.O_CREAT, 0o600)
    os.ftruncate(handle, begin)
    os.lseek(handle, begin, os.SEEK_SET)
    return os.fdopen(handle, "wb")

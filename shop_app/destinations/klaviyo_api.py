"""Klaviyo's interface: one call, its pages, and what is told apart when it fails.

Where Klaviyo answers is set once at a process' start. Every call is counted before it is made, goes to that
host alone, and names the revision that this code is written for. Reads are tried again a few times; writes are
sent once, and where no answer comes of one, that is said.
"""

import hashlib
import time
from collections.abc import Iterator, Mapping
from urllib.parse import quote, urlencode, urlsplit

import orjson

from shop_app.destinations.errors import OutcomeUnknownError, RejectedError, SlowDownError
from shop_app.destinations.klaviyo_answers import Json, parsed, raise_for_status, spent_seconds
from shop_app.destinations.klaviyo_limits import ENDPOINTS, Endpoint
from shop_app.destinations.rate_windows import Budget
from shop_app.errors import TemporaryError
from shop_app.wire import http

REVISION = "2026-07-15"
"""The revision of Klaviyo's interface that every request of ours is written for and checked against."""

REAL_ORIGIN = "https://a.klaviyo.com"
WHO = "Klaviyo"

_MEDIA_TYPE = "application/vnd.api+json"
_PAUSES_SECONDS = (0.5, 1.5)
"""Between tries of a read; then the caller's own, longer pauses take over."""
_MOST_PATIENCE_TRIES = 3

_state = {"origin": REAL_ORIGIN}


def configure(origin: str | None) -> None:
    """Set where Klaviyo answers, as ``https://host[:port]``; ``None``: the real one."""
    _state["origin"] = (origin or REAL_ORIGIN).rstrip("/")


def current_origin() -> str:
    """Return where Klaviyo answers."""
    return _state["origin"]


def quoted(values: list[str]) -> str:
    """Return values as a list inside a filter: ``["a","b"]``."""
    return orjson.dumps(values).decode()


class KlaviyoApi:
    """One account's interface.

    Parameters
    ----------
    authorization
        The value of the header of that name: ``Klaviyo-API-Key pk_…`` or ``Bearer …``.
    account_id
        Whose it is, where that is known: all private keys of an account share one limit, and its consent to
        one app has another.
    """

    def __init__(
        self, authorization: str, *, account_id: str | None = None, budget: Budget | None = None
    ) -> None:
        self._authorization = authorization
        self.credential = hashlib.sha256(authorization.encode()).hexdigest()[:24]
        way = authorization.partition(" ")[0].lower()
        self._budget = budget or Budget(WHO, f"{account_id}-{way}" if account_id else self.credential)

    def patient(self, seconds: float) -> "KlaviyoApi":
        """Return the same interface for what is done seldom and may wait so long for its turn."""
        return KlaviyoApi(self._authorization, budget=self._budget.with_patience(seconds))

    def get(self, path: str, query: Mapping[str, str] | None = None, **ids: str) -> Json:
        """Read one document.

        Parameters
        ----------
        path
            One of :mod:`shop_app.destinations.klaviyo_limits`, with ``{id}`` where ``ids`` go.

        Raises
        ------
        BrokenConnectionError, SlowDownError, TemporaryError, CallRefusedError
            As :func:`~shop_app.destinations.klaviyo_answers.raise_for_status` tells them apart.
        """
        return self._read(ENDPOINTS["GET", path], _url(path, query, ids))

    def pages(self, path: str, query: Mapping[str, str] | None = None, **ids: str) -> Iterator[list[Json]]:
        """Read a collection page by page; ``links.next`` is followed on Klaviyo's own host alone.

        Raises
        ------
        RejectedError
            The next page is said to lie on another host; the key is not sent there.
        """
        endpoint, url = ENDPOINTS["GET", path], _url(path, query, ids)
        while url:
            body = self._read(endpoint, url)
            yield list(body.get("data") or ())
            url = _next_of(body)

    def send(self, method: str, path: str, body: Json | None, **ids: str) -> Json:
        """Write, once.

        Raises
        ------
        OutcomeUnknownError
            It was sent, and no answer came that says what was done.
        BrokenConnectionError, SlowDownError, TemporaryError, CallRefusedError
            Nothing was done.
        """
        endpoint = ENDPOINTS[method, path]
        content = None if body is None else orjson.dumps(body)
        try:
            return self._counted(method, endpoint, _url(path, None, ids), content)
        except http.NoAnswerError as error:
            raise OutcomeUnknownError(str(error)) from None

    def _read(self, endpoint: Endpoint, url: str) -> Json:
        for pause in _PAUSES_SECONDS:
            try:
                return self._counted("GET", endpoint, url, None)
            except SlowDownError:
                raise
            except TemporaryError:
                time.sleep(pause)
        return self._counted("GET", endpoint, url, None)

    def _counted(self, method: str, endpoint: Endpoint, url: str, content: bytes | None) -> Json:
        """Make a call when its turn has come; a short wait that Klaviyo asks for is kept in place."""
        for tries_left in reversed(range(_MOST_PATIENCE_TRIES)):
            self._budget.take(endpoint.size, endpoint.windows)
            try:
                return self._once(method, endpoint, url, content)
            except SlowDownError as error:
                self._budget.hold(endpoint.size, error.retry_after_seconds)
                if not tries_left or error.retry_after_seconds > self._budget.patience_seconds:
                    raise
        raise AssertionError("unreachable")  # the last try returns or raises

    def _once(self, method: str, endpoint: Endpoint, url: str, content: bytes | None) -> Json:
        headers = {"Authorization": self._authorization, "revision": REVISION, "Accept": _MEDIA_TYPE}
        if content is not None:
            headers["Content-Type"] = _MEDIA_TYPE
        is_write = method != "GET"
        host = urlsplit(current_origin()).netloc
        try:
            answer = http.call(method, url, who=WHO, host=host, headers=headers, body=content)
        except http.UnusableAnswerError as error:
            raise RejectedError(str(error)) from None
        raise_for_status(answer, endpoint, is_write=is_write)
        if seconds := spent_seconds(answer):
            self._budget.hold(endpoint.size, seconds)
        body = parsed(answer)
        if body is None:
            raise http.NoAnswerError("Klaviyo's answer is no JSON.")
        return body


def _url(path: str, query: Mapping[str, str] | None, ids: Mapping[str, str]) -> str:
    filled = path.format(**{name: quote(value, safe="") for name, value in ids.items()})
    return f"{current_origin()}{filled}" + (f"?{urlencode(query, quote_via=quote)}" if query else "")


def _next_of(body: Json) -> str:
    """Return the address of the next page, or nothing; one elsewhere is refused."""
    url = str((body.get("links") or {}).get("next") or "")
    ours = urlsplit(current_origin())
    if url and urlsplit(url)[:2] != ours[:2]:
        raise RejectedError("Klaviyo's answer names a next page on another host; nothing was asked there.")
    return url

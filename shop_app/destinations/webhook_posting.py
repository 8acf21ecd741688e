"""Events on their way: one POST each, some of them at a time, and what every answer means."""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import urlsplit

from shop_app.clock import utc_now
from shop_app.destinations.base import Outcome
from shop_app.destinations.errors import BrokenConnectionError, SlowDownError
from shop_app.destinations.webhook_events import Event, headers_of
from shop_app.errors import KindredError, TemporaryError
from shop_app.wire import http
from shop_app.wire.http import HttpAnswer, Limits, UnusableAnswerError
from shop_app.wire.public_addresses import NotPublicError

_LIMITS = Limits(connect_seconds=5, silence_seconds=10, total_seconds=15, answer_bytes=1_000_000)
"""A receiver that wants to take its time keeps the event and answers first, as ours does."""
_THREADS = 8
_LAST_START_SECONDS = 40.0
"""After so long no further event of a chunk is begun: the lease of whoever sends ends after 90."""
_FAILURES_IN_A_ROW = 10
"""So many without a single success between them: the receiver is down, and the rest waits."""
_CLOSED_AT_ONCE = 3
_USUAL_PAUSE_SECONDS = 60.0
_LONGEST_PAUSE_SECONDS = 3_600.0
_CLOSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)
"""These speak of the address, or of one customer: a ping tells which."""
_LATER = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY)


class ClosedError(KindredError):
    """The answer says that there is nothing here for us: of the whole address, or of one event only."""


class NotTakenError(KindredError):
    """The receiver does not want this one event, and would not want it again."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where events of one shop go; the path of the address is a secret, its host is what it is called by."""

    url: str = field(repr=False)
    secret: str = field(repr=False)
    shop: str

    @property
    def host(self) -> str:
        """Return the host with its port."""
        return urlsplit(self.url).netloc

    def post(self, event: Event) -> None:
        """Send one event; that nothing is raised means that it was taken.

        Raises
        ------
        BrokenConnectionError
            The receiver has unsubscribed, leads elsewhere, or is not on the open internet.
        ClosedError, NotTakenError
            A refusal; see there.
        SlowDownError, TemporaryError
            Not now.
        """
        now = utc_now()
        headers = headers_of(event, shop=self.shop, secret=self.secret, now=now)
        try:
            answer = http.call(
                "POST",
                self.url,
                who=self.host,
                host=self.host,
                headers=headers,
                body=event.body,
                limits=_LIMITS,
                only_public=True,
            )
        except (NotPublicError, UnusableAnswerError) as error:
            raise BrokenConnectionError(f"url: {error} Nothing more is sent there.") from None
        _judge(answer, self.host, now)


def _judge(answer: HttpAnswer, host: str, now: datetime) -> None:
    status = answer.status
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return
    if status == HTTPStatus.GONE:
        raise BrokenConnectionError(
            f"{host} answered 410: it wants no more events. Give another address to go on."
        )
    waits = answer.headers.get("retry-after")
    if status == HTTPStatus.TOO_MANY_REQUESTS or (status == HTTPStatus.SERVICE_UNAVAILABLE and waits):
        raise SlowDownError(f"{host} asks for patience.", retry_after_seconds=pause_of(waits, now))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _LATER:
        raise TemporaryError(f"{host} answered {status}.")
    if status in _CLOSED:
        raise ClosedError(f"{host} answered {status}.")
    if status < HTTPStatus.BAD_REQUEST:
        raise BrokenConnectionError(
            f"url: {host} answered {status} instead of taking the event; give the address that takes it itself."
        )
    raise NotTakenError(f"{host} answered {status}: it does not take this event.")


def pause_of(retry_after: str | None, now: datetime) -> float:
    """Return the seconds to wait, given as a number or as a date, an hour at most."""
    text = (retry_after or "").strip()
    try:
        seconds = float(text) if text.isascii() and text.isdigit() else _until(text, now)
    except (ValueError, TypeError):  # neither a number nor a date, or a date without a zone
        return _USUAL_PAUSE_SECONDS
    return min(max(seconds, 1.0), _LONGEST_PAUSE_SECONDS)


def _until(text: str, now: datetime) -> float:
    return (parsedate_to_datetime(text) - now).total_seconds()


@dataclass(slots=True)
class _Round:
    """Events that several threads send, and what has become of them so far."""

    waiting: deque[tuple[int, Event]]
    lock: threading.Lock = field(default_factory=threading.Lock)
    began: float = field(default_factory=time.monotonic)
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    closed: dict[int, str] = field(default_factory=dict)
    resume_at: float = 0.0
    failures: int = 0
    last_failure: KindredError | None = None
    trouble: KindredError | None = None

    def next_one(self) -> tuple[int, Event] | None:
        """Hand out an event, unless it is better to stop; where patience is asked for, after that."""
        while True:
            with self.lock:
                if self._is_over() or not self.waiting:
                    return None
                pause = self.resume_at - time.monotonic()
                if pause <= 0:
                    return self.waiting.popleft()
            time.sleep(pause)

    def _is_over(self) -> bool:
        return (
            self.trouble is not None
            or self.failures >= _FAILURES_IN_A_ROW
            or (len(self.closed) >= _CLOSED_AT_ONCE and not self.outcomes)
            or max(time.monotonic(), self.resume_at) - self.began > _LAST_START_SECONDS
        )

    def note(self, key: int, event: Event, error: KindredError | None) -> None:
        """Keep what became of one event; a short pause is waited out once the receiver has taken something."""
        with self.lock:
            if isinstance(error, SlowDownError) and self.outcomes:
                self.waiting.appendleft((key, event))
                self.resume_at = max(self.resume_at, time.monotonic() + error.retry_after_seconds)
            elif error is None or isinstance(error, NotTakenError):
                self.outcomes[key] = Outcome("ok") if error is None else Outcome("rejected", str(error))
                self.failures = 0
            elif isinstance(error, ClosedError):
                self.closed[key] = str(error)
            elif isinstance(error, SlowDownError) or not isinstance(error, TemporaryError):
                self.trouble = self.trouble or error
            else:
                self.failures += 1
                self.last_failure = error


def post_all(
    receiver: Receiver, events: Mapping[int, Event], *, probe: Callable[[], Event]
) -> dict[int, Outcome]:
    """Send events by key, eight at a time; who is missing from what is returned is to be tried again.

    What got through is told before what stands in the way: that comes up again with the next try, and nothing
    that was taken is sent twice. Where nothing got through, the receiver is down, and it is waited for. An
    event that came though its answer did not is sent again with the same id, which does no harm.

    Raises
    ------
    BrokenConnectionError, SlowDownError, TemporaryError
        As :meth:`Receiver.post`, where no event came to an end.
    """
    if not events:
        return {}
    going = _Round(deque(events.items()))
    with ThreadPoolExecutor(min(_THREADS, len(events)), thread_name_prefix="webhooks") as threads:
        for done in [threads.submit(_work, receiver, going) for _ in range(min(_THREADS, len(events)))]:
            done.result()
    if going.closed and not isinstance(going.trouble, BrokenConnectionError):
        _settle_closed(receiver, going, probe())
    stands_in_the_way = going.trouble or going.last_failure
    if stands_in_the_way is not None and not going.outcomes:
        raise stands_in_the_way
    return going.outcomes


def _work(receiver: Receiver, going: _Round) -> None:
    try:
        while (waiting := going.next_one()) is not None:
            key, event = waiting
            try:
                receiver.post(event)
            except KindredError as error:
                going.note(key, event, error)
            else:
                going.note(key, event, None)
    finally:
        http.hang_up()


def _settle_closed(receiver: Receiver, going: _Round, probe: Event) -> None:
    """Find out whether a refusal was meant for all events: then they wait, else those few are given up."""
    try:
        receiver.post(probe)
    except (ClosedError, NotTakenError) as error:
        going.trouble = broken(error)
    except KindredError as error:
        going.trouble = going.trouble or error
    else:
        going.outcomes.update({key: Outcome("rejected", words) for key, words in going.closed.items()})


def broken(error: KindredError) -> BrokenConnectionError:
    """Return that a refusal holds for the whole address."""
    return BrokenConnectionError(
        f"{error} A test event is refused too, so the address or its permissions have changed: open the "
        "receiver, and give the address that it shows."
    )

"""What every destination is and does; one battery of tests holds all of them to it.

What a destination holds of one customer is a *document*: a few named parts, each a list (labels, lists: a set
of names) or an object (values by key). ``None`` is nothing of ours at all. The same shape is compared, planned,
approved, sent, read back and undone, whatever the vendor calls it.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from shop_app.shopify.admin_api import AdminApi

Document = dict[str, Any]
"""Parts by name: a sorted list of texts, or an object of texts, numbers, booleans and nulls."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that a merchant sets: forms, masking and checks come from this.

    ``kind`` is ``secret`` (kept sealed, shown masked), ``text``, ``url``, ``choice`` (of ``choices``: value and
    words), ``yes_no`` or ``number`` (whole, ``least`` to ``most``).
    """

    name: str
    label: str
    kind: Literal["secret", "text", "url", "choice", "yes_no", "number"]
    help: str = ""
    default: Any = ""
    required: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    least: int = 0
    most: int = 1_000_000


@dataclass(frozen=True, slots=True)
class Connected:
    """Whose account answers, and what a person should know about it."""

    account_id: str
    account_name: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Access:
    """What a destination gets of the shop: who it is, its Admin API, the account that is pinned.

    ``account_id`` is the account that answered when the settings were saved; another one is never written to.
    """

    shop_id: int
    shop_domain: str
    api: Callable[[], AdminApi] = field(repr=False)
    account_id: str | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How much goes out at once: at most so many rows and bytes a chunk."""

    chunk_rows: int
    chunk_bytes: int = 4_600_000


@dataclass(frozen=True, slots=True)
class Contact:
    """By what a destination can find a customer; addresses stay in memory."""

    shopify_id: int | None
    email: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Labels:
    """What may be said of one customer after every guard; a destination takes of it what it can hold.

    ``segment`` is the slug of the segment, ``None`` where nothing is to be said (left out, suppressed).
    ``others`` are slugs of further labels (own segments, ``no-discounts``). ``may_mail`` tells whether lists
    for mailing may hold them. Money is in units of the shop's currency with its decimals, as text.
    """

    segment: str | None
    segment_name: str = ""
    others: tuple[str, ...] = ()
    may_mail: bool = False
    rfm: str | None = None
    churn_risk_90d: float | None = None
    value_365d: str | None = None
    next_order_from: str | None = None
    next_order_to: str | None = None
    reason: str = ""
    as_of: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One customer to bring from one document to another.

    ``owned`` are names (tags) that we have written and that are not known to be gone: nothing else is ever
    removed. ``foreign`` are those that were there without us when the facts were last read.
    """

    customer_id: int
    before: Document | None
    after: Document | None
    contact: Contact
    remote_id: str | None = None
    owned: frozenset[str] = frozenset()
    foreign: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Group:
    """A segment as destinations show it: ``Kindred: At risk`` for the slug ``at-risk``."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class RemoteGroup:
    """Something of ours that stands there by itself: ``role`` is ``segment``, ``list`` or ``definition``."""

    role: str
    slug: str
    remote_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row.

    ``ok``, ``rejected`` (``words`` say why; not tried again until something changes) or ``absent`` (the
    destination knows no such customer).
    """

    kind: Literal["ok", "rejected", "absent"]
    words: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """A step is over: outcomes by customer; whoever is missing is to be tried again."""

    outcomes: Mapping[int, Outcome]


@dataclass(frozen=True, slots=True)
class Job:
    """A step is under way at the other side; ask again by ``key`` after so many seconds."""

    key: str
    poll_after_seconds: float = 5.0


Receipt = Done | Job


class Destination(ABC):
    """One destination, connected with one shop's settings.

    Every method that speaks to the other side may raise

    * :class:`~shop_app.destinations.errors.BrokenConnectionError`: only a person can mend it; pause at once,
    * :class:`~shop_app.destinations.errors.SlowDownError`: wait so long; no failure,
    * :class:`~shop_app.destinations.errors.OutcomeUnknownError`: read back before anything is sent again,
    * :class:`~shop_app.errors.TemporaryError`: nothing was done; try again later,
    * :class:`~shop_app.destinations.errors.RejectedError`: the whole call is wrong, and would be again.
    """

    kind: ClassVar[str]
    name: ClassVar[str]
    schema: ClassVar[tuple[Setting, ...]]
    per_record: ClassVar[bool]
    """True: every Shopify record of a person is written to; False: each person once."""
    limits: ClassVar[Limits]
    can_read_back: ClassVar[bool] = True
    """False where nothing can be asked of the other side: then what was sent is sent again in doubt."""

    def __init__(self, settings: Mapping[str, Any], access: Access) -> None:
        self.settings, self.access = settings, access

    @classmethod
    def completed(cls, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Return settings with what is made for the merchant filled in; a wrong one is told.

        Raises
        ------
        InvalidInputError
            A setting cannot be that; ``field`` names it.
        """
        return dict(settings)

    @abstractmethod
    def check(self) -> Connected:
        """Find out whether the settings work, and whose account they lead to."""

    @abstractmethod
    def desired(self, labels: Labels, *, previous: Document | None) -> Document | None:
        """Return the document for these labels.

        Numbers, reason and ``as_of`` of ``previous`` are kept as long as the label and the bands of the numbers
        are the same, so that ageing alone rewrites nobody. ``None`` where there is nothing to say and nothing
        was said before; where something was, the document that takes it back.
        """

    @abstractmethod
    def prepare(
        self, groups: Sequence[Group], known: Sequence[RemoteGroup]
    ) -> tuple[list[RemoteGroup], list[str]]:
        """See to it that what stands by itself exists: definitions, segments, lists.

        Found again by stored id, never by name alone. Returns all of it, and sentences for what a person has
        to settle: a list that was deleted there is not silently made again.
        """

    @abstractmethod
    def find(self, rows: Sequence[Row]) -> dict[int, str | None]:
        """Look up the other side's ids of rows that lack one; ``None``: no such customer there."""

    @abstractmethod
    def steps(self, rows: Sequence[Row]) -> tuple[str, ...]:
        """Name what has to be done for these rows, in order; steps that nobody needs are left out."""

    @abstractmethod
    def submit(self, step: str, rows: Sequence[Row], groups: Sequence[RemoteGroup]) -> Receipt:
        """Do one step for these rows. Doing it again gives the same state."""

    @abstractmethod
    def poll(self, step: str, key: str, rows: Sequence[Row], groups: Sequence[RemoteGroup]) -> Receipt:
        """Ask what became of a job."""

    @abstractmethod
    def read_back(self, rows: Sequence[Row], groups: Sequence[RemoteGroup]) -> dict[int, Document | None]:
        """Return what the other side holds of ours for these rows now; a row that is not there is missing."""

    @abstractmethod
    def drop_groups(self, groups: Sequence[RemoteGroup]) -> None:
        """Delete what stands by itself and is ours; one that is gone already is let be."""

    def recover(self, step: str, rows: Sequence[Row]) -> Job | None:
        """Find a job of ours whose start went unanswered; ``None`` where there can be none under way."""
        del step, rows
        return None

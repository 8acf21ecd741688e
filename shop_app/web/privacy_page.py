"""What the template of the privacy page may see."""

from dataclasses import dataclass

from shop_app.web.pages import Frame, Link, Notice


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One request; ``counts`` says by place what was erased or handed out."""

    kind: str
    subject: str
    received: str
    due: str
    state: str
    state_tone: str
    outcome: str
    counts: tuple[str, ...]
    download: Link | None


@dataclass(frozen=True, slots=True)
class StoreRow:
    """One place where something of a customer can be."""

    name: str
    holds: str
    kept: str
    sealed: str
    erasure: str


@dataclass(frozen=True, slots=True)
class AccessRow:
    """One look at somebody's data."""

    at: str
    user: str
    what: str
    customer: Link | None


@dataclass(frozen=True, slots=True)
class PrivacyPage:
    """``GET /privacy``."""

    frame: Frame
    notices: tuple[Notice, ...]
    requests: tuple[RequestRow, ...]
    stores: tuple[StoreRow, ...]
    accesses: tuple[AccessRow, ...]
    customer_notice: tuple[str, ...]
    command: str

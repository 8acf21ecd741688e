"""Who is asking: what is known of it while a request is answered, and the marks that views carry."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import current_app, g

from shop_app.errors import NotVerifiedError, StartRefusedError

View = TypeVar("View", bound=Callable[..., Any])

FRAMEWORK_REASONS = {"static": "stylesheets, scripts and pictures: the same for everybody"}
"""Endpoints of Flask's own that nobody is asked at."""


class SessionNeededError(NotVerifiedError):
    """There is no session token, or one that is no longer good: App Bridge is to send a fresh one."""


class StrangerError(NotVerifiedError):
    """What was shown proves nothing, and asking again will not help."""


class NoLoginError(StartRefusedError):
    """The app is public, and knows no way to tell who is asking."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A person who looks at one shop from its admin; both come from a verified token and nowhere else."""

    shop_id: int
    shop_domain: str
    user_id: str


def public_route(reason: str) -> Callable[[View], View]:
    """Let anybody reach a view, for the reason given; every other one is asked who is calling."""

    def mark(view: View) -> View:
        view.public_reason = reason  # type: ignore[attr-defined]
        return view

    return mark


def download_route(view: View) -> View:
    """Let a view be reached through a signed link too: a browser's own download carries no token."""
    view.takes_signed_links = True  # type: ignore[attr-defined]
    return view


def public_reason(endpoint: str) -> str:
    """Return why anybody may reach an endpoint, "" where they may not."""
    view = current_app.view_functions.get(endpoint)
    return FRAMEWORK_REASONS.get(endpoint) or str(getattr(view, "public_reason", ""))


def takes_signed_links(endpoint: str) -> bool:
    """Tell whether an endpoint is one of downloads."""
    return bool(getattr(current_app.view_functions.get(endpoint), "takes_signed_links", False))


def caller() -> Caller | None:
    """Return who looks at a shop from its admin; ``None`` in local mode, where nobody has to say.

    Raises
    ------
    NotVerifiedError
        This is not local mode, and nobody was asked: a fault of ours that must not show anything.
    """
    found: Caller | None = g.get("caller")
    if found is None and not current_app.config["LOCAL_MODE"]:
        raise NotVerifiedError("Nobody was asked who is calling.")
    return found


def user_id() -> str:
    """Return the number of the person asking, for logs of access; ``local`` in local mode."""
    found = caller()
    return "local" if found is None else found.user_id

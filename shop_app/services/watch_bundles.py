"""What becomes of offers by themselves: over, sold out, not worth it any more; and what was done in Shopify."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shop_app.services.bundle_limits import Limits
from shop_app.services.draft_bundles import KIND
from shop_app.services.keeping_turn import is_the_same
from shop_app.shopify.offers import Standing
from shop_app.storage import bundles, decisions
from shop_app.storage.bundles import Bundle
from shop_app.storage.decisions import Decision
from shop_app.storage.engine import Connection

COMES_BACK = ("stock", "season")
"""What an offer that paused itself goes on from by itself."""
_OURSELVES = "Kindred"


@dataclass(frozen=True, slots=True)
class Cause:
    """Why an offer pauses by itself; ``ended_at`` is given where it is over."""

    name: str
    words: str
    ended_at: datetime | None = None


def watch(connection: Connection, bundle: Bundle, limits: Limits, *, at: datetime) -> bool:
    """Pause an offer that cannot go on, resume one whose cause is gone; return whether anything was done."""
    if bundle.state in ("approved", "live"):
        cause = why_pause(bundle, limits, at)
    elif bundle.state == "paused" and bundle.paused_for in (*COMES_BACK, "margin"):
        cause = why_pause(bundle, limits, at)
        if cause is None:
            return bundle.paused_for in COMES_BACK and resume(connection, bundle, at=at)
        if cause.name == bundle.paused_for:
            return False
    else:
        return False
    return cause is not None and pause(connection, bundle, cause, at=at)


def why_pause(bundle: Bundle, limits: Limits, at: datetime) -> Cause | None:
    """Return why an offer cannot go on, ``None`` where nothing is amiss."""
    terms = bundle.terms
    if terms.ends_at is not None and terms.ends_at <= at:
        return Cause("end", "Its end has come, as agreed.", terms.ends_at)
    uses = max(int(bundle.remote.get("uses") or 0), int(bundle.result.get("orders") or 0))
    if terms.uses_most is not None and uses >= terms.uses_most:
        return Cause("uses", f"It was used {uses} times, and {terms.uses_most} were agreed.", at)
    if words := limits.stock_words(terms):
        return Cause("stock", f"{words} It goes on by itself when there is enough again.")
    if words := limits.margin_words(terms):
        return Cause("margin", f"{words} Resume it when price or cost are right again, or retire it.")
    if words := limits.season_words(terms, at):
        return Cause("season", f"{words} It goes on by itself when the season comes.")
    return None


def pause(connection: Connection, bundle: Bundle, cause: Cause, *, at: datetime) -> bool:
    """Pause an offer where it is still as it was looked at; return whether it was."""
    if not is_the_same(bundles.lock(connection, bundle.id), bundle):
        return False
    bundles.pause_itself(connection, bundle.id, cause.name, words=cause.words, ended_at=cause.ended_at)
    _note(connection, bundle, "paused", at=at, words=cause.words)
    return True


def resume(connection: Connection, bundle: Bundle, *, at: datetime) -> bool:
    """Let an offer go on that paused itself, where it is still as it was looked at; return whether it was."""
    if not is_the_same(bundles.lock(connection, bundle.id), bundle):
        return False
    bundles.resume_itself(connection, bundle.id)
    _note(connection, bundle, "resumed", at=at, words="What had paused it is over.")
    return True


def gone(bundle: Bundle) -> Cause:
    """Return why an offer pauses that somebody deleted in Shopify."""
    words = (
        "was deleted in Shopify, and is not made again by itself. Resume it to have it made anew, or retire it."
    )
    return Cause("gone", f"Its {_thing(bundle)} {words}")


def switched_off(bundle: Bundle) -> Cause:
    """Return why an offer pauses that somebody switched off in Shopify."""
    return Cause("off", f"Its {_thing(bundle)} was switched off in Shopify. Resume it to switch it on again.")


def words_of(bundle: Bundle, there: Standing) -> list[str]:
    """Return in sentences what is not as it was agreed: it is told, and left as it is."""
    thing, words = _thing(bundle), []
    if there.differs:
        words.append(
            f"Somebody has changed its {thing} in Shopify: {_listed(there.differs)}. Kindred leaves that "
            "alone. Put it back there, or retire this and draft another offer."
        )
    if there.is_on and bundle.state == "paused" and not bundle.remote.get("is_on"):
        words.append(
            f"Its {thing} was switched on in Shopify, although it is paused here. Kindred leaves that alone: "
            "resume it here, or switch it off there."
        )
    return words


def _thing(bundle: Bundle) -> str:
    return "product" if bundle.terms.parts else "discount"


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _note(connection: Connection, bundle: Bundle, to_state: str, *, at: datetime, words: str) -> None:
    about = f"{bundle.title} ({bundle.id})"
    decisions.record(connection, Decision(at, _OURSELVES, KIND, about, bundle.state, to_state, words))

"""What `kindred bundles` does: looks anew, changes rules, decides on one bundle."""

from typing import Any

from shop_app.cli.bundles_choices import choice_values
from shop_app.cli.goals import WHO
from shop_app.cli.session import say
from shop_app.clock import utc_now

_DONE = {
    "approve": "Approved. The worker makes it in Shopify, exactly by its terms.",
    "discard": "The draft is put aside; nothing of it ever was in Shopify.",
    "pause": "Paused. The worker takes it out of sight in Shopify.",
    "resume": "It goes on. The worker puts it back in Shopify.",
    "retire": "Retired. The worker takes everything of it out of Shopify.",
}


def look_anew(shop_id: int, least_count: int | None) -> None:
    """Look at all baskets here and now, and say how far that is."""
    from shop_app.services.find_bundles import find_bundles
    from shop_app.services.shop_clock import default_as_of

    now = utc_now()
    find_bundles(shop_id, as_of=default_as_of(shop_id, now), at=now, say=say, least_count=least_count)


def change(shop_id: int, changes: tuple[str, ...]) -> None:
    """Change rules."""
    from shop_app.services.brand_names import read_brand_names
    from shop_app.services.bundle_choices import change_bundle_choices

    names = read_brand_names(shop_id)
    change_bundle_choices(shop_id, choice_values(changes, names), who=WHO, at=utc_now())
    say("Kept. The worker looks at all baskets again with it; `--refresh` does it here.")


def decide(shop_id: int, deed: str, wishes: dict[str, Any]) -> int:
    """Do one thing about one bundle, say so, and return its number."""
    from shop_app.errors import RefusedError
    from shop_app.queueing import TaskName, send
    from shop_app.services import decide_bundles as deciding
    from shop_app.services.describe_offers import describe_offer
    from shop_app.services.draft_bundles import draft_from_candidate

    now = utc_now()
    if deed == "draft":
        made = draft_from_candidate(shop_id, wishes["draft"], wishes["segment"] or "", who=WHO, at=now)
        say(f"Draft {made.id} is made; `--show {made.id}`, then `--approve {made.id}`.")
        return made.id
    bundle_id = int(wishes[deed])
    if deed == "show":
        return bundle_id
    about: dict[str, Any] = {"who": WHO, "at": now, "note": wishes["note"]}
    if deed == "approve":
        fingerprint = describe_offer(shop_id, bundle_id).bundle.fingerprint
        if not fingerprint.startswith(wishes["fingerprint"]):
            raise RefusedError("Its terms are not those of this fingerprint any more: look at it again.")
        deciding.approve_bundle(shop_id, bundle_id, fingerprint=fingerprint, **about)
    else:
        deeds = {
            "discard": deciding.discard_draft,
            "pause": deciding.pause_bundle,
            "resume": deciding.resume_bundle,
            "retire": deciding.retire_bundle,
        }
        deeds[deed](shop_id, bundle_id, **about)
    send(TaskName.KEEP_BUNDLES, shop_id)
    say(_DONE[deed])
    return bundle_id

"""One offer is brought in step with Shopify: the next thing that it lacks is done, until it lacks nothing."""

from dataclasses import replace
from datetime import datetime, timedelta

from shop_app.destinations.shopify_labels import prefix_of, tag_of
from shop_app.errors import KindredError, RefusedError, TemporaryError
from shop_app.services import do_offer_deeds
from shop_app.services.check_terms import native_segment
from shop_app.services.do_offer_deeds import NotYetError
from shop_app.services.keeping_turn import Keeping, OfferWaitsError, is_the_same, wait, wait_after
from shop_app.services.look_at_offer import look, note_gone
from shop_app.services.measure_bundles import DUE as MEASURE
from shop_app.services.offer_deeds import Deed, Wanted, in_doubt, next_deed, wanted
from shop_app.services.offer_leave import LOOK_AGAIN, check_may, denied_words, may_publish, may_show, notices
from shop_app.services.offer_under_way import Making, Remote, first_of, products_of
from shop_app.services.shop_clock import next_midnight
from shop_app.shopify.admin_errors import (
    OutcomeUnknownError,
    PermanentError,
    RefusedByShopifyError,
    UserErrorsError,
)
from shop_app.shopify.offer_discounts import is_gone
from shop_app.storage import bundle_arms, bundle_steps, bundles, destinations, due_work
from shop_app.storage.bundles import Bundle
from shop_app.storage.engine import transaction

_MOST_DEEDS = 40
_SETTLES, _BUNDLE_SETTLES = timedelta(minutes=2), timedelta(minutes=5)
"""After so long nothing comes any more of a call that went unanswered; a bundle takes its time."""
_REFUSED = timedelta(days=1)
_ON_THE_THING = frozenset({Deed.PRICE, Deed.PUBLISH, Deed.START, Deed.STOP})
_NO_ANSWER = "Shopify gave no answer: whether it was made is looked up before anything is made again."


def keep_offer(keeping: Keeping, bundle_id: int) -> datetime | None:
    """Do what an offer lacks in Shopify; return when something changes by itself, ``None`` where nothing does.

    Raises
    ------
    OfferWaitsError
        It cannot go on before a moment; why is written down with it.
    AccessDeadError, ShopFrozenError, ShopGoneError, NotConnectedError
        No offer of this shop can go on.
    LeaseLostError
        Somebody else does this by now.
    """
    for _ in range(_MOST_DEEDS):
        making = _read(keeping, bundle_id)
        if making is None:
            return None
        bundle = making.bundle
        if bundle.next_at is not None and bundle.next_at > keeping.now:
            raise OfferWaitsError(bundle.next_at)
        if _recovered(keeping, making):
            continue
        deed = next_deed(
            bundle,
            keeping.now,
            products=products_of(bundle, keeping.limits),
            may_show=may_show(keeping),
            may_publish=may_publish(keeping),
        )
        if deed is not None:
            _do(keeping, making, deed)
        elif not look(keeping, making):
            return _settled(keeping, bundle)
    return keeping.now


def _read(keeping: Keeping, bundle_id: int) -> Making | None:
    with transaction(keeping.shop_id) as connection:
        bundle = bundles.find(connection, bundle_id)
        others = [each for each in bundles.list_to_keep(connection) if each.id != bundle_id]
    if bundle is None or bundle.state == "draft" or (bundle.state == "retired" and bundle.settled):
        return None
    return Making(keeping.api(), bundle, others, keeping.limits)


def _do(keeping: Keeping, making: Making, deed: Deed) -> None:
    """Do one thing: it is written down first, and what came of it afterwards."""
    check_may(keeping, making.bundle, deed)
    if deed is Deed.MAKE:
        making = _fixed(keeping, making)
    bundle = making.bundle
    unsure = in_doubt(deed, bundle, products_of(bundle, keeping.limits))
    with transaction(keeping.shop_id) as connection:
        if not is_the_same(bundles.lock(keeping.held(connection), bundle.id), bundle):
            return  # decided on otherwise meanwhile
        no = bundle_steps.begin(connection, bundle.id, deed, at=keeping.now)
        bundles.write_remote(connection, bundle.id, unsure)
    try:
        remote = do_offer_deeds.do(deed, making)
    except NotYetError as error:
        _end(keeping, bundle, no, "done")
        raise wait(keeping, bundle, "", timedelta(seconds=error.retry_after_seconds)) from None
    except TemporaryError as error:
        raise _unanswered(keeping, bundle, no, deed, error) from None
    except (RefusedError, PermanentError, RefusedByShopifyError) as error:
        _refused(keeping, bundle, no, deed, error)
        return
    problem = remote.pop("problem", "")
    _end(keeping, bundle, no, "refused" if problem else "done", problem, remote=remote)
    if problem and bundle.state != "retired":
        raise wait(keeping, bundle, f"Shopify could not put the bundle together: {problem}", _REFUSED)


def _fixed(keeping: Keeping, making: Making) -> Making:
    """Fix the offer's beginning and what its things are called by, once, before anything is made of it."""
    bundle = making.bundle
    if "variants" in bundle.remote:
        return making
    with transaction(keeping.shop_id) as connection:
        segment = native_segment(connection, bundle.terms.segment)
        shopify = destinations.find(connection, keeping.shop_id, "shopify")
    tag = tag_of(prefix_of(shopify.settings if shopify else {}), bundle.terms.segment)
    try:
        first = first_of(bundle, keeping.limits, segment=segment, tag=tag, at=keeping.now)
    except RefusedError as error:
        raise wait(keeping, bundle, str(error), _REFUSED) from None
    remote = {**bundle.remote, **first}
    with transaction(keeping.shop_id) as connection:
        bundles.write_remote(keeping.held(connection), bundle.id, remote)
    return replace(making, bundle=replace(bundle, remote=remote))


def _end(
    keeping: Keeping, bundle: Bundle, no: int, state: str, words: str = "", *, remote: Remote | None = None
) -> None:
    """Write down what came of a call, and what was made of the offer by then."""
    made = remote or {}
    with transaction(keeping.shop_id) as connection:
        keeping.held(connection)
        remote_id = made.get("id") or made.get("operation") or made.get("was")
        bundle_steps.end(connection, bundle.id, no, state, words=words, remote_id=remote_id)
        if remote is not None:
            bundles.write_remote(connection, bundle.id, remote)


def _unanswered(
    keeping: Keeping, bundle: Bundle, no: int, deed: Deed, error: TemporaryError
) -> OfferWaitsError:
    """Note down that no (good) answer came; only of a making it matters what came of it all the same."""
    if deed is not Deed.MAKE or not isinstance(error, OutcomeUnknownError):
        _end(keeping, bundle, no, "refused", str(error))
        return wait_after(keeping, bundle, error)
    _end(keeping, bundle, no, "unknown", str(error))
    return wait(keeping, bundle, _NO_ANSWER, _SETTLES)


def _refused(keeping: Keeping, bundle: Bundle, no: int, deed: Deed, error: KindredError) -> None:
    """Note down that Shopify does not do it; what is gone there is gone, all else waits for somebody.

    Raises
    ------
    OfferWaitsError
        It waits.
    """
    _end(keeping, bundle, no, "refused", str(error))
    if deed in _ON_THE_THING and isinstance(error, UserErrorsError) and is_gone(error):
        note_gone(keeping, bundle)
        return
    if isinstance(error, RefusedByShopifyError):
        raise wait(keeping, bundle, denied_words(error.reason), LOOK_AGAIN)
    words = str(error) if isinstance(error, RefusedError) else f"Shopify does not take this offer: {error}"
    raise wait(keeping, bundle, words, _REFUSED)


def _recovered(keeping: Keeping, making: Making) -> bool:
    """Find out what came of a making that went unanswered; return whether there was one."""
    bundle = making.bundle
    if "id" in bundle.remote or "operation" in bundle.remote or "variants" not in bundle.remote:
        return False
    with transaction(keeping.shop_id) as connection:
        step = bundle_steps.find_open(connection, bundle.id, Deed.MAKE)
    if step is None:
        return False
    try:
        remote = do_offer_deeds.recover(making, since=step.at)
    except RefusedByShopifyError as error:
        raise wait(keeping, bundle, denied_words(error.reason), LOOK_AGAIN) from None
    except TemporaryError as error:
        raise wait_after(keeping, bundle, error) from None
    if remote is not None:
        _end(keeping, bundle, step.no, "done", "Found again after its answer was lost.", remote=remote)
    elif keeping.now < step.at + _settles(making):
        raise wait(keeping, bundle, _NO_ANSWER, step.at + _settles(making) - keeping.now)
    else:
        _end(keeping, bundle, step.no, "refused", "Nothing came of it.")
    return True


def _settles(making: Making) -> timedelta:
    return _BUNDLE_SETTLES if making.is_fixed else _SETTLES


def _settled(keeping: Keeping, bundle: Bundle) -> datetime | None:
    """Say that Shopify holds what was decided; return when that changes by itself."""
    left_out = keeping.choices()[0].holdouts.get(bundle.terms.segment, 0)
    with transaction(keeping.shop_id) as connection:
        current = bundles.lock(keeping.held(connection), bundle.id)
        if current is None or not is_the_same(current, bundle):
            return keeping.now
        bundles.settle(connection, bundle.id, trouble=" ".join(notices(keeping, current)))
        if current.state == "approved" and wanted(current, keeping.now) is Wanted.ON:
            is_first = bundles.go_live(connection, bundle.id, at=keeping.now)
            timezone = keeping.limits.timezone
            due_work.ensure_due(
                connection, keeping.shop_id, MEASURE, due_at=next_midnight(keeping.now, timezone)
            )
            if is_first and current.terms.segment:
                bundle_arms.write(connection, bundle.id, current.terms.segment, at=keeping.now)
                bundles.write_plan(connection, bundle.id, treatment_ratio=1 - left_out / 100)
    moments = [each for each in (bundle.terms.starts_at, bundle.terms.ends_at) if each and each > keeping.now]
    return min(moments, default=None)

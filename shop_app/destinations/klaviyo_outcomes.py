"""What became of single customers at Klaviyo, in words, and one customer after the other."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from shop_app.destinations import klaviyo_profiles
from shop_app.destinations.base import Outcome, Row
from shop_app.destinations.errors import OutcomeUnknownError
from shop_app.destinations.klaviyo_answers import CallRefusedError
from shop_app.errors import TemporaryError

OK = Outcome("ok")
ABSENT = Outcome("absent", "Klaviyo has no profile of this customer.")


_TWIN = Outcome(
    "rejected",
    "Another customer has the same profile in Klaviyo, because of the same e-mail address; the labels of that "
    "customer are kept there. Merge the two in Shopify if they are one person.",
)


class _OfCustomer(Protocol):
    @property
    def customer_id(self) -> int: ...


_Each = TypeVar("_Each", bound=_OfCustomer)


def in_turn(items: Sequence[_Each], act: Callable[[_Each], Outcome]) -> dict[int, Outcome]:
    """Do it for one customer after the other; where Klaviyo asks for patience, return who is done by then.

    Raises
    ------
    OutcomeUnknownError
        Nobody knows what came of one of them.
    TemporaryError
        Before anybody was done.
    """
    outcomes: dict[int, Outcome] = {}
    for item in items:
        try:
            outcomes[item.customer_id] = act(item)
        except OutcomeUnknownError:
            raise
        except TemporaryError:
            if not outcomes:
                raise
            break
    return outcomes


def owners(rows: Sequence[Row]) -> tuple[list[Row], dict[int, Outcome]]:
    """Return one row for each profile, the one with the lowest id of ours, and the outcomes of the others.

    Two customers with one address are one profile at Klaviyo: it cannot hold the labels of both, and must not
    hold now the one's and now the other's.
    """
    first: dict[str, Row] = {}
    twins: dict[int, Outcome] = {}
    kept: list[Row] = []
    for row in sorted(rows, key=lambda row: row.customer_id):
        name = row.remote_id or klaviyo_profiles.folded(row.contact.email or "")
        if name and first.setdefault(name, row) is not row:
            twins[row.customer_id] = _TWIN
        else:
            kept.append(row)
    return kept, twins


def refusal(words: str) -> Outcome:
    """Return the outcome of a customer that Klaviyo will not take, with its own words."""
    return Outcome("rejected", f"Klaviyo does not take this customer: {words.rstrip('.')}.")


def words_of(error: CallRefusedError) -> str:
    """Return Klaviyo's words for why a call was refused."""
    return error.problems[0].words if error.problems else str(error).rstrip(".")

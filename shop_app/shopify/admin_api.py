"""Shopify's Admin API: one call is a named document with variables; errors are told apart by what follows.

What is safe to repeat is repeated here, a few times; waiting for the shop's budget is no failure. What is not
safe to repeat is sent once, and where no answer comes of it, that is said.
"""

import logging
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import orjson

from shop_app.errors import TemporaryError
from shop_app.shopify import config, documents, http
from shop_app.shopify.admin_answer import (
    Answer,
    Json,
    Problem,
    cost_of,
    parse_body,
    problems_of,
    search_warnings,
    user_errors_of,
)
from shop_app.shopify.admin_errors import (
    AccessDeadError,
    OutcomeUnknownError,
    PermanentError,
    RefusedByShopifyError,
    ThrottledError,
    UserErrorsError,
)
from shop_app.shopify.admin_status import ServerFailedError, SlowDownError, raise_for_status
from shop_app.shopify.cost_budget import CostBudget
from shop_app.shopify.documents import Document
from shop_app.shopify.shop_domain import checked_shop_domain

__all__ = ["AdminApi", "Answer"]

_log = logging.getLogger(__name__)

_PAUSES_SECONDS = (1.0, 3.0, 8.0)
"""Between tries after a failure; then the caller's own, longer pauses take over."""
_THROTTLED_PAUSE_SECONDS = 0.5
_LONGEST_THROTTLING_SECONDS = 90.0
_LONGEST_REASON = 300

_told_costs: dict[tuple[str, int], float] = {}
"""What Shopify has asked for a document of so many rows, as far as this process has seen."""


@dataclass(slots=True)
class _Tries:
    """How often one call has failed so far, and how long it was held up."""

    failures: int = 0
    throttled_seconds: float = 0.0
    renewed: bool = False


class AdminApi:
    """One shop's Admin API.

    Parameters
    ----------
    shop_domain
        ``x.myshopify.com``.
    access_token
        The shop's token, sent to no other host than the shop's own.
    budget
        What this shop may still be asked.
    renew
        Given a token that was refused, returns the one to use now; called at most once a call.
    """

    def __init__(
        self,
        shop_domain: str,
        access_token: str,
        budget: CostBudget,
        *,
        renew: Callable[[str], str] | None = None,
    ) -> None:
        self.shop_domain = checked_shop_domain(shop_domain)
        self.budget = budget
        self._access_token = access_token
        self._renew = renew

    def in_background(self) -> "AdminApi":
        """Return the same interface for a long reading: it leaves a part of the budget to what is urgent."""
        return AdminApi(self.shop_domain, self._access_token, self.budget.in_background(), renew=self._renew)

    def run(self, document_name: str, variables: Mapping[str, object] | None = None) -> Answer:
        """Run a document and return its answer.

        Raises
        ------
        AccessDeadError, ShopFrozenError, ShopGoneError, RefusedByShopifyError
            Nothing of this shop will work until somebody has done something about it.
        UserErrorsError
            A mutation was refused, in whole or in part; ``data`` of it holds the rest.
        PermanentError
            The call itself is wrong, or costs more than is ever allowed.
        OutcomeUnknownError
            A mutation that is not safe to repeat was sent, and nobody knows what came of it.
        TemporaryError
            It was tried several times; :class:`ThrottledError` where the budget is spent for long.
        """
        document = documents.get(document_name)
        tries = _Tries()
        while True:
            try:
                return self._once(document, dict(variables or {}))
            except SlowDownError as error:
                _wait_for_budget(tries, error.seconds)
            except AccessDeadError as error:
                self._take_fresh_token(tries, error)
            except http.NotReachedError as error:
                _pause_after(tries, error)
            except (http.NoAnswerError, ServerFailedError) as error:
                if not document.is_repeatable:
                    raise OutcomeUnknownError(f"{document.name}: {error}") from None
                _pause_after(tries, error)

    def _once(self, document: Document, variables: Json) -> Answer:
        rows = _rows_of(variables)
        held = self.budget.take(_told_costs.get((document.name, rows), document.usual_cost))
        status = None
        try:
            answer = self._post(document, variables)
            parsed = parse_body(answer.body)
            raise_for_status(answer, parsed)
            if parsed is None:
                raise ServerFailedError("Shopify's answer is no JSON.")
            cost = cost_of(parsed)
            status = cost.status
        finally:
            self.budget.settle(held, status)
        if cost.requested is not None:
            _told_costs[document.name, rows] = cost.requested
        warnings = (*_version_warning(answer), *search_warnings(parsed))
        problems = problems_of(parsed)
        _say(document, answer, warnings, problems)
        data = _checked_data(document, parsed, problems)
        return Answer(data, warnings, problems, cost)

    def _post(self, document: Document, variables: Json) -> http.HttpAnswer:
        version = config.current().api_version
        origin = config.api_origin(self.shop_domain)
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "X-Shopify-Access-Token": self._access_token,
        }
        if config.needs_host_header():
            headers["Host"] = self.shop_domain
        body = {"query": document.text, "variables": variables, "operationName": document.name}
        return http.post(
            f"{origin}/admin/api/{version}/graphql.json",
            host=urlsplit(origin).netloc,
            body=orjson.dumps(body),
            headers=headers,
        )

    def _take_fresh_token(self, tries: _Tries, error: AccessDeadError) -> None:
        """Take one once; a second refusal is the shop's own."""
        if self._renew is None or tries.renewed:
            raise error
        tries.renewed = True
        self._access_token = self._renew(self._access_token)


def _rows_of(variables: Json) -> int:
    """Return how many rows are asked for: cost goes with that."""
    ids = variables.get("ids")
    if isinstance(ids, list):
        return len(ids)
    first = variables.get("first")
    return first if isinstance(first, int) else 0


def _checked_data(document: Document, parsed: Json, problems: tuple[Problem, ...]) -> Json:
    """Return the data, or raise what the problems amount to; data with parts withheld is kept."""
    data = parsed.get("data")
    codes = {problem.code for problem in problems}
    if "THROTTLED" in codes:
        raise SlowDownError("Shopify asks for patience.", seconds=_THROTTLED_PAUSE_SECONDS)
    if codes & {"INTERNAL_SERVER_ERROR", "SERVICE_UNAVAILABLE", "TIMEOUT"}:
        raise ServerFailedError(f"{document.name}: Shopify failed within.")
    refused = [problem for problem in problems if problem.code == "ACCESS_DENIED"]
    is_partial = isinstance(data, dict) and not document.is_mutation and len(refused) == len(problems)
    if problems and not is_partial:
        _raise_problems(document, problems, refused)
    if not isinstance(data, dict):
        raise ServerFailedError(f"{document.name}: Shopify's answer has neither data nor errors.")
    if document.is_mutation and (wrong := user_errors_of(data)):
        raise UserErrorsError(wrong, data)
    return data


def _raise_problems(document: Document, problems: tuple[Problem, ...], refused: list[Problem]) -> None:
    if refused:
        reason = refused[0].message[:_LONGEST_REASON]
        raise RefusedByShopifyError(f"{document.name}: Shopify denies access.", reason=reason)
    first = problems[0]
    raise PermanentError(f"{document.name}: {first.code or 'error'}: {first.message[:_LONGEST_REASON]}")


def _version_warning(answer: http.HttpAnswer) -> tuple[str, ...]:
    """Tell where another version was served than the one that our documents are written for."""
    asked, served = config.current().api_version, answer.headers.get("x-shopify-api-version")
    if served is None or served == asked:
        return ()
    return (f"Shopify serves version {served} in place of {asked}, which it no longer has.",)


def _say(
    document: Document, answer: http.HttpAnswer, warnings: tuple[str, ...], problems: tuple[Problem, ...]
) -> None:
    """Leave a line for whoever looks into it: what was odd, and the number to ask Shopify by."""
    codes = sorted({problem.code for problem in problems} - {"THROTTLED"})
    if warnings or codes:
        request_id = answer.headers.get("x-request-id", "")
        _log.warning(
            "Shopify has answered with reservations.",
            extra={
                "document": document.name,
                "codes": codes,
                "warnings": list(warnings),
                "request": request_id,
            },
        )


def _wait_for_budget(tries: _Tries, seconds: float) -> None:
    if tries.throttled_seconds + seconds > _LONGEST_THROTTLING_SECONDS:
        raise ThrottledError("Shopify keeps asking for patience.", retry_after_seconds=60.0)
    tries.throttled_seconds += seconds
    time.sleep(seconds * _jitter())


def _pause_after(tries: _Tries, error: TemporaryError) -> None:
    if tries.failures >= len(_PAUSES_SECONDS):
        raise error
    time.sleep(_PAUSES_SECONDS[tries.failures] * _jitter())
    tries.failures += 1


def _jitter() -> float:
    """Return 0.75 to 1.25: workers that failed together do not come back together."""
    return 0.75 + secrets.randbelow(500) / 1000

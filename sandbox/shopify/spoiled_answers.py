"""Answers that go wrong on purpose in ways that only Shopify has, beside those of every server."""

import json
from collections.abc import Iterable, Iterator

from werkzeug.wrappers import Response

from sandbox import spoiled_answers
from sandbox.shopify.faults import Fault
from sandbox.shopify.world import World

_LIMITS = "https://shopify.dev/api/usage/limits"


def instead(world: World, fault: Fault, shop: str) -> Response | None:
    """Return what is answered without a look at the call; ``None`` where it is to be done first."""
    if fault.kind == "throttle":
        return _throttled(world, shop)
    if fault.kind == "refuse_ip":
        return Response(
            json.dumps({"errors": "Access denied: IP address is not allowed"}), 403, mimetype="application/json"
        )
    if fault.kind == "expire_bulk":
        return Response(
            "<?xml version='1.0'?><Error><Code>ExpiredToken</Code></Error>", 403, mimetype="application/xml"
        )
    return spoiled_answers.instead(fault, body=json.dumps({"errors": _words(fault.status)}))


def spoil(answer: Response, fault: Fault) -> Response:
    """Return the true answer, made worse."""
    answer = spoiled_answers.spoil(answer, fault)
    if fault.kind == "truncate_bulk" and answer.status_code in (200, 206):
        whole = answer.headers.get("Content-Length")
        answer.response = _first_bytes(answer.iter_encoded(), fault.bytes)
        if not fault.declared and whole is not None:
            answer.headers["Content-Length"] = str(min(int(whole), fault.bytes))
    return answer


def _throttled(world: World, shop: str) -> Response:
    owner = next(world.state.each(shop, "shop"), {})
    rate, size = float(owner.get("restoreRate", 100)), float(owner.get("bucketSize", 2000))
    status = {"maximumAvailable": size, "currentlyAvailable": 0, "restoreRate": rate}
    error = {"message": "Throttled", "extensions": {"code": "THROTTLED", "documentation": _LIMITS}}
    cost = {"requestedQueryCost": 100, "actualQueryCost": None, "throttleStatus": status}
    return Response(json.dumps({"errors": [error], "extensions": {"cost": cost}}), mimetype="application/json")


def _words(status: int) -> str:
    known = {401: "[API] Invalid API key or access token (unrecognized login or wrong password)"}
    known |= {
        402: "Unavailable Shop",
        403: "Forbidden",
        404: "Not Found",
        423: "Locked",
        429: "Too Many Requests",
    }
    return known.get(status, "Internal Server Error")


def _first_bytes(chunks: Iterable[bytes], left: int) -> Iterator[bytes]:
    for chunk in chunks:
        if left <= 0:
            return
        yield chunk[:left]
        left -= len(chunk)

"""``stagedUploadsCreate``."""

from typing import Any

from sandbox.shopify.graph.registry import Answer, Call, Info, resolver, user_error
from sandbox.shopify.state import Document
from sandbox.shopify.uploads import UPLOAD_PATH, stage


@resolver("Mutation", "stagedUploadsCreate")
def staged_uploads_create(_parent: None, info: Info, *, input: list[dict[str, Any]]) -> Answer:  # noqa: A002
    """Give out places for files."""
    call: Call = info.context
    wrong = [
        user_error(["input", str(place), "filename"], "Filename can't be blank")
        for place, one in enumerate(input)
        if not one["filename"].strip()
    ]
    if wrong:
        return {"stagedTargets": [], "userErrors": wrong}
    staged = [stage(call.world, call.shop_document, one) for one in input]
    return {"stagedTargets": [_target(call, one) for one in staged], "userErrors": []}


def _target(call: Call, document: Document) -> Answer:
    url = f"{call.world.origin}{UPLOAD_PATH}{document['key']}"
    return {"url": url, "resourceUrl": url, "parameters": document["parameters"]}

"""What mutations share: ids that must fit, documents kept with their time of change, and who is told."""

from typing import Any

from sandbox.shopify import documents
from sandbox.shopify.graph.registry import Answer, Call, GraphQLRefusal, number_of, user_error
from sandbox.shopify.state import Document

TEXT_AT_MOST = 255


def own_number(text: str, kind: str) -> int:
    """Return the number of an id that must be of one kind; refuse any other as the real one does."""
    number = number_of(text, kind)
    if number is None:
        raise GraphQLRefusal("RESOURCE_NOT_FOUND", "invalid id")
    return number


def new_number(call: Call, kind: str) -> int:
    """Return the number of a document about to be made; stores share the row."""
    return documents.new_number(call.state, kind)


def keep(call: Call, kind: str, document: Document, *topics: str, parent: int | None = None) -> Document:
    """Write a document with its time of change and tell whoever listens, both or neither."""
    if "updatedAt" in document:
        documents.touch(document)
    with call.state.together():
        call.state.put(call.shop, kind, document, parent=parent)
        for topic in topics:
            call.world.emit(call.shop, topic, document)
    return document


def refused(name: str, *errors: Answer, **more: Any) -> Answer:  # noqa: ANN401 (any field of a payload)
    """Return a payload that changed nothing and says why."""
    return {name: None, "userErrors": list(errors), **more}


def text_problem(field: list[str], label: str, value: str | None) -> Answer | None:
    """Return what is wrong with a required text of at most 255 characters."""
    if not (value or "").strip():
        return user_error(field, f"{label} can't be blank", "BLANK")
    if len(value or "") > TEXT_AT_MOST:
        return user_error(field, f"{label} is too long (maximum is {TEXT_AT_MOST} characters)", "TOO_LONG")
    return None

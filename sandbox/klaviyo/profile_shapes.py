"""What profiles look like in requests, and what is wrong with their addresses and sizes."""

import re
from typing import Any

import orjson

from sandbox.klaviyo import shapes
from sandbox.klaviyo.refusals import Complaint, RefusedError, wrong_body
from sandbox.klaviyo.shapes import Found, either, fields, just, many, mapping, maybe, number, text

PROFILE_BYTES = 100_000
ROWS = 10_000
_EMAIL = re.compile(
    r"[^@\s\"(),:;<>\[\\\]]+@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"
)
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
_LOCATION_NAMES = ("address1", "address2", "city", "country", "region", "zip", "timezone", "ip")
OWN_NAMES = ("first_name", "last_name", "organization", "locale", "title", "image")


def email(value: Any, place: str) -> Found:  # noqa: ANN401 (any JSON)
    """Want an e-mail address."""
    if not isinstance(value, str) or len(value) > 254 or ".." in value or not _EMAIL.fullmatch(value):
        yield place, "Invalid email address."


def phone(value: Any, place: str) -> Found:  # noqa: ANN401 (any JSON)
    """Want a phone number in E.164."""
    if not isinstance(value, str) or not _PHONE.fullmatch(value):
        yield place, "Invalid phone number format (Example of a valid format: +12345678901)."


_COORDINATE = maybe(either(number, text))
_LOCATION = fields(
    {},
    {name: maybe(text) for name in _LOCATION_NAMES} | {"latitude": _COORDINATE, "longitude": _COORDINATE},
)
ATTRIBUTES = {
    "email": maybe(email),
    "phone_number": maybe(phone),
    "external_id": maybe(text),
    **{name: maybe(text) for name in OWN_NAMES},
    "location": maybe(_LOCATION),
    "properties": maybe(mapping),
}
_PATCH_PROPERTIES = fields(
    {}, {"append": maybe(mapping), "unappend": maybe(mapping), "unset": maybe(either(text, many(text)))}
)


def _no_further_addresses(value: Any, place: str) -> Found:  # noqa: ANN401 (any JSON)
    del value
    yield place, "A profile has one e-mail address in this account."


META = fields({}, {"patch_properties": _PATCH_PROPERTIES, "patch_identifiers": _no_further_addresses})
_UPSERT_ATTRIBUTES = fields({}, ATTRIBUTES | {"_kx": maybe(text)})

CREATE = shapes.document(shapes.resource("profile", fields({}, ATTRIBUTES)))
PATCH = shapes.document(shapes.resource("profile", fields({}, ATTRIBUTES), with_id=True, meta=META))
UPSERT = shapes.resource("profile", _UPSERT_ATTRIBUTES, id=maybe(text), meta=META)
IMPORT = shapes.document(UPSERT)
IMPORT_JOB = shapes.document(
    fields(
        {
            "type": just("profile-bulk-import-job"),
            "attributes": fields({"profiles": fields({"data": many(UPSERT, least=1, most=ROWS)})}),
        },
        {"relationships": fields({}, {"lists": fields({"data": many(shapes.reference("list"), most=1)})})},
    )
)


def check(shape: shapes.Check, body: Any) -> None:  # noqa: ANN401 (any JSON)
    """Refuse a body that is not of a shape; all that is wrong is named at once.

    Raises
    ------
    RefusedError
        400, one error for each place.
    """
    if found := list(shape(body, "")):
        raise wrong_body(found)


def check_one(shape: shapes.Check, body: dict[str, Any], *, needs_who: bool) -> dict[str, Any]:
    """Check a request about one profile; return its resource."""
    check(shape, body)
    if len(orjson.dumps(body)) > PROFILE_BYTES:
        raise RefusedError(
            413, Complaint("payload_too_large", "Payload too large.", "The payload is larger than 100 KB.")
        )
    row: dict[str, Any] = body["data"]
    if needs_who and (found := list(without_identifier(row, "/data"))):
        raise wrong_body(found)
    return row


def check_rows(body: Any, place: str) -> list[dict[str, Any]]:  # noqa: ANN401 (any JSON)
    """Refuse a whole import where anything is wrong with it or with any of its rows; return the rows.

    Raises
    ------
    RefusedError
        400, one error for each thing that is wrong, each naming its row.
    """
    found = list(IMPORT_JOB(body, ""))
    try:
        rows: list[dict[str, Any]] = body["data"]["attributes"]["profiles"]["data"]
        for index, row in enumerate(rows if len(rows) <= ROWS else ()):
            here = f"{place}/{index}"
            found += without_identifier(row, here)
            if len(orjson.dumps(row)) > PROFILE_BYTES:
                found.append((here, "The profile is larger than 100 KB."))
    except (KeyError, TypeError, AttributeError):
        rows = []  # what is missing was found already
    if found:
        raise wrong_body(found)
    return rows


def without_identifier(row: dict[str, Any], place: str) -> Found:
    """Want an id, an e-mail address, a phone number or an external id."""
    attributes = row["attributes"]
    if not row.get("id") and not any(attributes.get(name) for name in ("email", "phone_number", "external_id")):
        yield f"{place}/attributes", "One of id, email, phone_number, external_id must be given."

"""Staged uploads: a place is given out, filled once by a multipart form, and read by bulk mutations.

As at the real store of files the form must hold every parameter that was given out, in that order, and the file
in a field ``file`` after them all. Answers are XML.
"""

import hashlib
import tempfile
import uuid
from pathlib import Path
from typing import IO, Any
from xml.sax.saxutils import escape

from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from sandbox.shopify.state import Document
from sandbox.shopify.world import World, now, stamp

UPLOAD_PATH = "/_uploads/"
BYTES_AT_MOST = 100 * 1024 * 1024
"""Of a file of variables; the bulk mutation says so, the upload itself takes a little more."""

_PORTION = 256 * 1024
Part = tuple[str, bool, bytes]  # name, whether it is a file, content


class BadFormError(ValueError):
    """A form that is none, or whose parts are not those given out."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def stage(world: World, shop: Document, given: dict[str, Any]) -> Document:
    """Give out a place for one file."""
    number = world.state.next_number("staged_upload", start=1001)
    key = f"tmp/{shop['id']}/bulk/{uuid.uuid4()}/{given['filename']}"
    moment = now().strftime("%Y%m%dT%H%M%SZ")
    parameters = {
        "Content-Type": given["mimeType"],
        "success_action_status": "201",
        "acl": "private",
        "key": key,
        "x-goog-date": moment,
        "x-goog-credential": f"merchant-assets@example.com/{moment[:8]}/auto/storage/goog4_request",
        "x-goog-algorithm": "GOOG4-RSA-SHA256",
        "x-goog-signature": hashlib.sha256(f"{key} signature".encode()).hexdigest(),
        "policy": hashlib.sha256(f"{key} policy".encode()).hexdigest(),
    }
    document = {
        "id": number,
        "key": key,
        "resource": given["resource"],
        "filename": given["filename"],
        "mimeType": given["mimeType"],
        "httpMethod": given.get("httpMethod") or "PUT",
        "parameters": [{"name": name, "value": value} for name, value in parameters.items()],
        "createdAt": stamp(now()),
        "size": None,
        "path": None,
    }
    world.state.put(shop["myshopifyDomain"], "staged_upload", document)
    return document


def find(world: World, key: str) -> tuple[str, Document] | None:
    """Return the store and the place that a key names, filled or not."""
    where = "AND json_extract(body, '$.key') = ?"
    for shop in world.state.shops():
        for _, document in world.state.select(shop, "staged_upload", where, (key,), order="id"):
            return shop, document
    return None


def uploaded_file(world: World, shop: str, staged_path: str) -> Path | None:
    """Return the file that a ``stagedUploadPath`` of this store names; ``None`` where none was uploaded."""
    found = find(world, staged_path)
    if found is None or found[0] != shop or not found[1]["path"]:
        return None
    path = Path(found[1]["path"])
    return path if path.exists() else None


def receive_upload(world: World, key: str, content_type: str, stream: IO[bytes]) -> tuple[int, str]:
    """Take the form posted to a place; return an HTTP status and an XML body."""
    found = find(world, key)
    if found is None or found[1]["resource"] != "BULK_MUTATION_VARIABLES" or found[1]["httpMethod"] != "POST":
        return 403, _error("AccessDenied", "Access denied.")
    shop, document = found
    try:
        content = _checked(_parts(content_type, stream), document["parameters"])
    except BadFormError as refusal:
        return 400, _error(refusal.code, str(refusal))
    path = _folder(world) / f"{document['id']}-{uuid.uuid4().hex}.jsonl"
    path.write_bytes(content)
    world.state.put(shop, "staged_upload", document | {"size": len(content), "path": str(path)})
    location = escape(f"{world.origin}{UPLOAD_PATH}{key}")
    mark = hashlib.md5(content, usedforsecurity=False).hexdigest()
    return 201, (
        "<?xml version='1.0' encoding='UTF-8'?><PostResponse>"
        f"<Location>{location}</Location><Bucket>shopify-staged-uploads</Bucket><Key>{escape(key)}</Key>"
        f'<ETag>"{mark}"</ETag></PostResponse>'
    )


def _checked(parts: list[Part], parameters: list[dict[str, str]]) -> bytes:
    """Return the file of a form whose other parts are exactly the parameters, in order and before it."""
    if not parts or not parts[-1][1] or parts[-1][0] != "file":
        raise BadFormError("InvalidArgument", "The file must be the last field of the form, and be named file.")
    given = [(name, content.decode("utf-8", "replace")) for name, is_file, content in parts[:-1] if not is_file]
    wanted = [(one["name"], one["value"]) for one in parameters]
    missing = [name for name, _ in wanted if name not in dict(given)]
    if missing:
        raise BadFormError("InvalidPolicyDocument", f"The form lacks the field {missing[0]}.")
    if given != wanted or len(given) != len(parts) - 1:
        raise BadFormError(
            "InvalidPolicyDocument", "The fields of the form are not those of its policy, in order."
        )
    if len(parts[-1][2]) > BYTES_AT_MOST * 11 // 10:
        raise BadFormError("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size.")
    return parts[-1][2]


def _parts(content_type: str, stream: IO[bytes]) -> list[Part]:
    kind, options = parse_options_header(content_type)
    boundary = options.get("boundary")
    if kind != "multipart/form-data" or not boundary:
        raise BadFormError("InvalidArgument", "The body is no multipart/form-data.")
    decoder = MultipartDecoder(boundary.encode())
    found: list[tuple[str, bool, list[bytes]]] = []
    try:
        while True:
            event = decoder.next_event()
            if isinstance(event, NeedData):
                decoder.receive_data(stream.read(_PORTION) or None)
            elif isinstance(event, (Field, File)):
                found.append((event.name, isinstance(event, File), []))
            elif isinstance(event, Data):
                found[-1][2].append(event.data)
            elif isinstance(event, Epilogue):
                return [(name, is_file, b"".join(pieces)) for name, is_file, pieces in found]
    except ValueError as error:
        raise BadFormError(
            "MalformedPOSTRequest", "The body of your POST request is not well-formed."
        ) from error


def _folder(world: World) -> Path:
    """Return where uploads lie: beside the state's file, elsewhere where that is in memory."""
    if "upload_folder" not in world.settings:
        beside = world.state.path
        in_memory = str(beside) in (":memory:", "")
        folder = Path(tempfile.mkdtemp()) if in_memory else beside.with_name(f"{beside.name}-uploads")
        world.settings["upload_folder"] = str(folder)
    folder = Path(world.settings["upload_folder"])
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _error(code: str, message: str) -> str:
    words = f"<Code>{code}</Code><Message>{escape(message)}</Message>"
    return f"<?xml version='1.0' encoding='UTF-8'?><Error>{words}</Error>"

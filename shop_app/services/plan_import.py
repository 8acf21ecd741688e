"""What an import is going to do, settled before the first row is written."""

import hashlib
import json
from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from shop_app.files.file_format import FileFormat, ReadOptions
from shop_app.files.reading import content_hash, inspect_file, read_batches
from shop_app.storage.imports import ImportedFile
from shop_app.storage.known_fields import Authority
from shop_app.storage.shop_settings import UNKNOWN_CURRENCY, ShopSettings
from shop_app.storage.staging import Origin

SHOPIFY = "shopify"
TABLE = "table"

_READING = 1
"""Counted up when an old file would be read another way: then it is worth taking in again."""


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What the user said: how to read the file, what its source is called, when it was exported.

    ``timezone`` is for times that name none; not said, it is the shop's.
    """

    read: ReadOptions = field(default_factory=ReadOptions)
    timezone: str | None = None
    source: str | None = None
    exported_at: datetime | None = None
    rejects_path: Path | None = None


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """A file, how it is read, and what its facts count for."""

    path: Path
    shop_id: int
    read: ReadOptions
    file_format: FileFormat
    file: ImportedFile
    origin: Origin
    authority: Authority
    latest: datetime


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """By what the same file, read the same way, is known when it comes again."""

    content: bytes
    reading: bytes


def fingerprint(path: Path, options: ImportOptions, shop: ShopSettings) -> Fingerprint:
    """Return the digests of a file's content and of everything that decides how it is understood."""
    said = asdict(options.read) | {
        "reading": _READING,
        "source": options.source,
        "timezone": options.timezone or shop.timezone,
        "currency": options.read.currency or shop.currency,
        "exported_at": options.exported_at and options.exported_at.isoformat(),
    }
    words = json.dumps(said, sort_keys=True, default=dict)
    return Fingerprint(content_hash(path), hashlib.blake2b(words.encode(), digest_size=32).digest())


def plan_import(
    path: Path, shop_id: int, options: ImportOptions, shop: ShopSettings, known: Fingerprint, *, at: datetime
) -> ImportPlan:
    """Look at a file and decide how its facts are taken; nothing is written."""
    read, file_format = _reading(path, options, shop, at)
    exported_at = options.exported_at or min(datetime.fromtimestamp(path.stat().st_mtime, tz=UTC), at)
    is_shopify = file_format.kind != "line_table"
    return ImportPlan(
        path=path,
        shop_id=shop_id,
        read=read,
        file_format=file_format,
        file=ImportedFile(path.name, file_format.kind, known.content, known.reading, exported_at),
        origin=Origin(
            source=options.source or (SHOPIFY if is_shopify else TABLE),
            rank=0,
            at=exported_at,
            currency=read.currency or UNKNOWN_CURRENCY,
            whole_orders=is_shopify,
        ),
        authority=Authority.LISTED if file_format.kind == "shopify_customers" else Authority.GLEANED,
        latest=at,
    )


def _reading(
    path: Path, options: ImportOptions, shop: ShopSettings, latest: datetime
) -> tuple[ReadOptions, FileFormat]:
    """Fill in what the user left open: the shop's clock and money, or the money that the file names."""
    known = None if shop.currency == UNKNOWN_CURRENCY else shop.currency
    read = replace(
        options.read,
        timezone=options.timezone or shop.timezone,
        currency=options.read.currency or known,
    )
    file_format = inspect_file(path, read)
    if read.currency is None and (named := _currency_named(path, file_format, read, latest)):
        read = replace(read, currency=named)
        file_format = inspect_file(path, read)
    return read, file_format


def _currency_named(path: Path, file_format: FileFormat, read: ReadOptions, latest: datetime) -> str | None:
    """Return the currency that most orders at the beginning of the file are in, or ``None``."""
    batches = read_batches(path, file_format, currency=UNKNOWN_CURRENCY, timezone=read.timezone, latest=latest)
    seen: Counter[str] = Counter()
    for batch in batches:
        seen.update(batch.orders["currency"].drop_nulls().to_list())
        break
    return min(seen, key=lambda code: (-seen[code], code)) if seen else None

"""Countries as two-letter codes, and how telephone numbers are written in each."""

from dataclasses import dataclass
from functools import cache

import polars as pl
from babel import Locale
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata, country_code_for_region

_OTHER_NAMES = {
    "usa": "US", "u.s.a.": "US", "u.s.": "US", "united states of america": "US", "america": "US",
    "uk": "GB", "great britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB",
    "northern ireland": "GB", "eire": "IE", "republic of ireland": "IE", "holland": "NL",
    "the netherlands": "NL", "rsa": "ZA", "uae": "AE", "czech republic": "CZ", "turkey": "TR",
    "hong kong": "HK", "macau": "MO", "korea": "KR", "south korea": "KR", "russian federation": "RU",
    "viet nam": "VN", "deutschland": "DE", "österreich": "AT", "schweiz": "CH",
    "españa": "ES", "italia": "IT", "brasil": "BR", "méxico": "MX", "belgique": "BE", "belgië": "BE",
    "nederland": "NL", "sverige": "SE", "norge": "NO", "danmark": "DK", "suomi": "FI", "polska": "PL",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Numbering:
    """A country's calling code, the trunk prefix dialled inside it, and the lengths of its numbers."""

    code: str
    trunk: str
    lengths: frozenset[int]


@cache
def country_code(text: str) -> str | None:
    """Return the ISO 3166 code that a cell names by code or in English (or in its own words)."""
    name = text.strip()
    if len(name) == 2 and name.upper() in _regions():  # noqa: PLR2004 (ISO 3166)
        return "GB" if name.upper() == "UK" else name.upper()
    return _OTHER_NAMES.get(name.lower()) or _names().get(name.lower())


def country_codes(column: str) -> pl.Expr:
    """Turn a column of country cells into codes, null where a cell names none."""
    return pl.col(column).map_batches(_codes_of, return_dtype=pl.String)


@cache
def numbering(country: str) -> Numbering | None:
    """Return how a country writes telephone numbers, or ``None`` where there is no such country."""
    code = country_code_for_region(country)
    metadata = PhoneMetadata.metadata_for_region(country, None) if code else None
    if not code or metadata is None:
        return None
    general = metadata.general_desc
    lengths = frozenset(general.possible_length if general else ())
    return Numbering(str(code), metadata.national_prefix or "", lengths)


def _codes_of(column: pl.Series) -> pl.Series:
    codes = {text: country_code(text) for text in column.drop_nulls().unique()}
    return column.replace_strict(codes, default=None, return_dtype=pl.String)


@cache
def _regions() -> frozenset[str]:
    callable_regions = {region for regions in COUNTRY_CODE_TO_REGION_CODE.values() for region in regions}
    return frozenset({name for name in _territories() if len(name) == 2} | callable_regions | {"UK"})  # noqa: PLR2004


@cache
def _territories() -> dict[str, str]:
    return {str(code): str(name) for code, name in Locale("en").territories.items()}


@cache
def _names() -> dict[str, str]:
    names = {name.lower(): code for code, name in _territories().items() if len(code) == 2}  # noqa: PLR2004
    plain = {name.replace("&", "and"): code for name, code in names.items()}
    return names | plain

"""Which column holds which field of a line-item table: as the user said, the rest by name and content."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches

import polars as pl

from shop_app.errors import InvalidInputError
from shop_app.files.column_names import FIELDS, candidates
from shop_app.files.date_formats import find_format
from shop_app.files.money import as_code
from shop_app.files.numbers import parse_numbers
from shop_app.files.sample import Sample

_AMOUNTS = {"unit_price", "total"}
_MOSTLY = 0.5
_GENERIC = {"customer", "client", "user", "member", "buyer", "account", "kunde"}
_CLOCK = r"(?i)^\d{1,2}:\d{2}(?::\d{2})?(?: ?[ap]\.?m\.?)?$"


def find_columns(sample: Sample) -> dict[str, int]:
    """Return field → column index.

    Raises
    ------
    InvalidInputError
        The mapping names a field or a column that does not exist, or the file has no header to go by.
    """
    mapping = {field.strip(): column.strip() for field, column in (sample.options.mapping or {}).items()}
    columns = {field: _column(field, column, sample) for field, column in mapping.items() if column}
    if not sample.dialect.header:
        return columns or _by_content(sample)
    settled = _AMOUNTS | {"discount"} if _AMOUNTS & columns.keys() else set()  # no guess beside a named amount
    for field in FIELDS:
        if field not in mapping and field not in settled:
            index = _guess(field, sample, columns)
            if index is not None:
                columns[field] = index
    return columns


def looks_like_names(column: pl.Series) -> bool:
    """Tell whether most cells look like people's names: words, and no digit."""
    return _share(column, pl.col("cell").str.contains(r"^\p{L}[\p{L}.'\u2019-]* [\p{L}.'\u2019 -]+$")) > _MOSTLY


def looks_like_emails(column: pl.Series) -> bool:
    """Tell whether most cells are e-mail addresses."""
    return _share(column, pl.col("cell").str.contains("@", literal=True)) > _MOSTLY


def _column(field: str, wanted: str, sample: Sample) -> int:
    if field not in FIELDS:
        near = get_close_matches(field, FIELDS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"the fields are {', '.join(FIELDS)}."
        raise InvalidInputError(f"map: there is no field {field!r}; {hint}", field="map")
    header = [name.lower() for name in sample.dialect.header]
    matches = [index for index, name in enumerate(header) if name == wanted.lower()]
    if len(matches) > 1:
        places = " and ".join(str(index + 1) for index in matches)
        raise InvalidInputError(
            f"map: the header has {wanted!r} more than once (columns {places}); name it by its number.",
            field="map",
        )
    if matches:
        return matches[0]
    if wanted.isdigit() and wanted.isascii() and 1 <= int(wanted) <= sample.dialect.width:
        return int(wanted) - 1
    raise InvalidInputError(
        f"map: {field}={wanted}: there is no such column; there are: {sample.names}.", field="map"
    )


def _guess(field: str, sample: Sample, taken: Mapping[str, int]) -> int | None:
    fits = _CHECKS.get(field, _any)
    for index in candidates(sample.dialect.header, field):
        if index not in taken.values() and not sample.column(index).is_null().all() and fits(sample, index):
            _refuse_twice(field, index, sample)
            return index
    return None


def _refuse_twice(field: str, index: int, sample: Sample) -> None:
    """Refuse two columns of one name, unless they say the same."""
    name = sample.dialect.header[index].lower()
    for other, other_name in enumerate(sample.dialect.header):
        if (
            other != index
            and other_name.lower() == name
            and not sample.column(other).equals(sample.column(index))
        ):
            raise InvalidInputError(
                f"{field}: the header has {sample.label(index)} twice (columns {index + 1} and {other + 1}) "
                f"with different content. Rename one, or name it by its number: --map {field}={index + 1}.",
                field=field,
            )


def _by_content(sample: Sample) -> dict[str, int]:
    """Know the shape of the CDNOW files without a header: id, [id,] yyyymmdd, whole number, amount."""
    width = sample.dialect.width
    time, quantity, total = width - 3, width - 2, width - 1
    if width in (4, 5):
        form = find_format(sample.column(time), sample.label(time))
        is_date = form is not None and form.patterns == ("%Y%m%d",)
        if is_date and _are(sample, quantity, r"^\d{1,3}$") and _are(sample, total, r"^\d+\.\d\d$"):
            return {"customer_id": 0, "time": time, "quantity": quantity, "total": total}
    raise InvalidInputError(
        f"map: the file has no header, so say which of its {width} columns are what, by number: for instance "
        "--map order_id=1,customer_id=2,time=3,product=4,quantity=5,unit_price=6.",
        field="map",
    )


def _are(sample: Sample, index: int, pattern: str) -> bool:
    return _share(sample.column(index), pl.col("cell").str.contains(pattern)) == 1


def _share(column: pl.Series, test: pl.Expr) -> float:
    cells = column.drop_nulls()
    return pl.DataFrame({"cell": cells}).select(test.mean()).item() or 0.0 if len(cells) else 0.0


def _any(_sample: Sample, _index: int) -> bool:
    return True


def _is_time(sample: Sample, index: int) -> bool:
    return find_format(sample.column(index), sample.label(index)) is not None


def _is_clock(sample: Sample, index: int) -> bool:
    return _share(sample.column(index), pl.col("cell").str.contains(_CLOCK)) > _MOSTLY


def _is_number(sample: Sample, index: int) -> bool:
    cells = sample.column(index).drop_nulls()
    bare = cells.str.strip_suffix("%")
    point, comma = (parse_numbers(bare, sign).is_not_null() for sign in (".", ","))
    return (point | comma).sum() > _MOSTLY * len(bare)


def _is_customer(sample: Sample, index: int) -> bool:
    generic = sample.dialect.header[index].strip().lower() in _GENERIC
    return not (generic and looks_like_names(sample.column(index)))


def _is_email(sample: Sample, index: int) -> bool:
    return bool(sample.column(index).str.contains("@", literal=True).any())


def _is_currency(sample: Sample, index: int) -> bool:
    cells = sample.column(index).drop_nulls().unique()
    return sum(1 for cell in cells if as_code(cell)) > _MOSTLY * len(cells)


_CHECKS: dict[str, Callable[[Sample, int], bool]] = {
    "time": _is_time,
    "clock": _is_clock,
    "quantity": _is_number,
    "unit_price": _is_number,
    "total": _is_number,
    "discount": _is_number,
    "customer_id": _is_customer,
    "email": _is_email,
    "currency": _is_currency,
}

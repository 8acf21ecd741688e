import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop_app.services.csv_cells import safe_cell

FORMULAS = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\tx",
    "\rx",
    '=HYPERLINK("x")',
    " =1+1",
    "--1",
    "+",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text):
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-12.50", "+4930123456", "0", "-.5", "1e-3", "Ann", "a=b", "12 - 3", ""])
def test_numbers_and_harmless_words_stay_as_they_are(text):
    assert safe_cell(text) == text


def test_other_values_have_one_plain_spelling():
    assert [safe_cell(value) for value in (None, True, False, -3, 2.5)] == ["", "true", "false", "-3", "2.5"]
    assert safe_cell(datetime(2026, 1, 2, 3, 4, tzinfo=UTC)) == "2026-01-02T03:04:00+00:00"


@given(st.text())
def test_no_cell_begins_with_what_runs_unless_it_is_a_number(text):
    cell = safe_cell(text)
    if cell.lstrip(" ").startswith(("=", "@", "\t", "\r")):
        pytest.fail(cell)
    if cell.startswith(("+", "-")):
        float(cell)


@given(
    st.lists(st.text(alphabet=st.characters(exclude_characters="\0\r", exclude_categories=["Cs"])), min_size=2)
)
def test_a_written_row_is_read_back_but_for_the_apostrophe(texts):
    file = io.StringIO(newline="")
    csv.writer(file).writerow([safe_cell(text) for text in texts])
    (row,) = list(csv.reader(io.StringIO(file.getvalue(), newline="")))
    assert [cell.removeprefix("'") for cell in row] == [text.removeprefix("'") for text in texts]

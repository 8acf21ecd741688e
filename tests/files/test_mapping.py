import pytest
from order_files import TABLE, read, table, written

from shop_app.errors import InvalidInputError

ODD = TABLE.replace("order_id,customer_id,time,product,quantity,unit_price", "A,B,C,D,E,F")
WANTED = {
    "order_id": "A",
    "customer_id": "b",
    "time": "C",
    "product": "D",
    "quantity": "E",
    "unit_price": "F",
}


def test_columns_are_taken_as_they_are_named(tmp_path):
    plain = read(written(tmp_path, TABLE))
    mapped = read(written(tmp_path, ODD), mapping=WANTED)
    assert mapped.orders.equals(plain.orders)
    assert mapped.lines.equals(plain.lines)


def test_columns_without_a_header_are_named_by_their_numbers(tmp_path):
    rows = TABLE.split("\n", 1)[1]
    numbers = dict(zip(WANTED, "123456", strict=True))
    found = read(written(tmp_path, rows), mapping=numbers)
    assert found.orders["row_no"].to_list() == [1, 3, 4]
    assert found.lines["total"].to_list() == [900, 1200, 450, 3025]
    with pytest.raises(InvalidInputError, match=r"no header.*order_id=1"):
        read(written(tmp_path, rows))


def test_a_header_of_numbers_is_known_by_the_names_given(tmp_path):
    text = table("7,a,2025-01-01,5.00", header="2024,2025,2026,2027")
    mapping = {"order_id": "2024", "customer_id": "2025", "time": "2026", "unit_price": "2027"}
    with pytest.raises(InvalidInputError, match="there is no such column"):
        read(written(tmp_path, text), mapping=mapping)
    named = table("7,a,2025-01-01,5.00", header="2024,2025,when,2027")
    mapping |= {"time": "when"}
    assert read(written(tmp_path, named), mapping=mapping).orders["order_ref"].to_list() == ["7"]


@pytest.mark.parametrize(
    ("mapping", "sentence"),
    [
        ({"order": "A"}, "no field 'order'; did you mean order_id"),
        ({"zzz": "A"}, "the fields are order_id"),
        ({"time": "Z"}, "time=Z: there is no such column; there are: A, B, C, D, E, F"),
        ({"time": "7"}, "there is no such column"),
        ({"time": "D", "unit_price": "F", "order_id": "A"}, "no times that can be read"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused_with_what_does(tmp_path, mapping, sentence):
    with pytest.raises(InvalidInputError, match=sentence):
        read(written(tmp_path, ODD), mapping=mapping)


def test_what_is_not_named_is_still_guessed_but_no_amount_beside_a_named_one(tmp_path):
    text = table("1,a,2025-01-01,2,5.00,99.00,x", header="order_id,customer_id,time,quantity,preis_x,total,sku")
    found = read(written(tmp_path, text), mapping={"unit_price": "preis_x"})
    assert "total" not in found.file_format.columns
    assert found.lines.select("sku", "total").row(0) == ("x", 1000)


def test_an_empty_name_leaves_a_column_aside(tmp_path):
    text = table("1,a,2025-01-01,2,5.00,1.00", header="order_id,customer_id,time,quantity,price,discount")
    found = read(written(tmp_path, text), mapping={"discount": ""})
    assert found.lines["total"].to_list() == [1000]


def test_two_columns_of_one_name_are_asked_about_and_told_apart_by_number(tmp_path):
    text = table("1,a,2025-01-01,5.00,6.00", header="order_id,customer_id,time,price,price")
    with pytest.raises(InvalidInputError, match=r'"price" twice \(columns 4 and 5\)'):
        read(written(tmp_path, text))
    with pytest.raises(InvalidInputError, match="name it by its number"):
        read(written(tmp_path, text), mapping={"unit_price": "price"})
    assert read(written(tmp_path, text), mapping={"unit_price": "5"}).lines["total"].to_list() == [600]


def test_two_columns_of_one_name_do_no_harm_where_they_are_equal_or_not_needed(tmp_path):
    text = table("1,a,2025-01-01,5.00,5.00,u,v", header="order_id,customer_id,time,price,price,note,note")
    assert read(written(tmp_path, text)).lines["total"].to_list() == [500]

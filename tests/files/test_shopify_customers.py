from datetime import UTC, datetime

from order_files import read, written

HEADER = (
    "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Country Code,Phone,"
    "Accepts SMS Marketing,Total Spent,Total Orders,Note,Tax Exempt,Tags"
)


def test_people_come_with_their_consent_and_tags(tmp_path):
    text = (
        f"{HEADER}\n'6940000001,Anna,Lee,Anna@Example.com,yes,DE,'+49301234567,no,12.50,2,,no,\"vip, blog\"\n"
        "'6940000002,,,,no,US,(415) 555-2671,yes,0.00,0,,no,\n"
    )
    found = read(written(tmp_path, text, "customers.csv"))
    assert found.file_format.kind == "shopify_customers"
    assert found.customers.rows() == [
        (
            *("id:6940000001", 6940000001, None, "anna@example.com", "+49301234567", "Anna", "Lee"),
            *("subscribed", "not_subscribed", "vip\nblog", "DE", *[None] * 5),
        ),
        (
            *("id:6940000002", 6940000002, None, None, "+14155552671", None, None),
            *("not_subscribed", "subscribed", None, "US", *[None] * 5),
        ),
    ]
    assert found.orders.height == 0
    assert {"sign-up date", "orders"} <= set(found.file_format.missing)


def test_an_older_header_is_known_too(tmp_path):
    text = (
        "First Name,Last Name,Email,Accepts Marketing,Country,Phone,Tags,Total Spent,Created At\n"
        "Anna,Lee,anna@example.com,false,United Kingdom,020 7946 0958,,0,2024-02-01 10:00:00 +0000\n"
    )
    person = read(written(tmp_path, text)).customers.row(0, named=True)
    assert (person["customer_ref"], person["shopify_id"]) == ("email:anna@example.com", None)
    assert (person["country"], person["phone"]) == ("GB", "+442079460958")
    assert person["email_consent"] == "not_subscribed"
    assert person["created_at"] == datetime(2024, 2, 1, 10, 0, tzinfo=UTC)


def test_a_row_that_names_nobody_is_rejected_and_a_broken_address_is_left_out(tmp_path):
    rows = (
        "'1,Anna,Lee,not an address,yes,DE,,no,0,0,,no,",
        ",Bert,Ley,,yes,DE,12,no,0,0,,no,",
        "'3,,,,,,,,,,,,",
    )
    text = "\n".join([HEADER, *rows])
    found = read(written(tmp_path, text))
    assert found.customers.select("customer_ref", "email").rows() == [("id:1", None), ("id:3", None)]
    assert [(reject.line_number, reject.field, reject.row_kept) for reject in found.rejects] == [
        (2, "Email", True),
        (3, "Customer ID", False),
    ]

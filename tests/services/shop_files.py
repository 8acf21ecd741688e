"""Small files as Shopify and others write them."""

import csv
import os

ORDERS = (
    *("Name", "Email", "Financial Status", "Accepts Marketing", "Currency", "Subtotal", "Shipping", "Taxes"),
    *("Total", "Discount Code", "Discount Amount", "Created at", "Lineitem quantity", "Lineitem name"),
    *("Lineitem price", "Lineitem sku", "Billing Name", "Billing Country", "Cancelled at", "Payment Method"),
    *(
        "Refunded Amount",
        "Vendor",
        "Outstanding Balance",
        "Id",
        "Tags",
        "Source",
        "Lineitem discount",
        "Phone",
    ),
)
CUSTOMERS = (
    *("Customer ID", "First Name", "Last Name", "Email", "Accepts Email Marketing", "Phone", "Tags"),
    *("Default Address Country Code", "Created At"),
)


def write_orders(path, *orders, exported_at=None):
    """Orders as mappings of the export's columns; ``lines`` is a list of (sku, quantity, price)."""
    rows = []
    for order in orders:
        head = {
            "Financial Status": "paid",
            "Currency": "EUR",
            "Created at": "2026-05-01 10:00:00 +0000",
            "Refunded Amount": "0.00",
            "Outstanding Balance": "0.00",
        } | {key: value for key, value in order.items() if key != "lines"}
        for number, (sku, quantity, price) in enumerate(order.get("lines", [("TEA", 1, "10.00")])):
            line = {
                "Lineitem quantity": quantity,
                "Lineitem name": sku.title(),
                "Lineitem price": price,
                "Lineitem sku": sku,
            }
            rows.append(line | (head if number == 0 else {"Name": head["Name"], "Email": head.get("Email")}))
    return write(path, ORDERS, rows, exported_at)


def write_customers(path, *people, exported_at=None):
    return write(path, CUSTOMERS, people, exported_at)


def write(path, columns, rows, exported_at=None):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    if exported_at is not None:
        os.utime(path, (exported_at.timestamp(), exported_at.timestamp()))
    return path


def write_table(path, header, *lines, exported_at=None):
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    if exported_at is not None:
        os.utime(path, (exported_at.timestamp(), exported_at.timestamp()))
    return path

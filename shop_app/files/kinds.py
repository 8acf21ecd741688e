"""Which kind of file a table is, told by its header; known tables that are no order history are named."""

from collections.abc import Sequence

from shop_app.errors import InvalidInputError
from shop_app.files.column_names import plain

SHOPIFY_ORDERS = "shopify_orders"
SHOPIFY_CUSTOMERS = "shopify_customers"
LINE_TABLE = "line_table"

CREDIT_NOTE = r"(?i)^C[NR]?-?\d+(\.0)?$"
"""The number of a credit note in tables whose order numbers are digits."""

_ORDERS_SIGNS = {"lineitemquantity", "lineitemname", "lineitemprice"}
_CUSTOMERS_SIGNS = {"firstname", "lastname", "email"}
_CONSENT_SIGNS = {"acceptsemailmarketing", "acceptsmarketing", "acceptssmsmarketing"}
_SPENT_SIGNS = {"totalspent", "totalorders", "taxexempt"}

_OTHER_EXPORTS = (
    ({"handle", "bodyhtml", "variantprice"}, "Shopify's products export"),
    ({"handle", "title", "variantsku", "variantprice"}, "Shopify's products export"),
    ({"order", "kind", "gateway", "amount"}, "Shopify's export of transactions"),
    ({"handle", "onhand", "available"}, "Shopify's inventory export"),
)
_SUMMARY_SIGNS = {
    "frequency", "recency", "monetary", "monetaryvalue", "t", "tx", "x", "n", "zbar", "periods", "weights",
    "ltv", "clv", "rfmscore", "totalspent", "totalorders", "ordercount", "orderscount", "numberoforders",
}  # fmt: skip
_FEWEST_SIGNS = 2


def find_kind(header: Sequence[str]) -> str:
    """Return the kind of a table; one with unknown columns is a line table, to be mapped.

    Raises
    ------
    InvalidInputError
        It is another of Shopify's exports, which holds no orders.
    """
    names = {plain(name) for name in header}
    if len(_ORDERS_SIGNS & names) >= _FEWEST_SIGNS:
        return SHOPIFY_ORDERS
    if names >= _CUSTOMERS_SIGNS and (_CONSENT_SIGNS & names or names >= _SPENT_SIGNS):
        return SHOPIFY_CUSTOMERS
    for signs, what in _OTHER_EXPORTS:
        if names >= signs:
            raise InvalidInputError(
                f"file: this is {what}, which holds no order history. In Shopify's admin open Orders, "
                "choose Export, and import that file.",
                field="file",
            )
    return LINE_TABLE


def looks_like_summary(header: Sequence[str]) -> bool:
    """Tell tables with one row a customer, already summed up."""
    return len({plain(name) for name in header} & _SUMMARY_SIGNS) >= _FEWEST_SIGNS

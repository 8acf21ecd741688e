"""The sample store's orders as documents, block by block, with the numbers that its CSV exports have."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from sandbox.sample_store import address_cells, order_cells
from sandbox.sample_store.baskets import EMPTY
from sandbox.sample_store.bills import NO_CODE
from sandbox.sample_store.catalogue import CARDS, OLD_TITLE, PRODUCTS, RENAMED_SKU, SAMPLES, VENDORS
from sandbox.sample_store.fates import Channel, Fate
from sandbox.sample_store.store import FIRST_ORDER_NUMBER, SampleStore
from sandbox.sample_store.telling import Told, tell
from sandbox.shopify.documents import make_address
from sandbox.shopify.sample_products import product_numbers
from sandbox.shopify.sample_sums import Column, line_numbers, reckon
from sandbox.shopify.state import Document

_REFUNDS = 880_000_000_000
_ALL_BACK = (Fate.CANCELLED_AND_REFUNDED, Fate.REFUNDED)
_REASONS = ("customer", "inventory", "fraud", "other")


def order_documents(store: SampleStore, shop_id: int, *, size: int = 20_000) -> Iterator[list[Document]]:
    """Yield all orders in portions, newest first, as documents."""
    goods = product_numbers(store, shop_id)
    for block in store.blocks(size):
        yield block_documents(tell(store, block), goods)


def block_documents(told: Told, goods: tuple[list[int], list[int]]) -> list[Document]:
    """Return the orders of one block."""
    cells = _cells(told)
    column = reckon(told)
    lines = _lines(told, column, goods)
    return [_order(row, cells, column, lines) for row in range(len(told.block))]


def _cells(told: Told) -> dict[str, list]:
    """Return the text cells of a block, with numbers, codes and addresses beside them."""
    frame = pl.DataFrame({**order_cells.describe(told), **address_cells.describe(told)})
    plain = frame.select(pl.all().str.strip_prefix("'"))
    cells: dict[str, list] = {name: plain[name].to_list() for name in plain.columns}
    draws, block = told.store.draws, told.block
    cells["id"] = told.order_id.tolist()
    cells["number"] = (block.number + FIRST_ORDER_NUMBER).tolist()
    cells["refund id"] = (_REFUNDS + block.number * 16 + draws.below("refund id", block.key, 16)).tolist()
    cells["customer"] = told.customer_id.tolist()
    cells["token"] = draws.bits("token", block.key).tolist()
    cells["test"] = (told.fates.fate == Fate.TEST).tolist()
    cells["all back"] = np.isin(told.fates.fate, _ALL_BACK).tolist()
    cells["reason"] = draws.below("cancel reason", block.key, len(_REASONS)).tolist()
    cells["restocks"] = draws.chance("restocks", block.key, 7000).tolist()
    cells["landing"] = _landing(told)
    return cells


def _landing(told: Told) -> list[str | None]:
    """Return the page on which web buyers arrived: those with a code came by the newsletter."""
    code = told.bills.code != NO_CODE
    search = told.store.draws.chance("by search", told.block.key, 3500)
    newsletter = "/?utm_source=newsletter&utm_medium=email&utm_campaign=code"
    pages = [None, "/", "/?utm_source=google&utm_medium=organic", newsletter]
    page = np.where(code, 3, np.where(search, 2, 1))
    page = np.where(told.fates.channel == Channel.WEB, page, 0)
    return [pages[one] for one in page.tolist()]


def _lines(told: Told, column: Column, goods: tuple[list[int], list[int]]) -> list[list[Document]]:
    product, quantity = told.baskets.product.tolist(), told.baskets.quantity.tolist()
    numbers = line_numbers(told)
    renamed = (told.block.day < told.store.calendar.rename_day).tolist()
    found = []
    for row, products in enumerate(product):
        rows = zip(
            products, quantity[row], column.price[row], column.line_discount[row], numbers[row], strict=True
        )
        found.append(
            [
                _line(which, pieces, (price, discount), number, early=renamed[row], goods=goods)
                for which, pieces, price, discount, number in rows
                if which != EMPTY
            ]
        )
    return found


def _line(
    which: int,
    quantity: int,
    money: tuple[int, int],
    number: int,
    *,
    early: bool,
    goods: tuple[list[int], list[int]],
) -> Document:
    product = PRODUCTS[which]
    title, _, variant = product.title.partition(" - ")
    digital = product.line == CARDS
    return {
        "id": number,
        "productId": goods[0][which],
        "variantId": goods[1][which],
        "title": OLD_TITLE if early and product.sku == RENAMED_SKU else title,
        "variantTitle": variant or None,
        "sku": product.sku or None,
        "vendor": VENDORS[product.line],
        "quantity": quantity,
        "currentQuantity": quantity,
        "price": money[0],
        "totalDiscount": money[1],
        "isGiftCard": digital,
        "requiresShipping": not digital,
        "taxable": product.line not in (CARDS, SAMPLES),
    }


def _order(row: int, cells: dict[str, list], column: Column, lines: list[list[Document]]) -> Document:
    cancelled = column.cancelled[row]
    source, gateway, note = cells["Source"][row], cells["Payment Method"][row], cells["Notes"][row]
    fulfilled = cells["Fulfillment Status"][row]
    token = f"{cells['token'][row]:08x}{cells['id'][row]:014x}"
    online = source == "web"
    order: Document = {
        "id": cells["id"][row],
        "name": cells["Name"][row],
        "number": cells["number"][row],
        "createdAt": column.created[row],
        "processedAt": column.created[row],
        "updatedAt": column.updated[row],
        "cancelledAt": cancelled,
        "cancelReason": _REASONS[cells["reason"][row]] if cancelled else None,
        "closedAt": column.updated[row] if fulfilled == "fulfilled" or cancelled else None,
        "test": cells["test"][row],
        "currencyCode": "USD",
        "presentmentCurrencyCode": cells["Currency"][row],
        "financialStatus": cells["Financial Status"][row],
        "fulfillmentStatus": None if fulfilled == "unfulfilled" else fulfilled,
        "sourceName": source,
        "tags": [tag for tag in (cells["Tags"][row] or "").split(", ") if tag],
        "note": note,
        "discountCodes": [cells["Discount Code"][row]] if cells["Discount Code"][row] else [],
        "email": cells["Email"][row],
        "phone": cells["Phone"][row],
        "customerId": cells["customer"][row] or None,
        "taxesIncluded": False,
        "landingSite": cells["landing"][row],
        "cartToken": f"c{token}" if online else None,
        "checkoutToken": f"k{token}" if online else None,
        "shippingAddress": _address(row, cells, "Shipping"),
        "billingAddress": _address(row, cells, "Billing"),
        "subtotal": column.subtotal[row],
        "totalPrice": column.total[row],
        "currentTotalPrice": 0 if cancelled else column.total[row] - column.refunded[row],
        "totalTax": column.tax[row],
        "totalShipping": column.shipping[row],
        "totalDiscounts": column.discount[row],
        "outstanding": column.outstanding[row],
        "lines": lines[row],
        "refunds": [],
        "paymentGatewayNames": [gateway] if gateway else [],
        "customerLocale": "en",
        "edits": 0,
    }
    _take_back(order, row, cells, column)
    return order


def _address(row: int, cells: dict[str, list], prefix: str) -> Document | None:
    name = cells[f"{prefix} Name"][row]
    if name is None:
        return None
    first, _, last = name.partition(" ")
    return make_address(
        name=name,
        firstName=first,
        lastName=last,
        company=cells[f"{prefix} Company"][row],
        address1=cells[f"{prefix} Address1"][row],
        address2=cells[f"{prefix} Address2"][row],
        city=cells[f"{prefix} City"][row],
        provinceCode=cells[f"{prefix} Province"][row],
        countryCode=cells[f"{prefix} Country"][row],
        zip=cells[f"{prefix} Zip"][row],
        phone=cells[f"{prefix} Phone"][row],
    )


def _take_back(order: Document, row: int, cells: dict[str, list], column: Column) -> None:
    """Add the refund, if there is one, and lower the quantities of what came back or was never sent."""
    whole = cells["all back"][row]
    amount, at = column.refunded[row], column.refunded_at[row]
    if at is not None and amount:
        rows = order["lines"] if whole else order["lines"][:1]
        kind = "cancel" if order["cancelledAt"] else ("return" if cells["restocks"][row] else "no_restock")
        back = [
            _returned(line, place, cells["refund id"][row], kind, whole=whole)
            for place, line in enumerate(rows)
        ]
        if whole:
            _spread(back, "tax", order["totalTax"])
        else:
            back[0] |= {"subtotal": amount}
        refund = {"id": cells["refund id"][row], "createdAt": at, "processedAt": at, "note": None}
        order["refunds"] = [refund | {"amount": amount, "lines": back}]
        for line, piece in zip(rows, back, strict=True):
            line["currentQuantity"] -= piece["quantity"]
    if order["cancelledAt"]:
        for line in order["lines"]:
            line["currentQuantity"] = 0


def _spread(rows: list[Document], name: str, amount: int) -> None:
    """Share an amount out by the rows' subtotals, to the cent."""
    whole, before, given = sum(row["subtotal"] for row in rows), 0, 0
    for row in rows:
        before += row["subtotal"]
        upto = amount * before // whole if whole else amount
        row[name], given = upto - given, upto


def _returned(line: Document, place: int, refund_id: int, kind: str, *, whole: bool) -> Document:
    quantity = line["quantity"] if whole else 1
    return {
        "id": refund_id * 10 + place,
        "lineItemId": line["id"],
        "quantity": quantity,
        "restockType": kind,
        "subtotal": line["price"] * quantity - line["totalDiscount"] * quantity // line["quantity"],
        "tax": 0,
    }

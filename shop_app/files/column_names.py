"""What columns of order tables are called in the wild, and which of our fields that is."""

import re
import unicodedata
from collections.abc import Sequence

FIELDS = (
    "order_id", "customer_id", "time", "clock", "product", "quantity", "unit_price", "total", "title", "sku",
    "category", "vendor", "currency", "discount", "country", "email", "phone", "first_name", "last_name",
    "channel", "status",
)  # fmt: skip
"""Everything that ``--map`` may name; ``clock`` is the time of day where it has a column of its own."""

NAMES: dict[str, str] = {
    "order_id": (
        "orderid orderno ordernumber ordernum orderref orderreference ordercode ordername order invoiceno "
        "invoiceid invoicenumber invoicenum invoice transactionid transactionno transactionnumber "
        "transactionnum basketid receiptid receiptno receiptnumber receipt ticketid ticketno ticketnumber "
        "billno billid billnumber checkid saleid salesid salesorderid salesordernumber salesorderno "
        "orderkey purchaseid purchaseno documentno documentnumber voucherno cartid basket txnid txid "
        "transid transaction bestellnummer bestellnr auftragsnummer rechnungsnummer numerocommande "
        "pedidoid"
    ),
    "customer_id": (
        "customeruniqueid customerid customerno customernumber customernum customerkey customercode "
        "custid custno custkey clientid clientno userid buyerid memberid membernumber memberno "
        "membershipid householdid householdkey shopperid visitorid accountid loyaltyid loyaltycardnumber "
        "cardid cardno cardnumber consumerid contactid personid kundennummer kundenid kundennr customer "
        "client user buyer member account kunde"
    ),
    "time": (
        "orderpurchasetimestamp orderdatetime ordertimestamp ordercreatedat orderdate orderdt orderedat "
        "orderedon ordertime invoicedatetime invoicedate invoicetimestamp transactiondatetime "
        "transactiontimestamp transactiondate transactiondt transdate trandate txndate tdat "
        "purchasedatetime purchasetimestamp purchasedate purchasedat saledate salesdate saledatetime "
        "billdate dateoforder dateofpurchase orderplaced processedat createdat createddate createdon "
        "creationdate datetime dateandtime timestamp eventtime date orderday day transactiontime time "
        "paidat zeit zeitpunkt bestelldatum rechnungsdatum datum fecha"
    ),
    "clock": "time timeofday hour ordertime transactiontime saletime transtime ordertimeofday",
    "sku": (
        "lineitemsku variantsku sku skuid skucode stockcode itemcode articlecode productcode asin ean upc "
        "gtin barcode articleno articlenumber artikelnummer artikelnr"
    ),
    "product": (
        "productid productno productnumber productkey productref itemid itemno itemnumber articleid "
        "variantid prodid product item article produkt artikel"
    ),
    "title": (
        "productname producttitle productdescription itemdescription itemname itemtitle articlename "
        "lineitemname description title producttype produktname bezeichnung"
    ),
    "quantity": (
        "quantity qty quantityordered orderquantity orderqty qtyordered itemquantity itemqty "
        "salesquantity quantitysold quantitypurchased purchasequantity units unitssold unitsold "
        "unitsordered pieces numberofcds numberofitems noofitems itemcount numitems orderproducts count "
        "menge anzahl quantite cantidad lineitemquantity"
    ),
    "unit_price": (
        "unitprice priceperunit pricepereach priceeach itemprice unitsellingprice sellingprice saleprice "
        "salesprice productprice retailprice lineitemprice price einzelpreis stuckpreis preis "
        "prixunitaire preciounitario unitcost listprice"
    ),
    "total": (
        "linetotal linesales lineamount linerevenue extendedprice extendedamount itemtotal totalprice "
        "totalamount salesamount saleamount salesvalue totalsales netsales sales revenue totalrevenue "
        "amount dollarvalue transactionamount purchaseamount orderamount amountspent amountpaid spend "
        "spent value total subtotal ordervalue ordertotal grandtotal turnover umsatz betrag gesamtpreis "
        "montant importe dollars"
    ),
    "category": (
        "productcategorynameenglish productcategory productcategoryname categoryname itemcategory "
        "category productline department productgroup productdepartment subcategory kategorie"
    ),
    "vendor": "brand brandname vendor vendorname manufacturer lineitemvendor marke",
    "currency": "currency currencycode ordercurrency currencyisocode wahrung devise",
    "discount": "discountamount linediscount discountvalue discount lineitemdiscount rabatt",
    "country": (
        "country countrycode countryregion customercountry shippingcountry billingcountry shipcountry land pays"
    ),
    "email": "email emailaddress customeremail useremail buyeremail mail emailid",
    "phone": "phone phonenumber customerphone telephone mobile mobilenumber",
    "first_name": "firstname customerfirstname vorname",
    "last_name": "lastname customerlastname surname nachname",
    "channel": "channel saleschannel orderchannel ordersource source",
    "status": "orderstatus paymentstatus financialstatus status",
}


def plain(name: str) -> str:
    """Reduce a column's name to its letters and digits; what stands in brackets is a unit or a currency."""
    bare = re.sub(r"\(.*?\)|\[.*?\]", "", name) or name
    letters = unicodedata.normalize("NFKD", bare).lower()
    return re.sub(r"[^a-z0-9]+", "", letters)


def candidates(header: Sequence[str], field: str) -> list[int]:
    """Return the columns whose name means a field, likeliest first."""
    ranks = {name: rank for rank, name in enumerate(NAMES[field].split())}
    found = [(ranks[plain(name)], index) for index, name in enumerate(header) if plain(name) in ranks]
    return [index for _, index in sorted(found)]

"""The columns of billing and shipping addresses, and those of the customers' own."""

from typing import NamedTuple

import numpy as np
import polars as pl

from sandbox.sample_store import regions
from sandbox.sample_store.cells import choose, only, shielded
from sandbox.sample_store.draws import Draws, Flags, Ints
from sandbox.sample_store.fates import Channel
from sandbox.sample_store.order_cells import buyers_region, is_present
from sandbox.sample_store.store import SampleStore
from sandbox.sample_store.telling import Told

_FLATS = ("Apt 2", "Floor 3", "Rear house", "Unit B")


class Address(NamedTuple):
    """Where people live; null is written as nothing."""

    cells: pl.DataFrame  # name, address1, address2, company, city, zip
    region: Ints


def address_of(store: SampleStore, who: Ints) -> Address:
    """Return where people live."""
    first, last = store.people.names(who)
    return _address(store.draws, who, first + " " + last, store.people.company(who), store.people.region(who))


def recipient_of(store: SampleStore, keys: Ints, region: Ints) -> Address:
    """Return to whom and where a present goes; the key is the order's."""
    first, last = store.people.names(keys, "recipient")
    return _address(store.draws, keys, first + " " + last, pl.Series([""]).new_from_index(0, keys.size), region)


def _address(draws: Draws, keys: Ints, name: pl.Series, company: pl.Series, region: Ints) -> Address:
    number = pl.Series(draws.between("house", keys, 1, 240)).cast(pl.Utf8)
    street = choose(regions.STREETS, draws.below("street", keys, len(regions.STREETS)))
    flat = choose(_FLATS, draws.below("flat", keys, len(_FLATS)))
    cells = {
        "name": name,
        "address1": number + " " + street,
        "address2": only(flat, draws.chance("has flat", keys, 1800)),
        "company": only(company, (company != "").to_numpy()),
        "city": choose(regions.TOWNS, draws.below("town", keys, len(regions.TOWNS))),
        "zip": _zips(draws, keys, region),
    }
    return Address(pl.DataFrame(cells), region)


def _zips(draws: Draws, keys: Ints, region: Ints) -> pl.Series:
    """Return postal codes: the region's own shape with its crosses replaced by digits."""
    frame = pl.DataFrame({"zip": choose([one.zip_style for one in regions.REGIONS], region)})
    number = draws.below("zip", keys, 10_000)
    for place in range(4):
        at = pl.col("zip").str.find("#", literal=True)
        digit = pl.Series(number // 10**place % 10).cast(pl.Utf8)
        head, tail = pl.col("zip").str.slice(0, at), pl.col("zip").str.slice(at + 1)
        written = pl.when(at.is_null()).then("zip").otherwise(pl.concat_str(head, digit, tail))
        frame = frame.with_columns(zip=written)
    return frame["zip"]


def describe(told: Told) -> dict[str, pl.Series]:
    """Return the billing and shipping cells of a block's orders; the till asks for no address."""
    who = np.maximum(told.block.person, 0)
    home = address_of(told.store, who)
    phone = _as_typed(told, told.store.people.phone(who))
    sent = told.named & (told.fates.channel != Channel.POS) & (told.bills.total > 0)
    present = is_present(told)
    to = recipient_of(told.store, told.block.key, buyers_region(told))
    mask = pl.Series(present)
    target = Address(
        pl.DataFrame({cell.name: to.cells[cell.name].zip_with(mask, cell) for cell in home.cells}),
        home.region,
    )
    billing = _columns("Billing", home, phone, told.named & (told.fates.channel != Channel.POS))
    return {**billing, **_columns("Shipping", target, only(phone, ~present), sent)}


def _as_typed(told: Told, phone: pl.Series) -> pl.Series:
    """Return the phone as it is typed at the checkout: by a third of the people without the country."""
    frame = pl.DataFrame({"phone": phone})
    digits = pl.col("phone")
    national = pl.format("({}) {}-{}", digits.str.slice(2, 3), digits.str.slice(5, 3), digits.str.slice(8))
    american = digits.str.starts_with("+1") & pl.Series(
        told.store.draws.chance("types", told.block.person + 2, 3300)
    )
    return frame.select(pl.when(american).then(national).otherwise("'" + digits)).to_series()


def _columns(prefix: str, address: Address, phone: pl.Series, known: Flags) -> dict[str, pl.Series]:
    home = address.cells
    street = home.select(pl.concat_str("address1", "address2", separator=", ", ignore_nulls=True)).to_series()
    province = choose([one.province for one in regions.REGIONS], address.region)
    province_name = choose([one.province_name for one in regions.REGIONS], address.region)
    cells = {
        "Name": home["name"],
        "Street": street,
        "Address1": home["address1"],
        "Address2": home["address2"],
        "Company": home["company"],
        "City": home["city"],
        "Zip": shielded(home["zip"]),
        "Province": only(province, (province != "").to_numpy()),
        "Country": choose([one.country for one in regions.REGIONS], address.region),
        "Phone": phone,
        "Province Name": only(province_name, (province_name != "").to_numpy()),
    }
    return {f"{prefix} {name}": only(column, known) for name, column in cells.items()}

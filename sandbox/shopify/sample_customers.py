"""The sample store's customers as documents: those of its CSV export, with the times that it leaves out."""

from collections.abc import Iterator

import numpy as np

from sandbox.sample_store.customers_file import Spending, customer_rows, prospect_day
from sandbox.sample_store.draws import Flags, Ints
from sandbox.sample_store.store import SampleStore
from sandbox.sample_store.telling import Told, staff_id
from sandbox.shopify.documents import make_address, make_consent, make_customer
from sandbox.shopify.sample_sums import moments, stamps
from sandbox.shopify.state import Document

_PRIMARY, _SECOND, _ID_STEP = 7_100_000_000_000, 8_300_000_000_000, 32_768
_LOCALES = {"FR": "fr", "DE": "de", "CA": "en-CA", "GB": "en-GB"}
_DAY = 86_400
_NEVER = np.iinfo(np.int64).max


class Entries:
    """What is known of every entry in the books once all orders were told."""

    def __init__(self, store: SampleStore) -> None:
        self.store = store
        self.spending = Spending(store)
        self.first = np.full((2, store.customers), _NEVER, dtype=np.int64)
        self.last = np.zeros((2, store.customers), dtype=np.int64)

    def add(self, told: Told) -> None:
        """Take note of a block of orders."""
        self.spending.add(told)
        created, updated, _ = moments(told)
        entry, who = told.second_mail[told.named].astype(np.int64), told.block.person[told.named]
        np.minimum.at(self.first, (entry, who), created[told.named])
        np.maximum.at(self.last, (entry, who), updated[told.named])


def customer_documents(entries: Entries) -> Iterator[list[Document]]:
    """Yield all customers in portions, as the export lists them."""
    store = entries.store
    for frame in customer_rows(store, entries.spending):
        rows = frame.to_dicts()
        numbers = np.array([int(row["Customer ID"].strip("'")) for row in rows], dtype=np.int64)
        yield _documents(entries, rows, numbers)


def _documents(entries: Entries, rows: list[dict[str, str | None]], numbers: Ints) -> list[Document]:
    store = entries.store
    second = numbers >= _SECOND
    staff = numbers == staff_id()
    who = np.where(staff, 0, (numbers - np.where(second, _SECOND, _PRIMARY)) // _ID_STEP)
    created, updated = _times(entries, who, second.astype(np.int64), staff)
    traits = _traits(store, numbers, who)
    at, changed = stamps(created), stamps(updated)
    return [
        _customer(
            int(number),
            row,
            at[place],
            changed[place],
            {name: bool(flag[place]) for name, flag in traits.items()},
        )
        for place, (number, row) in enumerate(zip(numbers, rows, strict=True))
    ]


def _times(entries: Entries, who: Ints, entry: Ints, staff: Flags) -> tuple[Ints, Ints]:
    store = entries.store
    first, last = entries.first[entry, who], entries.last[entry, who]
    opened = store.ends_at - store.calendar.days * _DAY
    signed_up = opened + prospect_day(store, who) * _DAY + 12 * 3600
    created = np.where(
        staff, opened, np.where(first == _NEVER, np.minimum(signed_up, store.ends_at - 1), first)
    )
    return created, np.maximum(np.where(staff, 0, last), created)


def _traits(store: SampleStore, numbers: Ints, who: Ints) -> dict[str, Flags]:
    draws = store.draws
    return {
        "account": draws.chance("has account", who, 3000),
        "left": draws.chance("left the newsletter", numbers, 1500),
        "opted out": draws.chance("data sale opt-out", who, 80),
        "verified": draws.chance("verified", who, 9500),
    }


def _customer(
    number: int, row: dict[str, str | None], created: str, updated: str, traits: dict[str, bool]
) -> Document:
    phone = _bare(row["Phone"])
    reads, texts = row["Accepts Email Marketing"] == "yes", row["Accepts SMS Marketing"] == "yes"
    left = "UNSUBSCRIBED" if traits["left"] and row["Email"] else "NOT_SUBSCRIBED"
    country = row["Default Address Country Code"]
    return make_customer(
        number,
        created,
        firstName=row["First Name"],
        lastName=row["Last Name"],
        email=row["Email"],
        phone=phone,
        updatedAt=updated,
        state="ENABLED" if traits["account"] else "DISABLED",
        locale=_LOCALES.get(country or "", "en"),
        note=row["Note"],
        tags=[tag for tag in (row["Tags"] or "").split(", ") if tag],
        emailMarketing=make_consent(
            "SUBSCRIBED" if reads else left, created if reads or left[0] == "U" else None
        ),
        smsMarketing=make_consent("SUBSCRIBED" if texts else "NOT_SUBSCRIBED", created if texts else None),
        dataSaleOptOut=traits["opted out"],
        defaultAddress=_address(row) if country else None,
        taxExempt=row["Tax Exempt"] == "yes",
        verifiedEmail=traits["verified"],
    )


def _address(row: dict[str, str | None]) -> Document:
    return make_address(
        firstName=row["First Name"],
        lastName=row["Last Name"],
        company=row["Default Address Company"],
        address1=row["Default Address Address1"],
        address2=row["Default Address Address2"],
        city=row["Default Address City"],
        provinceCode=row["Default Address Province Code"],
        countryCode=row["Default Address Country Code"],
        zip=_bare(row["Default Address Zip"]),
        phone=_bare(row["Default Address Phone"]),
    )


def _bare(cell: str | None) -> str | None:
    return cell.removeprefix("'") if cell else None

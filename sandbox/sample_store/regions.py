"""Where the customers live, and what tax the shop collects there. Towns and postal codes are invented."""

from typing import NamedTuple

import numpy as np

from sandbox.sample_store.draws import Ints


class Region(NamedTuple):
    """One state, province or country."""

    country: str
    province: str
    province_name: str
    share: int
    zip_style: str  # each # becomes a digit
    taxes: tuple[tuple[str, int], ...] = ()  # name and rate in hundred-thousandths


# No post knows the codes beginning with Z (Canada, Ireland), ZX (Britain) or 00 (Germany, France).
REGIONS: tuple[Region, ...] = (
    Region(
        *("US", "NY", "New York", 240, "12###"),
        taxes=(
            ("New York State Tax 4%", 4000),
            ("Alder County Tax 4%", 4000),
            ("Commuter District Tax 0.375%", 375),
        ),
    ),
    Region("US", "NJ", "New Jersey", 80, "07###", (("New Jersey State Tax 6.625%", 6625),)),
    Region("US", "CT", "Connecticut", 60, "06###", (("Connecticut State Tax 6.35%", 6350),)),
    Region("US", "MA", "Massachusetts", 70, "01###", (("Massachusetts State Tax 6.25%", 6250),)),
    Region("US", "PA", "Pennsylvania", 80, "15###", (("Pennsylvania State Tax 6%", 6000),)),
    Region("US", "CA", "California", 90, "95###"),
    Region("US", "IL", "Illinois", 45, "61###"),
    Region("US", "OH", "Ohio", 45, "44###"),
    Region("US", "VT", "Vermont", 40, "05###"),
    Region("US", "WA", "Washington", 45, "98###"),
    Region("US", "OR", "Oregon", 40, "97###"),
    Region("US", "TX", "Texas", 60, "76###"),
    Region("CA", "ON", "Ontario", 22, "Z#Z #Z#", (("GST 5%", 5000),)),
    Region("CA", "QC", "Quebec", 12, "Z#Z #Z#", (("GST 5%", 5000),)),
    Region("GB", "ENG", "England", 30, "ZX# #QT"),
    Region("DE", "", "", 16, "00###"),
    Region("FR", "", "", 14, "00###"),
    Region("IE", "D", "Dublin", 11, "Z## Z##9"),
)
HOME = 0  # the shop stands in the first
EURO_COUNTRIES = ("DE", "FR", "IE")
_TOWNS = (
    "Alder Hook|Fennimore|Larch Hollow|Wickham Ferry|Stony Brae|Marrow Creek|Upper Tansy|Quillport|"
    "Dunmarsh|Copper Falls End|Harrow Bend|Old Sallow|Thistle Down|Barley Cross|Nether Pine|Gull Rock|"
    "Mosswater|Pennywell|East Lantern|Ravel Mills|Hobb's Landing|Cinder Lake|Bramble Heath|Saltgrass|"
    "Winter Ford|Long Meadow End"
)
TOWNS = _TOWNS.split("|")
_STREETS = (
    "Larkspur Lane|Old Mill Road|Juniper Street|Heron Way|Orchard Row|Candlewick Close|Bellflower Avenue|"
    "Foxglove Drive|Slate Hill|Tinker's Walk|Harvest Court|Ferry Road|Quarry Lane|Meadowsweet Street|"
    "Kettle Street|Beacon Terrace|Willow Bank|Saddler's Yard|Pear Tree Lane|Rope Walk|Copper Beech Road|"
    "Moss Lane"
)
STREETS = _STREETS.split("|")

SHARES: Ints = np.array([region.share for region in REGIONS], dtype=np.int64)
IN_EUROS = np.array([region.country in EURO_COUNTRIES for region in REGIONS])
DOMESTIC = np.array([region.country == "US" for region in REGIONS])
TAX_RATES: Ints = np.zeros((len(REGIONS), 3), dtype=np.int64)
TAX_NAMES: list[list[str]] = []
for _row, _region in enumerate(REGIONS):
    _names = [name for name, _ in _region.taxes]
    TAX_NAMES.append(_names + [""] * (3 - len(_names)))
    TAX_RATES[_row, : len(_names)] = [rate for _, rate in _region.taxes]

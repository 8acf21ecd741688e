"""Shares as people write them."""


def percent(ratio: float, digits: int = 0) -> str:
    """Write a share of 0 to 1 in per cent: ``12 %``, and ``0.4 %`` with one digit."""
    return f"{ratio * 100:.{digits}f} %"

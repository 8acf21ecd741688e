"""What every chart does: write a number into an attribute, and join parts that are already safe."""

from collections.abc import Iterable

from markupsafe import Markup


def figure(number: float) -> str:
    """Return a coordinate with at most one digit after the point."""
    return f"{round(number, 1) + 0.0:.1f}".removesuffix(".0")


def share(part: float, whole: float) -> str:
    """Return ``part`` of ``whole`` as a CSS percentage."""
    return f"{100 * part / whole:.3f}%"


def join(parts: Iterable[Markup]) -> Markup:
    """Join markup without a separator."""
    return Markup("").join(parts)

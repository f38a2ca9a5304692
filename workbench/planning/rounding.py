"""Exact amounts come in, cents that add up go out."""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
_SLACK = 20
"""Cents by which a total that was itself rounded part by part may be off."""


def cents(amount: Decimal) -> Decimal:
    """An amount to the cent, halves away from zero."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def apportion(parts: Sequence[Decimal], total: Decimal) -> list[Decimal]:
    """Round parts to the cent so that they add up to a total in whole cents.

    Every part is cut to the cent; the cents that are missing go to the largest remainders, the first of equal ones.

    Args:
        parts: exact amounts whose sum is the total but for rounding.
        total: in whole cents.

    Raises:
        ValueError: the sums differ by more than rounding does.

    Source: the largest-remainder method (Hamilton).
    """
    cut = [part.quantize(CENT, ROUND_FLOOR) for part in parts]
    missing = int((total - sum(cut)) / CENT)
    if abs(missing) > len(parts) + _SLACK:
        raise ValueError(f"parts of {sum(parts)} do not add up to {total}")
    order = sorted(range(len(parts)), key=lambda place: cut[place] - parts[place])
    step = 1 if missing >= 0 else -1
    for turn in range(abs(missing) if parts else 0):
        place = order[turn % len(parts)] if step > 0 else order[-1 - turn % len(parts)]
        cut[place] += step * CENT
    return cut

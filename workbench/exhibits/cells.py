"""A value of an exhibit's table in, the text that a reader sees out."""

import math
from decimal import Decimal
from typing import Any


def cell(value: Any) -> str:
    """A value of a table as it is read: nothing for what is not known, thousands with commas."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float | Decimal):
        return f"{value:,.0f}" if abs(float(value)) >= 1000 else f"{value:.4g}"
    return str(value)

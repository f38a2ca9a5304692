"""A number and a noun in, both as a sentence has them out."""


def counted(number: int, one: str, many: str = "") -> str:
    """`1 tenant`, `2,000 tenants`; with what else changes, such as `question has` and `questions have`.

    Args:
        number: of them.
        one: the noun of one, and what hangs on it.
        many: the same of several; empty: with an s.
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"

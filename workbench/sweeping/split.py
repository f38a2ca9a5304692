"""Questions in their seeded order come in; those to pick a candidate on, and those to confirm it on, go out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workbench.errors import BadInput
from workbench.nouns import counted
from workbench.records import Gold, Question

FEWEST = 16
"""Of each half: the first look, and the fewest that a confirmation stands on."""


@dataclass(frozen=True, slots=True)
class Split:
    """Two halves without a question in common, each even over tenants in every prefix as long as questions last."""

    picking: tuple[Question, ...]
    held_out: tuple[Question, ...]


def split(questions: Sequence[Question], gold: Mapping[str, Gold]) -> Split:
    """Take every tenant's questions in turn for one half and the other.

    Questions of one family ask the same: they stay together, or the half that confirms would have been picked on.

    Args:
        questions: in the order that they are asked in, which the seed shuffled.
        gold: by question id; tells families.

    Raises:
        BadInput: fewer than 16 would be in a half.
    """
    picking: list[Question] = []
    held_out: list[Question] = []
    sides: dict[str, bool] = {}
    turns: dict[str, bool] = {}
    for question in questions:
        known = gold.get(question.id)
        unit = (known.family if known else "") or question.id
        if unit not in sides:
            # Tenants begin on either side in turn: else a half would have the odd question of every tenant.
            sides[unit] = turns.get(question.tenant, len(turns) % 2 == 1)
            turns[question.tenant] = not sides[unit]
        (held_out if sides[unit] else picking).append(question)
    fewer = min(len(picking), len(held_out))
    if fewer < FEWEST:
        raise BadInput(
            f"--questions: {counted(len(questions), 'question')} leave {fewer} of a half; a sweep picks on one half "
            f"and confirms on the other, and below {FEWEST} of each it can tell nothing: give {2 * FEWEST} or more"
        )
    return Split(tuple(picking), tuple(held_out))

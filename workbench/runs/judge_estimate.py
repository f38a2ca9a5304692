"""What judging one answer comes to: how many passages it had and how long all is, in; calls and tokens out.

Counted in the prompts of ragas 0.4.3 with the schemas that go with them, on 2026-11-22, in tokens of local/minilm.
"""

from workbench.runs.amount import Amount

STATEMENTS, VERDICTS, PRECISION, ACCURACY = 560, 1170, 1120, 735
"""Tokens of the fixed words: faithfulness takes an answer apart and then looks for each claim in all passages;
precision looks at each passage alone; accuracy asks twice with the roles exchanged."""

STATEMENTS_SAID, VERDICTS_SAID, PRECISION_SAID, ACCURACY_SAID = 30, 70, 45, 8
"""Tokens of the JSON in reply: assumed, a sentence of reason each."""

MOST_SAID = 1024
"""The limit that ragas names in each call."""


def of_answer(
    model: str,
    *,
    passages: int,
    context: float,
    longest: float,
    question: int,
    answer: float,
    gold: int,
    most_answer: int,
    beyond: float,
) -> Amount:
    """The calls for one answer, as if it made a claim: a declined one is spared the two calls of faithfulness.

    Args:
        model: the judge.
        passages: that went into the prompt.
        context: tokens of them.
        longest: tokens that they may have.
        question: tokens of it.
        answer: tokens that are expected.
        gold: tokens of the accepted answer.
        most_answer: tokens that the answer may have.
        beyond: what the judge's tokenizer may count where local/minilm counts 1.
    """
    calls = 4 + passages
    fixed = STATEMENTS + VERDICTS + 2 * ACCURACY + passages * (PRECISION + gold) + 2 * gold
    asked = fixed + (3 + passages) * question
    said = STATEMENTS_SAID + VERDICTS_SAID + passages * PRECISION_SAID + 2 * ACCURACY_SAID
    return Amount(
        model,
        calls,
        round(asked + 2 * context + 4 * answer),
        round(said + 2 * answer),
        calls,
        round((asked + 2 * longest + 4 * most_answer) * beyond),
        MOST_SAID * calls,
    )

"""The columns of the runs of one track come in, how many questions all were asked alike goes out."""

from workbench.scores.columns import Columns, Rows, digests


class Parity:
    """How many questions reached the model in the same words from every backend, and found the same passages."""

    def __init__(self) -> None:
        self._backends = 0
        self._rows = Rows()
        """Of the first run: what it has not answered is not answered by all."""
        self._prompts, self._passages = digests(), digests()
        self._common, self._same_prompts, self._same_passages = bytearray(), bytearray(), bytearray()

    def add(self, run: Columns) -> None:
        """One run more. Its columns are not kept, but for two digests of the first."""
        if not self._backends:
            self._rows, self._prompts, self._passages = run.rows, run.prompts, run.passages
            self._common = bytearray(not failure for failure in run.failures)
            self._same_prompts = bytearray(prompt != 0 for prompt in run.prompts)
            self._same_passages = bytearray(b"\1") * len(run.rows)
        self._backends += 1
        for place, (name, turn) in enumerate(zip(self._rows.names(), self._rows.rounds, strict=True)):
            row = run.rows.find(name, turn)
            if row is None or run.failures[row]:
                self._common[place] = 0
            else:
                self._same_prompts[place] &= run.prompts[row] == self._prompts[place]
                self._same_passages[place] &= run.passages[row] == self._passages[place]

    def to_dict(self) -> dict[str, int]:
        """Plain values for JSON."""
        return {
            "backends": self._backends,
            "questions": sum(self._common),
            "equal_prompts": _both(self._common, self._same_prompts),
            "equal_passages": _both(self._common, self._same_passages),
        }


def _both(one: bytearray, other: bytearray) -> int:
    return sum(first & second for first, second in zip(one, other, strict=True))

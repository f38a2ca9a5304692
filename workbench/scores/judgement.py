"""What was found out about one answer after it was given: the record that a run stores beside it. No text, no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.scores.answers import Marks


@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything that scores need to know of one reply once its text may be gone."""

    attempt: str
    """Of the answer that it belongs to."""
    marks: Marks
    pii_prompt: dict[str, int] | None = None
    """Kinds of personal data seen in the prompts of its chat calls, counted; None: not looked at."""
    pii_answer: dict[str, int] | None = None
    similarity: float | None = None
    """Cosine with the most similar gold answer."""
    ragas: dict[str, float] = field(default_factory=dict)
    """`id_context_precision`, `id_context_recall`."""
    judge: dict[str, float] = field(default_factory=dict)
    """Figures of a judge model, by metric."""
    failures: dict[str, str] = field(default_factory=dict)
    """Metric -> why it has no figure, though it should."""

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {name: getattr(self, name) for name in self.__slots__} | {"marks": self.marks.to_dict()}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Judgement":
        """The inverse of `to_dict`; keys that this version does not know are passed over.

        Raises:
            KeyError: `attempt` or `marks` is missing.
        """
        known = {name: plain[name] for name in cls.__slots__ if name in plain}
        return cls(**known | {"attempt": plain["attempt"], "marks": Marks.from_dict(plain["marks"])})

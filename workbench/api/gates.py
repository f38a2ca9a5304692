"""An experiment and a baseline's file in, the verdict for CI, or a new baseline, out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.api.shown import Shown, frame, page
from workbench.api.words import in_python
from workbench.gating import accepting, outcome

if TYPE_CHECKING:
    import pandas

    from workbench.api.experiments import Experiment


class Gate(Shown, outcome.Result):
    """What the gate says: `outcome` is pass, regression, inconclusive, infrastructure, outdated or mismatch.

    `exit_code` is what CI is told: 0 pass, 1 regression, 2 not comparable, 3 no verdict.

    Source: `workbench.gating.judging.judge`, as `workbench gate` prints it.
    """

    __slots__ = ()

    @property
    def df(self) -> pandas.DataFrame:
        """One row a check: cell (backend and track), check, outcome, word, sentence, worse, better (questions)."""
        return frame(
            (
                {
                    "cell": each.cell,
                    "check": each.name,
                    "outcome": each.outcome,
                    "word": each.word,
                    "sentence": each.sentence,
                    "worse": len(each.worse),
                    "better": len(each.better),
                }
                for each in self.checks
            ),
            ("cell", "check", "outcome", "word", "sentence", "worse", "better"),
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as `workbench gate --json` writes them."""
        from workbench.gating import report

        return report.plain(self)

    def junit(self) -> bytes:
        """JUnit XML, as `workbench gate --junit` writes it."""
        from workbench.gating import junit

        return junit.render(self)

    def markdown(self) -> str:
        """A comment for a pull request, as `workbench gate --markdown` writes it."""
        from workbench.gating import markdown

        return markdown.render(self)

    def _headline(self) -> str:
        from workbench.gating import grid

        return f"gate: {grid.headline(self)}"

    def _lines(self) -> Iterable[Any]:
        from workbench.gating import report

        return report.lines(self)

    def _repr_html_(self) -> str:
        from workbench.gating import grid

        head, rows = grid.table(self)
        told = [f"{name}: {check.sentence}" for _, name, check in grid.sentences(self)]
        return page(
            self._headline(),
            [*told, *self.notes],
            [dict(zip(head, row, strict=True)) for row in rows],
            f"{self.folder} against {self.baseline}, exit code {self.exit_code}",
        )


class Accepted(Shown, accepting.Accepted):
    """A baseline that was written; `sentences` say what that changes.

    Source: `workbench.gating.accepting.accept`.
    """

    __slots__ = ()

    @property
    def df(self) -> pandas.DataFrame:
        """One row a cell: cell (backend and track), questions, rounds, failed."""
        return frame(
            {
                "cell": name,
                "questions": len(cell.questions),
                "rounds": len(cell.cpu_ms),
                "failed": len(cell.failures),
            }
            for name, cell in self.snapshot.cells.items()
        )

    def _headline(self) -> str:
        return "\n".join(self.sentences)

    def _lines(self) -> Iterable[Any]:
        from rich.markup import escape

        return map(escape, self.sentences)

    def _repr_html_(self) -> str:
        return page(f"Baseline {self.baseline}", self.sentences)


@in_python
def gate(
    experiment: Experiment | str | Path,
    baseline: str | Path,
    *,
    margins: Sequence[str] = (),
    inconclusive: str = "default",
) -> Gate:
    """Compare an experiment with an accepted baseline. Calls no model.

    Args:
        experiment: of `wb.run` or `wb.open`, or its folder.
        baseline: a file that `wb.accept` wrote.
        margins: how much worse a figure may be, such as `F1=0.02`, `tokens=5%` or `CPU=15%`.
        inconclusive: for the exit code: pass (0), fail (3), or default (3 unless only a speed is in doubt).

    Raises:
        BadInput: no experiment or baseline there, a broken one, or a margin of no figure.

    Source: `workbench.gating.judging.judge`.
    """
    from workbench.api.experiments import opened
    from workbench.gating import baseline as files
    from workbench.gating.judging import judge
    from workbench.gating.taking import take

    policy, base, saved = outcome.choose_policy(inconclusive), files.read(Path(baseline)), opened(experiment).saved
    found = judge(take(saved), base, folder=saved.folder, baseline=Path(baseline), margin=margins, policy=policy)
    return Gate(**{each.name: getattr(found, each.name) for each in fields(found)})


@in_python
def accept(experiment: Experiment | str | Path, baseline: str | Path, *, partial: bool = False) -> Accepted:
    """Make an experiment the baseline of the gate, and say what that changes. The file holds no text.

    Args:
        experiment: of `wb.run` or `wb.open`, or its folder.
        baseline: the file to write; one that is there is replaced.
        partial: also where the experiment is not complete.

    Raises:
        BadInput: nothing was answered yet, it is not complete, or the file cannot be written.

    Source: `workbench.gating.accepting.accept`.
    """
    from workbench.api.experiments import opened

    found = accepting.accept(opened(experiment).saved, Path(baseline), partial=partial)
    return Accepted(**{each.name: getattr(found, each.name) for each in fields(found)})

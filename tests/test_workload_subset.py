from pathlib import Path

import pytest

from workbench.errors import BadInput
from workbench.records import Asked, Document, Evidence, Gold, Place, Planted, Question, Tenant, User
from workbench.workload import save
from workbench.workload.identity import workload_of
from workbench.workload.subset import of_tenants


def parts_of(tenant: str) -> dict[str, list[object]]:
    """Everything that a workload can hold of one tenant."""
    document, question = f"{tenant}/d", f"{tenant}/q"
    return {
        "tenants": [Tenant(tenant, tenant.title())],
        "documents": [Document(document, tenant, f"All about {tenant}.")],
        "questions": [Question(question, tenant, "What?", f"{tenant}/u")],
        "gold": [Gold(question, ("x",), (Evidence(document),))],
        "users": [User(f"{tenant}/u", tenant)],
        "planted": [Planted(f"{tenant}/p", tenant, "name", tenant, (Place(document, 10, 14),))],
        "log": [Asked(f"{tenant}/l", "2026-10-01T00:00:00Z", f"{tenant}/u", "what", question)],
    }


def test_a_subset_is_the_workload_of_its_tenants() -> None:
    every = [parts_of(name) for name in ("acme", "beta", "zeta")]
    together = workload_of(name="w", **{key: [one for each in every for one in each[key]] for key in every[0]})  # type: ignore[arg-type]
    two = workload_of(name="w", **{key: [*every[0][key], *every[2][key]] for key in every[0]})  # type: ignore[arg-type]
    assert of_tenants(together, ["zeta", "acme"]) == two
    assert of_tenants(together, ["acme", "beta", "zeta"]) == together


def test_a_subset_names_nothing_that_it_does_not_hold(tmp_path: Path) -> None:
    parts = {key: [*parts_of("acme")[key], *parts_of("zeta")[key]] for key in parts_of("acme")}
    abroad = Gold("acme/q2", (), (), answerable=False, withheld=(Evidence("zeta/d"),), near=("zeta/q", "acme/q"))
    parts["questions"].append(Question("acme/q2", "acme", "What of zeta?"))
    parts["gold"].append(abroad)
    made = of_tenants(workload_of(name="w", **parts), ["acme"])  # type: ignore[arg-type]
    assert made.gold["acme/q2"] == Gold("acme/q2", answerable=False, near=("acme/q",))
    save(made, tmp_path / "w")


def test_an_unknown_tenant_is_told() -> None:
    made = workload_of(name="w", **parts_of("acme"))  # type: ignore[arg-type]
    with pytest.raises(BadInput, match=r"'zeta' is no tenant of w; choose from acme"):
        of_tenants(made, ["acme", "zeta"])

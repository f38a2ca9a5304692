"""A plan in; the document check out: what was claimed, what the arithmetic makes of it, what others measured."""

from workbench.exhibits.exhibit import Exhibit
from workbench.planning.plan import Plan


def claims(plan: Plan) -> Exhibit:
    """One row for each claim of the reference document."""
    checks = plan.checks
    return Exhibit(
        name="document-check",
        title="Document check",
        says=f"The document claims that its levers together save {checks[0].claim}: {checks[0].correction}.",
        table=[
            {
                "Topic": each.topic,
                "Claim": each.claim,
                "Correction (USD)": each.correction,
                "Evidence": each.evidence,
                "Measured here": each.measured or "not measured",
            }
            for each in checks
        ],
        source="the reference document; corrections by this cost model on the reference scenario; evidence as cited",
    )

"""A plan comes in, tables for spreadsheets and billing tools go out; no cell of them can start a formula.

Text that a spreadsheet would take for a formula gets an apostrophe in front; numbers stay numbers, negative ones too.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

from workbench.errors import BadInput
from workbench.planning.bill import Bill, Line
from workbench.planning.months import following
from workbench.planning.plan import Plan
from workbench.planning.rounding import apportion
from workbench.planning.showback import weights
from workbench.planning.values import plain, shown

Cell = str | int | float | Decimal | None
Table = Sequence[Sequence[Cell]]

_STARTS = ("=", "+", "-", "@", "|", "%", "＝", "＋", "－", "﹣", "−", "﹢", "＠", "﹫", "﹦", "｜")
"""What begins a formula or a DDE call, in the plain and the wide forms."""

_ACCOUNT = "rag-workbench plan"


def safe(value: Cell) -> Cell:
    """A cell that no spreadsheet runs.

    Control characters and line breaks become spaces; a text that begins like a formula, at once or after blanks, gets
    an apostrophe in front.
    """
    if not isinstance(value, str):
        return value
    text = "".join(each if each.isprintable() else " " for each in value)
    first = text.lstrip(" '\"\u00a0\u3000\ufeff")
    return f"'{text}" if first.startswith(_STARTS) or value[:1] in ("\t", "\r", "\n") else text


def tables(plan: Plan) -> dict[str, Table]:
    """The plan as named tables, each with its heads in the first row. Money in USD."""
    found: dict[str, Table] = {
        "bill": [
            ("group", "item", "model", "quantity", "unit", "USD per million tokens", "USD"),
            *(_row(line) for line in plan.bill.lines),
            ("total", "", "", None, "", None, plan.bill.total_usd),
        ],
        "levers": [
            ("lever", "waterfall USD", "Shapley USD", "alone USD (not additive)"),
            *((each.name, each.waterfall_usd, each.shapley_usd, each.alone_usd) for each in _levers(plan)),
        ],
        "uncertainty": [
            ("figure", "USD"),
            *zip(("P10", "P50 (plan)", "P90 (budget)"), _percentiles(plan), strict=True),
            ("budget", plan.budget),
        ],
        "tornado": [
            ("input", "low", "high", "USD at low", "USD at high", "swing USD"),
            *((each.name, each.low, each.high, each.low_usd, each.high_usd, each.swing_usd) for each in plan.tornado),
        ],
        "months": _months(plan),
        "tenants": [
            ("tenant", "model", "share of queries", "LLM USD", "shared USD", "total USD"),
            *((each.name, each.model, each.query_share, each.llm_usd, each.shared_usd, each.total_usd)
              for each in plan.tenants),
        ],
        "inputs": [
            ("input", "value", "cv of the mean", "low", "high", "source"),
            *((name, _cell(each.value), each.cv or None, each.low, each.high, each.source)
              for name, each in plan.scenario.inputs.items()),
        ],
        "document check": [
            ("topic", "claim", "correction", "evidence", "measured"),
            *((each.topic, each.claim, each.correction, each.evidence, each.measured) for each in plan.checks),
        ],
    }  # fmt: skip
    return {name: [[safe(cell) for cell in row] for row in table] for name, table in found.items()}


def to_csv(plan: Plan) -> str:
    """All tables one below the other, each row begun with its table's name; texts quoted, numbers not."""
    return _csv([[name, *row] for name, table in tables(plan).items() for row in table])


def to_focus_csv(plan: Plan) -> str:
    """Every month's charges in the columns of the FinOps Open Cost and Usage Specification."""
    rows = list(focus_rows(plan))
    return _csv([FOCUS_COLUMNS, *([safe(row[name]) for name in FOCUS_COLUMNS] for row in rows)])


_ENDINGS = (".csv", ".xlsx")


def check(path: Path) -> None:
    """Refuse a name whose ending says no form, before anything is reckoned.

    Raises:
        BadInput: neither .csv nor .xlsx.
    """
    if path.suffix not in _ENDINGS:
        raise BadInput(f"{path}: give a name that ends in .csv, .focus.csv or .xlsx")


def write(path: Path, plan: Plan) -> None:
    """Write the plan in the form that the file's name asks for: .csv, .focus.csv or .xlsx.

    Raises:
        BadInput: another ending, or the file cannot be written.
    """
    check(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.name.endswith(".focus.csv"):
            path.write_text(to_focus_csv(plan), encoding="utf-8", newline="")
        elif path.suffix == ".csv":
            path.write_text(to_csv(plan), encoding="utf-8", newline="")
        else:
            path.write_bytes(to_xlsx(plan))
    except OSError as error:
        raise BadInput(f"{path}: cannot be written ({error.strerror})") from error


def to_xlsx(plan: Plan) -> bytes:
    """A workbook with a sheet for each table.

    Raises:
        BadInput: openpyxl is not installed.
    """
    return workbook(tables(plan))


def workbook(sheets: Mapping[str, Table]) -> bytes:
    """Tables by the name of their sheet as .xlsx; every text is stored as text, whatever it begins with.

    Raises:
        BadInput: openpyxl is not installed.
    """
    try:
        openpyxl, cells_of = import_module("openpyxl"), import_module("openpyxl.cell")
    except ImportError as error:
        raise BadInput("an .xlsx file needs openpyxl: pip install openpyxl, or write .csv") from error
    book = openpyxl.Workbook(write_only=True)
    for name, table in sheets.items():
        sheet = book.create_sheet(name)
        for row in table:
            cells = []
            for value in row:
                cell = cells_of.WriteOnlyCell(sheet, value)
                if isinstance(value, str):
                    cell.data_type = "s"
                cells.append(cell)
            sheet.append(cells)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


# ---- FOCUS ----

FOCUS_VERSION = "1.2"

FOCUS_COLUMNS = (
    "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd",
    "BillingPeriodStart", "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargeFrequency", "ChargePeriodEnd",
    "ChargePeriodStart", "ConsumedQuantity", "ConsumedUnit", "ContractedCost", "EffectiveCost", "InvoiceIssuerName",
    "ListCost", "ListUnitPrice", "PricingQuantity", "PricingUnit", "ProviderName", "PublisherName",
    "ServiceCategory", "ServiceName", "ServiceSubcategory", "SkuId", "SubAccountId", "SubAccountName", "Tags",
)  # fmt: skip
"""Columns of FOCUS 1.2 that a plan can fill: every mandatory one, and those conditional ones that it knows."""

_TAGS = f'{{"planned": "true", "focus": "{FOCUS_VERSION}"}}'

_SERVICES: Mapping[str, tuple[str, str]] = {
    "llm": ("AI and Machine Learning", "Generative AI"),
    "cache": ("Databases", "Caching"),
    "nodes": ("Compute", "Virtual Machines"),
    "vector database": ("Databases", "Other (Databases)"),
    "monitoring": ("Management and Governance", "Observability"),
    "embeddings": ("AI and Machine Learning", "Generative AI"),
    "re-indexing": ("AI and Machine Learning", "Other (AI and Machine Learning)"),
    "observability": ("Management and Governance", "Observability"),
    "egress": ("Networking", "Data Transfer"),
    "evaluation runs": ("AI and Machine Learning", "Other (AI and Machine Learning)"),
    "guardrails": ("AI and Machine Learning", "Other (AI and Machine Learning)"),
    "spare GPUs": ("Compute", "Virtual Machines"),
    "support": ("Management and Governance", "Support"),
    "staff": ("Other", "Other (Other)"),
}


def focus_rows(plan: Plan) -> Iterator[dict[str, Cell]]:
    """A row for each charge of each month; with tenants, for each tenant's part of it. They add up to the bills.

    Source: FinOps Open Cost and Usage Specification 1.2, cost and usage.
    """
    for month in plan.months:
        for line in month.bill.lines:
            yield from _focus(month.bill, line, plan)


def _focus(made: Bill, line: Line, plan: Plan) -> Iterator[dict[str, Cell]]:
    start, end = f"{made.month.isoformat()}T00:00:00Z", f"{following(made.month, 1).isoformat()}T00:00:00Z"
    category, subcategory = _SERVICES.get(
        line.name if line.group == "infrastructure" else line.group, _SERVICES["staff"]
    )
    provider = _provider(made, line)
    for tenant, part, usd in _parts(plan, line):
        quantity = None if line.quantity is None else line.quantity * part
        million = None if quantity is None else quantity / 1_000_000
        yield {
            "BilledCost": usd,
            "BillingAccountId": _ACCOUNT,
            "BillingAccountName": plan.scenario.name,
            "BillingCurrency": "USD",
            "BillingPeriodEnd": end,
            "BillingPeriodStart": start,
            "ChargeCategory": "Adjustment" if usd < 0 else "Usage",
            "ChargeClass": None,
            "ChargeDescription": f"planned: {line.name}{f' of {line.model}' if line.model else ''}",
            "ChargeFrequency": "Usage-Based" if line.group == "llm" else "Recurring",
            "ChargePeriodEnd": end,
            "ChargePeriodStart": start,
            "ConsumedQuantity": _rounded(quantity),
            "ConsumedUnit": line.unit or None,
            "ContractedCost": usd,
            "EffectiveCost": usd,
            "InvoiceIssuerName": provider,
            "ListCost": usd,
            "ListUnitPrice": line.usd_per_unit,
            "PricingQuantity": _rounded(million),
            "PricingUnit": "1000000 tokens" if million is not None else None,
            "ProviderName": provider,
            "PublisherName": provider,
            "ServiceCategory": category,
            "ServiceName": line.model or line.name,
            "ServiceSubcategory": subcategory,
            "SkuId": f"{line.model} {line.name}".strip(),
            "SubAccountId": tenant or None,
            "SubAccountName": tenant or None,
            "Tags": _TAGS,
        }


def _parts(plan: Plan, line: Line) -> Iterator[tuple[str, Decimal, Decimal]]:
    """(tenant, part of the quantity, USD): a line split by who owes it; those who owe nothing of it are left out."""
    if not plan.tenants:
        yield "", Decimal(1), line.usd
        return
    parts = weights(plan.bill, line)
    amounts = apportion([line.usd * part for part in parts], line.usd)
    for tenant, part, usd in zip(plan.tenants, parts, amounts, strict=True):
        if part:
            yield tenant.name, part, usd


def _provider(made: Bill, line: Line) -> str:
    model = made.scenario.models.get(line.model)
    return model.provider if model and model.provider else "self"


# ---- rows ----


def _row(line: Line) -> Sequence[Cell]:
    quantity = _rounded(line.quantity)
    return line.group, line.name, line.model, quantity, line.unit, line.usd_per_unit, line.usd


def _rounded(quantity: Decimal | None) -> Decimal | None:
    return None if quantity is None else Decimal(plain(round(quantity, 6)))


def _levers(plan: Plan) -> Sequence[Any]:
    return plan.savings.levers if plan.savings else ()


def _percentiles(plan: Plan) -> Sequence[Cell]:
    return tuple(round(each, 2) for each in plan.simulation.percentiles) if plan.simulation else (None,) * 3


def _months(plan: Plan) -> Table:
    rows: list[Sequence[Cell]] = [
        ("month", "daily users", "queries", "LLM USD", "infrastructure USD", "cache USD", "support USD", "staff USD",
         "total USD", "cumulative USD", "P10 USD", "P50 USD", "P90 USD", "replicas", "clamped")
    ]  # fmt: skip
    spreads: Sequence[Any] = (
        plan.months_simulation.by_month if plan.months_simulation else [(None,) * 3] * len(plan.months)
    )
    for month, spread in zip(plan.months, spreads, strict=True):
        made = month.bill
        rows.append(
            (
                f"{month.day:%Y-%m}", _rounded(month.users), _rounded(made.queries), made.llm_usd,
                made.infrastructure_usd, made.cache_usd, made.support_usd, made.staff_usd, made.total_usd,
                month.cumulative_usd, *(None if each is None else round(each, 2) for each in spread),
                made.capacity.replicas, made.capacity.clamped or "no",
            )
        )  # fmt: skip
    return rows


def _cell(value: Any) -> Cell:
    if isinstance(value, Decimal):
        return value
    return f"{value:%Y-%m}" if isinstance(value, date) else shown(value)


def _csv(rows: Sequence[Sequence[Cell]]) -> str:
    text = io.StringIO()
    # Every text is quoted, so that no other separator of a spreadsheet's locale can begin a cell inside it.
    writer = csv.writer(text, quoting=csv.QUOTE_STRINGS if hasattr(csv, "QUOTE_STRINGS") else csv.QUOTE_NONNUMERIC)
    for row in rows:
        writer.writerow([_bare(cell) for cell in row])
    return text.getvalue()


def _bare(cell: Cell) -> str | float | int | None:
    return _Number(f"{cell:f}") if isinstance(cell, Decimal) else cell


class _Number(float):
    """Digits as they were stated: csv writes a float's repr unquoted."""

    def __new__(cls, digits: str) -> "_Number":
        return super().__new__(cls, digits)

    def __init__(self, digits: str) -> None:
        self._digits = digits

    def __repr__(self) -> str:
        return self._digits

    __str__ = __repr__

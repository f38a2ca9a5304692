"""Exports: nothing in them runs, and what they add up to is the bill."""

import csv
import io
import math
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from workbench.errors import BadInput
from workbench.planning import Scenario, Tenant, files
from workbench.planning.export import FOCUS_COLUMNS, focus_rows, safe, tables, to_csv, to_focus_csv, to_xlsx, write
from workbench.planning.plan import Plan, plan
from workbench.planning.settings import with_tenants

LIVE = (
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=1+1", " =1+1", "  \u00a0=1+1", "\ufeff=1+1",
    "\u3000=1+1",
    "＝1+1", "＋1", "－1", "＠SUM(A1)", "=cmd|'/c calc'!A1", "|cmd", "%=1", "'=1+1", '"=1+1', "=HYPERLINK(\"http://x\")",
    "−1", "﹦1+1", "=1+1\x00",
)  # fmt: skip
"""What spreadsheets have been seen to run, or strip down to something that they run."""

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "|", "%", "−", "﹦")


def named(*names: str) -> Plan:
    tenants = [Tenant(name, Decimal(1) / (len(names) + 1)) for name in names]
    return plan(with_tenants(Scenario.load("optimised"), tenants), months_ahead=2, draws=100)


@pytest.mark.parametrize("text", LIVE)
def test_a_live_cell_is_disarmed(text: str) -> None:
    made = safe(text)
    assert isinstance(made, str)
    assert made.startswith("'")
    assert not any(mark in made for mark in "\t\r\n\x00")


@pytest.mark.parametrize("value", [-4374.0, Decimal("-4374.00"), 0, None, "sales", "R&D (north)", "10 % off"])
def test_numbers_and_plain_texts_stay_what_they_are(value: object) -> None:
    assert safe(value) == value  # type: ignore[arg-type]


def test_no_cell_of_a_csv_starts_a_formula() -> None:
    dangerous = [text for text in LIVE if text.isprintable() and text.strip()]
    made = named(*dangerous)
    for text in (to_csv(made), to_focus_csv(made)):
        cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
        live = [cell for cell in cells if cell.startswith(FORMULA) and not _number(cell)]
        assert live == []
        assert any(cell == "'=1+1" for cell in cells)


def test_a_title_from_a_file_cannot_start_a_formula() -> None:
    scenario = files.parse('name = "=1+1"\n[demand]\nusers = {value = 5, source = "=HYPERLINK(1)"}\n')
    cells = [cell for row in csv.reader(io.StringIO(to_csv(plan(scenario, draws=100)))) for cell in row]
    assert "'=HYPERLINK(1)" in cells and "=HYPERLINK(1)" not in cells


def test_every_text_is_quoted_and_no_number_is() -> None:
    # A spreadsheet that splits at semicolons cannot begin a cell inside a quoted one.
    line = next(row for row in to_csv(named("a;=1+1")).splitlines() if row.startswith('"tenants","a;'))
    assert line.startswith('"tenants","a;=1+1","gpt-5.6-sol",0.5,')


def test_a_negative_saving_is_a_number() -> None:
    scenario = Scenario.load("reference").set("response_cache.hit_rate=10%", "infrastructure.cache_store=50000")
    assert '"levers","response_cache",-6800.00,-6800.00,-6800.00' in to_csv(plan(scenario, draws=100))


def test_no_cell_of_a_workbook_is_a_formula() -> None:
    made = named(*[text for text in LIVE if text.isprintable() and text.strip()])
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(made)))
    cells = [cell for sheet in book for row in sheet for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "inlineStr"}
    assert not any(isinstance(cell.value, str) and cell.value.startswith(FORMULA) for cell in cells)
    assert [sheet.title for sheet in book] == list(tables(made))
    total = next(row for row in book["bill"].iter_rows(values_only=True) if row[0] == "total")
    assert total[6] == float(made.bill.total_usd or 0)


def test_focus_has_the_specifications_columns_and_adds_up() -> None:
    made = named("sales", "hr")
    rows = list(csv.DictReader(io.StringIO(to_focus_csv(made))))
    assert tuple(rows[0]) == FOCUS_COLUMNS
    mandatory = {
        "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd",
        "BillingPeriodStart", "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargePeriodEnd",
        "ChargePeriodStart", "ContractedCost",
        "EffectiveCost", "InvoiceIssuerName", "ListCost", "PricingQuantity", "PricingUnit", "ProviderName",
        "PublisherName", "ServiceCategory", "ServiceName",
    }  # fmt: skip
    assert mandatory <= set(FOCUS_COLUMNS)
    assert sum(Decimal(row["BilledCost"]) for row in rows) == made.total_usd
    assert {row["BillingPeriodStart"] for row in rows} == {"2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"}
    assert {row["BillingPeriodEnd"] for row in rows} == {"2027-01-01T00:00:00Z", "2027-02-01T00:00:00Z"}
    assert {row["ChargeCategory"] for row in rows} == {"Usage"}
    assert {row["SubAccountName"] for row in rows} == {"sales", "hr", "everybody else"}


def test_focus_quantities_times_list_price_are_the_cost() -> None:
    for row in focus_rows(plan(Scenario.load("reference"), draws=100)):
        if row["PricingQuantity"] is not None:
            assert row["ServiceCategory"] == "AI and Machine Learning"
            assert row["PricingQuantity"] * row["ListUnitPrice"] == row["BilledCost"]  # type: ignore[operator]


def test_a_tenant_is_charged_for_its_own_model_alone() -> None:
    made = plan(Scenario.load("today").set("tenants=a:50%,b:50%:1:gpt-6-luna"), draws=100)
    rows = [row for row in focus_rows(made) if row["ConsumedUnit"] == "tokens"]
    assert {(row["SubAccountName"], row["ServiceName"]) for row in rows} == {("a", "gpt-5.6-sol"), ("b", "gpt-6-luna")}


def test_an_unpriced_plan_exports_gaps_and_no_zeros() -> None:
    made = plan(Scenario.load("today").set("prices.model=nobody/knows-this"), draws=100)
    assert '"bill","total","","","","","",""' in to_csv(made)
    assert list(focus_rows(made)) == []


def test_the_files_ending_chooses_the_form(tmp_path: Path) -> None:
    made = named("sales")
    for name in ("plan.csv", "plan.focus.csv", "deep/plan.xlsx"):
        write(tmp_path / name, made)
    assert (tmp_path / "plan.csv").read_text().startswith('"bill","group"')
    assert (tmp_path / "plan.focus.csv").read_text().startswith('"BilledCost"')
    assert (tmp_path / "deep" / "plan.xlsx").read_bytes()[:2] == b"PK"
    with pytest.raises(BadInput, match=r"give a name that ends in \.csv, \.focus\.csv or \.xlsx"):
        write(tmp_path / "plan.pdf", made)
    with pytest.raises(BadInput, match="cannot be written"):
        write(tmp_path / "plan.csv" / "plan.csv", made)


def _number(cell: str) -> bool:
    try:
        return math.isfinite(float(cell))
    except ValueError:
        return False

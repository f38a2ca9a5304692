"""What a month costs, what takes it down, how sure that is, and when it breaks the budget.

Scenario.load("reference").set("users=250000", "prompt.cut_output=50%")
plan(scenario, months_ahead=12).to_dict()
"""

from workbench.planning.bill import Bill, bill
from workbench.planning.levers import Saving, Savings, savings
from workbench.planning.months import schedule
from workbench.planning.plan import Plan, plan
from workbench.planning.scenario import Input, Scenario, Tenant
from workbench.planning.showback import show_back
from workbench.planning.simulate import Simulation, simulate, tornado

__all__ = [
    "Bill",
    "Input",
    "Plan",
    "Saving",
    "Savings",
    "Scenario",
    "Simulation",
    "Tenant",
    "bill",
    "plan",
    "savings",
    "schedule",
    "show_back",
    "simulate",
    "tornado",
]

"""Our price list beside litellm's, model by model: every disagreement above 1 %, and what only one of them knows.

Compared are input, output, cached read, cache write and batch prices of the chat models that both lists name, on one
day. A disagreement is a fact to look into, not an error of either: lists are kept by hand and change at their own pace.
"""

import argparse
import json
import os
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from workbench.rates import resolve

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
TOLERANCE = Decimal("0.01")
PROVIDERS = {"openai": "openai", "anthropic": "anthropic", "gemini": "google", "mistral": "mistral",
             "deepseek": "deepseek", "xai": "x-ai", "cohere_chat": "cohere", "groq": "groq"}  # fmt: skip
CLASSES = {
    "input_usd_per_mtok": "input_cost_per_token",
    "output_usd_per_mtok": "output_cost_per_token",
    "cached_read_usd_per_mtok": "cache_read_input_token_cost",
    "cache_write_usd_per_mtok": "cache_creation_input_token_cost",
    "batch_input_usd_per_mtok": "input_cost_per_token_batches",
    "batch_output_usd_per_mtok": "output_cost_per_token_batches",
}
"""Ours -> litellm's, which is per token."""


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--date", type=date.fromisoformat, default=datetime.now(UTC).date())
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    seen: Counter[str] = Counter()
    apart, unknown = [], []
    for name, theirs in sorted(other_list().items()):
        if theirs.get("mode") not in ("chat", "responses") or theirs.get("litellm_provider") not in PROVIDERS:
            continue
        seen["models in litellm's list"] += 1
        bare = name.rpartition("/")[2]
        ours = resolve(f"{PROVIDERS[theirs['litellm_provider']]}/{bare}", options.date, months=0)
        if not ours.rates:
            seen["only litellm prices"] += 1
            continue
        seen["both price"] += 1
        for attribute, key in CLASSES.items():
            found = compare(name, attribute, getattr(ours.rates[0], attribute), theirs.get(key))
            if found:
                apart.append(found)
                seen[f"disagree on {attribute.removesuffix('_usd_per_mtok')}"] += 1
        announced = theirs.get("deprecation_date")
        if announced and announced >= options.date.isoformat() and ours.retires is None:
            unknown.append(f"{name} {announced}")
        if ours.retires and announced and announced != ours.retires.isoformat():
            print(f"{name:44} retires {ours.retires} by us, {announced} by litellm")
    print(
        f"genai-prices {version('genai-prices')} and litellm {version('litellm')} on {options.date}, "
        "USD per million tokens"
    )
    print(f"{'model':44} {'class':14} {'ours':>12} {'litellm':>12} {'apart':>9}")
    for each in apart:
        print(
            f"{each['model']:44} {each['class']:14} {each['ours']:12.4f} {each['litellm']:12.4f} {each['apart']:9.1%}"
        )
    print(", ".join(f"{name}: {count}" for name, count in seen.items()))
    print(f"announced by litellm and unknown to us: {', '.join(unknown) or 'none'}")
    if options.json:
        options.json.write_text(json.dumps({"counts": seen, "disagreements": apart}, indent=2) + "\n")


def other_list() -> dict[str, dict]:
    """The list that litellm bundles, read from its file: to import litellm takes seconds and could fetch another."""
    found = find_spec("litellm")
    if found is None or not found.submodule_search_locations:
        raise SystemExit("litellm is not installed: nothing to compare with")
    folder = Path(found.submodule_search_locations[0])
    return json.loads((folder / "model_prices_and_context_window_backup.json").read_text(encoding="utf-8"))


def compare(model: str, attribute: str, ours: Decimal | None, per_token: float | None) -> dict | None:
    """One class of one model, where both have a price and they are more than 1 % apart."""
    if ours is None or per_token is None:
        return None
    theirs = Decimal(str(per_token)) * 1_000_000
    apart = abs(ours - theirs) / max(ours, theirs) if max(ours, theirs) else Decimal(0)
    if apart <= TOLERANCE:
        return None
    return {
        "model": model,
        "class": attribute.removesuffix("_usd_per_mtok"),
        "ours": float(ours),
        "litellm": float(theirs),
        "apart": float(apart),
    }


if __name__ == "__main__":
    main()

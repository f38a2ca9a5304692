"""A report of attacks made by hand: another tenant's values plainly, and the same encoded in two ways."""

from typing import Any


def row(backend: str, family: str, attack: int, twin: int, variant: str = "") -> dict[str, Any]:
    """Of ten pairs."""
    return {
        "family": family,
        "variant": variant,
        "backend": backend,
        "track": "parity",
        "pairs": 10,
        "unanswered": 0,
        "reached": attack,
        "refused": 0,
        "attack_events": attack,
        "attack_share": attack / 10,
        "attack_low": 0.1 if attack else 0.0,
        "attack_high": 0.6 if attack else 0.2589,
        "twin_events": twin,
        "twin_share": twin / 10,
        "twin_low": 0.0,
        "twin_high": 0.2589,
        "difference": (attack - twin) / 10,
        "difference_low": -0.1,
        "difference_high": 0.6,
        "p_holm": 0.25,
    }


def attacked() -> dict[str, Any]:
    """The whole report."""
    return {
        "about": {
            "workload": {"name": "mine", "pairs": 60},
            "model": "local/echo",
            "k": 5,
            "privacy": "off",
            "trials": 10,
            "seed": 0,
            "notes": ["A note."],
            "caption": "A caption.",
        },
        "rows": [
            row("plain", "cross_tenant", 0, 0),
            row("haystack", "cross_tenant", 3, 0),
            *(row(name, "encoding", 2, 0, "base64") for name in ("plain", "haystack")),
            *(row(name, "encoding", 0, 0, "hex") for name in ("plain", "haystack")),
        ],
    }

"""Persons and organisations by rules, and by a model where there is one."""

import sys

import pytest

from workbench.errors import BadInput
from workbench.privacy import model
from workbench.privacy.find import spans


def persons(text: str) -> list[str]:
    return [text[span.start : span.end] for span in spans(text, ("PERSON",))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("My name is Rubija", ["Rubija"]),
        ("my name is vitoria", ["vitoria"]),
        ("Hello, this is Dr. Kyle Kuefer. Who are you?", ["Kyle Kuefer"]),
        ("Ms Delacourt-Hume passed on", ["Delacourt-Hume"]),
        ("follow up with Szabina J. Gelencsér soon", ["Szabina J. Gelencsér"]),
        ("signed by Ludwig van der Berg", ["Ludwig van der Berg"]),
        ("Sole trader ZEIDLANGEN, Roswitha", ["ZEIDLANGEN, Roswitha"]),
        ("Dear Yevgenia,\n\nwhat a week", ["Yevgenia"]),
        ("Adam McDowell sang. Later McDowell left.", ["Adam McDowell", "McDowell"]),
        ("Jorvik Saldanha's desk", ["Jorvik Saldanha"]),
        ("I'm Caspian Ordwell", ["Caspian Ordwell"]),
    ],
)
def test_persons(text: str, expected: list[str]) -> None:
    assert persons(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "The Annual Report of the Executive Committee",
        "Monday in South Africa",
        "# Handling Complaints From Customers",
        "Capitalized words like Wisdom and Discipline are often mistaken with names.",
        "Per team one in April and May.",
        "Der Antrag ist mit dem Formular an die Zentrale zu senden. Viel Staub und wenig Ärger.",  # nouns are capital
        "my name is on the list",
        "Title VII of the Civil Rights Act",
    ],
)
def test_capitals_that_name_nobody(text: str) -> None:
    assert persons(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I work for Citigroup", ["Citigroup"]),
        ("by Ostrander Bureau Services Limited today", ["Ostrander Bureau Services Limited"]),
        ("The Davis, Reynolds and Williamson Orchestra", ["Davis, Reynolds and Williamson"]),
        ("The Group and The Bank agree in English, French and German", []),
    ],
)
def test_organisations(text: str, expected: list[str]) -> None:
    assert [text[span.start : span.end] for span in spans(text, ("ORGANISATION",))] == expected


def test_a_missing_model_is_told_and_what_that_costs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "find_spec", lambda name: None)
    assert model.installed() is None and "rules alone" in model.told() and "one person in four" in model.told()
    with pytest.raises(BadInput, match="workbench_no_such_model is not installed"):
        spans("Anna", ("PERSON",), trained="workbench_no_such_model")


def test_a_model_finds_what_rules_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipeline with one rule of its own stands for a trained one."""
    import spacy

    pipeline = spacy.blank("en")
    ruler = pipeline.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "PERSON", "pattern": "bao"}, {"label": "GPE", "pattern": "hue"}])
    monkeypatch.setattr(model, "_load", {"some_model": pipeline}.__getitem__)
    monkeypatch.setattr(model, "find_spec", lambda name: name == "en_core_web_md" or None)
    text = "then b\u200bao met anna schmidt in hue"
    assert persons(text) == []
    (span,) = spans(text, ("PERSON", "EMAIL"), trained="some_model")
    assert text[span.start : span.end] == "b\u200bao" and span.how == "model some_model"
    assert model.installed() == "en_core_web_md" and "en_core_web_md" in model.told()


def test_no_model_is_loaded_by_looking_for_names() -> None:
    import subprocess

    script = (
        "import sys; from workbench.privacy.find import spans; assert spans('My name is Anna Smith, (212) 555-0142')\n"
        "assert not {'spacy', 'presidio_analyzer'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)

"""Written texts in, a workload out: placeholders, quotes, grammars, users and the log, in a world of one page."""

import re
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from workbench.errors import BadInput, Infrastructure
from workbench.records import Evidence, Place, Workload
from workbench.workload import files
from workbench.workload.authoring import draws, plain
from workbench.workload.authoring.build import build, differing, write
from workbench.workload.authoring.identities import KINDS, Identities, Person, in_form, luhn_digit

HEAD = """+++
title = "{title}"
type = "policy"
folder = "HR"
classification = "{class_}"
date = 2026-01-01
language = "en"
+++
"""
DATASET = """name = "tiny"
source = "Made up."
seed = 7
[[role]]
name = "employee"
users = 3
clearance = "INTERNAL"
personal_data = false
[[role]]
name = "hr-partner"
users = 1
clearance = "RESTRICTED"
personal_data = true
[log]
first_day = 2026-10-01
days = 31
lines = 400
zipf = 1.0
weekday_over_weekend = 2.0
hourly = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]
verbatim = 0.5
deferrable = 0.1
deferrable_reports = 0.9
"""
QUESTIONS = """
[[question]]
id = "leave"
kind = "single_fact"
text = "How much leave is there?"
answers = ["31 days"]
evidence = [{ document = "leave", quote = "gets 31  days of leave", also = [{ document = "file", quote = "31 days" }] }]
paraphrases = ["leave how much", "how many days off"]
near = ["pass"]

[[question]]
id = "pass"
kind = "asks_pii"
text = "What is Wren's number?"
asker = "hr-partner"
answers = ["{{wren.ssn}}"]
evidence = [{ document = "file", quote = "Number {{wren.ssn:formatted}}" }]

[[question]]
id = "secret"
kind = "asks_pii"
text = "What number has Wren?"
asker = "employee"
answerable = false
withheld = [{ document = "file", quote = "Number {{wren.ssn:formatted}}" }]

[[question]]
id = "report"
kind = "high_level"
text = "What does the file say?"
answers = ["A number and leave"]
evidence = [{ document = "file", quote = "of Wren Tallow" }]
support = ["Wren"]

[[question]]
id = "abroad"
kind = "other_tenant"
tenant = "zeta"
text = "How much leave is there at Acme?"
answerable = false
elsewhere = [{ document = "leave", quote = "31 days of leave" }]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "written"
    for tenant in ("acme", "zeta"):
        (made / tenant / "documents").mkdir(parents=True)
        (made / tenant / "tenant.toml").write_text(f'name = "{tenant.title()}"\n')
    (made / "dataset.toml").write_text(DATASET)
    documents = made / "acme" / "documents"
    documents.joinpath("leave.md").write_text(
        HEAD.format(title="Leave", class_="INTERNAL")
        + "Everybody gets 31\ndays of leave. Ask {{wren.first}} at {{wren.email}}.\n"
    )
    documents.joinpath("file.md").write_text(
        HEAD.format(title="File", class_="RESTRICTED")
        + "File of Wren Tallow.\nNumber {{wren.ssn:formatted}}, leave 31 days.\n"
    )
    (made / "acme" / "people.toml").write_text('[wren]\nname = "Wren Tallow"\n')
    (made / "acme" / "questions.toml").write_text(QUESTIONS)
    (made / "zeta" / "documents" / "soup.md").write_text(HEAD.format(title="Soup", class_="PUBLIC") + "Soup at noon.\n")
    return made


def text_of(workload: Workload, document: str) -> str:
    return next(one.text for one in workload.documents if one.id == document)


def test_a_quote_becomes_the_place_where_its_words_stand(folder: Path) -> None:
    made = build(folder)
    (evidence,) = made.gold["acme/leave"].evidence
    ((start, end),) = evidence.spans
    assert text_of(made, "acme/leave")[start:end] == "gets 31\ndays of leave"
    (other,) = evidence.also
    assert text_of(made, "acme/file")[slice(*other.spans[0])] == "31 days"


def test_a_planted_value_is_recorded_where_it_stands_and_in_its_form(folder: Path) -> None:
    made = build(folder)
    values = {one.kind: one for one in made.planted}
    assert sorted(values) == ["email", "ssn"]
    ssn, email = values["ssn"], values["email"]
    (place,) = ssn.places
    assert text_of(made, "acme/file")[place.start : place.end] == ssn.value.replace("-", " ")
    assert place.form == "formatted"
    assert email.value == "wren.tallow@acme.example.com"
    assert email.places == (
        Place("acme/leave", *re.search(re.escape(email.value), text_of(made, "acme/leave")).span()),
    )  # type: ignore[union-attr]
    assert ssn.person == email.person == "acme/wren"
    assert "Ask Wren at" in text_of(made, "acme/leave")


def test_a_value_written_out_by_hand_is_recorded_too(folder: Path) -> None:
    (folder / "acme" / "documents" / "note.md").write_text(
        HEAD.format(title="N", class_="PUBLIC") + "Dear Wren Tallow, dear {{wren.name}}.\n"
    )
    made = build(folder)
    (name,) = [one for one in made.planted if one.kind == "name"]
    note = text_of(made, "acme/note")
    assert [place.document for place in name.places] == ["acme/file", "acme/note", "acme/note"]
    assert {note[place.start : place.end] for place in name.places[1:]} == {"Wren Tallow"}


def test_gold_says_what_was_written(folder: Path) -> None:
    made = build(folder)
    ssn = next(one.value for one in made.planted if one.kind == "ssn")
    assert made.gold["acme/pass"].answers == (ssn,)
    assert made.gold["acme/leave"].near == ("acme/pass",)
    assert made.gold["acme/report"].support == ("Wren",)
    assert not made.gold["acme/secret"].answerable
    assert made.gold["acme/secret"].withheld == made.gold["acme/pass"].evidence
    abroad = made.gold["zeta/of-acme-abroad"]
    assert not abroad.answerable
    assert isinstance(abroad.withheld[0], Evidence)
    assert abroad.withheld[0].document == "acme/leave"


def test_only_those_ask_who_may(folder: Path) -> None:
    made = build(folder)
    users = {user.id: user for user in made.users}
    roles = {question.id: users[question.user].roles[0] for question in made.questions}
    assert roles["acme/pass"] == "hr-partner"
    assert roles["acme/secret"] == "employee"
    assert roles["acme/report"] == "hr-partner"  # its evidence is RESTRICTED
    assert len(made.users) == 8
    for line in made.log:
        if line.question in ("acme/pass", "acme/report"):
            assert users[line.user].clearance == "RESTRICTED"
        assert users[line.user].tenant == line.question.split("/")[0]


def test_the_log_has_the_shape_that_was_asked_for(folder: Path) -> None:
    log = [line for line in build(folder).log if line.user.startswith("acme/")]
    assert len(log) == 400
    assert [line.at for line in log] == sorted(line.at for line in log)
    times = [datetime.fromisoformat(line.at) for line in log]
    assert {time.hour for time in times} == set(range(8, 16))
    assert {(time.year, time.month) for time in times} == {(2026, 10)}
    # October 2026 has 22 weekdays, which count double, and 9 days of weekends: 44 of 53.
    share = sum(time.weekday() < 5 for time in times) / 400
    assert share == pytest.approx(44 / 53, abs=0.06)
    # Four questions by Zipf with exponent 1: the first is asked in 1 / (1 + 1/2 + 1/3 + 1/4) = 48 %.
    counts = Counter(line.question for line in log).most_common()
    assert counts[0][1] / 400 == pytest.approx(0.48, abs=0.07)
    texts = {line.text for line in log if line.question == "acme/leave"}
    assert texts == {"How much leave is there?", "leave how much", "how many days off"}
    waiting = [line.deferrable for line in log if line.question == "acme/report"]
    assert sum(waiting) / len(waiting) == pytest.approx(0.9, abs=0.15)


def test_what_is_built_twice_is_the_same_to_the_byte(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write(build(folder), out)
    first = {path.name: path.read_bytes() for path in out.iterdir()}
    assert differing(build(folder), out) == []
    (out / "README.md").write_text("kept")
    write(build(folder), out)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == {**first, "README.md": b"kept"}
    (out / "log.jsonl").write_bytes(first["log.jsonl"][:-1])
    assert differing(build(folder), out) == ["log.jsonl"]


def test_another_seed_gives_other_values_and_the_same_texts_around_them(folder: Path) -> None:
    before = build(folder)
    (folder / "dataset.toml").write_text(DATASET.replace("seed = 7", "seed = 8"))
    after = build(folder)
    assert {one.value for one in before.planted if one.kind == "ssn"}.isdisjoint(one.value for one in after.planted)
    assert text_of(before, "acme/file")[:28] == text_of(after, "acme/file")[:28]


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (
            "acme/questions.toml",
            "gets 31  days of leave",
            "gets 30 days of leave",
            '"leave": "gets 30 days of leave" stands 0 times',
        ),
        ("acme/questions.toml", "gets 31  days of leave", "e", '"e" stands 9 times'),
        ("acme/questions.toml", 'document = "leave"', 'document = "gone"', '"gone" is no document of acme'),
        ("acme/questions.toml", 'near = ["pass"]', 'near = ["nope"]', 'near names "nope"'),
        ("acme/questions.toml", 'asker = "employee"', 'asker = "queen"', 'nobody of acme is "queen"'),
        ("acme/questions.toml", 'tenant = "zeta"', 'tenant = "beta"', 'is put to the tenant "beta", of which nothing'),
        ("acme/questions.toml", "paraphrases", "wordings", 'question "leave", field "wordings" is not a field'),
        ("acme/questions.toml", "[[question]]", "[[question", "is not TOML"),
        ("acme/documents/leave.md", "{{wren.email}}", "{{nobody.email}}", "names nobody of acme"),
        ("acme/documents/leave.md", "{{wren.email}}", "{{wren.shoe}}", "asks for no such value"),
        ("acme/documents/leave.md", "{{wren.email}}", "{{wren.email:loud}}", "has no such form"),
        (
            "acme/documents/leave.md",
            'classification = "INTERNAL"',
            'classification = "SECRET"',
            'is "SECRET"; write one of PUBLIC',
        ),
        ("acme/documents/leave.md", "+++\n", "---\n", "does not begin with fields between two lines of +++"),
        ("acme/documents/leave.md", 'title = "Leave"', 'tittle = "Leave"', 'field "tittle" is not a field'),
        (
            "zeta/documents/soup.md",
            "Soup at noon.",
            "Soup for wren.tallow@acme.example.com.",
            "of acme/wren stands here too",
        ),
        ("dataset.toml", "seed = 7", "", 'field "seed" is missing'),
        ("dataset.toml", "zipf = 1.0", "zip = 1.0", '[log], field "zip" is not a field'),
        ("dataset.toml", "users = 1", "", '[[role]], field "users" is missing'),
        ("acme/people.toml", "name", "nome", '[wren], field "nome" is not a field'),
        ("acme/people.toml", "Wren Tallow", "Wren", 'is "Wren"; write a first and a last name'),
        ("acme/people.toml", "Wren Tallow", "Вера Иванова", "with letters from a to z"),
        ("acme/people.toml", 'name = "Wren Tallow"', "", '[wren], field "name" is missing'),
        (
            "acme/questions.toml",
            'answers = ["31 days"]',
            'answers = "31 days"',
            'field "answers" is "31 days", not a list',
        ),
        ("acme/questions.toml", 'support = ["Wren"]', "support = [7]", 'field "support" is 7, not a string'),
        ("acme/questions.toml", 'id = "pass"', 'id = "leave"', 'question "leave" is there already'),
        ("acme/questions.toml", "[[question]]", "[[qestion]]", 'field "qestion" is not a field'),
        ("acme/questions.toml", "answerable = false", 'answerable = "no"', 'is "no", not true or false'),
        ("acme/documents/leave.md", "{{wren.email}}", "{{wren.EMAIL}}", '"{{wren.EMAIL}}" is no placeholder'),
        ("acme/documents/leave.md", "date = 2026-01-01", "date = 2026", "not a day of the calendar"),
        ("acme/documents/leave.md", 'language = "en"', 'language = "english"', "write two letters"),
        ("dataset.toml", 'clearance = "INTERNAL"', 'clearance = "SECRET"', '[[role]], field "clearance" is "SECRET"'),
        ("dataset.toml", "users = 3", 'users = "three"', 'field "users" is "three", not a whole number from 1 to'),
        ("dataset.toml", "zipf = 1.0", "zipf = nan", 'field "zipf" is nan, not a number from 0 to 10'),
        ("dataset.toml", "verbatim = 0.5", "verbatim = 7", 'field "verbatim" is 7, not a number from 0 to 1'),
        ("dataset.toml", "days = 31", "days = 0", 'field "days" is 0, not a whole number from 1 to 366'),
        ("dataset.toml", "first_day = 2026-10-01", 'first_day = "October"', "write a day, such as 2026-10-01"),
        ("dataset.toml", "0, 0]", "0]", "holds 23 factors; write 24"),
        ("dataset.toml", "1, 1, 1, 1, 1, 1, 1, 1", "0, 0, 0, 0, 0, 0, 0, 0", "holds nothing but 0"),
    ],
)
def test_what_is_written_wrong_is_told_by_its_place(folder: Path, file: str, old: str, new: str, said: str) -> None:
    path = folder / file
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(BadInput) as caught:
        build(folder)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_not_utf8_is_told(folder: Path) -> None:
    (folder / "acme" / "documents" / "leave.md").write_bytes(b"+++\n\xff\n+++\n")
    with pytest.raises(BadInput, match=r"leave\.md is not UTF-8"):
        build(folder)


def test_one_person_is_written_once(folder: Path) -> None:
    (folder / "acme" / "people-b.toml").write_text('[wren]\nname = "Wren Other"\n')
    with pytest.raises(BadInput, match=r"\[wren\] is there already, in people-b\.toml"):
        build(folder)


def test_a_file_that_the_workload_has_no_more_goes(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write(build(folder), out)
    (folder / "dataset.toml").write_text(DATASET.replace("lines = 400", "lines = 0"))
    made = build(folder)
    assert "log.jsonl" in differing(made, out)
    write(made, out)
    assert differing(made, out) == []
    assert files.load(out) == made


def test_where_one_file_cannot_be_replaced_nothing_is_left_beside(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "gold.jsonl").mkdir(parents=True)
    with pytest.raises(BadInput, match="cannot be written"):
        write(build(folder), out)
    assert not [path.name for path in out.iterdir() if path.name.startswith(".")]


def test_older_files_stay_where_the_disk_is_full(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    write(build(folder), out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    (folder / "dataset.toml").write_text(DATASET.replace("seed = 7", "seed = 8"))
    made, whole = build(folder), Path.write_bytes

    def full(path: Path, content: bytes) -> int:
        if path.name == "tenants.jsonl" and out in path.parents:
            raise OSError(28, "No space left on device")
        return whole(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(Infrastructure, match="No space left"):
        write(made, out)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_one_slug_is_one_document(folder: Path) -> None:
    hostile = folder / "acme" / "hostile"
    hostile.mkdir()
    (hostile / "leave.md").write_text(
        HEAD.format(title="L", class_="PUBLIC").replace('"en"', '"en"\nhostile = "empty"')
    )
    with pytest.raises(BadInput, match='"leave" is taken by'):
        build(folder)


def test_a_folder_without_a_dataset_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"holds no dataset\.toml"):
        build(tmp_path)


# ---- values ----------------------------------------------------------------------------------------------------------


def people(count: int) -> list[Person]:
    return [Person(f"p{number}", "acme-works", f"Given{number} Family{number}") for number in range(count)]


def test_no_two_persons_share_a_value() -> None:
    made = Identities("s")
    for kind in KINDS:
        values = [made.value(person, kind) for person in people(120)]
        assert len({*values}) == 120, kind
        assert values == [made.value(person, kind) for person in people(120)]


def test_values_lie_in_ranges_that_belong_to_nobody() -> None:
    made = Identities("s")
    for person in people(60):
        assert re.fullmatch(r"given\.family\d*@acme-works\.example\.com", made.value(person, "email"))
        assert re.fullmatch(r"\d{3}-555-01\d\d", made.value(person, "phone"))
        area, group, serial = made.value(person, "ssn").split("-")
        assert 900 <= int(area) <= 999
        # Taxpayers' numbers: IRS publication 1915.
        assert not (
            50 <= int(group) <= 65 or 70 <= int(group) <= 88 or 90 <= int(group) <= 92 or 94 <= int(group) <= 99
        )
        assert serial != "0000"
        card = made.value(person, "card")
        assert card.startswith("400000")
        assert len(card) == 16
        assert luhn(card)
        iban = made.value(person, "iban")
        assert iban[4:12] == "00000000"
        # ISO 13616: country and check digits last, letters as 10 to 35, remainder 1.
        assert int(iban[4:] + "1314" + iban[2:4]) % 97 == 1


def luhn(card: str) -> bool:
    """ISO/IEC 7812: from the right every second digit doubled, the sum of all digits divisible by ten."""
    doubled = [int(d) * 2 if place % 2 else int(d) for place, d in enumerate(reversed(card))]
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


@pytest.mark.parametrize("card", ["4111111111111111", "378282246310005", "6011111111111117", "30569309025904"])
def test_the_check_digit_of_known_test_cards(card: str) -> None:
    assert luhn_digit(card[:-1]) == card[-1]


@pytest.mark.parametrize(
    ("kind", "value", "formatted", "evasive"),
    [
        ("phone", "212-555-0123", "(212) 555-0123", "２１２-５５５-０１２３"),
        ("card", "4000001234567899", "4000 0012 3456 7899", "４０００００１２３４５６７８９９"),
        ("email", "a.bc@x.example.com", "A.BC@X.EXAMPLE.COM", "a.bc@x.ex\u200bample.com"),
        ("name", "Wren Q Tallow", "TALLOW, Wren Q", "Wren Q\u200b Tallow"),
        ("salary", "84,351 EUR", "EUR 84.351", "８４,３５１ EUR"),
        ("birth", "1979-03-14", "14/03/1979", "１９７９-０３-１４"),
        ("iban", "DE21000000001234567890", "DE21 0000 0000 1234 5678 90", "DE２１００００００００１２３４５６７８９０"),
    ],
)
def test_a_value_in_its_forms(kind: str, value: str, formatted: str, evasive: str) -> None:
    assert in_form(value, kind, "plain") == value
    assert in_form(value, kind, "formatted") == formatted
    assert in_form(value, kind, "evasive") == evasive


def test_namesakes_in_one_tenant_are_refused() -> None:
    made = Identities("s")
    made.value(Person("a", "acme", "Wren Tallow"), "name")
    with pytest.raises(BadInput, match="share a name"):
        made.value(Person("b", "acme", "Wren Tallow"), "name")


def test_a_lot_is_the_same_everywhere() -> None:
    # The first six bytes of `printf 'a\0001' | sha256sum`.
    assert draws.unit("a", 1) == 0x05A9C569A185 / 2**48
    assert sorted(draws.shuffled("abcdef", 1)) == list("abcdef")
    assert Counter(draws.below(3, "x", number) for number in range(3000)).keys() == {0, 1, 2}


# ---- grammars --------------------------------------------------------------------------------------------------------

GRAMMAR = """
[[document]]
slug = "ticket"
count = 6
title = "Ticket {number}: {=thing}"
type = "ticket"
folder = "Desk"
classification = "INTERNAL"
language = "en"
from = "2026-03-01"
to = "2026-03-05"
people = ["wren", "finch"]
text = ["On {date} the {=thing} {verb}, {10..12} times. {{who.card:form}}", "{day}: {=thing} {verb}."]

[rules]
thing = ["{colour} printer", "{colour} door"]
colour = ["red", "blue", "green"]
verb = ["jams", "sticks"]
"""


def test_a_grammar_makes_its_documents(tmp_path: Path) -> None:
    path = tmp_path / "plain.toml"
    path.write_text(GRAMMAR)
    made = list(plain.read(path, "acme", "1"))
    assert [one.slug for one in made] == [f"ticket-{number:03}" for number in range(1, 7)]
    assert made == list(plain.read(path, "acme", "1"))
    assert made != list(plain.read(path, "acme", "2"))
    forms = []
    for number, one in enumerate(made, 1):
        title = re.fullmatch(rf"Ticket {number:03}: ((?:red|blue|green) (?:printer|door))", one.title)
        assert title
        day = datetime.fromisoformat(one.date)
        assert datetime(2026, 3, 1) <= day <= datetime(2026, 3, 5)
        if number % 2:
            said = re.fullmatch(
                rf"On {one.date} the {title[1]} (?:jams|sticks), 1[012] times. \{{\{{(wren|finch)\.card:(\w+)\}}\}}",
                one.text,
            )
            assert said
            forms.append(said[2])
        else:
            assert re.fullmatch(rf"{day.day} March 2026: {title[1]} (?:jams|sticks)\.", one.text)
    assert forms == ["plain", "evasive", "formatted"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("verb = ", "word = ", 'there is no rule "verb"'),
        ('"jams"', '"{verb}"', "call each other without an end"),
        ('from = "2026-03-01"', 'from = "March"', 'field "from" is "March"; write a day'),
        ('type = "ticket"', 'typ = "ticket"', 'field "typ" is not a field'),
        ('from = "2026-03-01"', 'from = "2026-04-01"', "before 2026-04-01; write a later day"),
        ('slug = "', 'slack = "', 'field "slug" is missing'),
        ("count = ", 'count = "x" # ', 'field "count" is "x", not a whole number'),
        ("verb = [", 'verb = "sticks" # [', 'field "verb" is "sticks", not a list'),
        ("{10..12}", "{12..10}", "{12..10} ends before it begins"),
    ],
)
def test_a_wrong_grammar_is_told(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = tmp_path / "plain.toml"
    path.write_text(GRAMMAR.replace(old, new).replace('"sticks"', '"{verb}"' if "{verb}" in new else '"sticks"'))
    with pytest.raises(BadInput, match=re.escape(said)):
        list(plain.read(path, "acme", "1"))

"""An invented person in, private values out, all from ranges that belong to nobody.

| kind    | range                                                                                              |
|---------|----------------------------------------------------------------------------------------------------|
| email   | below example.com, reserved by RFC 2606                                                            |
| phone   | 555-0100 to 555-0199 of North American area codes, kept for fiction by the numbering plan           |
| ssn     | areas 900 to 999, which are never issued, and of these no group used for taxpayers' numbers (ITIN)  |
| card    | 16 digits with a right check digit below 4000 00, the test numbers of payment processors            |
| iban    | German, right check digits, bank code 00000000: no code begins with 0                               |
| address | invented streets and towns, postcodes 00100 to 00499, below the first that is assigned              |

Accounts, salaries, diagnoses and dates of birth have no reserved range; they belong to nobody because the person is
invented.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from workbench.errors import BadInput
from workbench.records import Form
from workbench.workload.authoring.draws import below, choice

KINDS = ("name", "email", "phone", "ssn", "card", "iban", "address", "account", "salary", "health", "birth")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody invented, of one tenant."""

    id: str
    tenant: str
    name: str


class Identities:
    """Hands out the values of persons; no two persons share one."""

    def __init__(self, seed: str) -> None:
        """Start with nothing handed out.

        Args:
            seed: another seed, other values.
        """
        self._seed = seed
        self._taken: dict[tuple[str, str], Person] = {}
        self._values: dict[tuple[str, str, str], str] = {}

    def value(self, person: Person, kind: str) -> str:
        """One value in its plain form; the same at every call.

        Args:
            person: whose.
            kind: one of `KINDS`.

        Raises:
            BadInput: no value is left that nobody else has.
        """
        key = (person.tenant, person.id, kind)
        turn = 0
        while key not in self._values:
            drawn = _MAKERS[kind](person, (self._seed, *key, turn))
            if self._taken.setdefault((kind, drawn), person) is person:
                self._values[key] = drawn
            turn += 1
            if turn > _TURNS:
                said = "two persons share a name, or there are too many of them"
                raise BadInput(f"There is no {kind} left for {person.id} of {person.tenant}: {said}; rename one.")
        return self._values[key]


_TURNS = 10_000

Seed = tuple[object, ...]


def in_form(value: str, kind: str, form: Form) -> str:
    """A value as it is written: plain; formatted with other separators; evasive, so that it reads the same on a screen.

    Args:
        value: the plain form.
        kind: one of `KINDS`.
        form: how.
    """
    if form == "formatted":
        return _FORMATTED.get(kind, str.upper)(value)
    if form == "evasive":
        hidden = "".join(_WIDE.get(character, character) for character in value)
        return hidden if hidden != value else f"{value[: len(value) // 2]}\u200b{value[len(value) // 2 :]}"
    return value


_WIDE = {str(digit): chr(0xFF10 + digit) for digit in range(10)}


def _digits(count: int, seed: Seed) -> str:
    return "".join(str(below(10, *seed, place)) for place in range(count))


def _email(person: Person, seed: Seed) -> str:
    first, *_, last = person.name.split()
    local = ".".join("".join(c for c in part.lower() if c.isascii() and c.isalpha()) for part in (first, last))
    turn = seed[-1]
    return f"{local}{turn or ''}@{person.tenant}.example.com"


def _phone(person: Person, seed: Seed) -> str:
    return f"{choice(_AREAS, *seed, 'area')}-555-01{below(100, *seed):02}"


def _ssn(person: Person, seed: Seed) -> str:
    group = choice((*range(1, 50), *range(66, 70), 89, 93), *seed, "group")
    return f"{900 + below(100, *seed)}-{group:02}-{1 + below(9999, *seed, 'serial'):04}"


def _card(person: Person, seed: Seed) -> str:
    body = f"400000{_digits(9, seed)}"
    return body + luhn_digit(body)


def luhn_digit(body: str) -> str:
    """The check digit that makes a card number of these digits valid (ISO/IEC 7812)."""
    doubled = (int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return str(-sum(number // 10 + number % 10 for number in doubled) % 10)


def _iban(person: Person, seed: Seed) -> str:
    body = f"00000000{_digits(10, seed)}"
    # DE as digits is 1314, and 00 stands for the check digits sought (ISO 13616).
    return f"DE{98 - int(f'{body}131400') % 97:02}{body}"


def _address(person: Person, seed: Seed) -> str:
    street, town = choice(_STREETS, *seed, "street"), choice(_TOWNS, *seed, "town")
    return f"{1 + below(180, *seed)} {street}, {100 + below(400, *seed, 'code'):05} {town}"


def _account(person: Person, seed: Seed) -> str:
    letters = "".join(word[0] for word in person.tenant.split("-")).upper()
    return f"{letters}-{_digits(4, seed)}-{_digits(4, (*seed, 'second'))}"


def _salary(person: Person, seed: Seed) -> str:
    return f"{31_000 + 10 * below(15_500, *seed) + 1 + below(9, *seed, 'odd'):,} EUR"


def _health(person: Person, seed: Seed) -> str:
    condition, medicine, doses = choice(_CONDITIONS, *seed)
    since = 1998 + below(27, *seed, "since")
    return f"{condition} ({medicine} {choice(doses, *seed, 'dose')} mg since {since})"


def _birth(person: Person, seed: Seed) -> str:
    return (date(1951, 1, 1) + timedelta(days=below(19_000, *seed))).isoformat()


_MAKERS: dict[str, Callable[[Person, Seed], str]] = {
    "name": lambda person, seed: person.name,
    "email": _email,
    "phone": _phone,
    "ssn": _ssn,
    "card": _card,
    "iban": _iban,
    "address": _address,
    "account": _account,
    "salary": _salary,
    "health": _health,
    "birth": _birth,
}


def _fours(value: str) -> str:
    return " ".join(value[place : place + 4] for place in range(0, len(value), 4))


_FORMATTED: dict[str, Callable[[str], str]] = {
    "phone": lambda value: f"({value[:3]}) {value[4:]}",
    "ssn": lambda value: value.replace("-", " "),
    "card": _fours,
    "iban": _fours,
    "address": lambda value: value.replace(", ", "\n"),
    "account": lambda value: value.replace("-", " "),
    "salary": lambda value: f"EUR {value.removesuffix(' EUR').replace(',', '.')}",
    "health": lambda value: value.replace(" (", ": ").replace(")", ""),
    "birth": lambda value: f"{value[8:]}/{value[5:7]}/{value[:4]}",
    "name": lambda value: f"{value.split()[-1].upper()}, {' '.join(value.split()[:-1])}",
}

_AREAS = ("202", "206", "212", "303", "312", "404", "415", "504", "512", "602", "617", "702", "718", "802", "907")
_STREETS = (
    "Quillmere Row",
    "Tanfold Street",
    "Old Weir Lane",
    "Harbottle Rise",
    "Sallowfield Road",
    "Brickmaker's Yard",
    "Upper Vennel",
    "Cindermoor Close",
    "Larkhithe Avenue",
    "Pellinore Terrace",
    "Mossgate",
    "Wintersett Drive",
)
_TOWNS = ("Farrowby", "Dunmarrow", "Eskerby", "Tollhaven", "Wrexcombe", "Sandiacre Vale", "Nettlestead", "Corvane")
_CONDITIONS = (
    ("type 2 diabetes", "metformin", (500, 850, 1000)),
    ("hypothyroidism", "levothyroxine", (25, 50, 75, 112)),
    ("essential hypertension", "lisinopril", (5, 10, 20, 40)),
    ("bipolar disorder", "lithium carbonate", (300, 450, 900)),
    ("rheumatoid arthritis", "methotrexate", (10, 15, 20)),
    ("epilepsy", "levetiracetam", (250, 750, 1500)),
    ("chronic hepatitis B", "entecavir", (1, 2)),
    ("major depression", "sertraline", (50, 100, 150)),
    ("atrial fibrillation", "apixaban", (2, 5)),
    ("Crohn's disease", "azathioprine", (50, 100, 125)),
    ("multiple sclerosis", "dimethyl fumarate", (120, 240)),
    ("opioid dependence", "buprenorphine", (4, 8, 16)),
    ("migraine with aura", "topiramate", (25, 50, 75)),
    ("HIV infection", "dolutegravir", (25, 50)),
    ("schizophrenia", "olanzapine", (5, 10, 15)),
    ("Parkinson's disease", "levodopa", (100, 200)),
    ("gout", "allopurinol", (100, 300)),
    ("breast cancer", "tamoxifen", (10, 20)),
    ("generalised anxiety", "pregabalin", (75, 150, 225)),
    ("chronic kidney disease", "furosemide", (20, 40, 80)),
)

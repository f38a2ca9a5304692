"""The gateway's policy for personal data in chats: what goes on, what comes back, what is refused, what is recorded."""

import http.client
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from leakage_world import CARD, IBAN, world

from workbench import comparison, lines
from workbench.errors import BadInput
from workbench.gateway.process import GatewayProcess
from workbench.gateway.settings import Account, Settings
from workbench.records import Recipe
from workbench.runs import judging, runner
from workbench.runs.failures import classify, passing
from workbench.runs.options import Options
from workbench.runs.progress import Silent
from workbench.runs.store import Experiment
from workbench.verdicts.report import compare

MAIL = "ada.quill@merrow.example.com"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    folder = tmp_path_factory.mktemp("policy")
    accounts = tuple(
        Account(f"token-of-{mode}", str(folder / mode), privacy=mode) for mode in ("off", "redact", "reject")
    )
    with GatewayProcess(Settings(accounts, privacy_key="k" * 16)) as process:
        yield process.port, folder


def ask(port: int, mode: str, content: Any, tenant: str = "a", **more: Any) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    body = {"model": "local/echo", "messages": [{"role": "user", "content": content}], **more}
    headers = {"authorization": f"Bearer token-of-{mode}", "x-workbench-tenant": tenant, "x-workbench-attempt": "1"}
    connection.request("POST", "/v1/chat/completions", orjson.dumps(body), headers)
    answered = connection.getresponse()
    content = orjson.loads(answered.read())
    connection.close()
    return answered.status, content


def said(body: dict[str, Any]) -> str:
    text: str = body["choices"][0]["message"]["content"]
    return text


def sent(folder: Path, mode: str) -> str:
    return orjson.dumps([item["sent"] for item in lines.read(folder / mode / "texts" / "calls.jsonl")][-1]).decode()


def test_redacted_values_stay_here_and_come_back_in_the_answer(gateway: tuple[int, Path]) -> None:
    port, folder = gateway
    prompt = f'Write to {MAIL} about "it", then again to {MAIL}.'
    status, body = ask(port, "redact", prompt)
    assert (status, said(body)) == (200, prompt)
    written = sent(folder, "redact")
    assert MAIL not in written and len(set(re.findall(r"<EMAIL_[a-p]{16}>", written))) == 1
    status, body = ask(port, "redact", [{"type": "text", "text": prompt}])
    assert (status, said(body)) == (200, prompt)


def test_pseudonyms_of_one_tenant_are_not_anothers(gateway: tuple[int, Path]) -> None:
    port, folder = gateway
    forms = []
    for tenant in "aba":
        ask(port, "redact", MAIL, tenant)
        forms.append(sent(folder, "redact"))
    assert forms[0] == forms[2] != forms[1]
    (token,) = re.findall(r"<EMAIL_[a-p]{16}>", forms[0])
    assert said(ask(port, "redact", f"Who is {token}?", "b")[1]) == f"Who is {token}?"


def test_a_prompt_with_personal_data_is_refused_and_named_by_kind_alone(gateway: tuple[int, Path]) -> None:
    port, folder = gateway
    status, body = ask(port, "reject", f"Write to {MAIL}.")
    assert (status, body["error"]["code"]) == (451, "privacy")
    assert "EMAIL" in body["error"]["message"] and MAIL not in body["error"]["message"]
    assert ask(port, "reject", "Lunch is served from noon.")[0] == 200
    calls = list(lines.read(folder / "reject" / "calls.jsonl"))
    assert [(call["status"], call["error"]) for call in calls] == [(451, "privacy"), (200, "")]
    assert MAIL not in (folder / "reject" / "texts" / "calls.jsonl").read_text()


def test_without_a_policy_all_goes_on_as_it_is(gateway: tuple[int, Path]) -> None:
    port, folder = gateway
    assert said(ask(port, "off", MAIL)[1]) == MAIL
    assert MAIL in sent(folder, "off")


def test_a_redacted_answer_is_not_streamed(gateway: tuple[int, Path]) -> None:
    status, body = ask(gateway[0], "redact", MAIL, stream=True)
    assert (status, body["error"]["code"]) == (400, "privacy")


def test_a_refusal_is_a_failure_of_its_own_and_not_tried_again() -> None:
    error = Exception("refused")
    error.status_code = 451  # type: ignore[attr-defined]
    assert classify(error).kind == "privacy" and not passing(classify(error))


@pytest.mark.bench
def test_what_the_policy_keeps_back_and_what_it_costs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing(*_: object) -> None:
        pass

    monkeypatch.setattr(judging, "judge", nothing)
    recipe = Recipe(model="local/echo", chunk_tokens=None, chunk_overlap=0, k=1)

    def ran(privacy: str, out: str = "") -> dict[str, Any]:
        folder = tmp_path / (out or privacy)
        options = Options(out=folder, backends=("plain",), recipe=recipe, privacy=privacy)
        runner.run(world(), options, Silent())
        found: dict[str, Any] = comparison.report(Experiment(folder))["backends"]["plain"]["parity"]
        return found

    off, redact, reject = ran("off"), ran("redact"), ran("reject")
    assert "privacy" not in off and (redact["privacy"], reject["privacy"]) == ("redact", "reject")
    retrieved = {name: each["leakage"]["pairs"]["retrieved"] for name, each in (("off", off), ("redact", redact))}
    assert retrieved["off"] == retrieved["redact"] > 0
    cost = redact["leakage"]["redaction"]
    assert cost["unrestored"] == 0 == cost["hidden"] and cost["characters"] > 100
    assert "redaction" not in off["leakage"] and "redaction" not in reject["leakage"]
    assert off["leakage"]["questions"]["prompt"]["events"] > 0 == redact["leakage"]["questions"]["prompt"]["events"]
    # Brought back: a policy at the gateway hides values from the provider, not from the asker.
    assert redact["leakage"]["questions"]["answer"] == off["leakage"]["questions"]["answer"]
    assert reject["failures"] == {"privacy": reject["failed"]} and reject["failed"] > 0
    assert reject["leakage"]["questions"]["prompt"]["events"] == 0
    for value in (CARD, IBAN):
        written = (tmp_path / "redact" / "runs" / "plain-parity" / "texts" / "calls.jsonl").read_text()
        assert value not in written
    with pytest.raises(BadInput, match="privacy 'off', now 'redact'"):
        ran("redact", "off")
    told = compare([tmp_path / "off", tmp_path / "reject"])
    assert any("privacy reject (was none)" in note for note in told["notes"])


def test_an_unknown_policy_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="--privacy hide: unknown; choose off, redact, reject"):
        runner.run(world(), Options(out=tmp_path, privacy="hide"), Silent())

"""A chat as it is on the wire: messages checked and named, choices and usage read, tokens counted, the call priced."""

import hashlib
from dataclasses import replace
from typing import Any

import orjson

from workbench import prices
from workbench.gateway.denied import Denied, Refused
from workbench.messages import text_of
from workbench.records import Call

_ROLES = frozenset({"system", "developer", "user", "assistant", "tool"})


def parse_event(data: bytes) -> dict[str, Any]:
    """An event of a stream; empty where it is no JSON object."""
    try:
        event = orjson.loads(data)
    except ValueError:
        return {}
    return event if isinstance(event, dict) else {}


def check_messages(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The messages of a body.

    Raises:
        Denied: they are none.
    """
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise Denied(400, "messages", "`messages` must be a list with at least one message")
    for message in messages:
        if not isinstance(message, dict) or message.get("role") not in _ROLES:
            raise Denied(400, "messages", f"each message needs a role of {', '.join(sorted(_ROLES))}")
        if not isinstance(message.get("content"), str | list | None):
            raise Denied(400, "messages", "`content` must be a string or a list of parts")
    return messages


def digest(messages: list[dict[str, Any]]) -> str:
    """SHA-256 of the messages' text: equal where two backends send equal prompts."""
    # surrogates that JSON smuggled in must not break the digest
    text = "\0".join(f"{message['role']}\0{text_of(message)}" for message in messages)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def first_choice(content: Any, retries: int) -> dict[str, Any]:
    """The first choice of a completion; a 200 that holds none, or an error for one, as some routers send, is no answer.

    Raises:
        Refused: it holds none.
    """
    try:
        choice = content["choices"][0]
        message = choice["message"]
    except (KeyError, IndexError, TypeError):
        choice = message = None
    if not isinstance(choice, dict) or not isinstance(message, dict) or choice.get("finish_reason") == "error":
        raise Refused(
            502, "upstream_not_a_completion", "the upstream's answer holds no completion", retries, unheard=True
        )
    return choice


def usage_of(content: Any) -> dict[str, Any]:
    """What a completion says that it used; empty where it does not say."""
    usage = content.get("usage") if isinstance(content, dict) else None
    return usage if isinstance(usage, dict) else {}


def counted(usage: dict[str, Any], messages: list[dict[str, Any]], text: str) -> dict[str, Any]:
    """Token fields of a call: the upstream's own count, or ours under its tokenizer's name."""
    if "prompt_tokens" in usage:
        inputs = usage.get("prompt_tokens_details") or {}
        outputs = usage.get("completion_tokens_details") or {}
        return {
            "input_tokens": int(usage.get("prompt_tokens") or 0),
            "cached_tokens": int(inputs.get("cached_tokens") or 0),
            "output_tokens": int(usage.get("completion_tokens") or 0),
            "reasoning_tokens": int(outputs.get("reasoning_tokens") or 0),
            "counted_by": "upstream",
        }
    from workbench.models.minilm import TOKENIZER, count_tokens

    return {
        "input_tokens": sum(count_tokens(text_of(message)) for message in messages),
        "output_tokens": count_tokens(text),
        "counted_by": TOKENIZER,
    }


def priced(call: Call) -> Call:
    """Charged: as if the vendor had cached nothing, since backends that ask alike warm its cache for each other."""
    price = prices.lookup(call.model)
    if price is None:
        return replace(call, usd=None, spent_usd=None)
    try:
        spent = price.cost(call.input_tokens, call.output_tokens, call.cached_tokens)
        charged = price.cost(call.input_tokens, call.output_tokens)
    except ValueError:  # what the upstream says it used cannot be; a price made of it would look like one
        return replace(call, usd=None, spent_usd=None, flags=(*call.flags, "impossible_usage"))
    return replace(call, usd=charged, spent_usd=spent)


def text_of_event(event: dict[str, Any]) -> str:
    """What an event of a stream adds to the answer's text."""
    choices = event.get("choices") or [{}]
    return (choices[0].get("delta") or {}).get("content") or ""


def only_usage(event: dict[str, Any]) -> bool:
    """Whether an event of a stream is the last one, which the gateway asks for even if the client does not."""
    return bool(event.get("usage")) and not event.get("choices")

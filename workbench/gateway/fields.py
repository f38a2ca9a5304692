"""The fields of a request's body that the gateway knows, by path: what goes on to an upstream and names a call."""

FORWARDED = {
    "/chat/completions": frozenset(
        {
            "model", "messages", "temperature", "top_p", "max_tokens", "max_completion_tokens", "stop", "n", "seed",
            "stream", "stream_options", "response_format", "presence_penalty", "frequency_penalty", "logprobs",
            "top_logprobs", "logit_bias", "tools", "tool_choice", "parallel_tool_calls", "reasoning_effort",
            "verbosity",
        }
    ),
    "/embeddings": frozenset({"model", "input", "encoding_format", "dimensions"}),
    "/rerank": frozenset({"model", "query", "documents", "top_n"}),
}  # fmt: skip
"""Fields of a body that go on; anything else, such as `user`, `metadata` or `store`, is dropped."""

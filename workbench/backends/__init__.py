"""Backends: one framework's RAG pipeline each, found by name and imported only when asked for.

Six are here; others come as plug-ins of other distributions, and are meant only where they are named.
"""

import platform
from collections.abc import Iterable, Mapping
from importlib import import_module, metadata

from workbench.backends import plugins
from workbench.backends.contract import Backend
from workbench.errors import BadInput, Infrastructure
from workbench.records import Retrieval

_CLASSES = {
    "plain": "Plain",
    "haystack": "Haystack",
    "llamaindex": "LlamaIndex",
    "dspy": "DSPy",
    "langchain": "LangChain",
    "semantic_kernel": "SemanticKernel",
}

NAMES = tuple(_CLASSES)
"""The backends that are here, the control first: what `all` means."""

DISTRIBUTIONS: dict[str, tuple[str, ...]] = {
    "plain": ("urllib3", "faiss-cpu"),
    "haystack": ("haystack-ai", "faiss-haystack", "openai", "faiss-cpu"),
    "llamaindex": (
        "llama-index-core",
        "llama-index-llms-openai-like",
        "llama-index-llms-openai",
        "llama-index-embeddings-openai",
        "llama-index-vector-stores-faiss",
        "openai",
        "faiss-cpu",
    ),
    "dspy": ("dspy", "litellm", "faiss-cpu"),
    "langchain": (
        "langchain",
        "langchain-core",
        "langchain-openai",
        "langchain-community",
        "langchain-text-splitters",
        "openai",
        "faiss-cpu",
    ),
    "semantic_kernel": ("semantic-kernel", "openai", "faiss-cpu"),
}
"""What a backend is made of, the framework first; the installed versions belong to a run's identity."""

BY_WORDS: dict[str, tuple[str, ...]] = {
    "plain": (),
    "haystack": (),
    "llamaindex": ("llama-index-retrievers-bm25", "bm25s", "PyStemmer"),
    "langchain": ("rank_bm25", "langchain-classic"),
}
"""Backends that retrieve by words too (`bm25`, `hybrid`), and what that takes besides. A framework that has no such
component of its own is not among them."""

RERANKS = frozenset({"plain"})
"""Backends whose recipe may have a reranker: no framework here ranks through an OpenAI-compatible server."""

EXTRAS = {"langchain": "langchain", "semantic_kernel": "semantic-kernel"}
"""The optional dependency group that installs a backend's framework, where it is not installed for everybody."""


def known() -> tuple[str, ...]:
    """`NAMES`, then the plug-ins that are installed. A plug-in cannot take a name that is taken."""
    return (*NAMES, *(name for name in plugins.names() if name not in NAMES))


def rank(name: str) -> tuple[int, str]:
    """Sorts backends: as in `NAMES`, then plug-ins by name, installed or not."""
    return (NAMES.index(name) if name in NAMES else len(NAMES), name)


def load(name: str) -> type[Backend]:
    """Import one backend's class, and with it its framework (0.3 to 10 seconds).

    Raises:
        BadInput: no backend has that name, or a plug-in's class has another.
        Infrastructure: its framework is not installed; says how to get it.
    """
    if name not in known():
        raise BadInput(f"unknown backend {name!r}: choose from {', '.join(known())}, or all")
    if name not in _CLASSES:
        plugin: type[Backend] = plugins.load(name)
        return plugin
    try:
        module = import_module(f"workbench.backends.{name}")
    except ImportError as error:
        raise Infrastructure(f"{name} cannot be imported ({error}): pip install {requirement(name)}") from error
    found: type[Backend] = getattr(module, _CLASSES[name])
    return found


def versions(name: str, retrieval: Retrieval = "dense") -> dict[str, str]:
    """Versions of what a backend is made of, and of Python, in this interpreter."""
    own = DISTRIBUTIONS.get(name) or _of_plugin(name)
    more = () if retrieval == "dense" else BY_WORDS[name]
    return {"python": platform.python_version(), **installed((*own, *more))}


def framework(name: str, versions: Mapping[str, str]) -> str:
    """The distribution that is a backend's framework; of a plug-in, as a run's `versions` have it."""
    return DISTRIBUTIONS[name][0] if name in DISTRIBUTIONS else next((one for one in versions if one != "python"), "")


def installed(distributions: Iterable[str]) -> dict[str, str]:
    """Installed versions by distribution; empty where it is not installed."""
    found = {}
    for distribution in distributions:
        try:
            found[distribution] = metadata.version(distribution)
        except metadata.PackageNotFoundError:
            found[distribution] = ""
    return found


def requirement(name: str) -> str:
    """What pip must be asked for to get a backend."""
    if name not in DISTRIBUTIONS:
        return plugins.distribution(name)
    return f"'rag-workbench[{EXTRAS[name]}]'" if name in EXTRAS else "rag-workbench"


def _of_plugin(name: str) -> tuple[str, ...]:
    return plugins.made_of(name, frozenset(one for each in DISTRIBUTIONS.values() for one in each))

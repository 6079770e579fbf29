"""What makes vectors of texts: local static ones, or any model that litellm reaches."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from littlemem_ipy.errors import ChatError, InvalidInput, MissingExtra

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]

__all__ = [
    "Embedder",
    "Learner",
    "LiteLLMEmbedder",
    "StaticEmbedder",
    "Weighted",
    "WordEmbedder",
    "normalised",
    "open_embedder",
]


class Embedder(Protocol):
    """Makes vectors of texts."""

    @property
    def name(self) -> str:
        """Model, version and dimension in one: vectors of different names are never compared."""

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Return one row of length 1 for each text."""


@runtime_checkable
class Learner(Protocol):
    """An embedder that fits itself to the texts of a store."""

    def learn(self, texts: Sequence[str]) -> None:
        """Learn from some texts of the store which words are common in it."""


@runtime_checkable
class Weighted(Protocol):
    """An embedder that says how much its vectors count beside the words; those of others count fully."""

    weight: float
    """1 for a language model's; less where vectors are blunter."""


@runtime_checkable
class WordEmbedder(Protocol):
    """An embedder that knows single words as well."""

    def embed_words(self, words: Sequence[str]) -> Matrix:
        """Return one row of length 1 for each word, or of 0 for what it does not know."""


def open_embedder(setting: str) -> Embedder | None:
    """Return the embedder that a setting names.

    Parameters
    ----------
    setting
        ``none``, ``static``, or ``litellm:MODEL``.

    Raises
    ------
    InvalidInput
        If it names none.
    MissingExtra
        If the optional part for it is not installed.
    """
    kind, _, model = setting.partition(":")
    if setting == "none":
        return None
    if setting == "static":
        return StaticEmbedder()
    if kind == "litellm" and model:
        return LiteLLMEmbedder(model)
    raise InvalidInput(f"{setting!r} is not an embedder; choose none, static or litellm:MODEL.")


def normalised(rows: Matrix) -> Matrix:
    """Return the rows with length 1."""
    import numpy as np

    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: Matrix = (rows / np.maximum(lengths, 1e-9)).astype(np.float32)
    return unit


@cache
def _static_model() -> tuple[Any, Any, Any]:
    """Return tokenizer, vectors and weights of the tokens; loaded from the installed package, nothing else."""
    try:
        import numpy as np
        import wordllama
        from wordllama import WordLlama
    except ImportError as error:
        raise MissingExtra("Search by meaning", "semantic") from error
    # Without these two arguments the package looks for its own tokenizer on the network.
    model = WordLlama.load(cache_dir=os.path.dirname(wordllama.__file__), disable_download=True)
    vectors = np.asarray(model.embedding, dtype=np.float32)
    weights = np.log(2.0 + np.arange(len(vectors), dtype=np.float32))
    return model.tokenizer, vectors, weights[:, None]


class StaticEmbedder:
    """Static token vectors of the package ``wordllama``, 256 dimensions, in the package itself.

    A text is the mean of its tokens, each weighted by the logarithm of its rank (the tokenizer numbers its tokens
    by frequency, so common pieces say little) and by how rare it is in the store. Sources of the weighting:
    S. Tulkens and T. van Dongen, Model2Vec (2024); S. Arora et al., A Simple but Tough-to-Beat Baseline for
    Sentence Embeddings (2017). Without the second weight a third of what vectors add to a dialog is lost.
    """

    weight = 0.5  # measured on dialogs and notes: more loses more turns than it finds paraphrases

    def __init__(self) -> None:
        self._rarity: Matrix | None = None

    def learn(self, texts: Sequence[str]) -> None:
        """Learn from some texts of the store which tokens are common in it."""
        import numpy as np

        tokenizer, vectors, _ = _static_model()
        counts = np.zeros(len(vectors), dtype=np.float32)
        for text in texts:
            counts[list(set(tokenizer.encode(text, add_special_tokens=False).ids))] += 1
        self._rarity = np.log(1 + (len(texts) + 1) / (counts + 0.5))[:, None].astype(np.float32)

    @property
    def name(self) -> str:
        """The package's version, and that of the weighting."""
        from importlib.metadata import version

        return f"wordllama/{version('wordllama')}/log-rank-rarity-1/256"

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Return one row of length 1 for each text."""
        weights = _static_model()[2]
        rows, _ = _sums(texts, weights if self._rarity is None else weights * self._rarity)
        return normalised(rows)

    def embed_words(self, words: Sequence[str]) -> Matrix:
        """Return one row of length 1 for each word, without what all tokens have in common."""
        rows, totals = _sums(words, _static_model()[2])
        return normalised(rows - totals * _centre())


def _sums(texts: Sequence[str], weights: Matrix) -> tuple[Matrix, Matrix]:
    """Return the weighted sum of the vectors of each text's tokens, and the sum of their weights, a row each."""
    import numpy as np

    tokenizer, vectors, _ = _static_model()
    rows = np.zeros((len(texts), vectors.shape[1]), dtype=np.float32)
    totals = np.zeros((len(texts), 1), dtype=np.float32)
    for number, text in enumerate(texts):
        # One by one: a batch is padded to its longest text, and leaves threads behind of which each fork warns.
        tokens = tokenizer.encode(text, add_special_tokens=False).ids
        if tokens:
            rows[number] = (vectors[tokens] * weights[tokens]).sum(axis=0)
            totals[number] = weights[tokens].sum()
    return rows, totals


@cache
def _centre() -> Matrix:
    centre: Matrix = _static_model()[1].mean(axis=0)
    return centre


class LiteLLMEmbedder:
    """An embedding model that litellm reaches.

    Parameters
    ----------
    model
        Its name as litellm spells it, such as ``openai/text-embedding-3-small``.
    """

    def __init__(self, model: str) -> None:
        self.model = model

    @property
    def name(self) -> str:
        """The model's name; providers give new names to new versions."""
        return f"litellm/{self.model}"

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Return one row of length 1 for each text.

        Raises
        ------
        ChatError
            If the provider does not answer with one vector for each text.
        """
        os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # else it fetches a price list
        import litellm
        import numpy as np
        import openai

        try:
            response = litellm.embedding(model=self.model, input=[text or " " for text in texts])
        except openai.OpenAIError as error:
            raise ChatError(f"The embedding model {self.model} did not answer: {error}.") from error
        rows = sorted(response.data, key=lambda row: int(row["index"]))
        if len(rows) != len(texts):
            raise ChatError(f"The embedding model {self.model} sent {len(rows)} vectors for {len(texts)} texts.")
        return normalised(np.array([row["embedding"] for row in rows], dtype=np.float32))

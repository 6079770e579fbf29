"""The vectors of one store: made once for each text, kept by model, compared with a query's."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from littlemem_ipy.backends import Unembedded, VectorTable
from littlemem_ipy.embeddings.embedder import Embedder, Learner, Weighted, WordEmbedder, normalised
from littlemem_ipy.embeddings.wording import Wording

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]

__all__ = ["Embeddings"]

_BATCH = 256  # memories that one search embeds on its way; the others are found by their words until then
_NEWEST = 5000  # memories among which a search looks for such without a vector; `catch_up` looks at all
_SAMPLE = 500  # memories that tell which words are common in the store
_FEW = 20
_FULL = 1.0  # what vectors of a language model count; with half of it, notes lose a tenth of the paraphrases
_AROUND = (0.6, 0.4, 0.2)  # share of memories 1, 2 and 3 places away in the conversation
_LONGEST = 8000  # characters of a memory that are embedded


class Embeddings:
    """The vectors of one store, by one embedder.

    Parameters
    ----------
    table
        Where the vectors are kept.
    embedder
        What makes them.
    """

    def __init__(self, table: VectorTable, embedder: Embedder) -> None:
        self.table = table
        self.embedder = embedder
        self.wording = Wording(embedder) if isinstance(embedder, WordEmbedder) else None
        """The vectors of single words, if the embedder knows words."""
        self._number = 0
        self._keys: list[int] = []
        self._places: dict[int, int] = {}
        self._numbers: list[int] = []
        self._rows: Matrix | None = None
        self._raw: Matrix | None = None
        self._mean: Matrix | None = None
        self._learned = -1
        self._query: tuple[str, Matrix] | None = None
        self._asked: tuple[str, Matrix, Matrix] | None = None

    @property
    def weight(self) -> float:
        """How much the vectors count beside the words."""
        return self.embedder.weight if isinstance(self.embedder, Weighted) else _FULL

    # -- making -------------------------------------------------------------------------------

    def catch_up(self, *, progress: bool = False) -> int:
        """Embed all memories that have no vector of this embedder, newest first, and return how many.

        Parameters
        ----------
        progress
            Whether to show a bar.
        """
        return sum(self._batches(progress))

    def _batches(self, progress: bool) -> Iterator[int]:
        from tqdm.auto import tqdm

        _, missing = self.table.count(self.embedder.name)
        with tqdm(total=missing, desc="Embedding memories", unit="memory", disable=not progress) as bar:
            while found := self.table.missing(self.embedder.name, _BATCH):
                self._make(found)
                bar.update(len(found))
                yield len(found)

    def _make(self, memories: Sequence[Unembedded]) -> None:
        """Embed each different text once, unless it has a vector already, and keep the vectors."""
        import numpy as np

        self._learn()
        name = self.embedder.name
        texts = {hashlib.blake2b(text.encode(), digest_size=16).digest(): text for text in map(_text_of, memories)}
        vectors = self.table.of_texts(name, texts)
        new = [digest for digest in texts if digest not in vectors]
        if new:
            rows = self.embedder.embed([texts[digest] for digest in new])
            vectors |= {digest: row.astype(np.float16).tobytes() for digest, row in zip(new, rows, strict=True)}
        digests = {text: digest for digest, text in texts.items()}
        self.table.put(name, {m.key: (digests[_text_of(m)], vectors[digests[_text_of(m)]]) for m in memories})

    def _learn(self) -> None:
        """Let the embedder see the newest memories; again when a young store has doubled."""
        if isinstance(self.embedder, Learner) and 2 * self._learned <= min(len(self._keys), _SAMPLE):
            sample = self.table.missing("", _SAMPLE)  # no memory has a vector of a model without a name
            self.embedder.learn([_text_of(memory) for memory in sample])
            self._learned, self._query = max(len(sample), 1), None

    # -- finding ------------------------------------------------------------------------------

    def prepare(self, text: str) -> None:
        """Make the vectors that a search for a text needs, so that nothing waits for a model in the midst of it.

        Memories that have been added since are embedded as far as one batch goes.
        """
        if self.table.writable:
            found = self.table.missing(self.embedder.name, _BATCH, _NEWEST)
            if found:
                self._make(found)
        self._embedded(text)

    def _embedded(self, text: str) -> Matrix:
        if self._query is None or self._query[0] != text:
            self._learn()
            self._query = (text, self.embedder.embed([text]))
        return self._query[1]

    def similar(self, text: str, count: int, keys: Iterable[int] = ()) -> dict[int, float]:
        """Return the keys of the memories that are nearest to a text, with their cosines.

        Parameters
        ----------
        text
            Any text.
        count
            How many of the nearest.
        keys
            Memories whose cosines are wanted as well, if they have a vector.
        """
        import numpy as np

        self._load()
        if self._rows is None:
            return {}
        cosines = self._compared(text)
        count = min(count, len(cosines))
        near = {self._keys[int(place)] for place in np.argpartition(-cosines, count - 1)[:count]}
        return self.cosines(text, near.union(keys))

    def cosines(self, text: str, keys: Iterable[int]) -> dict[int, float]:
        """Return how near memories are to a text, those that have a vector.

        Parameters
        ----------
        text
            The text that `similar` was asked for last.
        keys
            The memories.
        """
        if self._rows is None:
            return {}
        compared = self._compared(text)
        places = {key: self._places[key] for key in keys if key in self._places}
        now = self.table.numbers(self.embedder.name, list(places))
        # A memory that was reworded or removed since has another number, or none.
        return {key: float(compared[p]) for key, p in places.items() if now.get(key) == self._numbers[p]}

    def in_context(self, text: str, around: Mapping[int, Sequence[tuple[int, int]]]) -> dict[int, float]:
        """Return how near memories are to a text, each half by itself and half with what was said around it.

        Parameters
        ----------
        text
            The text that `similar` was asked for last.
        around
            For each memory the distance and the key of those around it in its conversation.
        """
        import numpy as np

        if self._rows is None or self._asked is None:
            return {}
        alone = self.cosines(text, around)
        width = 1 + max((len(near) for near in around.values()), default=0)
        places = np.zeros((len(alone), width), dtype=np.intp)
        shares = np.zeros((len(alone), width, 1), dtype=np.float32)
        for line, key in enumerate(alone):
            near = [(distance, other) for distance, other in around[key] if other in self._places]
            places[line, : len(near) + 1] = [self._places[key], *(self._places[other] for _, other in near)]
            shares[line, : len(near) + 1, 0] = [1.0, *(_AROUND[abs(distance) - 1] for distance, _ in near)]
        together = normalised((self._rows[places] * shares).sum(axis=1)) @ self._asked[2]
        return {key: (own + float(both)) / 2 for (key, own), both in zip(alone.items(), together, strict=True)}

    def _compared(self, text: str) -> Matrix:
        """Return the cosines of a text and all vectors, both without what all texts of the store share."""
        assert self._rows is not None
        assert self._mean is not None
        if self._asked is None or self._asked[0] != text or len(self._asked[1]) != len(self._rows):
            query = normalised(self._embedded(text) - self._mean)[0]
            self._asked = (text, self._rows @ query, query)
        return self._asked[1]

    def _load(self) -> None:
        """Read the vectors that were added since the last time."""
        import numpy as np

        parts = [] if self._raw is None else [self._raw]
        while found := self.table.since(self.embedder.name, self._number, 50_000):
            self._numbers += [number for number, _, _ in found]
            self._places |= {key: place for place, (_, key, _) in enumerate(found, len(self._keys))}
            self._keys += [key for _, key, _ in found]
            self._number = self._numbers[-1]
            block = np.frombuffer(b"".join(vector for _, _, vector in found), dtype=np.float16)
            parts.append(block.reshape(len(found), -1).astype(np.float32))
        if parts and parts[-1] is not self._raw:
            self._raw = np.concatenate(parts)
            # With few memories their mean would take away what they are about.
            self._mean = self._raw.sum(axis=0) / (len(self._raw) + _FEW)
            self._rows = normalised(self._raw - self._mean)


def _text_of(memory: Unembedded) -> str:
    """Return what of a memory is embedded: a title that only repeats the beginning of the text is left out."""
    title = memory.title.rstrip("…")
    text = memory.content if memory.content.startswith(title) else f"{memory.title}\n{memory.content}"
    return text[:_LONGEST]

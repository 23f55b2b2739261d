"""How many words an answer has on average, given its path, when chance decides where it ends.

Counting the words of sampled texts measures length with the noise of where each happens to end,
and cuts long answers short at the cap. The path of an answer, what would be written if it never
ended, and the probability S_t that an answer is written up to its token t give the expectation
without either: Σ_t S_t × (words begun at token t). By the law of total expectation it has the mean
of the words within the first τ tokens, and no larger variance.
"""

from collections.abc import Sequence
from itertools import groupby

import numpy as np
from jaxtyping import Float, Int

from prefvec.models.language_model import LanguageModel
from prefvec.text.metrics.counts import word_starts, words_of

_BROKEN = "\ufffd"
"""Stands in a text for bytes that are no character, or not yet."""


class PathWords:
    """Counts words along the paths of one model's answers.

    Args:
        model: wrote the paths. What each of its tokens adds to a text is remembered.
    """

    def __init__(self, model: LanguageModel) -> None:
        self._model = model
        self._pieces: dict[int, str] = {}
        self._anchor = list(model.tokenizer("a", add_special_tokens=False)["input_ids"])
        self._before = self._decoded(())

    def expected(self, path: Sequence[int], survival: Float[np.ndarray, " tokens"]) -> float:
        """Words within a path on average over where its answer ends.

        Args:
            path: tokens, none of which ends an answer.
            survival: for each the probability that the answer is written that far.
        """
        return float(self.begun(path) @ survival)

    def begun(self, path: Sequence[int]) -> Int[np.ndarray, " tokens"]:
        """Words begun at each token of a path.

        The first t numbers add up to the words of the text that the first t tokens are. A word
        begins with its first letter or digit, at the token that completes that character.
        """
        pieces = self._pieces_of(path)
        text = "".join(pieces)
        if text.strip() != self._model.decode(path):
            return self._by_prefixes(path)
        ends = np.cumsum([len(piece) for piece in pieces], dtype=np.int64)
        at = np.searchsorted(ends, np.fromiter(word_starts(text), np.int64), side="right")
        return np.bincount(at, minlength=len(path))

    def _pieces_of(self, path: Sequence[int]) -> list[str]:
        """What each token adds to the text; of a broken character nothing, until it is whole."""
        pieces = [self._piece(token) for token in path]
        runs = groupby(range(len(path)), lambda index: _BROKEN in pieces[index])
        for run in [[*indices] for broken, indices in runs if broken]:
            before = ""
            for index in run:
                text = self._decoded(path[run[0] : index + 1]).removeprefix(self._before)
                if index < run[-1]:
                    text = text.rstrip(_BROKEN)
                pieces[index], before = text.removeprefix(before), text
        return pieces

    def _piece(self, token: int) -> str:
        if token not in self._pieces:
            self._pieces[token] = self._decoded([token]).removeprefix(self._before)
        return self._pieces[token]

    def _by_prefixes(self, path: Sequence[int]) -> Int[np.ndarray, " tokens"]:
        """By definition, where tokens change what stands before them."""
        texts = (self._model.decode(path[:length]) for length in range(len(path) + 1))
        return np.diff([sum(1 for _ in words_of(text)) for text in texts])

    def _decoded(self, ids: Sequence[int]) -> str:
        """The text of tokens after a letter, where no space before them is dropped."""
        return str(
            self._model.tokenizer.decode(
                [*self._anchor, *ids], skip_special_tokens=True, clean_up_tokenization_spaces=False
            )
        )

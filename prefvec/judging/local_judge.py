"""A judge in memory: a language model, read where its reply would begin."""

import json
import math
from collections.abc import Iterator, Sequence

import torch

from prefvec.judging.judge import Asking, JudgeError, Reply
from prefvec.judging.sheets import Sheet
from prefvec.models.language_model import LanguageModel
from prefvec.text.prompts import Prompt

_LIKELIEST = 20


class LocalJudge:
    """A model whose probabilities of the scale's tokens are read; nothing is sampled.

    Args:
        model: replies, by its own chat template.

    Example:
        >>> from prefvec.judging.bench import Bench
        >>> from prefvec.judging.replies import ReplyStore
        >>> from prefvec.judging.sheets import marking
        >>> from prefvec.text.rubrics import Rubric
        >>> rubric = Rubric(name="first", text="How long is it?", scale="12345")
        >>> with ReplyStore(":memory:") as store:
        ...     bench = Bench(LocalJudge(source), store)
        ...     (mark,) = bench.marks([marking("What is a pebble?", "A stone.", rubric)])
        ...     mark.replies, bench.paid
        (1, 1)
    """

    def __init__(self, model: LanguageModel) -> None:
        self._model = model
        self._tokens: dict[str, dict[str, list[int]]] = {}

    @property
    def name(self) -> str:
        """The model with the fingerprint of its weights and tokenizer."""
        model = self._model
        return f"{model.name} {model.fingerprint} {model.tokenizer_fingerprint} {model.dtype}"

    def replies(self, askings: Sequence[Asking]) -> Iterator[tuple[Asking, Reply]]:
        """The likeliest first token of each reply, with the log-probabilities of the scale's."""
        for asking in askings:
            yield asking, self._reply(asking.sheet)

    @torch.inference_mode()
    def _reply(self, sheet: Sheet) -> Reply:
        model, marks = self._model, self._marks(sheet.scale)
        asked = Prompt(id="sheet", text=sheet.user, topic="", instruction=sheet.system)
        ids = model.encode(asked)
        if model.context_length is not None and len(ids) >= model.context_length:
            return Reply(text="", logprobs=(), raw=f"{len(ids)} tokens do not fit in the context")
        tokens = torch.tensor([ids], device=model.device)
        # Of the sheet's own tokens nobody reads the logits.
        output = model.network(input_ids=tokens, use_cache=False, logits_to_keep=1)
        logits = output.logits[0, -1].double()
        logprobs = torch.log_softmax(logits, dim=-1)
        best = int(logprobs.argmax())
        likeliest = logprobs.topk(min(_LIKELIEST, len(logprobs)))
        pairs = [
            (mark, math.log(sum(math.exp(float(logprobs[token])) for token in tokens) or 1e-300))
            for mark, tokens in marks.items()
        ]
        of = marks.items()
        said = next((mark for mark, tokens in of if best in tokens), self._text(best))
        raw = {
            "likeliest": [
                [self._text(int(token)), round(float(value), 4)]
                for value, token in zip(likeliest.values, likeliest.indices, strict=True)
            ]
        }
        return Reply(text=said, logprobs=tuple(pairs), raw=json.dumps(raw, ensure_ascii=False))

    def _marks(self, scale: str) -> dict[str, list[int]]:
        """The tokens that are one whole mark each, with or without a space before it."""
        if scale not in self._tokens:
            vocabulary = self._model.tokenizer.get_vocab()
            found: dict[str, list[int]] = {mark: [] for mark in scale}
            for token in vocabulary.values():
                text = self._text(token).strip()
                if text in found:
                    found[text].append(token)
            if missing := [mark for mark, tokens in found.items() if not tokens]:
                raise JudgeError(
                    f"{self._model.name} has no token of its own for the mark {missing[0]!r}, so "
                    "the probabilities of marks cannot be read. Choose another scale or judge."
                )
            self._tokens[scale] = found
        return self._tokens[scale]

    def _text(self, token: int) -> str:
        return str(self._model.tokenizer.decode([token]))

"""Model x prompts x steering → completions."""

import gc
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch

from prefvec.cache import require_plain_attention
from prefvec.completions import Completion
from prefvec.decoding import Row, decode
from prefvec.errors import PrefvecError
from prefvec.models import LanguageModel
from prefvec.noise import Sampling
from prefvec.prompts import Prompt
from prefvec.steering import UNSTEERED, Steering
from prefvec.store import Answer, CompletionKey, CompletionStore

__all__ = ["UNSTEERED", "Progress", "Request", "Sampling", "generate"]

GENERATION = 1
"""Version of everything here that decides what is written. Raise it when that changes, and
stored answers are generated again."""

MEMORY = 3 * 2**28
"""Bytes that a batch may take where the device does not say how much it has."""

MOST_ROWS = 1024
"""Rows beyond which a larger batch no longer pays, and an interrupt would lose more."""

Progress = Callable[[int, int], None]
"""Told after each batch how many answers there are, of how many."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Request:
    """One answer that is wanted.

    Attributes:
        prompt: the question.
        sample: index of the answer among those to this prompt.
        steering: what is added while it is written.
        arm: what the answer is compared as, e.g. "native".
    """

    prompt: Prompt
    sample: int
    steering: Steering
    arm: str


def generate(
    model: LanguageModel,
    requests: Sequence[Request],
    sampling: Sampling,
    *,
    store: CompletionStore | None = None,
    batch_size: int | None = None,
    progress: Progress | None = None,
) -> list[Completion]:
    """Answer every request.

    The noise of an answer is a function of the seed, the prompt's id and the sample index alone,
    so arms and doses are compared under the same noise, and neither the batch nor its order
    changes an answer. Answers in the store are not generated again, and equal requests are
    generated once. Each batch is stored when it is finished, so an interrupted call resumes.

    Args:
        model: the model.
        requests: what to answer; arms, doses, sites and prompts mix freely in a batch.
        sampling: cap, temperature and seed.
        store: where answers are looked up and kept; None keeps none.
        batch_size: rows at once; None takes what memory allows. Halved when memory runs out.
        progress: told after each batch.

    Returns:
        Completions in the order of the requests.

    Raises:
        PrefvecError: if a vector belongs to another model, a prompt and its answer are too long
            for the model, or one row alone does not fit in memory.
    """
    require_plain_attention(model.network.config, model.name)
    for steering in {id(r.steering): r.steering for r in requests}.values():
        steering.require(model)
    keys, rows = _plan(model, requests, sampling)
    answers = {} if store is None else store.get_many(rows)
    missing = {key: row for key, row in rows.items() if key not in answers}
    if progress is not None and answers:
        progress(len(answers), len(rows))
    for batch in _decoded(model, missing, sampling, batch_size):
        answers |= batch
        if store is not None:
            store.put_many(batch)
        if progress is not None:
            progress(len(answers), len(rows))
    return [_completion(request, answers[key]) for request, key in zip(requests, keys, strict=True)]


def _plan(
    model: LanguageModel, requests: Sequence[Request], sampling: Sampling
) -> tuple[list[CompletionKey], dict[CompletionKey, Row]]:
    """The key of each request, and one row to decode for each distinct key."""
    encoded: dict[Prompt, tuple[tuple[int, ...], str]] = {}
    keys: list[CompletionKey] = []
    rows: dict[CompletionKey, Row] = {}
    for request in requests:
        prompt = request.prompt
        if prompt not in encoded:
            rendered = hashlib.sha256(model.render(prompt).encode()).hexdigest()[:16]
            encoded[prompt] = tuple(model.encode(prompt)), rendered
            _require_room(model, prompt, len(encoded[prompt][0]), sampling)
        ids, rendered = encoded[prompt]
        key = CompletionKey(
            model=model.fingerprint,
            tokenizer=model.tokenizer_fingerprint,
            dtype=str(model.dtype).removeprefix("torch."),
            prompt=prompt.id,
            rendered=rendered,
            sample=request.sample,
            steering=request.steering.fingerprint,
            max_new_tokens=sampling.max_new_tokens,
            temperature=float(sampling.temperature),
            seed=sampling.seed,
            generation=GENERATION,
        )
        keys.append(key)
        rows.setdefault(
            key, Row(ids=ids, prompt=prompt.id, sample=request.sample, steering=request.steering)
        )
    return keys, rows


def _require_room(model: LanguageModel, prompt: Prompt, length: int, sampling: Sampling) -> None:
    room = model.context_length
    if room is not None and length + sampling.max_new_tokens > room:
        raise PrefvecError(
            f"Prompt {prompt.id!r} has {length} tokens and its answer may have "
            f"{sampling.max_new_tokens}, but {model.name} reads {room} at most. Lower "
            "--max-new-tokens or shorten the prompt."
        )


def _decoded(
    model: LanguageModel,
    rows: dict[CompletionKey, Row],
    sampling: Sampling,
    batch_size: int | None,
) -> Iterator[dict[CompletionKey, Answer]]:
    """Decode in batches of prompts of similar length; smaller ones once memory runs out."""
    waiting = sorted(rows, key=lambda key: (-len(rows[key].ids), key.prompt, key.sample))
    if not waiting:
        return
    size = batch_size or _rows_that_fit(model, len(rows[waiting[0]].ids) + sampling.max_new_tokens)
    while waiting:
        batch, rest = waiting[:size], waiting[size:]
        try:
            written = decode(model, [rows[key] for key in batch], sampling)
        except RuntimeError as error:
            if not _out_of_memory(error):
                raise
            if len(batch) == 1:
                raise PrefvecError(
                    f"One answer of {model.name} does not fit in the memory of {model.device}. "
                    "Lower --max-new-tokens, choose a narrower --dtype or another --device."
                ) from error
            size = len(batch) // 2
        else:
            yield {
                key: Answer(
                    text=model.decode(answer.ids),
                    n_tokens=len(answer.ids),
                    finish_reason="stop" if answer.ended else "length",
                )
                for key, answer in zip(batch, written, strict=True)
            }
            waiting = rest
            continue
        _free(model)


def _rows_that_fit(model: LanguageModel, columns: int) -> int:
    """Rows whose keys, values and logits fit in the memory there is."""
    config = model.network.config.get_text_config(decoder=True)
    heads = config.num_attention_heads
    width = getattr(config, "head_dim", None) or config.hidden_size // heads
    kept = 2 * model.n_layers * (getattr(config, "num_key_value_heads", None) or heads) * width
    # Logits as they come, in float32, their running sum in float64, and one copy in passing.
    row = kept * columns * model.dtype.itemsize + config.vocab_size * 20
    memory = MEMORY
    if model.device.type == "cuda":
        memory = int(0.6 * torch.cuda.mem_get_info(model.device)[0])
    return max(1, min(MOST_ROWS, memory // row))


def _out_of_memory(error: RuntimeError) -> bool:
    text = str(error).lower()
    return isinstance(error, torch.OutOfMemoryError) or any(
        phrase in text for phrase in ("out of memory", "can't allocate memory")
    )


def _free(model: LanguageModel) -> None:
    gc.collect()
    if model.device.type == "cuda":
        torch.cuda.empty_cache()


def _completion(request: Request, answer: Answer) -> Completion:
    return Completion(
        prompt=request.prompt.id,
        sample=request.sample,
        text=answer.text,
        n_tokens=answer.n_tokens,
        finish_reason=answer.finish_reason,
        arm=request.arm,
        coefficient=request.steering.coefficient,
        steering_fingerprint=request.steering.fingerprint,
    )

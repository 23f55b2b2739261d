"""Model x prompts x steering → completions."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import torch
import transformers

from prefvec.errors import PrefvecError
from prefvec.generation.cache import require_plain_attention
from prefvec.generation.decoding import Row, Written, decode
from prefvec.generation.expected_length import PathWords
from prefvec.generation.lanes import in_lanes
from prefvec.generation.noise import Sampling
from prefvec.generation.perplexity import perplexities
from prefvec.generation.store import Answer, CompletionKey, CompletionStore
from prefvec.models.decisive import LOADED_AND_SPOKEN_TO
from prefvec.models.language_model import LanguageModel
from prefvec.provenance import code_fingerprint
from prefvec.text.completions import Completion
from prefvec.text.prompts import Prompt
from prefvec.text.verbatim import Said, Verbatim
from prefvec.vectors.residual import steered_by_hand
from prefvec.vectors.steering import UNSTEERED, Steering

__all__ = ["UNSTEERED", "Progress", "Request", "Sampling", "generate"]

DECIDES = (
    *LOADED_AND_SPOKEN_TO,
    "prefvec.generation.batches",
    "prefvec.generation.cache",
    "prefvec.generation.decoding",
    "prefvec.generation.expected_length",
    "prefvec.generation.lanes",
    "prefvec.generation.nearby",
    "prefvec.generation.noise",
    "prefvec.generation.perplexity",
    "prefvec.generation.requests",
    "prefvec.text.metrics.counts",
    "prefvec.text.metrics.sentence_ends",
    "prefvec.vectors.steering",
)
"""Modules that decide what is written. When one of them does something else, stored answers are
generated again: an old answer would hide what the change did."""

MEMORY = 2**31
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

    Example:
        >>> pebble = pv.Prompt(id="pebble", text="What is a pebble?", topic="stones")
        >>> pv.Request(prompt=pebble, sample=0, steering=pv.UNSTEERED, arm="unsteered").arm
        'unsteered'
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
    perplexity: bool = False,
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
        perplexity: have the unsteered model read each answer as well (see `perplexities`), unless
            the store knows what it found.

    Returns:
        Completions in the order of the requests.

    Raises:
        PrefvecError: if a vector belongs to another model, a prompt and its answer are too long
            for the model, one row alone does not fit in memory, or answers are to be kept while
            the model is steered by a `with` block.

    Example:
        >>> asked = pv.Request(
        ...     prompt=answers.prompts[0], sample=0, steering=pv.UNSTEERED, arm="unsteered"
        ... )
        >>> (written,) = pv.generate(source, [asked], pv.Sampling(max_new_tokens=256))
        >>> written.text == answers.at(0)[0].text
        True
    """
    require_plain_attention(model.network.config, model.name)
    if store is not None and steered_by_hand(model):
        raise PrefvecError(
            f"{model.name} is steered by an open `with … applied(…)` block, which the store of "
            "answers knows nothing of: it would keep steered answers as unsteered ones. Give the "
            "steering as an argument, or no store."
        )
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
    if perplexity:
        prompts = {key: request.prompt for key, request in zip(keys, requests, strict=True)}
        for batch in _read_again(model, prompts, answers, batch_size):
            answers |= batch
            if store is not None:
                store.put_many(batch)
    return [_completion(request, answers[key]) for request, key in zip(requests, keys, strict=True)]


def _plan(
    model: LanguageModel, requests: Sequence[Request], sampling: Sampling
) -> tuple[list[CompletionKey], dict[CompletionKey, Row]]:
    """The key of each request, and one row to decode for each distinct key."""
    encoded: dict[Prompt, tuple[tuple[int, ...], str]] = {}
    keys: list[CompletionKey] = []
    rows: dict[CompletionKey, Row] = {}
    where, code = environment(model), code_fingerprint(*DECIDES)
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
            ends=model.dialect.ends_fingerprint,
            dtype=str(model.dtype).removeprefix("torch."),
            prompt=prompt.id,
            rendered=rendered,
            sample=request.sample,
            steering=request.steering.fingerprint,
            max_new_tokens=sampling.max_new_tokens,
            temperature=float(sampling.temperature),
            seed=sampling.seed,
            code=code,
            environment=where,
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
            "max_new_tokens (--max-new-tokens) or shorten the prompt."
        )


def _decoded(
    model: LanguageModel,
    rows: dict[CompletionKey, Row],
    sampling: Sampling,
    batch_size: int | None,
) -> Iterator[dict[CompletionKey, Answer]]:
    """Decode in batches of prompts of similar length."""
    waiting = sorted(rows, key=lambda key: (-len(rows[key].ids), key.prompt, key.sample))
    if not waiting:
        return
    words = PathWords(model)
    size = batch_size or _rows_that_fit(model, len(rows[waiting[0]].ids) + sampling.max_new_tokens)
    for batch in in_lanes(
        model, waiting, size, lambda lane, keys: decode(lane, [rows[key] for key in keys], sampling)
    ):
        yield {key: _kept(model, answer, words) for key, answer in batch}


def _kept(model: LanguageModel, answer: Written, words: PathWords) -> Answer:
    """What is kept of an answer that was written."""
    text = model.decode(answer.whole)
    unended = answer.closing is None or model.decode(answer.ids) == text
    return Answer(
        text=text,
        n_tokens=len(answer.ids),
        finish_reason="stop" if answer.ended else "length",
        ids=tuple(answer.ids if unended else answer.whole),
        expected_words=words.expected(answer.path, answer.survival),
    )


def _read_again(
    model: LanguageModel,
    prompts: dict[CompletionKey, Prompt],
    answers: dict[CompletionKey, Answer],
    batch_size: int | None,
) -> Iterator[dict[CompletionKey, Answer]]:
    """The answers that lack a perplexity, with it; empty ones have none."""
    lacking: dict[Said, list[CompletionKey]] = {}
    for key, answer in answers.items():
        if answer.text and answer.perplexity is None:
            written = Verbatim(text=answer.text, ids=answer.ids, model=model.fingerprint)
            lacking.setdefault((prompts[key], written), []).append(key)
    for found in perplexities(model, list(lacking), batch_size=batch_size):
        yield {
            key: replace(answers[key], perplexity=value)
            for turn, value in found.items()
            for key in lacking[turn]
        }


def _rows_that_fit(model: LanguageModel, columns: int) -> int:
    """Rows whose keys, values and logits fit in the memory there is."""
    config = model.network.config.get_text_config(decoder=True)
    heads = config.num_attention_heads
    width = getattr(config, "head_dim", None) or config.hidden_size // heads
    kept = 2 * model.n_layers * (getattr(config, "num_key_value_heads", None) or heads) * width
    # Logits as they come, and as much again in passing; a few rows at a time become probabilities.
    row = (kept * columns + 2 * config.vocab_size) * model.dtype.itemsize
    memory = MEMORY
    if model.device.type == "cuda":
        memory = int(0.6 * torch.cuda.mem_get_info(model.device)[0])
    return max(1, min(MOST_ROWS, memory // row))


def environment(model: LanguageModel) -> str:
    """What decides an answer beside the key's other parts: libraries and kind of device."""
    versions = f"torch {torch.__version__}, transformers {transformers.__version__}"
    return f"{versions}, {model.device.type}"


def _completion(request: Request, answer: Answer) -> Completion:
    return Completion(
        prompt=request.prompt.id,
        sample=request.sample,
        text=answer.text,
        n_tokens=answer.n_tokens,
        finish_reason=answer.finish_reason,
        arm=request.arm,
        coefficient=request.steering.coefficient,
        perplexity=answer.perplexity,
        expected_words=answer.expected_words,
        ids=answer.ids,
    )

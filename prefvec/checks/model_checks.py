"""Is a model, as loaded here, fit to be measured? Found out on itself, in seconds.

Each check states something that a sound pair of model and library does. Each of them has been
seen broken without any error: frozen positions, padding that leaks into answers, a doubled BOS,
answers that never end.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from prefvec.checks.agreement import (
    distance,
    logits_in_one_pass,
    logits_step_by_step,
    require_agreement,
    tolerance,
)
from prefvec.checks.site_checks import (
    activations_are_finite,
    hooks_move_their_site,
    planted,
    zero_is_the_identity,
)
from prefvec.checks.turn_checks import answers_begin, answers_end, bos_stands_once
from prefvec.errors import PrefvecError
from prefvec.generation.cache import PreallocatedCache
from prefvec.models.language_model import LanguageModel
from prefvec.models.padding import left_padded
from prefvec.text.prompts import Prompt
from prefvec.vectors.residual import Site, add, read

_STEPS = 6
_PROMPTS = (
    Prompt(id="short", text="What is rain?", topic="check"),
    Prompt(id="middle", text="Why do people sleep at night, and what happens then?", topic="check"),
    Prompt(
        id="long",
        text="How would you explain to a child what a bridge is for, and why some are so long?",
        topic="check",
        instruction="Answer in plain words.",
    ),
)
_ANSWER = "Rain is water that falls from clouds."


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """What one check found.

    Attributes:
        name: the law that was checked.
        passed: whether it held.
        sentence: what was seen, and when it failed, what that does to a measurement.
    """

    name: str
    passed: bool
    sentence: str


def check(model: LanguageModel) -> list[CheckResult]:
    """Check a model on itself; nothing is raised, a check that breaks has failed.

    Returns:
        One result for each law, always the same laws in the same order; where activations are
        not finite, that alone, for nothing else could be told.

    Example:
        >>> all(result.passed for result in pv.check(source))
        True
    """
    laws: dict[str, Callable[[LanguageModel], str]] = {
        "BOS stands once": lambda model: bos_stands_once(model, _PROMPTS),
        "an answer begins at once": lambda model: answers_begin(model, _PROMPTS),
        "the end-of-turn token ends an answer": answers_end,
        "with and without the KV cache agree": _cache_agrees,
        "alone and in a left-padded batch agree": _batch_agrees,
        "position ids advance": _positions_advance,
        "coefficient 0 is the identity": lambda model: zero_is_the_identity(model, _inputs(model)),
        "a hook moves exactly its site": lambda model: hooks_move_their_site(model, _inputs(model)),
        "steered, with and without the KV cache agree": _steered_cache_agrees,
    }
    finite = _result("activations are finite", _finite, model)
    if not finite.passed:
        return [finite]
    return [finite, *(_result(name, law, model) for name, law in laws.items())]


def _result(name: str, law: Callable[[LanguageModel], str], model: LanguageModel) -> CheckResult:
    try:
        with torch.inference_mode():
            return CheckResult(name=name, passed=True, sentence=law(model))
    except PrefvecError as found:
        return CheckResult(name=name, passed=False, sentence=str(found))
    except Exception as error:  # whatever a foreign model raises is a finding about it
        what = " ".join(str(error).split())[:300]
        return CheckResult(
            name=name, passed=False, sentence=f"It broke off: {type(error).__name__}: {what}"
        )


def _finite(model: LanguageModel) -> str:
    return activations_are_finite(model, [_turn(model, prompt)[0] for prompt in _PROMPTS])


def _cache_agrees(model: LanguageModel, how: str = "with the cache") -> str:
    gaps: list[float] = []
    for prompt in _PROMPTS:
        ids, start = _turn(model, prompt)
        whole = logits_in_one_pass(model, ids, start)
        step_by_step = logits_step_by_step(model, [ids], start)[0]
        gaps.append(require_agreement(model, whole, step_by_step, how))
    return f"Logits differ by at most {max(gaps):.1g} of their spread, and no likeliest token does."


def _steered_cache_agrees(model: LanguageModel) -> str:
    inputs, site = _inputs(model), Site(model.n_layers // 2, "resid_post")
    with read(model, [site]) as seen:
        model.network(**inputs)
    delta = planted(model, seen[site][inputs["attention_mask"].bool()], share=0.2)
    with add(model, {site: delta[None]}):
        return _cache_agrees(model, f"with the cache, steered at {site},")


def _batch_agrees(model: LanguageModel) -> str:
    turns = [_turn(model, prompt) for prompt in _PROMPTS]
    sequences = [ids for ids, _ in turns]
    cache = PreallocatedCache.empty(model.n_layers, max(map(len, sequences)))
    together = logits_step_by_step(model, sequences, len(sequences[0]) - _STEPS, cache=cache)
    gaps = [
        require_agreement(
            model, logits_in_one_pass(model, ids, start), batched, "in a left-padded batch"
        )
        for (ids, start), batched in zip(turns, together, strict=True)
    ]
    return f"Logits differ by at most {max(gaps):.1g} of their spread, and no likeliest token does."


def _positions_advance(model: LanguageModel) -> str:
    ids, start = _turn(model, _PROMPTS[-1])
    whole = logits_in_one_pass(model, ids, start)
    require_agreement(
        model,
        whole,
        logits_step_by_step(model, [ids], start, positions=False)[0],
        "with the positions it counts itself while decoding",
    )
    inputs = left_padded([ids], model.pad_id, model.device)
    inputs["position_ids"] = torch.zeros_like(inputs["position_ids"])
    frozen = model.network(**inputs).logits[0, start - 1 : -1].float()
    if distance(whole, frozen) <= tolerance(model):
        raise PrefvecError(
            "Frozen position ids give the same logits as advancing ones: the model does not read "
            "the positions it is given, so word order or padding is lost on it. Use another "
            "version of transformers, or a model whose attention reads position ids."
        )
    return "Its own positions agree with explicit ones, and frozen ones do not."


def _inputs(model: LanguageModel) -> dict[str, Tensor]:
    """All built-in prompts in one batch."""
    prompts = [model.encode(prompt) for prompt in _PROMPTS]
    return {**left_padded(prompts, model.pad_id, model.device)}


def _turn(model: LanguageModel, prompt: Prompt) -> tuple[list[int], int]:
    """A prompt with the first tokens of an answer, and where those start."""
    turn = model.encode_turn(prompt, _ANSWER)
    return turn.ids[: turn.answer_start + _STEPS], turn.answer_start

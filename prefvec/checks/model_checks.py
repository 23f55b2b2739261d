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
from prefvec.checks.site_checks import hooks_move_their_site, zero_is_the_identity
from prefvec.errors import PrefvecError
from prefvec.generation.cache import PreallocatedCache
from prefvec.models.language_model import LanguageModel
from prefvec.models.padding import left_padded
from prefvec.models.turns import is_special, render_turn, special_id
from prefvec.text.prompts import Prompt

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
        One result for each law, always the same laws in the same order.

    Example:
        >>> all(result.passed for result in pv.check(source))
        True
    """
    laws: dict[str, Callable[[LanguageModel], str]] = {
        "BOS stands once": _bos_stands_once,
        "the end-of-turn token ends an answer": _answers_end,
        "with and without the KV cache agree": _cache_agrees,
        "alone and in a left-padded batch agree": _batch_agrees,
        "position ids advance": _positions_advance,
        "coefficient 0 is the identity": lambda model: zero_is_the_identity(model, _inputs(model)),
        "a hook moves exactly its site": lambda model: hooks_move_their_site(model, _inputs(model)),
    }
    return [_result(name, law, model) for name, law in laws.items()]


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


def _bos_stands_once(model: LanguageModel) -> str:
    bos = special_id(model.tokenizer, "bos")
    for prompt in _PROMPTS:
        ids = model.encode(prompt)
        written = str(model.tokenizer.bos_token) in model.render(prompt)
        wanted = int(bos is not None and (model.dialect.adds_bos or written))
        if ids.count(-1 if bos is None else bos) != wanted or (wanted and ids[0] != bos):
            raise PrefvecError(
                f"The BOS token stands {ids.count(bos or 0)} times in a prompt instead of "
                f"{wanted}, the model has never seen such a text. Repair the chat template."
            )
    if bos is None:
        return "The tokenizer has no BOS."
    if model.dialect.adds_bos or str(model.tokenizer.bos_token) in model.render(_PROMPTS[0]):
        return "Every prompt begins with one BOS."
    return "Neither the tokenizer nor the template writes a BOS, and no prompt has one."


def _answers_end(model: LanguageModel) -> str:
    tokenizer = model.tokenizer
    for token in model.end_ids:
        if not is_special(tokenizer, token):
            raise PrefvecError(
                f"The end token {token} is the ordinary token {tokenizer.decode([token])!r}, so "
                "answers would stop inside a sentence. Set `eos_token_id` in "
                "generation_config.json to the tokenizer's EOS."
            )
    text = render_turn(tokenizer, _PROMPTS[0], system_role=False, answer=_ANSWER)
    coded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    end = text.rindex(_ANSWER) + len(_ANSWER)
    after = [
        token
        for token, (first, _) in zip(coded["input_ids"], coded["offset_mapping"], strict=True)
        if first >= end and str(tokenizer.decode([token])).strip()
    ]
    if not after or after[0] not in model.end_ids:
        found = f"{tokenizer.decode(after[:1])!r}" if after else "nothing"
        raise PrefvecError(
            f"A closed turn has {found} after the answer, which is not among the end tokens "
            f"{[tokenizer.decode([token]) for token in model.end_ids]}. Answers would run on to "
            "the cap. Add the token that ends a turn to `eos_token_id` in generation_config.json."
        )
    return f"A closed turn ends with {tokenizer.decode(after[:1])!r}, which ends an answer."


def _cache_agrees(model: LanguageModel) -> str:
    gaps: list[float] = []
    for prompt in _PROMPTS:
        ids, start = _turn(model, prompt)
        whole = logits_in_one_pass(model, ids, start)
        gaps.append(
            require_agreement(
                model, whole, logits_step_by_step(model, [ids], start)[0], "with the cache"
            )
        )
    return f"Logits differ by at most {max(gaps):.1g} of their spread, and no likeliest token does."


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

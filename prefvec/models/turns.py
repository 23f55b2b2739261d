"""The text of a turn, as a chat template or plain text writes it, and what it tells of a model."""

import itertools
from typing import Any

import jinja2
from transformers import PreTrainedTokenizerBase

from prefvec.errors import PrefvecError
from prefvec.models.endings import LINE_END
from prefvec.text.prompts import Prompt

_INSTRUCTION = "Answer with the word tangerine."
_QUESTION = "What is the colour of a pebble?"
_ANSWER = "Grey"
_DAY = "26 Jul 2024"
_TEMPLATE_ARGUMENTS = {"date_string": _DAY, "enable_thinking": False}
"""LLaMA 3.1 and later write the day into every prompt unless they are given one. Qwen3 and others
think aloud before they answer unless told not to, and those words are no part of the answer."""
_CLOCK = "strftime_now"
_STOPPED = f"{{%- macro {_CLOCK}(format) -%}}{_DAY}{{%- endmacro -%}}"
"""SmolLM3 and others ask the clock for the day whatever they are given: here it stands still."""


def _messages(prompt: Prompt, *, system_role: bool) -> list[dict[str, str]]:
    if prompt.instruction and system_role:
        return [
            {"role": "system", "content": prompt.instruction},
            {"role": "user", "content": prompt.text},
        ]
    folded = f"{prompt.instruction}\n\n{prompt.text}" if prompt.instruction else prompt.text
    return [{"role": "user", "content": folded}]


def render_turn(
    tokenizer: PreTrainedTokenizerBase,
    prompt: Prompt,
    *,
    system_role: bool,
    answer: str = "",
    end: str = LINE_END,
) -> str:
    """The text of a prompt, up to where the model answers, or of a turn closed by an answer.

    Args:
        tokenizer: its chat template is used; without one, plain text.
        prompt: the question and its instruction.
        system_role: put the instruction into a system turn.
        answer: closes the turn when it is not empty.
        end: what stands after it in plain text; a chat template knows by itself.

    Raises:
        PrefvecError: if the chat template fails.
    """
    if not tokenizer.chat_template:
        above = f"{prompt.instruction}\n\n" if prompt.instruction else ""
        below = f" {answer}{end}" if answer else ""
        return f"{above}Question: {prompt.text}\nAnswer:{below}"
    messages = _messages(prompt, system_role=system_role)
    if answer:
        messages.append({"role": "assistant", "content": answer})
    arguments: dict[str, Any] = dict(_TEMPLATE_ARGUMENTS)
    if _CLOCK in tokenizer.chat_template:
        arguments["chat_template"] = _STOPPED + str(tokenizer.chat_template)
    try:
        return str(
            tokenizer.apply_chat_template(
                messages, tokenize=False, add_generation_prompt=not answer, **arguments
            )
        )
    except (jinja2.TemplateError, ValueError, TypeError) as error:
        raise PrefvecError(
            f"The chat template cannot render a turn ({error}). Repair `chat_template` in the "
            "tokenizer's files, or remove it to have the model asked in plain text."
        ) from error


def takes_system_role(tokenizer: PreTrainedTokenizerBase) -> bool:
    """Whether a system turn is heard, and all that an instruction in one changes.

    A template that refuses the turn, or drops it without a word, does not hear it. One that has
    a default system turn (SmolLM2, Qwen2.5) writes it into prompts without an instruction alone:
    instructed and uninstructed answers would then differ by that turn as well.
    """
    if not tokenizer.chat_template:
        return False
    asked = Prompt(id="probe", text=_QUESTION, topic="probe")
    try:
        told = render_turn(tokenizer, asked.instructed(_INSTRUCTION), system_role=True)
    except PrefvecError:
        return False
    bare = render_turn(tokenizer, asked, system_role=True)
    return _INSTRUCTION in told and _QUESTION in told and _only_adds(bare, told)


def _only_adds(bare: str, told: str) -> bool:
    """Whether a text is another one with a single piece put in."""
    before, after = alike(bare, told), alike(bare[::-1], told[::-1])
    return before + after >= len(bare)


def alike(a: str, b: str) -> int:
    """How many characters two texts begin with in common."""
    same = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(a, b, strict=False))
    return sum(1 for _ in same)


def closed_turn(tokenizer: PreTrainedTokenizerBase, *, end: str) -> tuple[str, list[int]]:
    """What stands before an answer in a closed turn, and the special token right after it.

    Args:
        tokenizer: its chat template is used; without one, plain text.
        end: what stands after an answer in plain text.
    """
    prompt = Prompt(id="probe", text=_QUESTION, topic="probe")
    opened = render_turn(tokenizer, prompt, system_role=False)
    closed = render_turn(tokenizer, prompt, system_role=False, answer=_ANSWER, end=end)
    before, _, after = closed.rpartition(_ANSWER)
    lead = before[len(opened) :] if before.startswith(opened) else ""
    first = list(tokenizer(after.lstrip(), add_special_tokens=False)["input_ids"])[:1]
    return lead, [token for token in first if is_special(tokenizer, token)]


def special_id(tokenizer: PreTrainedTokenizerBase, role: str) -> int | None:
    """The id of the token that plays a role ("bos", "eos", "pad", "unk"), if there is one."""
    token: Any = getattr(tokenizer, f"{role}_token_id")
    return None if token is None else int(token)


def is_special(tokenizer: PreTrainedTokenizerBase, token: int) -> bool:
    """Whether a token is one of the tokenizer's added ones, never part of ordinary words."""
    return token in tokenizer.all_special_ids or token in tokenizer.added_tokens_decoder

"""How prompts become ids, in dialects like the real families' and in plain text."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import ByT5Tokenizer

from prefvec.errors import PrefvecError
from prefvec.models.dialect import dialect_of
from prefvec.models.turns import render_turn
from prefvec.text.prompts import Prompt
from tests.model_families import LLAMA_3_LIKE, MODEL_FAMILIES
from tests.tiny import SPOKEN, questions, tiny, tiny_tokenizer

BEGIN_WITH_BOS = {(name, chat) for name, chat in SPOKEN if MODEL_FAMILIES[name].adds_bos}
BEGIN_WITH_BOS.add(("olmo2", True))  # by its template
QUESTION = Prompt(id="q", text="What is a river?", topic="earth")
INSTRUCTED = QUESTION.instructed("Answer in one sentence.")

DROPS_SYSTEM = """\
{{- bos_token -}}
{%- for message in messages if message.role != 'system' -%}
{{- '[INST] ' + message.content + ' [/INST]' -}}
{%- endfor -%}"""

answers = st.text(
    st.sampled_from("abcdefgh rstuvw ABC.,!?012-éß–“”°🍞雨\n"), min_size=1, max_size=60
).map(str.strip)
"""Answers as models write them: words, punctuation, letters of one to four bytes."""


def speaker(template: str | None):
    """The Mistral-like tokenizer with another chat template."""
    tokenizer = tiny_tokenizer("mistral")
    tokenizer.chat_template = template
    return tokenizer


@pytest.mark.parametrize(("family", "chat"), SPOKEN)
def test_bos_stands_once_and_first_or_not_at_all(family, chat):
    """Whether or not the template begins with BOS, and the tokenizer adds one, has one, or none."""
    model = tiny(family, chat=chat)
    bos, wanted = model.tokenizer.bos_token_id, (family, chat) in BEGIN_WITH_BOS
    for prompt in questions():
        ids = model.encode(prompt)
        assert ids.count(bos) == wanted
        assert not wanted or ids[0] == bos


@pytest.mark.parametrize(("family", "chat"), SPOKEN)
@settings(deadline=None, max_examples=60)
@given(answer=answers, closed=st.booleans())
def test_a_turn_begins_with_the_ids_generation_starts_from(family, chat, answer, closed):
    """The answer's first token stands right after the encoded prompt, whatever the answer."""
    model = tiny(family, chat=chat)
    turn = model.encode_turn(INSTRUCTED, answer, closed=closed)
    assert turn.ids[: turn.answer_start] == model.encode(INSTRUCTED)
    assert len(turn.ids) - turn.answer_start == len(turn.answer_ends)


@pytest.mark.parametrize(("family", "chat"), SPOKEN)
@settings(deadline=None, max_examples=60)
@given(answer=answers)
def test_characters_consumed_rise_to_the_whole_answer(family, chat, answer):
    """They never fall, and after the last token the answer has been said."""
    model = tiny(family, chat=chat)
    ends = model.encode_turn(QUESTION, answer).answer_ends
    assert ends == sorted(ends)
    assert not answer or ends[-1] == len(answer)


@pytest.mark.parametrize(("family", "chat"), SPOKEN)
@settings(deadline=None, max_examples=60)
@given(answer=answers)
def test_decoding_a_turn_gives_the_answer_back(family, chat, answer):
    """The text read from generated ids is the text that those ids encode."""
    model = tiny(family, chat=chat)
    turn = model.encode_turn(QUESTION, answer, closed=True)
    assert model.decode(turn.ids[turn.answer_start :]) == answer


@pytest.mark.parametrize(("family", "chat"), SPOKEN)
def test_consumed_characters_are_those_that_decode(family, chat):
    """At each token boundary that is one of characters, the consumed text is the decoded text."""
    model = tiny(family, chat=chat)
    answer = "It is water – from the hills. It flows to the sea."
    turn = model.encode_turn(QUESTION, answer)
    said = turn.ids[turn.answer_start :]
    for count, end in enumerate(turn.answer_ends, start=1):
        text = model.decode(said[:count])
        if "\N{REPLACEMENT CHARACTER}" not in text:
            assert text == answer[:end].strip()


@pytest.mark.parametrize(("family", "chat"), SPOKEN)
def test_a_closed_turn_is_the_text_a_model_was_trained_on(family, chat):
    """Encoding in two parts gives the ids of the whole turn as the template closes it.

    Phi-3's template alone writes an EOS after the token that ends the turn.
    """
    model = tiny(family, chat=chat)
    whole = render_turn(
        model.tokenizer,
        INSTRUCTED,
        system_role=model.dialect.system_role,
        answer="It is water.",
    )
    ids = model.tokenizer(whole.rstrip("\n"), add_special_tokens=False)["input_ids"]
    bos = [] if chat or not model.dialect.adds_bos else [model.tokenizer.bos_token_id]
    after = [model.tokenizer.eos_token_id] if (family, chat) == ("phi3", True) else []
    assert model.encode_turn(INSTRUCTED, "It is water.", closed=True).ids + after == bos + ids


def test_an_answer_of_nothing_adds_no_token():
    """Not even the space that the template writes before an answer."""
    model = tiny("mistral")
    turn = model.encode_turn(QUESTION, "")
    assert (turn.ids, turn.answer_ends) == (model.encode(QUESTION), [])


@pytest.mark.parametrize(
    ("family", "chat", "ends"),
    [
        ("mistral", True, ["</s>"]),
        ("llama", True, ["<|eot_id|>", "<|end_of_text|>"]),
        ("gemma", True, ["<end_of_turn>", "<eos>"]),
        ("llama", False, ["<|end_of_text|>"]),
        ("qwen2", True, ["<|im_end|>"]),
        ("qwen3", True, ["<|im_end|>"]),
        ("phi3", True, ["<|end|>", "<|endoftext|>"]),
        ("gpt2", False, ["<|endoftext|>"]),
        ("pythia", False, ["<|endoftext|>"]),
        ("olmo2", True, ["<|endoftext|>"]),
        ("mixtral", True, ["</s>"]),
    ],
)
def test_answers_end_with_the_token_of_the_dialect(family, chat, ends):
    """The template's end of turn comes first, then EOS; a base model has EOS alone."""
    model = tiny(family, chat=chat)
    assert model.tokenizer.convert_ids_to_tokens(list(model.end_ids)) == ends


@pytest.mark.parametrize(
    ("template", "takes"),
    [(LLAMA_3_LIKE, True), (DROPS_SYSTEM, False), (None, False)],
)
def test_a_system_role_is_used_only_where_it_is_heard(template, takes):
    """A template that drops the system turn without a word counts as having none."""
    dialect = dialect_of(speaker(template))
    assert dialect.system_role is takes
    text = dialect.render(INSTRUCTED)
    assert text.index(INSTRUCTED.instruction) < text.index(INSTRUCTED.text)


@pytest.mark.parametrize("family", ["mistral", "gemma", "mixtral"])
def test_a_refused_system_role_is_folded_into_the_user_turn(family):
    """The instruction, an empty line, the question."""
    assert "Answer in one sentence.\n\nWhat is a river?" in tiny(family).render(INSTRUCTED)


@pytest.mark.parametrize("family", ["llama", "qwen2", "qwen3", "phi3", "olmo2"])
def test_a_system_role_that_is_heard_takes_the_instruction(family):
    """It stands in a turn of its own, in the family's own marks, before the question."""
    text = tiny(family).render(INSTRUCTED)
    above, below = text.split("Answer in one sentence.")
    assert "system" in above
    assert "What is a river?" in below


@pytest.mark.parametrize("family", ["gpt2", "pythia"])
def test_a_family_without_a_template_is_asked_in_plain_text(family):
    """A base model by nature, not by a file that is missing."""
    assert tiny(family).dialect.kind == "plain"


def test_a_model_that_can_think_aloud_answers_at_once():
    """Its thoughts are opened and closed before the answer, and none of them is generated."""
    text = tiny("qwen3").render(QUESTION)
    assert text.endswith("<|im_start|>assistant\n<think>\n\n</think>\n\n")
    assert tiny("qwen3").dialect.lead == ""


def test_plain_text_is_instruction_question_answer():
    """The prompt of a base model, as the documentation of `Dialect` promises it."""
    assert tiny("llama", chat=False).render(INSTRUCTED) == (
        "Answer in one sentence.\n\nQuestion: What is a river?\nAnswer:"
    )


def test_the_day_does_not_enter_the_prompt():
    """LLaMA 3.1's template writes today's date unless given one; a run must be repeatable."""
    dated = (
        "{%- if date_string is not defined -%}"
        "{%- set date_string = strftime_now('%d %b %Y') -%}{%- endif -%}"
        "{{- bos_token + date_string -}}"
        "{%- for message in messages -%}{{- message.content -}}{%- endfor -%}"
    )
    assert dialect_of(speaker(dated)).render(QUESTION) == "<s>26 Jul 2024What is a river?"


def test_padding_falls_back_on_a_token_that_means_no_word():
    """A mask hides it, so EOS serves where there is no pad token."""
    tokenizer = speaker(None)
    assert tokenizer.pad_token is None
    assert dialect_of(tokenizer).pad_id == tokenizer.eos_token_id


def test_nothing_to_pad_with_is_refused():
    """Without pad, EOS and unknown token, an ordinary end token is no padding."""
    tokenizer = speaker(None)
    word = tokenizer("river", add_special_tokens=False)["input_ids"][0]
    tokenizer.eos_token = tokenizer.unk_token = None
    with pytest.raises(PrefvecError, match="no pad token"):
        dialect_of(tokenizer, eos_ids=[word])


def test_nothing_to_end_with_is_refused():
    """Otherwise every answer would run to the cap."""
    tokenizer = speaker(None)
    tokenizer.eos_token = None
    with pytest.raises(PrefvecError, match="No token ends an answer"):
        dialect_of(tokenizer)


def test_a_template_that_fails_is_named():
    """A template that cannot render a user turn is an error in one sentence."""
    with pytest.raises(PrefvecError, match="cannot render a turn"):
        dialect_of(speaker("{{- raise_exception('closed today') -}}"))


@pytest.mark.parametrize(
    ("template", "lost"),
    [("{{- bos_token + 'Hello' -}}", "question"), (DROPS_SYSTEM, "instruction")],
)
def test_a_template_that_loses_its_input_is_refused(template, lost):
    """The model would answer another question than the one it is judged on."""
    dialect = replace(dialect_of(speaker(template)), system_role=True)
    prompt = QUESTION if lost == "question" else INSTRUCTED
    with pytest.raises(PrefvecError, match=f"lost the {lost}"):
        dialect.render(prompt)


def test_a_tokenizer_without_offsets_is_refused():
    """Sentence ends of two models could not be aligned."""
    with pytest.raises(PrefvecError, match="no character offsets"):
        dialect_of(ByT5Tokenizer())


@pytest.mark.parametrize("text", ["A river flows.", "Über den Fluss 🙂 gehen.", "a"])
@pytest.mark.parametrize(("family", "chat"), SPOKEN)
def test_a_text_is_read_as_it_stands(family, chat, text):
    """Oracle: what the tokenizer itself makes of it; no template, and all of it counts."""
    model = tiny(family, chat=chat)
    turn = model.encode_text(text)
    assert turn.ids == list(model.tokenizer(text)["input_ids"])
    assert len(turn.answer_ends) == len(turn.ids) - turn.answer_start
    assert turn.answer_start == int(model.dialect.adds_bos)
    assert turn.answer_ends == sorted(turn.answer_ends)
    assert turn.answer_ends[-1] == len(text)

"""How prompts become ids, in dialects like the real families' and in plain text."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import ByT5Tokenizer

from prefvec.errors import PrefvecError
from prefvec.models.dialect import Dialect, dialect_of
from prefvec.models.turns import render_turn
from prefvec.text.prompts import Prompt
from tests.model_families import LLAMA_3_LIKE, MODEL_FAMILIES, SMOLLM_2_LIKE
from tests.tiny import SPOKEN, questions, tiny, tiny_tokenizer

BEGIN_WITH_BOS = {(name, chat) for name, chat in SPOKEN if MODEL_FAMILIES[name].adds_bos}
BEGIN_WITH_BOS |= {("olmo2", True), ("smollm2", True)}  # by their templates
QUESTION = Prompt(id="q", text="What is a river?", topic="earth")
INSTRUCTED = QUESTION.instructed("Answer in one sentence.")

DROPS_SYSTEM = """\
{{- bos_token -}}
{%- for message in messages if message.role != 'system' -%}
{{- '[INST] ' + message.content + ' [/INST]' -}}
{%- endfor -%}"""

ALWAYS_SYSTEM = """\
{{- bos_token + '<<SYS>>Today is ' + date_string + '\n' -}}
{%- if messages[0].role == 'system' -%}{{- messages[0].content -}}{%- endif -%}
{{- '<</SYS>>' -}}
{%- for message in messages if message.role != 'system' -%}{{- message.content -}}{%- endfor -%}"""

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
    """Whether or not the template begins with BOS, and the tokenizer adds one, has one, or none.

    In ChatML it opens every turn.
    """
    model = tiny(family, chat=chat)
    bos, wanted = model.tokenizer.bos_token_id, (family, chat) in BEGIN_WITH_BOS
    for prompt in questions():
        ids = model.encode(prompt)
        turns = model.render(prompt).count("<|im_start|>") if family == "smollm2" else wanted
        assert ids.count(bos) == turns
        assert ids[1] != bos
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
    """The text read from generated ids is the text that those ids encode, up to what ends it."""
    model = tiny(family, chat=chat)
    turn = model.encode_turn(QUESTION, answer, closed=True)
    said = answer if chat else answer.partition("\n")[0].strip()
    assert model.decode(turn.ids[turn.answer_start :]) == said


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
    whole = whole.rstrip("\n") if chat else whole
    ids = model.tokenizer(whole, add_special_tokens=False)["input_ids"]
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
        ("llama", False, ["Ċ", "<|end_of_text|>"]),
        ("qwen2", True, ["<|im_end|>"]),
        ("smollm2", True, ["<|im_end|>"]),
        ("qwen3", True, ["<|im_end|>"]),
        ("phi3", True, ["<|end|>", "<|endoftext|>"]),
        ("gpt2", False, ["Ċ", "<|endoftext|>"]),
        ("pythia", False, ["Ċ", "<|endoftext|>"]),
        ("mistral", False, ["<0x0A>", "</s>"]),
        ("olmo2", True, ["<|endoftext|>"]),
        ("mixtral", True, ["</s>"]),
    ],
)
def test_answers_end_with_the_token_of_the_dialect(family, chat, ends):
    """The template's end of turn comes first, then EOS; in plain text a new line is that end."""
    model = tiny(family, chat=chat)
    assert model.tokenizer.convert_ids_to_tokens(list(model.end_ids)) == ends


@pytest.mark.parametrize(
    ("template", "takes"),
    [
        (LLAMA_3_LIKE, True),
        (ALWAYS_SYSTEM, True),
        (DROPS_SYSTEM, False),
        (SMOLLM_2_LIKE, False),
        (None, False),
    ],
)
def test_a_system_role_is_used_only_where_it_is_heard_and_changes_nothing_else(template, takes):
    """A template that drops the system turn without a word counts as having none.

    So does one whose default system turn gives way to an instruction; one that writes the same
    system text with and without an instruction (LLaMA 3.1) takes it.
    """
    dialect = dialect_of(speaker(template))
    assert dialect.system_role is takes
    text = dialect.render(INSTRUCTED)
    assert text.index(INSTRUCTED.instruction) < text.index(INSTRUCTED.text)


@pytest.mark.parametrize("family", ["mistral", "gemma", "mixtral", "qwen2", "smollm2"])
def test_a_system_role_refused_or_taken_is_folded_into_the_user_turn(family):
    """The instruction, an empty line, the question; Qwen2.5 and SmolLM2 take it by default."""
    assert "Answer in one sentence.\n\nWhat is a river?" in tiny(family).render(INSTRUCTED)


@pytest.mark.parametrize("family", ["llama", "qwen3", "phi3", "olmo2"])
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


@pytest.mark.parametrize("family", ["qwen2", "smollm2"])
def test_an_instruction_leaves_the_default_system_turn_as_it_is(family):
    """Without it, what is left is the uninstructed prompt."""
    model = tiny(family)
    folded = model.render(INSTRUCTED).replace(f"{INSTRUCTED.instruction}\n\n", "")
    assert folded == model.render(QUESTION)
    assert "system\nYou are a" in folded


def test_a_dialect_says_how_its_model_is_asked():
    """In one sentence, which the record keeps."""
    assert tiny("smollm2").dialect.summary() == (
        "asked in its chat template; instructions in the user turn; <|im_end|> ends an answer"
    )
    assert "instructions in a system turn; <|eot_id|> or" in tiny("llama").dialect.summary()
    assert tiny("gpt2").dialect.summary() == (
        "asked in plain text, Question: … Answer:; instructions above the question; "
        "a new line or <|endoftext|> ends an answer"
    )


def with_line_breaks(family: str) -> Dialect:
    """A plain dialect whose tokenizer merges line breaks with what stands before and after."""
    tokenizer = tiny_tokenizer(family)
    tokenizer.add_tokens([".\n", "\n\n", "pebble\n", "\nQuestion"])
    return dialect_of(tokenizer)


@pytest.mark.parametrize("family", ["gpt2", "mistral", "gemma"])
def test_every_token_with_a_line_break_ends_an_answer_in_plain_text(family):
    """The line break alone, then EOS, then those merged with other text, and no other token."""
    dialect = with_line_breaks(family)
    newline, *others = dialect.end_ids
    assert dialect.tokenizer.decode([newline]) == "\n"
    assert dialect.closers == (dialect.tokenizer.eos_token_id,)
    merged = {dialect.tokenizer.decode([token]) for token in others} - {dialect.tokenizer.eos_token}
    assert merged == {".\n", "\n\n", "pebble\n", "\nQuestion"}


@pytest.mark.parametrize("family", ["gpt2", "mistral", "gemma"])
@pytest.mark.parametrize(
    ("written", "answer"),
    [
        (" Grey.\n", "Grey."),
        (" A pebble\n", "A pebble"),
        (" Grey\nQuestion: What is a river?", "Grey"),
        (" Grey.\n\n Or brown.", "Grey."),
        ("\nGrey.", ""),
        (" Grey.", "Grey."),
    ],
)
def test_an_answer_is_what_stands_before_its_line_break(family, written, answer):
    """Also where one token holds both; what would follow it is no part of the answer."""
    dialect = with_line_breaks(family)
    ids = dialect.tokenizer(written, add_special_tokens=False)["input_ids"]
    assert dialect.decode(ids) == answer


@pytest.mark.parametrize("family", ["gpt2", "mistral", "gemma"])
def test_a_plain_dialect_may_end_by_its_token_alone(family):
    """Its answers have lines, its EOS closes a turn, and nothing else ends one."""
    tokenizer = with_line_breaks(family).tokenizer
    dialect = dialect_of(tokenizer, line_ends=False)
    assert (dialect.end_strings, dialect.end_ids) == ((), (tokenizer.eos_token_id,))
    assert dialect.render_closed(QUESTION, "Grey.\nOr brown.").endswith(
        f"Answer: Grey.\nOr brown.{tokenizer.eos_token}"
    )
    turn = dialect.encode_turn(QUESTION, "Grey.\nOr brown.", closed=True)
    assert dialect.decode(turn.ids[turn.answer_start :]) == "Grey.\nOr brown."


def test_line_ends_are_a_matter_of_plain_text():
    """A chat template closes its turns by itself."""
    tokenizer = speaker(MODEL_FAMILIES["mistral"].template)
    one, other = (dialect_of(tokenizer, line_ends=ends) for ends in (True, False))
    assert (one.end_ids, one.end_strings) == (other.end_ids, other.end_strings)


@pytest.mark.parametrize(("family", "chat"), SPOKEN)
def test_a_closed_turn_is_the_prompt_the_answer_and_what_ends_it(family, chat):
    """The text says what the ids say."""
    dialect = tiny(family, chat=chat).dialect
    text = dialect.render_closed(QUESTION, "It is water.")
    assert text.startswith(dialect.render(QUESTION) + dialect.lead + "It is water.")
    after = text.partition("It is water.")[2].lstrip(" ")
    assert after.startswith(dialect.tokenizer.decode([dialect.end_ids[0]]))


def test_plain_text_is_instruction_question_answer():
    """The prompt of a base model, as the documentation of `Dialect` promises it."""
    assert tiny("llama", chat=False).render(INSTRUCTED) == (
        "Answer in one sentence.\n\nQuestion: What is a river?\nAnswer:"
    )


@pytest.mark.parametrize("unless", ["{%- if date_string is not defined -%}", "{%- if true -%}"])
def test_the_day_does_not_enter_the_prompt(unless):
    """LLaMA 3.1's template writes today's date unless given one, SmolLM3's whatever it is given."""
    dated = (
        unless + "{%- set date_string = strftime_now('%d %b %Y') -%}{%- endif -%}"
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
    tokenizer = speaker("{%- for message in messages -%}{{- message.content -}}{%- endfor -%}")
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

"""Sound models pass every check; a model broken in one way fails the check that names it."""

import copy
from dataclasses import replace

import pytest
import torch
from transformers import LlamaForCausalLM, PreTrainedTokenizerFast
from transformers.models.llama.modeling_llama import LlamaDecoderLayer

from prefvec.checks.model_checks import check
from prefvec.models.dialect import dialect_of
from prefvec.models.language_model import LanguageModel, assemble, load
from tests.model_families import MISTRAL_LIKE, MODEL_FAMILIES, QWEN_3_LIKE
from tests.tiny import SPOKEN, save_tiny, tiny, tiny_network, tiny_tokenizer

FINITE = "activations are finite"
BOS = "BOS stands once"
BEGIN = "an answer begins at once"
END = "the end-of-turn token ends an answer"
CACHE = "with and without the KV cache agree"
BATCH = "alone and in a left-padded batch agree"
POSITIONS = "position ids advance"
IDENTITY = "coefficient 0 is the identity"
HOOK = "a hook moves exactly its site"
STEERED = "steered, with and without the KV cache agree"

NEVER_ENDS = {
    "mistral": "<s>",
    "llama": "<|begin_of_text|>",
    "gemma": "<bos>",
    "qwen2": "<|im_start|>",
    "qwen3": "<think>",
    "smollm2": "<|endoftext|>",
    "phi3": "<|user|>",
    "pythia": "<|padding|>",
    "olmo2": "<|pad|>",
}
"""A special token of each kind of dialect that does not end a turn there."""


class IgnoresPositions(LlamaForCausalLM):
    """Every token is at position 0."""

    def forward(self, input_ids, position_ids=None, **kwargs):
        """As the parent, with frozen positions."""
        return super().forward(input_ids, position_ids=torch.zeros_like(input_ids), **kwargs)


class FreezesItsOwnPositions(LlamaForCausalLM):
    """While decoding, positions are right if given, and 0 if left to the model."""

    def forward(self, input_ids, position_ids=None, past_key_values=None, **kwargs):
        """As the parent, with frozen positions after the prompt."""
        if position_ids is None and past_key_values is not None:
            position_ids = torch.zeros_like(input_ids)
        return super().forward(
            input_ids, position_ids=position_ids, past_key_values=past_key_values, **kwargs
        )


class SeesPadding(LlamaForCausalLM):
    """Padding is read as if it were text."""

    def forward(self, input_ids, attention_mask=None, **kwargs):
        """As the parent, without the mask."""
        return super().forward(input_ids, attention_mask=None, **kwargs)


class ForgetsItsCache(LlamaForCausalLM):
    """What was read before the latest token is lost."""

    def forward(self, input_ids, past_key_values=None, attention_mask=None, **kwargs):
        """As the parent, without keys and values."""
        mask = None if attention_mask is None else attention_mask[:, -input_ids.shape[1] :]
        return super().forward(input_ids, attention_mask=mask, **kwargs)


class OverflowsWhileDecoding(LlamaForCausalLM):
    """Single tokens give logits that are not numbers, as float16 does to some models."""

    def forward(self, input_ids, **kwargs):
        """As the parent, with an infinite logit."""
        output = super().forward(input_ids, **kwargs)
        if input_ids.shape[1] == 1:
            output.logits[..., 0] = float("inf")
        return output


class AddsItsBosAnyway(PreTrainedTokenizerFast):
    """Puts a BOS before a text, whatever it is told."""

    def __call__(self, *args, **kwargs):
        """As the parent, with special tokens."""
        return super().__call__(*args, **{**kwargs, "add_special_tokens": True})


class TakesNoPositions(LlamaForCausalLM):
    """Its forward pass has another signature."""

    def forward(self, input_ids, attention_mask):
        """As the parent, for two arguments."""
        return super().forward(input_ids, attention_mask=attention_mask)


class DeafBlock(LlamaDecoderLayer):
    """Runs without its hooks, as compiled blocks do."""

    def __call__(self, *args, **kwargs):
        """As the parent, past the hooks."""
        return self.forward(*args, **kwargs)


class DeafWhileDecoding(LlamaDecoderLayer):
    """Runs single tokens without its hooks, as a kernel of its own for decoding does."""

    def __call__(self, hidden_states, **kwargs):
        """As the parent, past the hooks where there is one token."""
        call = self.forward if hidden_states.shape[1] == 1 else super().__call__
        return call(hidden_states, **kwargs)


class TwiceRunBlock(LlamaDecoderLayer):
    """Runs twice in one forward pass, as recomputed blocks do."""

    def __call__(self, hidden_states, **kwargs):
        """As the parent, on its own output."""
        return super().__call__(super().__call__(hidden_states, **kwargs), **kwargs)


class CarryingBlock(LlamaDecoderLayer):
    """Hands on something else than what it showed to hooks, as streams beside the residual do."""

    def __call__(self, *args, **kwargs):
        """As the parent, and then twice as much."""
        return 2 * super().__call__(*args, **kwargs)


class RestlessBlock(LlamaDecoderLayer):
    """Computes a little differently at every pass."""

    def forward(self, hidden_states, **kwargs):
        """As the parent, with noise."""
        found = super().forward(hidden_states, **kwargs)
        return found + 1e-5 * torch.randn_like(found)


def network_of(kind: type[LlamaForCausalLM]) -> LanguageModel:
    """The tiny LLaMA with another forward pass."""
    network = tiny_network("llama", tiny_tokenizer("llama"))
    network.__class__ = kind
    return assemble(kind.__name__, network, tiny("llama").tokenizer)


def block_of(kind: type[LlamaDecoderLayer]) -> LanguageModel:
    """The tiny LLaMA with another middle block."""
    model = network_of(LlamaForCausalLM)
    model.blocks[1].__class__ = kind
    return model


def failures(model: LanguageModel) -> dict[str, str]:
    """Names and sentences of the failed checks."""
    return {result.name: result.sentence for result in check(model) if not result.passed}


@pytest.mark.parametrize(("family", "chat"), SPOKEN)
def test_sound_models_pass_every_check(family, chat):
    """Every architecture, with a chat dialect and as base models."""
    results = check(tiny(family, chat=chat))
    assert [result.name for result in results] == [
        *(FINITE, BOS, BEGIN, END, CACHE, BATCH, POSITIONS, IDENTITY, HOOK, STEERED)
    ]
    assert not failures(tiny(family, chat=chat))


def test_a_model_in_bfloat16_passes_within_its_rounding(tmp_path):
    """Tolerances follow the dtype."""
    assert not failures(load(str(save_tiny(tmp_path, "llama")), device="cpu", dtype="bfloat16"))


@pytest.mark.parametrize(
    ("broken", "failed"),
    [
        (IgnoresPositions, POSITIONS),
        (FreezesItsOwnPositions, POSITIONS),
        (SeesPadding, BATCH),
        (ForgetsItsCache, CACHE),
        (OverflowsWhileDecoding, CACHE),
    ],
)
def test_a_broken_forward_pass_fails_its_check(broken, failed):
    """Each of these runs without an error and answers fluently."""
    assert failed in failures(network_of(broken))


@pytest.mark.parametrize("broken", [FreezesItsOwnPositions, SeesPadding])
def test_a_single_fault_fails_a_single_check(broken):
    """The failed check names the cause, so the others must not fail along with it."""
    assert len(failures(network_of(broken))) == 1


@pytest.mark.parametrize(
    ("broken", "failed"),
    [
        (DeafBlock, HOOK),
        (DeafBlock, IDENTITY),
        (TwiceRunBlock, HOOK),
        (CarryingBlock, HOOK),
        (RestlessBlock, IDENTITY),
    ],
)
def test_a_block_that_cannot_be_steered_fails_its_check(broken, failed):
    """A hook that never fired, or fired twice, must not pass as steering."""
    assert failed in failures(block_of(broken))


def test_a_block_that_is_steered_until_it_decodes_fails_the_check_of_that_alone():
    """Whatever is read in one pass is sound, and no answer is steered."""
    found = failures(block_of(DeafWhileDecoding))
    assert [*found] == [STEERED]
    assert "with the cache, steered at block 1" in found[STEERED]


@pytest.mark.parametrize("family", ["mistral", "llama", "gemma", "olmo2", "mixtral"])
def test_a_doubled_bos_fails_its_check(family, tmp_path):
    """A template that writes BOS although its first token is one already."""
    template = "{{- bos_token -}}" + str(MODEL_FAMILIES[family].template)
    model = load(str(save_tiny(tmp_path, family, template=template)), device="cpu")
    assert "stands 2 times" in failures(model)[BOS]


def test_a_doubled_bos_fails_its_check_where_every_turn_has_one(tmp_path):
    """ChatML with `<|im_start|>` as BOS: its other turns are no fault, a second one first is."""
    template = "{{- bos_token -}}" + str(MODEL_FAMILIES["smollm2"].template)
    model = load(str(save_tiny(tmp_path, "smollm2", template=template)), device="cpu")
    assert "stands 2 times at the beginning" in failures(model)[BOS]


@pytest.mark.parametrize("family", ["llama", "gemma"])
def test_a_bos_that_the_tokenizer_adds_to_the_templates_fails_its_check(family):
    """Some converted tokenizers add one even where they are told to add nothing."""
    tokenizer = tiny_tokenizer(family)
    tokenizer.chat_template = MODEL_FAMILIES[family].template
    tokenizer.__class__ = AddsItsBosAnyway
    model = replace(tiny(family), tokenizer=tokenizer, dialect=dialect_of(tokenizer))
    assert "stands 2 times at the beginning" in failures(model)[BOS]


@pytest.mark.parametrize("open_", ["<think>\n", "<think>\n</think>\n<think>\n"])
def test_a_thought_left_open_fails_its_check(open_):
    """As templates of models that can do nothing but think aloud leave it."""
    tokenizer = tiny_tokenizer("qwen3")
    tokenizer.chat_template = QWEN_3_LIKE.replace("<think>\n\n</think>\n\n", open_)
    model = replace(tiny("qwen3"), tokenizer=tokenizer, dialect=dialect_of(tokenizer))
    assert "opens <think> before the answer" in failures(model)[BEGIN]


@pytest.mark.parametrize(("family", "chat"), [("gemma", True), ("llama", False)])
def test_numbers_that_overflow_are_one_sentence(family, chat, tmp_path):
    """Gemma 3 in float16: one failed check that says what to load it in, and no other."""
    save_tiny(tmp_path, family, chat=chat)
    wide = load(str(tmp_path), device="cpu", dtype="float32")
    with torch.no_grad():
        for weights in wide.blocks[0].mlp.parameters():
            weights.mul_(60)
    wide.network.save_pretrained(tmp_path)
    assert FINITE not in failures(load(str(tmp_path), device="cpu", dtype="float32"))
    (found,) = check(load(str(tmp_path), device="cpu", dtype="float16"))
    assert (found.name, found.passed) == (FINITE, False)
    assert "float16 overflows in this model, first at" in found.sentence
    assert "bfloat16 or float32" in found.sentence


def test_damaged_weights_are_not_blamed_on_float16():
    """They are not finite in any type."""
    model = network_of(LlamaForCausalLM)
    with torch.no_grad():
        next(model.blocks[1].parameters()).fill_(float("nan"))
    (found,) = check(model)
    assert "Not every number is finite in torch.float32, first at" in found.sentence


@pytest.mark.parametrize("family", NEVER_ENDS)
def test_an_unknown_end_of_turn_fails_its_check(family):
    """Without the token that closes a turn, answers run on to the cap."""
    model = tiny(family)
    never = model.tokenizer.convert_tokens_to_ids(NEVER_ENDS[family])
    deaf = replace(model, dialect=replace(model.dialect, end_ids=(never,)))
    assert "not among the end tokens" in failures(deaf)[END]


def test_a_plain_model_may_end_by_its_token_alone():
    """The check asks the dialect what closes a turn, so that no kind of dialect is an exception."""
    base = tiny("llama", chat=False)
    model = assemble("of-lines", base.network, base.tokenizer, line_ends=False)
    assert not failures(model)
    bos = model.tokenizer.bos_token_id
    deaf = replace(model, dialect=replace(model.dialect, end_ids=(bos,)))
    assert "not among the end tokens" in failures(deaf)[END]


def test_an_ordinary_word_as_end_token_fails_its_check():
    """A config made for another tokenizer points at a word; answers would stop there."""
    network = copy.deepcopy(tiny("mistral").network)
    network.generation_config.eos_token_id = 77
    assert "ordinary token" in failures(assemble("misled", network, tiny("mistral").tokenizer))[END]


def test_a_turn_that_never_closes_fails_its_check():
    """A template that writes nothing after an answer cannot have taught the model to end."""
    tokenizer = tiny_tokenizer("mistral")
    tokenizer.chat_template = MISTRAL_LIKE.replace(" + eos_token", "")
    model = replace(tiny("mistral"), tokenizer=tokenizer, dialect=dialect_of(tokenizer))
    assert "has nothing after the answer" in failures(model)[END]


def test_whatever_a_model_raises_becomes_a_sentence():
    """An architecture that takes no positions is a finding, not a traceback."""
    found = failures(network_of(TakesNoPositions))
    assert found[POSITIONS].startswith("It broke off: TypeError")

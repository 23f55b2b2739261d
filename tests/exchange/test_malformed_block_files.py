"""Pickles and tensors by block that no tool would have written are refused in a sentence."""

import pytest
import torch

from prefvec.errors import PrefvecError
from prefvec.exchange.foreign import read_foreign
from tests.exchange.foreign_files import read_known
from tests.tiny import tiny

VECTOR = torch.ones(32)


def test_a_pickled_object_is_refused_and_not_run():
    """As people keep a SteeringVector; the sentence says what to keep instead."""
    with pytest.raises(PrefvecError, match=r"would run code out of it.*tensors alone"):
        read_known("steering-vectors-pickled.pt", "steering-vectors")


def test_a_pickled_callable_is_refused_and_not_run(tmp_path):
    """Nothing of it happens."""
    path, trace = tmp_path / "evil.pt", tmp_path / "trace"

    class Evil:
        def __reduce__(self):
            return trace.write_text, ("it ran",)

    torch.save({0: Evil()}, path)
    with pytest.raises(PrefvecError, match="would run code out of it"):
        read_foreign(path, convention="steering-vectors", model=tiny("llama"))
    assert not trace.exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            {"layer_activations": [VECTOR], "layer_type": "decoder_block"},
            "by the number of a block",
        ),
        ({"layer_activations": VECTOR}, "by the number of a block under 'layer_activations'"),
        ({"layer_activations": None}, "by the number of a block under 'layer_activations'"),
        ({"layer_activations": {}}, "no vector for a block"),
        ({}, "no vector for a block"),
        ({"layer_activations": {1: VECTOR}, "layer_type": VECTOR}, "layer_type is no text"),
        ({1: "VECTOR"}, "no list of numbers under 1"),
        ({1: [0.5] * 32}, "no list of numbers under 1"),
        ({1: torch.ones(32, dtype=torch.int64)}, "no list of numbers under 1"),
        ({1: torch.ones(32, dtype=torch.complex64)}, "no list of numbers under 1"),
        ({1: VECTOR.to_sparse()}, "no list of numbers under 1"),
        ({1: VECTOR.to("meta")}, "no list of numbers under 1"),
        ({1: torch.ones(2, 32)}, "no list of numbers under 1"),
        ({1: torch.tensor(0.5)}, "1 numbers for block 1"),
        ({1: torch.ones(0)}, "0 numbers for block 1"),
        ({True: VECTOR}, "by the number of a block"),
        ({1.0: VECTOR}, "by the number of a block"),
        ({"1" * 5000: VECTOR}, "by the number of a block"),
        ({10**12: VECTOR}, "by the number of a block"),
        ({-4: VECTOR}, "for block -4 .* counted 0 to 2"),
        ({-1: VECTOR, 2: VECTOR}, "two vectors for block 2 .* the second under 2"),
        ({"1": VECTOR, "layer.1": VECTOR}, "two vectors for block 1 .* under 'layer.1'"),
        ([VECTOR], "a SteeringVector's fields"),
    ],
)
def test_a_malformed_steering_vector_is_a_sentence(tmp_path, content, message):
    """Wrong types, nothing at all, and two vectors for one block."""
    path = tmp_path / "broken.pt"
    torch.save(content, path)
    with pytest.raises(PrefvecError, match=message) as refused:
        read_foreign(path, convention="steering-vectors", model=tiny("llama"))
    assert str(refused.value).startswith(str(path))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "a configuration of lm-evaluation-harness"),
        ([VECTOR], "a configuration of lm-evaluation-harness"),
        ({"layers.1": VECTOR}, "a configuration of lm-evaluation-harness"),
        ({"layers.1": {"steering_coefficient": 1.0}}, "a configuration of lm-evaluation-harness"),
        ({"layers.1": {"steering_vector": None}}, "no list of numbers under 'layers.1'"),
        ({1: {"steering_vector": VECTOR}}, "adds to '1', which is no decoder block"),
    ],
)
def test_a_malformed_configuration_is_a_sentence(tmp_path, content, message):
    """Of lm-evaluation-harness: nothing in it, or not what is looked for."""
    path = tmp_path / "broken.pt"
    torch.save(content, path)
    with pytest.raises(PrefvecError, match=message):
        read_foreign(path, convention="lm-eval", model=tiny("llama"))


@pytest.mark.parametrize(
    ("coefficient", "message"),
    [
        ("much", "steering_coefficient = 'much' for layers.1"),
        ("2.0", "steering_coefficient = '2.0' for layers.1"),
        (None, "steering_coefficient = None for layers.1"),
        (True, "steering_coefficient = True for layers.1"),
        ([2.0], r"steering_coefficient = \[2.0\] for layers.1"),
        (2j, "steering_coefficient = 2j for layers.1"),
        (10**400, "steering_coefficient = 1000"),
        (torch.ones(2), "steering_coefficient = Tensor for layers.1"),
        (float("nan"), "not finite"),
        (float("inf"), "not finite"),
    ],
)
def test_a_coefficient_that_is_no_number_is_a_sentence(tmp_path, coefficient, message):
    """Nor is one that no vector survives."""
    path = tmp_path / "broken.pt"
    entry = {"steering_vector": VECTOR, "steering_coefficient": coefficient, "action": "add"}
    torch.save({"layers.1": entry}, path)
    with pytest.raises(PrefvecError, match=message):
        read_foreign(path, convention="lm-eval", model=tiny("llama"))


@pytest.mark.parametrize(
    "rows",
    [
        torch.ones(4, 32, dtype=torch.int64),
        torch.ones(4, 32, dtype=torch.complex64),
        torch.ones(4, 32).to_sparse(),
        torch.ones(3, 32),
        torch.ones(32),
        {},
        None,
    ],
)
def test_malformed_rows_are_a_sentence(tmp_path, rows):
    """Of hidden states: not one tensor, of other numbers, or of another number of rows."""
    path = tmp_path / "broken.pt"
    torch.save(rows, path)
    with pytest.raises(PrefvecError, match="does not hold one tensor of 4 rows of floats"):
        read_foreign(path, convention="hidden-states", model=tiny("llama"))


@pytest.mark.parametrize(
    "vector", [torch.ones(4, 32), torch.ones(32, dtype=torch.int64), [1.0], {}]
)
def test_malformed_vectors_of_a_block_are_a_sentence(tmp_path, vector):
    """Of EasyEdit2: anything but one list of floats, whatever the file is called after."""
    path = tmp_path / "layer_1.pt"
    torch.save(vector, path)
    with pytest.raises(PrefvecError, match="does not hold one list of floats"):
        read_foreign(path, convention="easyedit2", model=tiny("llama"))


def test_a_block_that_the_model_lacks_is_a_sentence(tmp_path):
    """The number in the name is that of another model's block."""
    path = tmp_path / "layer_19.pt"
    torch.save(torch.ones(32), path)
    with pytest.raises(PrefvecError, match=r"block 19 .* counted 0 to"):
        read_foreign(path, convention="easyedit2", model=tiny("llama"))

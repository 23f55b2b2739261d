"""A vector is a direction with a norm that knows where it belongs."""

import functools
import json
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from safetensors import safe_open
from safetensors.torch import save_file

from prefvec.errors import PrefvecError
from prefvec.text.prompts import Prompt
from prefvec.vectors.activations import at_last_prompt_token
from prefvec.vectors.extraction import (
    difference_between_groups,
    difference_in_means,
    first_principal_component,
    single_pair,
)
from prefvec.vectors.files import MARKS
from prefvec.vectors.residual import Site
from prefvec.vectors.steering import Steering
from prefvec.vectors.transfer import UnequalWidths, copied_raw, zero_padded
from prefvec.vectors.vector import PreferenceVector, random_direction
from tests.strategies import activations_of, coefficients, contrast, contrasts, normal, seeds, space
from tests.tiny import questions, tiny

ABOUT = {"trait": "verbosity", "prompt_set": "abc"}


@functools.cache
def of_model(model, layer: int = 0) -> PreferenceVector:
    """A vector read from a tiny model, of no meaning but its place."""
    site = Site(layer, "resid_post")
    prompts = questions()
    long = [prompt.instructed("Answer in as much detail as you can.") for prompt in prompts]
    short = [prompt.instructed("Answer in one sentence.") for prompt in prompts]
    positive, negative = (at_last_prompt_token(model, p, [site])[site] for p in (long, short))
    return difference_in_means(positive, negative, **ABOUT)


@settings(deadline=None)
@given(drawn=contrasts)
@pytest.mark.parametrize("estimator", [difference_in_means, first_principal_component])
def test_swapping_the_poles_negates_the_vector(estimator, drawn):
    """Bit for bit: same norm, opposite direction."""
    positive, negative = contrast(drawn)
    vector, swapped = estimator(positive, negative, **ABOUT), estimator(negative, positive, **ABOUT)
    assert torch.equal(vector.direction, -swapped.direction)
    assert vector.norm == swapped.norm


@settings(deadline=None)
@given(drawn=contrasts)
def test_the_mean_difference_is_direction_times_norm(drawn):
    """Oracle: the two means, subtracted."""
    positive, negative = contrast(drawn)
    vector = difference_in_means(positive, negative, **ABOUT)
    expected = positive.values.double().mean(dim=0) - negative.values.double().mean(dim=0)
    torch.testing.assert_close(
        vector.norm * vector.direction.double(), expected, rtol=1e-4, atol=1e-6
    )


def test_the_principal_axis_is_that_of_the_uncentred_differences():
    """Oracle: numpy's singular vectors; a planted axis that centring would delete is found."""
    differences = normal(0, 200, 6) * 0.1 + torch.tensor([3.0, 0, 0, 0, 0, 0])
    negative = normal(1, 200, 6)
    vector = first_principal_component(
        activations_of(negative + differences, space()), activations_of(negative, space()), **ABOUT
    )
    _, _, axes = torch.linalg.svd(differences.double(), full_matrices=False)
    assert abs(float(vector.direction.double() @ axes[0])) == pytest.approx(1, abs=1e-5)
    assert float(vector.direction[0]) > 0.99


def test_the_principal_axis_is_the_same_with_fewer_pairs_than_width():
    """The small Gram matrix gives the axis that the singular value decomposition gives."""
    differences = normal(3, 5, 40) + 0.5
    negative = normal(4, 5, 40)
    vector = first_principal_component(
        activations_of(negative + differences, space()), activations_of(negative, space()), **ABOUT
    )
    _, _, axes = torch.linalg.svd(differences.double(), full_matrices=False)
    assert abs(float(vector.direction.double() @ axes[0])) == pytest.approx(1, abs=1e-5)


def test_one_pair_is_its_own_difference():
    """ActAdd takes exactly one pair."""
    positive, negative = (activations_of(normal(seed, 1, 4), space()) for seed in (0, 1))
    vector = single_pair(positive, negative, **ABOUT)
    torch.testing.assert_close(
        vector.norm * vector.direction, (positive.values - negative.values)[0]
    )
    two = activations_of(normal(0, 2, 4), space())
    with pytest.raises(PrefvecError, match="takes one pair"):
        single_pair(two, two, **ABOUT)


def test_stability_tells_signal_from_noise():
    """Random halves agree where the pairs share a direction and not where they do not."""
    noise = normal(0, 40, 16)
    zero = activations_of(torch.zeros(40, 16), space())
    shared = difference_in_means(activations_of(noise + 2, space()), zero, **ABOUT)
    unshared = difference_in_means(activations_of(noise, space()), zero, **ABOUT)
    assert shared.stability > 0.95
    assert abs(unshared.stability) < 0.5
    assert shared.n_pairs == 40


def test_poles_that_do_not_pair_up_are_refused():
    """Other prompts, another model, or no difference at all."""
    a = activations_of(normal(0, 4, 3), space())
    with pytest.raises(PrefvecError, match="do not pair up"):
        difference_in_means(a, a.select([0, 1]), **ABOUT)
    with pytest.raises(PrefvecError, match="different places"):
        difference_in_means(a, activations_of(a.values, space(layer=1)), **ABOUT)
    with pytest.raises(PrefvecError, match="do not differ"):
        difference_in_means(a, a, **ABOUT)


@given(coefficient=coefficients)
def test_a_multiple_scales_the_norm_and_keeps_or_turns_the_direction(coefficient):
    """What would be added is multiplied, the sign included."""
    vector = of_model(tiny("mistral"))
    torch.testing.assert_close(
        (coefficient * vector).norm * (coefficient * vector).direction,
        coefficient * vector.norm * vector.direction,
    )


def test_the_zero_multiple_is_refused():
    """No steering has a name of its own."""
    with pytest.raises(PrefvecError, match="UNSTEERED"):
        0.0 * of_model(tiny("mistral"))


def test_the_relative_norm_is_in_units_of_the_residual():
    """Setting it and reading it agree."""
    vector = of_model(tiny("mistral")).at_relative_norm(0.5)
    assert vector.relative_norm == pytest.approx(0.5)
    assert vector.norm == pytest.approx(0.5 * vector.residual_norm)


def test_a_saved_vector_comes_back_whole(tmp_path):
    """Direction bit for bit, every fact about it, and so the fingerprint."""
    model = tiny("mistral")
    vector = of_model(model)
    path = tmp_path / "new folder" / "verbosity.safetensors"
    vector.save(path)
    again = PreferenceVector.load(path, model=model)
    assert torch.equal(again.direction, vector.direction)
    assert again.fingerprint == vector.fingerprint
    assert again.read_from == vector.read_from == {prompt.id for prompt in questions()}
    assert again.summary() == vector.summary()
    with safe_open(path, "pt") as file:
        assert file.metadata()["layer_counting"] == '"decoder blocks from 0"'


def test_a_vector_does_not_load_where_it_does_not_belong(tmp_path):
    """Neither into another model, nor under another tokenizer."""
    model = tiny("mistral")
    path = tmp_path / "vector.safetensors"
    of_model(model).save(path)
    with pytest.raises(PrefvecError, match="made for weights"):
        PreferenceVector.load(path, model=tiny("llama"))
    with pytest.raises(PrefvecError, match="made for tokenizer"):
        PreferenceVector.load(path, model=replace(model, tokenizer_fingerprint="other"))


def test_files_that_hold_no_vector_are_refused(tmp_path):
    """Missing, garbled, or safetensors of something else."""
    model = tiny("mistral")
    path = tmp_path / "x.safetensors"
    with pytest.raises(PrefvecError, match="no vector to read"):
        PreferenceVector.load(path, model=model)
    path.write_text("not a vector")
    with pytest.raises(PrefvecError, match="no vector to read"):
        PreferenceVector.load(path, model=model)
    save_file({"direction": torch.ones(3)}, path)
    with pytest.raises(PrefvecError, match="not a vector file"):
        PreferenceVector.load(path, model=model)


def test_a_direction_that_is_not_a_unit_vector_is_refused():
    """Zero and non-finite directions never reach a model."""
    vector = of_model(tiny("mistral"))
    for factor in (0.0, 2.0, float("nan")):
        with pytest.raises(PrefvecError, match="instead of 1"):
            replace(vector, direction=factor * vector.direction)


@given(seed=seeds)
def test_raw_transfer_keeps_coordinates_and_relative_norm(seed):
    """The same direction, bound to the target, as long relative to its residual."""
    vector = replace(of_model(tiny("mistral")), norm=1.0 + seed % 7)
    moved = copied_raw(vector, space("target"), d_model=vector.d_model, residual_norm=3.0)
    assert torch.equal(moved.direction, vector.direction)
    assert moved.relative_norm == pytest.approx(vector.relative_norm)
    assert moved.model == "target"


def test_raw_transfer_between_unequal_widths_is_undefined():
    """It says so with an exception of its own; padding is another thing with another name."""
    vector = of_model(tiny("mistral"))
    with pytest.raises(UnequalWidths, match="undefined"):
        copied_raw(vector, space("target"), d_model=48, residual_norm=3.0)
    wide = zero_padded(vector, space("target"), d_model=48, residual_norm=3.0)
    narrow = zero_padded(vector, space("target"), d_model=16, residual_norm=3.0)
    torch.testing.assert_close(wide.direction[:32], vector.direction)
    assert not wide.direction[32:].any()
    cosine = torch.cosine_similarity(narrow.direction, vector.direction[:16], dim=0)
    assert float(cosine) == pytest.approx(1)
    assert wide.estimator.endswith("zero-padded")
    assert narrow.estimator.endswith("truncated")


def test_random_directions_are_as_long_and_point_elsewhere():
    """Same site and norm; the same seed gives the same direction, another another."""
    vector = of_model(tiny("mistral"))
    one, same, other = (random_direction(vector, seed=seed) for seed in (0, 0, 1))
    assert (one.norm, one.space) == (vector.norm, vector.space)
    assert torch.equal(one.direction, same.direction)
    assert abs(float(one.direction @ other.direction)) < 0.9
    assert abs(float(one.direction @ vector.direction)) < 0.9


def test_a_vector_knows_its_questions_whatever_is_done_with_it():
    """Turned, stretched, rebound to another model, or replaced by a random direction."""
    vector = of_model(tiny("mistral"))
    padding = {"d_model": 48, "residual_norm": 3.0}
    for made in (
        -vector,
        2 * vector,
        -0.5 * vector,
        vector.at_relative_norm(0.3),
        copied_raw(vector, space("target"), d_model=vector.d_model, residual_norm=3.0),
        zero_padded(vector, space("target"), **padding),
        random_direction(vector, seed=1),
    ):
        assert made.read_from == vector.read_from == {prompt.id for prompt in questions()}


def test_an_instructed_prompt_is_its_question_and_measuring_on_it_is_refused():
    """The sentence names the first that was read; others go through."""
    vector = of_model(tiny("mistral"))
    new = Prompt(id="cloud", text="What is a cloud?", topic="sky")
    vector.require_unseen([new], "the test prompts")
    asked = [new, *(prompt.instructed("In one word.") for prompt in questions())]
    with pytest.raises(PrefvecError, match=r"'river', which is one of the test prompts.*circular"):
        vector.require_unseen(asked, "the test prompts")


def test_what_was_read_is_part_of_a_vector_and_not_of_what_it_adds():
    """Another fingerprint of the vector; the same steering, so the same answers."""
    vector = of_model(tiny("mistral"))
    other = replace(vector, read_from=frozenset({"cloud"}))
    assert vector.fingerprint != other.fingerprint
    one, same = (Steering(vector=each, coefficient=1.0) for each in (vector, other))
    assert one.fingerprint == same.fingerprint


def test_a_file_of_the_first_format_is_read_and_its_questions_are_unknown(tmp_path):
    """It lacks the ids alone."""
    model, path = tiny("mistral"), tmp_path / "old.safetensors"
    vector = of_model(model)
    header = {name: json.dumps(value) for name, value in {**MARKS, **vector.header()}.items()}
    del header["read_from"]
    save_file({"direction": vector.direction}, path, metadata=header | {"format": "1"})
    again = PreferenceVector.load(path, model=model)
    assert torch.equal(again.direction, vector.direction)
    assert again.read_from == frozenset()
    save_file({"direction": vector.direction}, path, metadata=header | {"format": "3"})
    with pytest.raises(PrefvecError, match="format 1 or 2"):
        PreferenceVector.load(path, model=model)


@given(drawn=contrasts)
def test_groups_of_equal_size_differ_as_pairs_do_in_the_mean(drawn):
    """And groups need neither pair up nor be as many."""
    positive, negative = contrast(drawn)
    paired = difference_in_means(positive, negative, **ABOUT)
    groups = difference_between_groups(positive, negative, estimator="groups", **ABOUT)
    torch.testing.assert_close(groups.direction, paired.direction, rtol=1e-4, atol=1e-5)
    assert groups.norm == pytest.approx(paired.norm)
    more = activations_of(normal(drawn[0] + 1, 7, drawn[2]) + 0.5, space())
    vector = difference_between_groups(more, negative, estimator="groups", **ABOUT)
    expected = more.values.double().mean(dim=0) - negative.values.double().mean(dim=0)
    torch.testing.assert_close(
        vector.norm * vector.direction.double(), expected, rtol=1e-4, atol=1e-6
    )
    assert vector.read_from == {*more.ids, *negative.ids}
    assert vector.n_pairs == min(len(more), len(negative))


def test_groups_of_different_places_or_without_rows_are_refused():
    """There is no difference between models, or from nothing."""
    a = activations_of(normal(0, 4, 3), space())
    about = ABOUT | {"estimator": "groups"}
    with pytest.raises(PrefvecError, match="different places"):
        difference_between_groups(a, activations_of(a.values, space(layer=1)), **about)
    with pytest.raises(PrefvecError, match="no rows"):
        difference_between_groups(a, a.select([]), **about)

"""Training is resumable and seeded, and leaves the model as it was."""

import importlib.util
import re
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file

import prefvec as pv
from prefvec.models.fingerprints import network_fingerprint
from prefvec.tuning import Placement, Recipe, Steps, Tuned, lorra, rahf_dual, rahf_scit
from prefvec.tuning.lora import lora
from prefvec.tuning.training import batch_at
from tests.tiny import FAMILIES, tiny
from tests.tuned import FAST, asked, model, pairs, said, trait

FEW = replace(FAST, steps=6, checkpoint_every=2)
WEIGHTS = "adapter_model.safetensors"


class CutOffError(Exception):
    """What ends a training early in these tests."""


def tune(folder, *, recipe=FEW, progress=None, coefficient=5.0):
    """Tune verbosity in by LoRRA."""
    return lorra(
        model(),
        trait(),
        said(),
        folder,
        coefficient=coefficient,
        recipe=recipe,
        progress=progress,
    )


def test_a_training_that_was_cut_off_ends_as_one_that_was_not(tmp_path):
    """Bit for bit, with dropout; and the model is itself again after the cut."""
    whole = tune(tmp_path / "whole")

    def cut(done, of):
        if done == 5:
            raise CutOffError

    with pytest.raises(CutOffError):
        tune(tmp_path / "cut", progress=cut)
    assert network_fingerprint(model().network) == model().fingerprint
    assert not (tmp_path / "cut" / WEIGHTS).exists()
    told = []
    resumed = tune(tmp_path / "cut", progress=lambda done, of: told.append((done, of)))
    assert told == [(5, 6), (6, 6)]  # the last checkpoint stood after step 4
    assert resumed.losses == whole.losses
    one, other = (load_file(tmp_path / name / WEIGHTS) for name in ("whole", "cut"))
    assert all(torch.equal(one[name], other[name]) for name in one.keys() | other.keys())


def test_a_finished_training_is_read_back_and_another_refused(tmp_path):
    """A folder holds one training; how often it was kept on the way is no part of it."""
    first = tune(tmp_path)
    again = tune(
        tmp_path,
        recipe=replace(FEW, checkpoint_every=3),
        progress=lambda done, of: pytest.fail("trained"),
    )
    assert again == first
    with pytest.raises(pv.PrefvecError, match=r"holds another adapter.*folder of its own"):
        tune(tmp_path, coefficient=-5.0)


def test_a_checkpoint_of_another_training_is_refused(tmp_path):
    """It would go on with other weights, or towards another target."""

    def cut(done, of):
        raise CutOffError

    with pytest.raises(CutOffError):
        tune(tmp_path, recipe=replace(FEW, checkpoint_every=1), progress=cut)
    with pytest.raises(pv.PrefvecError, match="of another training"):
        tune(tmp_path, recipe=replace(FEW, seed=1))
    (tmp_path / "training.safetensors").write_bytes(b"half a file")
    with pytest.raises(pv.PrefvecError, match="cannot be read"):
        tune(tmp_path)


def test_another_seed_tunes_otherwise_and_the_same_alike(tmp_path):
    """The caller's random state decides nothing, and is left as it was."""
    torch.manual_seed(1)
    before = torch.get_rng_state()
    one = tune(tmp_path / "one").losses
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(2)
    assert tune(tmp_path / "two").losses == one
    assert tune(tmp_path / "three", recipe=replace(FEW, seed=1)).losses != one


def test_the_folder_is_loaded_as_any_model_and_told(tmp_path):
    """`prefvec.load` merges it; scale 0 is the base, and scale 1 what was loaded."""
    tuned = tune(tmp_path)
    loaded = pv.load(str(tmp_path), device="cpu")
    assert tuned.merged(model()).fingerprint == loaded.fingerprint != model().fingerprint
    assert tuned.merged(model(), scale=0.0).fingerprint == model().fingerprint
    assert Tuned.load(tmp_path) == tuned
    assert re.search(r"Zou et al. 2023, arXiv 2310.01405", (tmp_path / "README.md").read_text())
    assert {path.name for path in tmp_path.iterdir()} == {
        "README.md",
        "adapter_config.json",
        WEIGHTS,
        "tuning.json",
    }
    with pytest.raises(pv.PrefvecError, match="Tune this model, or load the other one"):
        tuned.merged(tiny("mistral"))


@pytest.mark.parametrize("way", [rahf_scit, rahf_dual])
def test_rahf_tunes_in_what_its_first_step_found(tmp_path, way):
    """Both losses fall; the adapters of step one stand beside, and name what they read."""
    steps = Steps(first=replace(FAST, steps=8), second=FAST)
    tuned = way(model(), "verbosity", pairs(), tmp_path, steps=steps)
    kept = [Tuned.load(folder) for folder in tmp_path.iterdir() if folder.is_dir()]
    assert len(kept) == {rahf_scit: 1, rahf_dual: 2}[way]
    assert all(first.losses[-1] < first.losses[0] for first in kept)
    assert 0 < tuned.losses[-1] < tuned.losses[0]
    assert set(tuned.read_from) == {prompt.id for prompt in asked()}
    assert pv.load(str(tmp_path), device="cpu").fingerprint != model().fingerprint
    assert network_fingerprint(model().network) == model().fingerprint


@pytest.mark.parametrize("family", FAMILIES)
def test_lora_finds_queries_and_values_in_every_family(family):
    """And puts no more than that into the blocks up to the last matched one."""
    of = tiny(family)
    placement = Placement.of(of)
    with lora(of, placement, seed=0) as adapters:
        names = list(adapters.parameters)
    assert len(names) in {4 * len(placement.blocks), 2 * len(placement.blocks)}
    assert network_fingerprint(of.network) == of.fingerprint
    assert not any(parameter.requires_grad for parameter in of.network.parameters())


def test_every_answer_is_read_once_before_any_is_read_again():
    """Whatever the batch size; a batch larger than all answers is all of them."""
    recipe = Recipe(batch_size=3, seed=5)
    order = [number for step in range(7) for number in batch_at(step, 7, recipe)]
    assert all(sorted(order[i : i + 7]) == list(range(7)) for i in range(0, 21, 7))
    assert sorted(batch_at(0, 2, recipe)) == [0, 1]


def test_the_library_that_tunes_is_named_where_it_is_missing(monkeypatch, tmp_path):
    """With the extra that brings it."""
    there = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "peft" else there(name)
    )
    with pytest.raises(pv.PrefvecError, match=r"library peft.*pip install 'prefvec\[peft\]'"):
        tune(tmp_path)


def test_an_adapter_that_is_not_beside_is_not_used():
    """A name means an adapter that was loaded."""
    with (
        lora(model(), Placement.of(model()), seed=0) as adapters,
        pytest.raises(pv.PrefvecError, match="no adapter 'chosen'"),
        adapters.using("chosen"),
    ):
        pass

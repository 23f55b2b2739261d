"""Activations are read once: what a file gives back is what was read, or it is read again."""

from contextlib import contextmanager

import pytest
import torch

from prefvec.errors import PrefvecError
from prefvec.experiments.kept_activations import kept_activations
from prefvec.experiments.lab import Lab
from prefvec.experiments.mean_residuals import mean_residuals
from prefvec.vectors.activations import over_answers
from prefvec.vectors.residual import Site
from tests.tiny import questions, tiny
from tests.tiny_options import options_over_tiny

SITES = [Site(layer=0, point="resid_post"), Site(layer=1, point="resid_post")]


@pytest.fixture
def reading(tmp_path):
    """A tiny model's turns, and a call that counts how often they are really read."""
    model, calls = tiny("llama"), []
    turns = [(prompt, "Rain falls. It is wet.") for prompt in questions()]

    def read():
        calls.append(1)
        return over_answers(model, turns, SITES)

    return lambda: kept_activations(tmp_path, "mean", model, turns, read), calls, tmp_path


def test_the_second_reading_comes_from_the_file_and_is_equal(reading):
    """Values, ids, norms and spaces are those of the first reading, bit for bit."""
    ask, calls, _ = reading
    first, again = ask(), ask()
    assert len(calls) == 1
    for site in SITES:
        assert torch.equal(first[site].values, again[site].values)
        assert first[site].space == again[site].space
        assert first[site].ids == again[site].ids
        assert first[site].mean_norm == again[site].mean_norm


def test_a_file_cut_short_is_read_again(reading):
    """A damaged file is thrown away and replaced."""
    ask, calls, folder = reading
    whole = ask()
    [file] = folder.glob("*.safetensors")
    file.write_bytes(file.read_bytes()[:100])
    assert torch.equal(ask()[SITES[0]].values, whole[SITES[0]].values)
    assert len(calls) == 2


def test_what_is_kept_is_not_held(reading):
    """Each site is read from the file when it is asked for; its neighbours stay on the disk."""
    ask, _, folder = reading
    kept = ask()
    assert list(kept) == SITES
    assert len(kept) == len(SITES)
    [file] = folder.glob("*.safetensors")
    with torch.inference_mode():
        first = kept[SITES[0]]
    assert first is not kept[SITES[0]]
    assert torch.equal(first.values, kept[SITES[0]].values)
    file.unlink()
    assert first.values.isfinite().all()
    with pytest.raises(PrefvecError, match=r"was deleted while the run used it\. Run it again"):
        kept[SITES[1]]
    with pytest.raises(KeyError):
        kept[Site(layer=7, point="resid_post")]


class Told:
    """Keeps what each task was called and how far it came."""

    def __init__(self) -> None:
        self.tasks: dict[str, list[tuple[int, int]]] = {}

    @contextmanager
    def task(self, what, total, *, unit="answer"):
        """Take in what is told of one task."""
        told = self.tasks.setdefault(f"{what}, {total} {unit}s", [])
        yield lambda done, of: told.append((done, of))

    def note(self, sentence) -> None:
        """Nothing is noted."""


def test_reading_is_shown_as_it_goes_on_and_not_when_it_was_kept(tmp_path):
    """Of a large model it takes minutes; a file takes none."""
    options = options_over_tiny(tmp_path)
    (name,) = options.sources
    turns = [(prompt, "Rain falls. It is wet.") for prompt in questions()]
    first, again = Told(), Told()
    for told in (first, again):
        with Lab.open(options, told) as lab:
            mean_residuals(lab, name, turns, "sentence ends")
    said = f"{name}: reading, mean over sentence ends, {len(turns)} turns"
    assert first.tasks[said][-1] == (len(turns), len(turns))
    assert again.tasks == {}

"""Answers are read once: what a file gives back is what was read, or they are read again."""

from dataclasses import replace

import pytest

from prefvec.experiments import kept_shifts as kept
from prefvec.generation.ending_odds import going_on_shifts
from prefvec.vectors.steering import Steering
from tests.generation.test_disturbance import TURNS, direction
from tests.tiny import tiny


class Asked:
    """Reads answers under random directions, and counts the steerings."""

    def __init__(self, folder, monkeypatch):
        self.folder, self.model, self.read = folder, tiny("llama"), []
        monkeypatch.setattr(kept, "going_on_shifts", self.reading)

    def __call__(self, seeds, *, coefficient=1.0, turns=TURNS, **where):
        """Of each seed a direction."""
        steerings = [
            Steering(vector=direction(self.model, seed), coefficient=coefficient, **where)
            for seed in seeds
        ]
        return kept.kept_shifts(self.folder, self.model, turns, steerings)

    def reading(self, model, turns, steerings):
        """As ever, but counted."""
        self.read += steerings
        return going_on_shifts(model, turns, steerings)


@pytest.fixture
def ask(tmp_path, monkeypatch):
    """Over a tiny model."""
    return Asked(tmp_path / "shifts", monkeypatch)


def test_what_was_read_comes_from_the_file_and_is_equal(ask):
    """Bit for bit, in the order asked for; one more steering is read alone."""
    first = ask([1, 2])
    assert len(ask.read) == 2
    assert ask([2, 1]) == first[::-1]
    assert len(ask.read) == 2
    assert ask([3, 1])[1] == first[0]
    assert len(ask.read) == 3


def test_one_steering_asked_for_twice_is_read_once(ask):
    """Both have its shifts, each its own copy."""
    one, same = ask([1, 1])
    assert one == same
    assert one is not same
    assert len(ask.read) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"turns": TURNS[:2]},
        {"turns": [(replace(p, instruction="Briefly."), text) for p, text in TURNS]},
        {"coefficient": 0.5},
        {"positions": "all"},
    ],
)
def test_what_decides_a_shift_decides_where_it_is_kept(ask, other):
    """Other turns, instructions, doses or positions are read by themselves."""
    ask([1])
    ask([1], **other)
    assert len(ask.read) == 2


def test_a_damaged_file_is_thrown_away(ask):
    """And everything is read again."""
    whole = ask([1])
    [file] = ask.folder.glob("*.json")
    file.write_bytes(file.read_bytes()[:20])
    assert ask([1]) == whole
    assert len(ask.read) == 2

"""Doses are solved for once: what a file gives back is what was found, or it is found again."""

import pytest

from prefvec.experiments import kept_doses as kept
from prefvec.generation.disturbance import at_disturbance
from tests.generation.test_disturbance import TURNS, direction
from tests.tiny import tiny

KAPPAS = (0.1, 0.2)


class Asked:
    """Solves for doses, and counts the vectors."""

    def __init__(self, folder, monkeypatch):
        self.folder, self.model, self.solved, self.told = folder, tiny("llama"), [], []
        self.fails_at = None
        monkeypatch.setattr(kept, "TOGETHER", 2)
        monkeypatch.setattr(kept, "at_disturbance", self.solve)

    def __call__(self, seeds, kappas=KAPPAS, turns=TURNS, most=2, **where):
        """Random directions at their doses."""
        return kept.kept_doses(
            self.folder,
            self.model,
            turns,
            [direction(self.model, seed) for seed in seeds],
            kappas,
            most=most,
            **where,
            progress=lambda done, of: self.told.append((done, of)),
        )

    def solve(self, model, turns, vectors, kappas, *, most, positions):
        """As ever, but for the interrupt that is wanted."""
        if len(self.solved) == self.fails_at:
            raise KeyboardInterrupt
        self.solved += vectors
        return at_disturbance(model, turns, vectors, kappas, most=most, positions=positions)


@pytest.fixture
def ask(tmp_path, monkeypatch):
    """Two vectors at a time, over a tiny model."""
    return Asked(tmp_path / "doses", monkeypatch)


def norms(found):
    """What was found, as numbers."""
    return [{kappa: vector.norm for kappa, vector in each.items()} for each in found]


def test_what_was_solved_for_comes_from_the_file_and_is_equal(ask):
    """Bit for bit; one more vector is solved for alone, and so is one more κ."""
    first = norms(ask([1, 2, 3]))
    assert len(ask.solved) == 3
    assert norms(ask([1, 2, 3])) == first
    assert len(ask.solved) == 3
    assert norms(ask([2, 4]))[0] == first[1]
    assert len(ask.solved) == 4
    assert norms(ask([1], [0.1, 0.3]))[0][0.1] == first[0][0.1]
    assert len(ask.solved) == 5
    assert ask.told[-1] == (1, 1)
    assert (2, 3) in ask.told


def test_an_interrupt_loses_the_vectors_at_hand_alone(ask):
    """Those of the group before are in the file."""
    ask.fails_at = 2
    with pytest.raises(KeyboardInterrupt):
        ask([1, 2, 3, 4])
    ask.fails_at = None
    ask([1, 2, 3, 4])
    assert len(ask.solved) == 4


@pytest.mark.parametrize("other", [{"turns": TURNS[:2]}, {"most": 1}, {"positions": "all"}])
def test_doses_over_other_tokens_are_other_doses(ask, other):
    """Nothing is taken from their file."""
    ask([1])
    ask([1], **other)
    assert len(ask.solved) == 2


def test_a_damaged_file_is_thrown_away(ask):
    """And everything is found again."""
    whole = norms(ask([1]))
    [file] = ask.folder.glob("*.json")
    file.write_bytes(file.read_bytes()[:20])
    assert norms(ask([1])) == whole
    assert len(ask.solved) == 2

"""The check that coefficient 0 is no steering can fail, and does where a hook leaks."""

from dataclasses import replace

import pytest

import prefvec.generation.decoding
from prefvec.experiments.identity import holds
from prefvec.generation.requests import Sampling
from prefvec.vectors.steering import deltas
from tests.diagnostics.test_likelihood import dose
from tests.tiny import questions, tiny

SAMPLING = Sampling(max_new_tokens=12, temperature=1.0, seed=0)


@pytest.mark.parametrize("positions", ["answer", "all"])
@pytest.mark.parametrize("family", ["llama", "gemma", "gpt2"])
def test_it_holds_of_a_model_beside_rows_at_the_full_dose(family, positions):
    """Wherever the vector is added."""
    model = tiny(family)
    full = replace(dose(model, 1.0), positions=positions)
    assert holds(model, questions() * 2, full, SAMPLING)


@pytest.mark.parametrize("family", ["llama", "gemma", "gpt2"])
def test_it_does_not_where_a_row_gets_what_its_neighbours_get(family, monkeypatch):
    """The mean over the batch, at every row of it."""

    def leaking(model, steerings):
        return {
            site: rows.mean(dim=0, keepdim=True).expand_as(rows)
            for site, rows in deltas(model, steerings).items()
        }

    monkeypatch.setattr(prefvec.generation.decoding, "deltas", leaking)
    model = tiny(family)
    assert not holds(model, questions() * 2, dose(model, 4.0), SAMPLING)

"""A stranger's vector is judged in the place of the source's own, and what is wrong is named."""

from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from prefvec.errors import PrefvecError
from prefvec.exchange.block_files import write_pt
from prefvec.experiments.arms import Arms
from prefvec.experiments.carried_arms import Transfer, source_vector
from prefvec.experiments.cells import judged_cell
from prefvec.experiments.measuring import measure
from prefvec.experiments.native_arms import native, own_vector
from prefvec.experiments.own_vectors import native_vectors
from prefvec.experiments.pairs import Pair
from prefvec.experiments.strangers import likeness, notes, strangers
from prefvec.verdicts.verdict import Outcome
from prefvec.verdicts.wording import conclude
from tests.fake_laboratory import JUDGED, SOURCE, TARGET, laboratory
from tests.laboratory_laws import ADAPTED, PAIR, RAW, STEERS, TRAIT

pytestmark = pytest.mark.integration

ALONE = Pair.alone(SOURCE)


@contextmanager
def with_a_file(folder: Path, *, sign: float = 1.0, shift: int = 0, blocks=range(4), **world):
    """A laboratory whose run names a file of the source's own vectors, made otherwise."""
    with laboratory(**world) as lab:
        own = native_vectors(lab, SOURCE, TRAIT, "difference_in_means")
        by_block = {site.layer: sign * 2.5 * vector.direction for site, vector in own.items()}
        path = folder / "theirs.pt"
        content = {n: by_block[n - shift] for n in blocks if n - shift in by_block}
        write_pt(path, {"layer_activations": content, "layer_type": "decoder_block"})
        lab.options = replace(lab.options, vector=str(path), convention="steering-vectors")
        yield lab


def verdict_of(claim, pair, lab):
    """The claim's verdict by itself."""
    assessment = measure(claim, pair, lab).assessment
    return conclude(assessment, assessment.pvalue)


def test_the_sources_own_numbers_out_of_a_file_get_the_verdict_of_its_own_vector(tmp_path):
    """Self-steering, raw and adapted; whatever the file's scale is."""
    with laboratory(twins=True) as lab:
        own = [verdict_of(c, p, lab) for c, p in ((STEERS, ALONE), (RAW, PAIR), (ADAPTED, PAIR))]
    with with_a_file(tmp_path, twins=True) as lab:
        found = [verdict_of(c, p, lab) for c, p in ((STEERS, ALONE), (RAW, PAIR), (ADAPTED, PAIR))]
    assert [v.outcome for v in found] == [v.outcome for v in own]
    assert found[0].outcome is Outcome.SUPPORTED
    assert "With the vector of the file" in found[0].sentence


def test_the_file_takes_the_place_of_the_sources_own_vector_and_of_no_other(tmp_path):
    """Not of the target's, nor of another trait's; the cell is chosen by the source's own."""
    with with_a_file(tmp_path, sign=-1.0) as lab:
        arms = Arms.of(lab, TRAIT, 1)
        judged, own = source_vector(arms, Transfer(pair=PAIR)), own_vector(arms, SOURCE)
        assert float(judged.direction @ own.direction) == pytest.approx(-1, abs=1e-5)
        assert "steering-vectors file" in judged.estimator
        assert strangers(lab, TARGET, TRAIT) is None
        assert strangers(lab, SOURCE, "formality") is None
        assert native(arms, SOURCE).vector.estimator == "difference_in_means"
        chosen = judged_cell(lab, SOURCE, TRAIT).chosen
        assert (chosen.site, chosen.kappa) == JUDGED


def test_a_negated_vector_steers_the_other_way(tmp_path):
    """A known answer: REFUTED, by that name."""
    with with_a_file(tmp_path, sign=-1.0) as lab:
        verdict = verdict_of(STEERS, ALONE, lab)
    assert (verdict.outcome, verdict.label) == (Outcome.REFUTED, "steers the other way")
    assert "It steers the other way" in verdict.sentence


@pytest.mark.parametrize(("shift", "way"), [(1, "one block earlier"), (-1, "one block later")])
def test_an_import_that_is_shifted_by_one_block_is_named_as_such(tmp_path, shift, way):
    """A known answer: it degrades, and the note says why; one that is not shifted says nothing."""
    with with_a_file(tmp_path, shift=shift, sign=-1.0) as lab:
        found = likeness(lab, SOURCE, TRAIT)
        assert found is not None
        assert found.shift == -shift
        (note,) = notes(lab, SOURCE, TRAIT)
        assert "looks shifted by one block" in note
        assert way in note
    with with_a_file(tmp_path) as lab:
        (note,) = notes(lab, SOURCE, TRAIT)
        assert "shifted" not in note
        assert "mean cosine to the model's own vector is 1.00." in note
        assert "theirs.pt, sha256" in note


def test_the_cell_is_chosen_among_the_files_blocks(tmp_path):
    """By the source's own vector, which chooses another where it may."""
    with with_a_file(tmp_path, blocks=[2]) as lab:
        assert judged_cell(lab, SOURCE, TRAIT).chosen.site.layer == 2
        assert judged_cell(lab, TARGET, TRAIT).chosen.site == JUDGED[0]


def test_a_file_of_the_last_block_alone_is_refused(tmp_path):
    """It is never judged."""
    with (
        with_a_file(tmp_path, blocks=[3]) as lab,
        pytest.raises(PrefvecError, match=r"for the last block of .* alone"),
    ):
        strangers(lab, SOURCE, TRAIT)


def test_the_positive_control_is_the_models_own_vector(tmp_path):
    """Where that does not steer, a stranger's failure tells nothing: INVALID."""
    with with_a_file(tmp_path, gains_on_test=(0.0, 0.0, 0.0, 0.0)) as lab:
        verdict = verdict_of(STEERS, ALONE, lab)
    assert verdict.outcome is Outcome.INVALID
    assert "own vector was not shown to steer it" in verdict.sentence


def test_a_run_with_a_file_is_a_set_of_its_own(tmp_path):
    """Its findings are compared with no other's, nor with those of another convention."""
    with with_a_file(tmp_path) as lab:
        plain = replace(lab.options, vector=None, convention=None)
        other = replace(lab.options, convention="hidden-states")
        names = {plain.model_set, lab.options.model_set, other.model_set}
        assert len(names) == 3
        write_pt(tmp_path / "theirs.pt", {0: torch.ones(64)})
        assert lab.options.model_set not in names

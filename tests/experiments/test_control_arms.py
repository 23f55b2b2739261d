"""Control vectors are as many directions as are counted, where the arm is and at its dose."""

from dataclasses import replace

import pytest

from prefvec.errors import PrefvecError
from prefvec.experiments.arms import Arms
from prefvec.experiments.claims import CAA
from prefvec.experiments.control_arms import controls
from prefvec.experiments.native_arms import judged_vector
from prefvec.experiments.own_vectors import native_vectors
from prefvec.vectors.random_directions import signed_permutation
from prefvec.vectors.residual import Site
from tests.fake_laboratory import JUDGED, TARGET, laboratory
from tests.laboratory_laws import TRAIT

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def arms():
    """Of one laboratory."""
    with laboratory() as lab:
        yield Arms.of(lab, TRAIT, 1)


def drawn(arms, *seeds):
    """Random directions at the judged site, of another norm than the judged one."""
    own = judged_vector(arms, TARGET)
    return {f"random-{i}": signed_permutation(own, seed=s) for i, s in enumerate(seeds)}


def test_controls_are_written_at_the_dose_of_the_judged_cell(arms):
    """Whatever norm they come with."""
    given = {name: replace(v, norm=7 * v.norm) for name, v in drawn(arms, 1, 2).items()}
    found = controls(arms, TARGET, "random direction", given)
    wanted = arms.at_kappa(TARGET, judged_vector(arms, TARGET)).norm
    assert [arm.vector.site for arm in found] == [JUDGED[0]] * 2
    assert [arm.vector.norm for arm in found] == pytest.approx([wanted] * 2)


@pytest.mark.parametrize("sign", [1, -1])
def test_one_direction_is_not_counted_twice(arms, sign):
    """Nor with its opposite, which is written at −1 anyway."""
    given = drawn(arms, 1, 2)
    given["random-1"] = given["random-0"] if sign > 0 else -given["random-0"]
    with pytest.raises(PrefvecError, match="are 1 directions"):
        controls(arms, TARGET, "random direction", given)


def test_a_control_elsewhere_is_none(arms):
    """A direction of another block disturbs otherwise."""
    given = drawn(arms, 1, 2)
    other = Site(layer=JUDGED[0].layer - 1, point="resid_post")
    given["random-1"] = native_vectors(arms.lab, TARGET, TRAIT, CAA)[other]
    with pytest.raises(PrefvecError, match=f"some of them at {other}"):
        controls(arms, TARGET, "random direction", given)


def test_a_control_that_read_what_it_is_measured_on_is_refused(arms):
    """As every other arm is: a map may have read what no random direction could."""
    given = drawn(arms, 1, 2)
    (seen, *_) = arms.asked()
    given["random-1"] = replace(given["random-1"], read_from=frozenset({seen.id}))
    with pytest.raises(PrefvecError, match=f"was read from the prompt '{seen.id}'"):
        controls(arms, TARGET, "random direction", given)

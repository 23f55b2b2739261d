"""What a claim's file may state, and which families its claims are counted in."""

import pytest

from fixtures.claim import Claim, slug
from fixtures.regimes import NATURAL_MIX
from fixtures.selection import declared_claims
from prefvec.criteria import Steers, Works
from prefvec.errors import PrefvecError


def test_a_claim_without_its_controls_is_refused():
    """A criterion of transfer demands random directions, shuffled maps and another concept."""
    with pytest.raises(PrefvecError, match="State those arms"):
        Claim(
            id="x",
            title="x",
            arm="adapted",
            against="native",
            controls=("random directions",),
            regime=NATURAL_MIX,
            criterion=Works(),
        )


def test_a_regime_belongs_to_adapters_only():
    """Self-steering with a reference regime is refused."""
    with pytest.raises(PrefvecError, match="regime"):
        Claim(
            id="x",
            title="x",
            arm="native",
            controls=("random directions",),
            regime=NATURAL_MIX,
            criterion=Steers(),
        )


def test_families_are_declared_by_the_files_not_by_the_selection(pytestconfig):
    """Each source and target has four claims in its family, whatever is selected."""
    declared = declared_claims(pytestconfig.rootpath / "claims", "a", ("b", "c"))
    for target in ("b", "c"):
        names = {c.name("a", model) for c, model in declared if model in ("a", target)}
        assert names == {
            "self-steering-a",
            f"raw-transfer-a-to-{target}",
            f"adapted-natural-mix-a-to-{target}",
            f"adapted-trait-blind-text-a-to-{target}",
        }


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mini-llama", "mini-llama"),
        ("meta-llama/Meta-Llama-3-8B", "meta-llama-3-8b"),
        ("/models/my model/", "my-model"),
        ("本", "model"),
    ],
)
def test_any_model_gives_an_id_that_pytest_accepts(name, expected):
    """Ids hold lower-case letters, digits and hyphens alone."""
    assert slug(name) == expected

"""What a claim's file may state, and which families its claims are counted in."""

import pytest

from prefvec.errors import PrefvecError
from prefvec.experiments.claims import Claim
from prefvec.experiments.pairs import Pair, crossed, slug
from prefvec.experiments.regimes import NATURAL_MIX
from prefvec.pytest_plugin.selection import Named, declared_claims
from prefvec.verdicts.criteria import Steers, Works


def test_a_claim_without_its_controls_is_refused():
    """A criterion of transfer demands random directions, shuffled maps and another concept."""
    with pytest.raises(PrefvecError, match="State those"):
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


NAMED = Named(sources=("a",), pairs=crossed(("a",), ("b", "c")), by_hand=False)


def test_families_are_declared_by_the_files_not_by_the_selection(pytestconfig):
    """Each source and target has four claims in the first family, whatever is selected."""
    declared = declared_claims(pytestconfig.rootpath / "claims", NAMED)
    for target in ("b", "c"):
        family = Pair(source="a", target=target)
        names = {
            claim.name(pair)
            for claim, pair in declared
            if claim.question == "the three findings" and family in NAMED.families(claim, pair)
        }
        assert names == {
            "self-steering-a",
            f"raw-transfer-a-to-{target}",
            f"adapted-natural-mix-a-to-{target}",
            f"adapted-trait-blind-text-a-to-{target}",
        }


def test_every_declared_claim_has_an_id_of_its_own(pytestconfig):
    """No two verdicts share a place in the record, whichever models a run names."""
    for by_hand in (False, True):
        named = Named(sources=NAMED.sources, pairs=NAMED.pairs, by_hand=by_hand)
        declared = declared_claims(pytestconfig.rootpath / "claims", named)
        ids = [claim.name(pair) for claim, pair in declared]
        assert len(ids) == len(set(ids))
        assert all(set(id_) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") for id_ in ids)


def test_every_model_meets_every_other_one_but_never_itself():
    """--all-pairs of three models are six transfers, target by target."""
    pairs = crossed(("a", "b", "c"), ("a", "b", "c"))
    assert len(pairs) == len(set(pairs)) == 6
    assert [pair.target for pair in pairs] == ["a", "a", "b", "b", "c", "c"]
    assert all(pair.source != pair.target for pair in pairs)


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

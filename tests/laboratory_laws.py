"""What holds in every laboratory that may be trusted, on the fake one: a function for each law.

Each takes a fresh or a shared laboratory and raises AssertionError or PrefvecError where the law
is broken.
"""

import math
import re
from contextlib import suppress
from dataclasses import replace

import numpy as np

from prefvec.errors import PrefvecError
from prefvec.experiments.arms import Arms
from prefvec.experiments.cells import judged_cell
from prefvec.experiments.claims import CAA, AdaptedTransfer, RawTransfer, SelfSteering
from prefvec.experiments.coherent_text import coherent
from prefvec.experiments.control_arms import random_directions
from prefvec.experiments.mean_residuals import residual_norms
from prefvec.experiments.measuring import measure
from prefvec.experiments.native_arms import native, own_vector
from prefvec.experiments.neutral_turns import neutral_turns
from prefvec.experiments.own_vectors import native_vectors
from prefvec.experiments.pairs import Pair
from prefvec.experiments.regimes import exposed
from prefvec.experiments.search import tuned
from prefvec.experiments.steered_answers import steered
from prefvec.organisms.roster import homes
from prefvec.text.coherence import CoherenceLimits
from prefvec.text.completions import Completion
from prefvec.verdicts.criteria import LONGER_BY_A_QUARTER, Fails, Steers, Works
from tests.fake_laboratory import BREAKS, COUNTS, JUDGED, SCALE, SOURCE, TARGET, laboratory

TRAIT = "verbosity"
PAIR = Pair(source=SOURCE, target=TARGET)
STEERS = SelfSteering(id="steers", title="It steers.", criterion=Steers())
RAW = RawTransfer(id="raw", title="Raw fails.", criterion=Fails())
ADAPTED = AdaptedTransfer(
    id="adapted", title="Adapted works.", regime=exposed(0.04), criterion=Works()
)
OTHER_GAINS = (3.0, 0.1, 5.0, 4.0)
"""By these the judged block does nothing, and the next one most."""

CONFIRMATORY = ("native", "raw", "raw-analogous", "raw-equal-norm", "adapted", "target-only")
FAMILIES = ("random", "shuffled", "through-map")
FOREIGN = ("raw", "adapted", "target-only", "unrelated", "shuffled", "through-map")
MAY_ASK = {
    "extraction": {"contrast"},
    "adapter": {"turns"},
    "tuning": {"search", "unsteered", "prompted", "identity"},
    "test": {"unsteered", "prompted", "confirmatory", "control"},
}
MAY_READ = {
    "extraction": {"contrast"},
    "adapter": {"norms", "regime"},
    "tuning": {"disturbance"},
    "test": {"going on"},
}


def arms_of(lab):
    """The confirmatory arms of the run's trait."""
    return Arms.of(lab, TRAIT, lab.options.samples)


def outcome(lab, claim):
    """The word of a claim's verdict; what stopped its measurement is raised."""
    pair = Pair.alone(TARGET) if claim is STEERS else PAIR
    measured = measure(claim, pair, lab)
    if not measured.complete:
        failed = [p.sentence for p in measured.assessment.preconditions if not p.passed]
        raise PrefvecError(" ".join(failed))
    assessment = measured.assessment
    return assessment.outcome(assessment.pvalue).word


def law_of_splits(lab):
    """Every split is asked and read by its users alone, and what was read is never measured on."""
    vectors = native_vectors(lab, TARGET, TRAIT, CAA)
    _require_users(lab)
    asked = {prompt.id for prompt in lab.material.splits["extraction"]}
    for vector in vectors.values():
        assert vector.read_from == asked, "a vector does not know what it was read from"
    judged_cell(lab, TARGET, TRAIT)
    _require_users(lab)
    _require_refusal(lab)
    for claim in (STEERS, RAW, ADAPTED):
        outcome(lab, claim)
    _require_users(lab, complete=True)
    _require_cell_before_foreign(lab)
    _require_known_ids(lab)


def law_of_controls(lab):
    """Each family is 19 distinct directions at the judged site and κ, ± on every test prompt."""
    random_directions(arms_of(lab), TARGET)
    found = _require_family(lab, "random")
    own = own_vector(arms_of(lab), TARGET).direction.abs().sort().values
    for vector in found:
        same = np.allclose(vector.direction.abs().sort().values, own, atol=1e-6)
        assert same, "a random direction is no signed permutation of the model's own vector"
    outcome(lab, ADAPTED)
    for family in FAMILIES:
        _require_family(lab, family)


def law_of_the_cell(lab):
    """All arms share one cell: the most beyond chance, never the last block, blind to test."""
    search = judged_cell(lab, TARGET, TRAIT)
    last = lab.sites(TARGET)[-1]
    assert all(row.site != last for row in search.tried), "the last block was tried"
    enough = 1.5 * LONGER_BY_A_QUARTER
    eligible = [r for r in search.tried if r.odd >= enough and r.coherence_loss <= 0.03]
    assert len(eligible) > 1, "there is no choice between cells"
    assert search.chosen in eligible, "the chosen cell is not eligible"
    best = max(eligible, key=lambda row: row.odd / row.chance)
    assert search.chosen == best, "the chosen cell is not the one furthest beyond chance"
    assert max(eligible, key=lambda row: row.odd) != best, "the largest effect is no trap"
    assert (best.site, best.kappa) == JUDGED, "the chosen cell is not the law's"
    with laboratory(gains_on_test=OTHER_GAINS) as other:
        chosen = judged_cell(other, TARGET, TRAIT).chosen
    assert chosen == search.chosen, "the cell depends on answers to test prompts"
    native(arms_of(lab), TARGET)
    _require_one_cell(lab)
    for claim in (RAW, ADAPTED):
        outcome(lab, claim)
    _require_one_cell(lab, complete=True)
    for arm in (*measure(RAW, PAIR, lab).arms, *measure(ADAPTED, PAIR, lab).arms):
        if arm.doses.arm != "raw-equal-norm":
            assert arm.kappa == JUDGED[1], f"{arm.doses.arm} tells another dose"
    source = judged_cell(lab, SOURCE, TRAIT).chosen
    assert (source.site, source.kappa) == JUDGED, "the source's cell is not the law's"


def law_of_norms(lab):
    """Residual norms are the plain mean over the first 200 neutral turns."""
    turns = neutral_turns(lab)[:200]
    for name in (SOURCE, TARGET):
        model, norms = lab.models[name], residual_norms(lab, name)
        for site, own in native_vectors(lab, name, TRAIT, CAA).items():
            lengths = [math.hypot(*model.holds(p, text, site.layer)) for p, text in turns]
            by_hand, told = sum(lengths) / len(lengths), own.residual_norm
            assert math.isclose(told, by_hand, rel_tol=1e-5), "a residual norm is not the mean"
            assert told == norms[site], "a vector has another residual norm"
        assert norms.keys() == set(lab.sites(name)), "a site has no residual norm"


def law_of_coherence(lab):
    """A loop is no text; what breaks answers is neither chosen nor supported."""
    loop = " ".join(["the"] * 60)
    for name in ("mini-mistral", "mini-llama", "mini-gemma"):
        limits = CoherenceLimits.load(homes()[name] / "coherence.json")
        assert not limits.accept(loop), f"a loop passes for text of {name}"
    judge = coherent(lab, TARGET)
    assert not judge(_answer(loop)), "a loop passes for text"
    sample = steered(lab, TARGET, "unsteered", None, lab.material.splits["tuning"])
    assert sum(map(judge, sample)) >= 0.9 * len(sample), "unsteered answers are no text"
    search = judged_cell(lab, TARGET, TRAIT)
    for row in search.tried:
        broken = row.kappa > BREAKS[row.site.layer]
        assert (row.coherence_loss > 0.5) == broken, f"the loss at {row.site} is not the law's"
        assert not (broken and row.eligible), "a cell that breaks answers is eligible"
    assert search.chosen.whole, "the chosen cell breaks answers"
    with laboratory(breaks_on_test=0.1) as other:
        found = outcome(other, STEERS)
    assert found == "REFUTED", f"a claim whose answers break is {found}"


def law_of_verdicts(lab):
    """The true map works, an unrelated direction fails, and a copied one is seen to work."""
    for claim in (STEERS, RAW, ADAPTED):
        found = outcome(lab, claim)
        assert found == "SUPPORTED", f"{claim.id} is {found}"
    with laboratory(twins=True) as other:
        found = outcome(other, RAW)
    assert found == "REFUTED", f"raw transfer between twins is {found}"


LAWS = (
    law_of_splits,
    law_of_controls,
    law_of_the_cell,
    law_of_norms,
    law_of_coherence,
    law_of_verdicts,
)


def _asker(entry):
    """Whose request it is, by what was said of it."""
    if re.fullmatch(r"[\w-]+, either pole", entry.what):
        return "contrast"
    if entry.what.startswith("tuning, "):
        return "search"
    if entry.what.endswith(" turns"):
        return "turns"
    if entry.arm in ("unsteered", "identity"):
        return entry.arm
    if entry.arm.startswith("prompted"):
        return "prompted"
    if entry.arm in CONFIRMATORY:
        return "confirmatory"
    return "control" if _family(entry.arm) in (*FAMILIES, "unrelated") else "nobody known"


def _reader(entry, traits):
    """Whose reading it is: the contrast's by its wordings."""
    if not entry.what.startswith("mean over "):
        return "regime" if entry.what == "last prompt token" else entry.what
    wordings = {w for t in traits for pole in (t.positive, t.negative) for w in pole.extraction}
    return "contrast" if entry.prompt.instruction in wordings else "regime"


def _family(arm):
    return re.sub(r"-\d+$", "", arm)


def _require_users(lab, *, complete=False):
    traits = lab.material.traits.values()
    asked = {split: set() for split in COUNTS}
    read = {split: set() for split in COUNTS}
    for entry in lab.log.asked:
        asker = _asker(entry)
        asked[entry.split].add(asker)
        if asker in ("contrast", "turns", "unsteered", "prompted"):
            assert entry.steering.delta() is None, f"{asker} is steered"
    for entry in lab.log.read:
        read[entry.split].add(_reader(entry, traits))
    for found, may, verb in ((asked, MAY_ASK, "asked"), (read, MAY_READ, "read")):
        for split, users in found.items():
            assert users <= may[split], f"{split} prompts are {verb} by {users - may[split]}"
            assert users == may[split] or not complete, f"{split} is not {verb} by all its users"


def _require_cell_before_foreign(lab):
    entries = [entry for entry in lab.log.asked if entry.model == TARGET]
    search = [i for i, entry in enumerate(entries) if _asker(entry) == "search"]
    foreign = [i for i, entry in enumerate(entries) if _family(entry.arm) in FOREIGN]
    assert search, "nothing was searched"
    assert foreign, "nothing was carried"
    assert max(search) < min(foreign), "a foreign vector was tried before the cell was chosen"


def _require_known_ids(lab):
    """What was carried knows the prompts of its vector, and those of its map."""
    splits = {name: {p.id for p in prompts} for name, prompts in lab.material.splits.items()}
    reads = {
        "native": {"extraction"},
        "raw": {"extraction"},
        "adapted": {"extraction", "adapter"},
        "target-only": {"adapter"},
        "shuffled": {"extraction", "adapter"},
        "through-map": {"extraction", "adapter"},
    }
    for arm, used in reads.items():
        vectors = [e.steering.vector for e in lab.log.asked if _family(e.arm) == arm]
        assert vectors, f"{arm} was never measured"
        for vector in {id(v): v for v in vectors}.values():
            from_ = {name for name, ids in splits.items() if ids & vector.read_from}
            assert from_ == used, f"{arm} says that it was read from {from_}"


def _require_refusal(lab):
    """A vector is not measured on what it was read from, neither on test nor on tuning prompts."""
    own = own_vector(arms_of(lab), TARGET)
    before = len(lab.log.asked)
    for split, ask in (
        ("test", lambda v: arms_of(lab).arm(TARGET, "native", "leaky", v, (-1.0, 1.0))),
        ("tuning", lambda v: tuned(lab, TARGET, "leaky", [v], lab.material.trait.measure)),
    ):
        leak = lab.material.splits[split][3].id
        refused = True
        with suppress(PrefvecError):
            ask(replace(own, read_from=own.read_from | {leak}))
            refused = False
        assert refused, f"a vector was measured on the {split} prompt that it was read from"
    assert len(lab.log.asked) == before, "a refused vector was asked about all the same"


def _on_test(lab):
    """Requests of steered answers to test prompts of the target."""
    for entry in lab.log.asked:
        steered = entry.split == "test" and entry.model == TARGET
        if steered and entry.steering.delta() is not None:
            yield entry


def _dose(entry):
    """The norm of what was added at the request's coefficient, over the coefficient's."""
    return float(entry.steering.delta().norm()) / abs(entry.steering.coefficient)


def _require_family(lab, family):
    entries = [entry for entry in _on_test(lab) if _family(entry.arm) == family]
    vectors = {entry.arm: entry.steering.vector for entry in entries}
    assert len(vectors) == 19, f"{len(vectors)} controls of the family {family}"
    rows = np.stack([vector.direction.numpy() for vector in vectors.values()])
    alike = np.abs(rows @ rows.T) - np.eye(len(rows))
    assert alike.max() < 0.999, f"two controls of the family {family} are one direction"
    wanted = {
        (arm, sign, prompt.id)
        for arm in vectors
        for sign in (-1.0, 1.0)
        for prompt in lab.material.splits["test"]
    }
    asked = {(e.arm, e.steering.coefficient, e.prompt.id) for e in entries}
    assert asked == wanted, f"the family {family} was not asked of every prompt at ±1"
    for entry in entries:
        _require_judged(entry)
    return list(vectors.values())


def _require_judged(entry):
    site, kappa = JUDGED
    assert entry.steering.vector.site == site, f"{entry.arm} is written at another site"
    exact = math.isclose(_dose(entry), math.sqrt(kappa) * SCALE, rel_tol=1e-5)
    assert exact, f"{entry.arm} is written at another dose"


def _require_one_cell(lab, *, complete=False):
    judged = ("native", "raw", "adapted", "target-only", "unrelated", *FAMILIES)
    met = set()
    for entry in _on_test(lab):
        if _family(entry.arm) in judged:
            met.add(_family(entry.arm))
            _require_judged(entry)
    assert met == set(judged) or not complete, f"never measured: {set(judged) - met}"


def _answer(text):
    return Completion(
        prompt="test-0",
        sample=0,
        text=text,
        n_tokens=len(text.split()),
        finish_reason="stop",
        arm="unsteered",
        coefficient=0.0,
    )

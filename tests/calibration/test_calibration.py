"""How often the rules are wrong: a small calibration within the bounds of the kept one."""

import json
import subprocess
import sys
from collections import Counter
from functools import lru_cache
from itertools import product
from pathlib import Path

import grimp
import numpy as np
import pytest
from scipy import stats

from prefvec.calibration.decisive_code import INDIFFERENT, decisive_modules, fingerprint
from prefvec.calibration.record import Kept, problems, record
from prefvec.calibration.runs import CHUNK, RUNS, Chunk, cells, chunks, play, played
from prefvec.calibration.trial_table import BOUNDED, REACHED, TRIALS
from prefvec.calibration.trials import PLANNED_WITH, PROMPTS, rarely, usually
from prefvec.errors import PrefvecError
from prefvec.provenance import code_fingerprint
from prefvec.report import calibration_table as told
from prefvec.statistics.inequalities import Inequality
from prefvec.verdicts.assessment import Assessment
from prefvec.verdicts.controls import ControlCheck
from prefvec.verdicts.criteria import Steers
from prefvec.verdicts.preconditions import identity
from prefvec.verdicts.verdict import Outcome
from tests.simulated import Scene

ROOT = Path(__file__).parents[2]
FEW_RUNS = 40
"""Enough to see a rule turned round, and no more: a rate of 20 % passes for one of 5 %. How often
verdicts are wrong the kept record says, from 500 runs each; its fingerprint ties it to the code."""
PLANNED = [key for key, trial in TRIALS.items() if trial.truth == "planned"]


@lru_cache
def few(key: str, n: int) -> Counter[str]:
    """The counts of a trial over few runs."""
    return play(Chunk(cell=(key, n), index=0, runs=FEW_RUNS))


@pytest.fixture(scope="module")
def kept() -> dict:
    """The record that is shown in the report."""
    found = told.read()
    assert found is not None
    return found


# ------------------------------------------------------------------------- a small calibration


@pytest.mark.integration
@pytest.mark.parametrize(
    ("key", "n"), [*((key, 24) for key in TRIALS), *((key, PLANNED_WITH) for key in PLANNED)]
)
def test_every_rate_lies_within_its_bound(key: str, n: int) -> None:
    """At the null, at each boundary and with planned effects, within binomial error."""
    counts = few(key, n)
    for bound in TRIALS[key].bounds:
        of = counts.get(bound.out_of, FEW_RUNS)
        assert bound.holds(counts[bound.of], of, n, among=BOUNDED[TRIALS[key].kind]), (
            f"{bound.of}: {counts[bound.of]} of {of}"
        )


@pytest.mark.integration
@pytest.mark.parametrize("kind", REACHED)
def test_every_outcome_of_a_rule_is_reached(kind: str) -> None:
    """Some truth brings each of them about, and each run has exactly one."""
    words = {outcome.word for outcome in Outcome}
    reached: Counter[str] = Counter()
    for key in (key for key, trial in TRIALS.items() if trial.kind == kind):
        found = Counter({of: n for of, n in few(key, 24).items() if of in words})
        assert found.total() == FEW_RUNS
        reached += found
    assert set(reached) == REACHED[kind]


def test_outcomes_are_disjoint_and_exhaustive() -> None:
    """Whatever holds at once, the first of the five that applies is the only one."""
    scene = Scene(0, n=24)
    arms = {True: scene.arm("x", 0.9, -0.9), False: scene.arm("x", 0.05, -0.05)}
    holds = {True: np.full(24, 0.5), False: np.full(24, -0.5)}
    seen: Counter[Outcome] = Counter()
    sides = (False, True)
    for undefined, valid, refuted, shown, relevant, control in product(
        sides, sides, sides, sides, sides, (True, False, None)
    ):
        check = ControlCheck(name="x", passed=control, sentence="", estimate=0, threshold=0)
        claim = Assessment(
            claim="x",
            criterion=Steers(),
            arm=arms[relevant],
            not_applicable="undefined" if undefined else "",
            preconditions=(identity(valid),),
            support=(Inequality.above("x", holds[shown]),),
            controls=(check,),
            refuting=(Inequality.above("x", holds[refuted]),),
        )
        established = shown and relevant and control is True
        first = next(
            outcome
            for outcome, applies in (
                (Outcome.NOT_APPLICABLE, undefined),
                (Outcome.INVALID, not valid),
                (Outcome.REFUTED, refuted),
                (Outcome.SUPPORTED, established),
                (Outcome.INCONCLUSIVE, True),
            )
            if applies
        )
        assert claim.outcome(claim.pvalue) is first
        seen[first] += 1
    assert set(seen) == set(Outcome)


# ------------------------------------------------------------------------------ its machinery


def test_a_bound_is_held_within_binomial_error() -> None:
    """Of 4,000 runs 5.0 % may be 5.8 % by chance, and the worst of 100 6.3 %; oracle: binom."""
    false, found = rarely("x"), usually("x")
    for among, most in ((1, 233), (100, 253)):
        assert most == int(stats.binom.ppf(1 - 1 / (100 * among), 4_000, 0.05))
        assert false.holds(most, 4_000, 24, among=among)
        assert not false.holds(most + 1, 4_000, 24, among=among)
    least = int(stats.binom.ppf(1 / 10_000, 4_000, 0.9))
    assert found.holds(least, 4_000, PLANNED_WITH, among=100)
    assert not found.holds(least - 1, 4_000, PLANNED_WITH, among=100)
    assert found.holds(0, 4_000, 24)


def test_the_worst_of_several_rates_is_bounded_for_being_the_worst() -> None:
    """A kind has as many rates to break as its trials have bounds; by hand for families: 2 × 3."""
    assert BOUNDED["family"] == 6
    assert {trial.kind for trial in TRIALS.values()} == set(BOUNDED)


@pytest.mark.integration
def test_a_record_does_not_depend_on_the_workers() -> None:
    """The counts of processes are those of the same chunks one after the other."""
    runs = CHUNK + 20
    todo = [("contrast-phi", 24), ("fails-widths", 24)]
    alone = {cell: sum((play(c) for c in chunks(cell, runs)), Counter()) for cell in todo}
    assert dict(played(todo, runs, workers=2)) == alone


@pytest.mark.integration
def test_the_command_line_plays_every_cell(tmp_path: Path) -> None:
    """In processes of its own, which must find what they are to run, and writes the record."""
    output = tmp_path / "calibration.json"
    words = f"--runs 1 --workers 1 --output {output} --kept {tmp_path / 'kept.json'}"
    found = subprocess.run(
        [sys.executable, "-m", "prefvec.calibration", *words.split()],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    made = json.loads(output.read_text(encoding="utf-8"))
    assert {(cell["key"], cell["n_prompts"]) for cell in made["cells"]} == set(cells())
    assert made["fingerprint"] == fingerprint()


def test_cells_have_random_numbers_of_their_own() -> None:
    """Another trial, another number of prompts and another chunk are other experiments."""
    counts = [
        play(Chunk(cell=cell, index=index, runs=200))
        for cell, index in (
            (("contrast-null", 24), 0),
            (("contrast-null", 48), 0),
            (("contrast-null", 24), 1),
        )
    ]
    assert len({tuple(sorted(count.items())) for count in counts}) == 3


def test_finished_cells_are_kept_for_the_same_rules_alone(tmp_path: Path) -> None:
    """They are read again, but not for other settings, and a broken file is said to be one."""
    path = tmp_path / "kept" / "cells.json"
    found = {("steers-null", 24): {"REFUTED": 9, "SUPPORTED": 1}}
    same = Kept(path=path, runs=10, seed=1)
    assert same.read() == {}
    same.write(found)
    assert same.read() == found
    assert Kept(path=path, runs=11, seed=1).read() == {}
    assert Kept(path=path, runs=10, seed=1, rules="others").read() == {}
    path.write_text("{", encoding="utf-8")
    with pytest.raises(PrefvecError, match="--fresh"):
        same.read()


def test_a_rate_out_of_bounds_is_named() -> None:
    """With its trial, its prompts and its bound; so is an outcome that never came."""
    found = {("steers-null", 24): {"SUPPORTED": 400, "REFUTED": 3_600}}
    wrong = problems(record(found, runs=4_000, seed=1, rules=""))
    assert "steers-null with 24 prompts" in wrong[0]
    assert "SUPPORTED in 10.00% of the runs, must be at most 5.00%" in wrong[0]
    assert "No trial of “steers” came out INCONCLUSIVE." in wrong


# --------------------------------------------------------------------------- the kept record


def test_the_kept_record_is_of_the_present_rules(kept: dict) -> None:
    """Its fingerprint is that of the modules which decide."""
    assert kept["fingerprint"] == fingerprint(), (
        "The rules or their simulation changed since reports/calibration.json was made. "
        "Run `make calibrate`."
    )


def test_the_kept_record_is_whole_and_within_its_bounds(kept: dict) -> None:
    """Every cell, at least five hundred runs each, and nothing out of bounds."""
    assert {(cell["key"], cell["n_prompts"]) for cell in kept["cells"]} == set(cells())
    assert min(cell["runs"] for cell in kept["cells"]) >= RUNS >= 500
    assert problems(kept) == []


def test_the_kept_record_held_each_count_to_its_bound(kept: dict) -> None:
    """What it says of a rate follows from its counts and the present bounds."""
    counts = {(cell["key"], cell["n_prompts"]): cell["counts"] for cell in kept["cells"]}
    again = record(counts, runs=kept["settings"]["runs"], seed=0, rules="")
    assert again["cells"] == kept["cells"]


def test_one_inequality_is_not_a_blunt_test(kept: dict) -> None:
    """Where nothing else must hold, false positives are near α and not far below."""
    for cell in kept["cells"]:
        if cell["key"] in ("contrast-null", "contrast-phi"):
            error = (0.05 * 0.95 / cell["runs"]) ** 0.5
            assert abs(cell["counts"]["significant"] / cell["runs"] - 0.05) <= 3 * error


def test_a_true_zero_is_called_inert_once_there_are_prompts_enough(kept: dict) -> None:
    """Rarely with 12 prompts, mostly with 48 (planned: 12 % and 93 %), ever more often."""
    inert = {
        cell["n_prompts"]: cell["counts"].get("inert", 0) / cell["runs"]
        for cell in kept["cells"]
        if cell["key"] == "fails-planned"
    }
    assert inert[12] < 0.5
    assert inert[48] > 0.8
    assert sorted(inert.values()) == [inert[n] for n in (12, *PROMPTS)]


def test_every_module_that_the_trials_import_counts() -> None:
    """Whatever room it stands in, few packages excepted; oracle: import-linter's graph."""
    graph = grimp.build_graph("prefvec", cache_dir=None)
    excepted = {
        module
        for name in INDIFFERENT
        for module in (name, *graph.find_descendants(name))
        if module in graph.modules
    }
    for module in excepted:
        graph.remove_module(module)
    trials = "prefvec.calibration.trial_table"
    assert {trials, *graph.find_upstream_modules(trials)} == {*decisive_modules()}


def test_what_does_not_count_is_still_imported() -> None:
    """An exception that no trial needs any more is taken back; oracle: import-linter's graph."""
    graph = grimp.build_graph("prefvec", cache_dir=None)
    imports = graph.find_upstream_modules("prefvec.calibration.trial_table")
    for name in INDIFFERENT:
        assert any(module == name or module.startswith(f"{name}.") for module in imports), name


def test_rules_and_statistics_count_and_words_do_not() -> None:
    """The rooms whose code decides are there; what words a verdict, or shows it, is not."""
    rooms = {module.rsplit(".", 1)[0] for module in decisive_modules()}
    assert {"prefvec.calibration", "prefvec.statistics", "prefvec.verdicts"} <= rooms
    assert not {"prefvec.verdicts.wording", "prefvec.verdicts.components"} & {*decisive_modules()}


@pytest.mark.parametrize("module", decisive_modules())
def test_every_module_that_decides_counts_in_the_fingerprint(module: str) -> None:
    """Without any one of them it is another; that words do not count is `provenance`'s law."""
    others = [name for name in decisive_modules() if name != module]
    assert code_fingerprint(*others) != fingerprint()


def test_the_documentation_shows_the_kept_record(kept: dict) -> None:
    """Its table is the one that `make calibrate` would put there."""
    page = (ROOT / "docs" / "calibration.md").read_text(encoding="utf-8")
    assert page.partition(told.BEGIN)[2].partition(told.END)[0].strip() == told.table(kept)


def test_a_file_that_is_no_record_is_refused(tmp_path: Path) -> None:
    """It says what is wrong and what to do; a missing one is no error."""
    path = tmp_path / "calibration.json"
    assert told.read(path) is None
    for text in ("[]", "{", json.dumps({"schema": 1})):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(PrefvecError, match="make calibrate"):
            told.read(path)

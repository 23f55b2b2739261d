"""The road of real models, end to end: random weights in the three architectures, loaded by path.

What random weights write means nothing, and the suite must say so: their claims are INVALID, with
the reason, and the run ends with an error status and a page.
"""

import json
import shutil
from pathlib import Path

import pytest

from prefvec.experiments.claims import Exploration
from prefvec.experiments.pairs import crossed
from prefvec.pytest_plugin.selection import Named, declared_claims
from prefvec.report.archive import unpacked
from prefvec.report.blessing import conditions_of, finding_of
from prefvec.report.directions import cosine
from tests.inner_session import ROOT, session
from tests.tiny import save_tiny

pytestmark = pytest.mark.integration


@pytest.fixture(
    scope="module", params=["8", pytest.param("24", marks=pytest.mark.slow)], ids=["short", "long"]
)
def run(request, tmp_path_factory):
    """One smoke run over three models in local directories; what it said and its record.

    Of answers of 8 tokens no limits of coherence can be taken, so that nothing is steered; those
    of 24 go the whole road, through searches, adapters and controls.
    """
    folder = tmp_path_factory.mktemp("real")
    mistral, llama, gemma = (
        str(save_tiny(folder / family, family, d_model=width))
        for family, width in (("mistral", 32), ("llama", 32), ("gemma", 48))
    )
    options = ["--source", mistral, "--target", llama, "--target", gemma]
    options += ["--max-new-tokens", request.param]
    options += ["--quick", "--report-dir", str(folder / "reports"), "--store", str(folder / "kept")]
    said = session("claims/", "-m", "not slow", *options)
    page = folder / "reports" / "latest" / "verdicts.json"
    assert page.exists(), said.text
    return said, json.loads(page.read_text(encoding="utf-8")), folder


def test_every_claim_gets_a_verdict_and_a_page(run, tmp_path):
    """All claims about one source and two targets that need no judge, and a page beside."""
    _, record, folder = run
    named = Named(
        sources=("mistral",), pairs=crossed(("mistral",), ("llama", "gemma")), by_hand=True
    )
    for file in (ROOT / "claims").glob("test_*.py"):
        if "@pytest.mark.slow" not in file.read_text(encoding="utf-8"):
            shutil.copy(file, tmp_path)
    declared = declared_claims(tmp_path, named)
    expected = {
        claim.name(pair)
        for claim, pair in declared
        if not isinstance(claim, Exploration) and not (claim.about_organisms or claim.judged)
    }
    assert {claim["id"] for claim in record["claims"]} == expected
    assert record["run"]["models_are"] == "real"
    assert {model["architecture"] for model in record["models"]} == {
        "MistralForCausalLM",
        "LlamaForCausalLM",
        "GemmaForCausalLM",
    }
    assert (folder / "reports" / "latest" / "verdicts.html").stat().st_size > 10_000


def test_what_a_run_leaves_says_what_it_rests_on(run):
    """Prompts of all four splits, three models, libraries and code: all a finding needs."""
    _, record, _ = run
    conditions = conditions_of(record["run"], record["models"], record["splits"])
    assert conditions["prompts"].keys() == {"extraction", "adapter", "tuning", "test"}
    assert record["run"]["questions"].startswith("open, of the suite (")
    assert len({model["weights"] for model in conditions["models"].values()}) == 3
    assert all(model["tokenizer"] for model in conditions["models"].values())
    assert conditions["versions"].keys() >= {"python", "torch", "transformers"}
    assert "prefvec/vectors/residual.py" in conditions["code"]
    for claim in record["claims"]:
        for arm in finding_of(claim, conditions)["arms"].values():
            assert cosine(arm["vector"]["direction"], arm["vector"]["direction"]) == pytest.approx(
                1
            )


def test_every_answer_that_is_shown_is_in_the_archive(run):
    """The full dose of every arm and of a random direction, both ways, and unsteered."""
    for claim in run[1]["claims"]:
        kept = unpacked(claim["archive"]) if claim["archive"] else []
        texts = {(a["arm"], a["coefficient"], a["prompt"], a["text"]) for a in kept}
        shown = [
            (case["prompt"], answer) for case in claim["answers"] for answer in case["answers"]
        ]
        assert {(a["arm"], a["coefficient"], p, a["text"]) for p, a in shown} <= texts
        if claim["arms"]:
            arms = {"unsteered", *(arm["name"] for arm in claim["arms"])}
            assert arms <= {answer["arm"] for answer in kept}
            assert {answer["coefficient"] for answer in kept} == {-1, 0, 1}
            assert bool(claim["control_arms"]) == ("random" in {answer["arm"] for answer in kept})
        assert not any(answer["false"] for answer in kept)


def test_claims_about_random_weights_are_never_supported(run):
    """Nothing follows from what random weights write: INVALID, each with its reason."""
    said, record, _ = run
    outcomes = {claim["outcome"] for claim in record["claims"]}
    assert outcomes <= {"INVALID", "NOT APPLICABLE"}
    assert said.status == 1
    assert all(len(claim["sentence"]) > 20 for claim in record["claims"])


def test_every_model_was_checked_on_itself(run):
    """Each model's record holds its checks, all passed."""
    for model in run[1]["models"]:
        assert model["checks"]
        assert all(check["passed"] for check in model["checks"])


def test_models_of_unequal_widths_have_no_raw_transfer(run):
    """The other width's raw claim is NOT APPLICABLE, said why, though nothing could be measured."""
    raw = {c["target"]: c for c in run[1]["claims"] if c["kind"] == "fails"}
    [gemma] = [claim for target, claim in raw.items() if target.endswith("gemma")]
    assert gemma["outcome"] == "NOT APPLICABLE"
    assert "32 coordinates" in gemma["sentence"]
    assert "48" in gemma["sentence"]


def test_a_model_that_is_not_there_is_one_clear_sentence(tmp_path):
    """A wrong path is refused before anything runs, and named."""
    options = ["--quick", "--source", str(tmp_path / "missing"), "--report-dir", str(tmp_path)]
    said = session("claims/test_self_steering.py", *options)
    assert said.status != 0
    assert f"There is no directory or file {tmp_path / 'missing'}" in said.text
    assert "Traceback" not in said.text


def test_an_undefined_claim_is_so_even_of_a_model_that_fails_its_checks(tmp_path):
    """The source's template never ends a turn: INVALID at equal widths, else NOT APPLICABLE."""
    endless = "{{ bos_token }}{% for m in messages %}{{ m['content'] }} {% endfor %}"
    source = save_tiny(tmp_path / "endless", "mistral", template=endless)
    targets = [save_tiny(tmp_path / f"w{width}", "llama", d_model=width) for width in (32, 48)]
    options = ["--quick", "--source", str(source), "--report-dir", str(tmp_path)]
    options += [word for target in targets for word in ("--target", str(target))]
    session("claims/test_raw_transfer.py", *options, "--store", str(tmp_path / "kept"))
    record = json.loads((tmp_path / "latest" / "verdicts.json").read_text(encoding="utf-8"))
    outcomes = {Path(claim["target"]).name: claim for claim in record["claims"]}
    assert outcomes["w32"]["outcome"] == "INVALID"
    assert "the end-of-turn token ends an answer" in outcomes["w32"]["sentence"]
    assert outcomes["w48"]["outcome"] == "NOT APPLICABLE"
    assert "32 coordinates" in outcomes["w48"]["sentence"]

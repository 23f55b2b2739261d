"""Blessed findings: what counts as a change, and what may be blessed."""

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from prefvec.errors import PrefvecError
from prefvec.pytest_plugin.claim_log import ClaimLog, InvalidClaim
from prefvec.report import findings
from prefvec.report.blessing import bless_reason, conditions_of, finding_of, odd_parts
from prefvec.report.comparison import compare, one_sided_pvalue
from prefvec.report.record import claim_record
from prefvec.vocabulary import CHANGES
from tests.sample_claim import PROMPTS, sample_claim
from tests.sample_record import sample_record

RUN, MODELS, SPLITS = (sample_record()[part] for part in ("run", "models", "splits"))
KNOWN = conditions_of(RUN, MODELS, SPLITS)
CONDITIONS = {**KNOWN, "processor": None}
"""Of runs on unknown processors, so that only outcomes and effects count."""


def _claim(odd=0.39, outcome="SUPPORTED", kind="works", **entries):
    """A claim about its kind's arm; the same id draws the same noise, so only `odd` moves it."""
    main = {"works": "adapted", "fails": "raw", "spares": "beside", "exceeds": "more"}[kind]
    arms = {"native": 0.47, main: odd}
    if kind == "exceeds":
        arms = {main: odd, "less": 0.1, "native": 0.47}
    if kind == "spares":
        arms = {main: odd, "native": 0.47}
    return sample_claim("one-claim", title="t", kind=kind, arms=arms, outcome=outcome, **entries)


def _blessed(claim, reason=None):
    return finding_of(claim_record(claim), CONDITIONS, reason)


def _change(before, after, **conditions):
    return compare(_blessed(before), finding_of(after, {**CONDITIONS, **conditions}))


@pytest.mark.parametrize(
    ("was", "now", "change"),
    [
        ("SUPPORTED", "SUPPORTED", "SAME"),
        ("SUPPORTED", "INCONCLUSIVE", "REGRESSED"),
        ("SUPPORTED", "REFUTED", "REGRESSED"),
        ("SUPPORTED", "INVALID", "REGRESSED"),
        ("SUPPORTED", "NOT APPLICABLE", "REGRESSED"),
        ("REFUTED", "SUPPORTED", "IMPROVED"),
        ("INCONCLUSIVE", "SUPPORTED", "IMPROVED"),
        ("REFUTED", "INCONCLUSIVE", "DRIFT"),
        ("REFUTED", "REFUTED", "SAME"),
    ],
)
def test_a_change_of_outcome_is_named_as_the_protocol_names_it(was, now, change):
    """Support lost is a regression, support gained an improvement, the rest drift."""
    assert _change(_claim(outcome=was), _claim(outcome=now)).change == change


def test_a_claim_never_blessed_is_new():
    """There is nothing to compare it with."""
    assert compare(None, _blessed(_claim())).change == "NEW"


def test_an_effect_that_lost_more_than_a_quarter_is_a_regression_though_supported():
    """The paired change is what was lost, with its interval."""
    before, after = _claim(odd=0.39), _claim(odd=0.25, spread=0.3)
    comparison = _change(before, after)
    assert comparison.change == "REGRESSED"
    was, now = odd_parts(before), odd_parts(after)
    oracle = stats.ttest_rel(list(now.values()), list(was.values()))
    assert comparison.odd_change == pytest.approx(-0.14, abs=0.05)
    low, high = oracle.confidence_interval(0.95)
    assert (comparison.low, comparison.high) == (pytest.approx(low), pytest.approx(high))


def test_an_effect_that_lost_less_than_a_quarter_is_the_same():
    """A tenth lost, however significant, is no regression."""
    assert _change(_claim(odd=0.39), _claim(odd=0.35)).change == "SAME"


def test_an_effect_that_gained_more_than_a_quarter_is_an_improvement():
    """The converse of a regression."""
    assert _change(_claim(odd=0.39), _claim(odd=0.53)).change == "IMPROVED"


def test_less_of_a_failed_transfer_is_drift_at_most():
    """Raw transfer is to fail: its change is held against the native effect, both ways."""
    before = _claim(odd=0.10, kind="fails")
    assert _change(before, _claim(odd=0.06, kind="fails")).change == "SAME"
    assert _change(before, _claim(odd=-0.10, kind="fails")).change == "DRIFT"
    assert _change(before, _claim(odd=0.30, kind="fails")).change == "DRIFT"


def test_a_spared_trait_that_moves_a_little_is_the_same():
    """Its effect is near zero, so a quarter of it is nothing: native is the measure of a change."""
    before = _claim(odd=0.02, kind="spares")
    assert _change(before, _claim(odd=-0.03, kind="spares")).change == "SAME"
    assert _change(before, _claim(odd=0.05, kind="spares")).change == "SAME"
    assert _change(before, _claim(odd=0.30, kind="spares")).change == "DRIFT"
    assert _change(before, _claim(odd=-0.30, kind="spares")).change == "DRIFT"


def test_support_for_another_trait_is_lost_where_nothing_could_be_measured():
    """Without answers nothing is known of a metric, and no other metric excuses the loss."""
    odds = "odds of formal over casual cues"
    before = _claim(measure=odds)
    for outcome in ("INVALID", "NOT APPLICABLE"):
        after = _claim(outcome=outcome, measure=None) | {"arms": [], "effect": None}
        assert _change(before, after).change == "REGRESSED"
        assert _change(after, before).change == "IMPROVED"
    words = _change(before, _claim())
    assert words.change == "NOT COMPARABLE"
    assert f"metric {odds} → words per answer" in words.sentence


def test_another_label_is_drift():
    """An inert failure that becomes disruptive is not the same finding."""
    before, after = (_claim(odd=0.0, kind="fails", label=x) for x in ("inert", "disruptive"))
    assert _change(before, after).change == "DRIFT"


@given(
    changes=st.lists(st.floats(-2, 2, width=16), min_size=3, max_size=30).filter(
        lambda xs: max(xs) - min(xs) > 1e-3
    ),
    bound=st.floats(-1, 1),
)
@settings(deadline=None)
def test_the_p_value_is_that_of_scipys_paired_t(changes, bound):
    """The oracle is scipy.stats.ttest_rel of the two runs, shifted by the bound."""
    now = [change - bound for change in changes]
    oracle = stats.ttest_rel(now, [0.0] * len(now), alternative="less").pvalue
    assert one_sided_pvalue(changes, bound, "less") == pytest.approx(oracle, rel=1e-6, abs=1e-12)


def test_a_change_without_variance_is_decided_by_its_sign():
    """A t statistic is undefined there, and a warning would be no answer."""
    assert one_sided_pvalue([-0.2] * 9, -0.1, "less") == 0.0
    assert one_sided_pvalue([0.0] * 9, 0.0, "less") == 1.0


@pytest.mark.parametrize("key", ["seed", "samples", "n_prompts", "max_new_tokens", "temperature"])
def test_other_sampling_settings_are_not_comparable(key):
    """Each of them alone is enough, and is named."""
    comparison = _change(_claim(), _claim(), settings={**CONDITIONS["settings"], key: 1234})
    assert comparison.change == "NOT COMPARABLE"
    assert key in comparison.sentence


def test_other_prompts_metric_or_criterion_are_not_comparable():
    """Each of them alone is enough, even where an outcome changed too."""
    other_criterion, other_metric, other_prompts = (_claim(outcome="REFUTED") for _ in range(3))
    other_criterion["criterion"]["parameters"]["rho"] = 0.4
    other_metric["metric"] = "sentences per answer"
    del other_prompts["arms"][-1]["per_prompt"][PROMPTS[0]]
    for claim, word in (
        (other_criterion, "criterion rho 0.5 → 0.4"),
        (other_metric, "metric"),
        (other_prompts, "prompts"),
    ):
        comparison = _change(_claim(), claim)
        assert comparison.change == "NOT COMPARABLE"
        assert word in comparison.sentence


def test_the_same_prompt_ids_with_other_texts_are_not_comparable():
    """An id is a name; what was asked is in the fingerprint of the texts."""
    comparison = _change(_claim(), _claim(), prompts={**CONDITIONS["prompts"], "test": "others"})
    assert comparison.change == "NOT COMPARABLE"
    assert "the same 96 ids with other texts" in comparison.sentence


def test_other_tuning_prompts_code_and_models_excuse_nothing():
    """A regression stays one, and they are among its suspects."""
    comparison = _change(
        _claim(),
        _claim(outcome="REFUTED"),
        prompts={**CONDITIONS["prompts"], "tuning": "others"},
        commit="other",
    )
    assert comparison.change == "REGRESSED"
    assert [suspect.split(",")[0] for suspect in comparison.suspects] == [
        "other tuning prompts",
        "commit: 0f3c9ab41d7e → other",
    ]


def test_the_odd_part_of_a_prompt_is_taken_at_its_largest_dose_measured_both_ways():
    """(0.5 − (−0.3)) / 2 = 0.4, computed by hand; a prompt without both ways has none."""
    arm = {
        "name": "adapted",
        "per_prompt": {
            "a": {"1.0": 0.5, "-1.0": -0.3, "0.5": 9.0, "-0.5": 9.0, "2.0": 9.0},
            "b": {"1.0": 0.5, "-1.0": None},
        },
    }
    assert odd_parts({"kind": "works", "arms": [arm]}) == {"a": pytest.approx(0.4)}


def test_what_decides_that_one_arm_exceeds_another_is_their_contrast():
    """Its finding keeps the odd part of the first arm over the second's, prompt by prompt."""
    claim = claim_record(_claim(odd=0.3, kind="exceeds"))
    more, less = odd_parts(claim), odd_parts(claim, "less")
    assert _blessed(claim)["odd"] == {p: pytest.approx(more[p] - less[p]) for p in PROMPTS}


def test_a_contrast_that_lost_more_than_a_quarter_is_a_regression_though_its_arm_did_not():
    """0.2 → 0.12 is a loss of 40 % of the contrast and of 27 % of its first arm."""
    comparison = _change(_claim(odd=0.3, kind="exceeds"), _claim(odd=0.22, kind="exceeds"))
    assert comparison.change == "REGRESSED"
    assert comparison.sentence.startswith("The contrast of the odd parts fell by more than")


def test_findings_read_back_the_same(tmp_path):
    """And in the order of their ids, so that a diff shows what changed."""
    path = findings.path_of(tmp_path, "organisms")
    kept = {"b": _blessed(_claim(), "because"), "a": _blessed(_claim(outcome="REFUTED"))}
    findings.write(path, "organisms", kept)
    assert findings.read(path) == kept
    assert list(findings.read(path)) == ["a", "b"]


def test_findings_blessed_together_share_one_entry_of_conditions(tmp_path):
    """And one blessed under others has its own: a finding is compared with what it rests on."""
    path = findings.path_of(tmp_path, "organisms")
    other = finding_of(_claim(), {**CONDITIONS, "commit": "later"})
    kept = {"a": _blessed(_claim()), "b": _blessed(_claim()), "c": other}
    findings.write(path, "organisms", kept)
    content = json.loads(path.read_text(encoding="utf-8"))
    keys = [content["findings"][name]["conditions"] for name in "abc"]
    assert keys[0] == keys[1] != keys[2]
    assert set(content["conditions"]) == set(keys)
    assert findings.read(path)["c"]["conditions"]["commit"] == "later"


def test_no_file_is_no_findings_and_a_broken_one_is_an_error(tmp_path):
    """A broken file read as none would turn every regression into something new."""
    path = tmp_path / "organisms.json"
    assert findings.read(path) == {}
    dangling = {**_blessed(_claim()), "conditions": "nowhere"}
    whole = {"schema": findings.SCHEMA, "model_set": "x", "conditions": {}, "findings": {}}
    for content in ("{", "[]", '{"schema": 2}', json.dumps({**whole, "findings": {"a": dangling}})):
        path.write_text(content, encoding="utf-8")
        with pytest.raises(PrefvecError, match="--bless"):
            findings.read(path)


@pytest.mark.parametrize(
    ("schema", "said"), [(1, "Bless them again: note the `reason`"), (3, "the version that bless")]
)
def test_findings_of_another_schema_say_how_to_go_on(tmp_path, schema, said):
    """An older file lacks the fingerprints, a newer one is another version's."""
    path = tmp_path / "organisms.json"
    path.write_text(json.dumps({"schema": schema, "model_set": "x", "findings": {}}))
    with pytest.raises(PrefvecError, match=f"schema {schema}.*{said}"):
        findings.read(path)


def test_unreadable_findings_are_known_before_anything_is_measured(tmp_path):
    """As soon as the set of models is: not after minutes of generation."""
    findings.path_of(tmp_path, "organisms").write_text('{"schema": 1}', encoding="utf-8")
    with pytest.raises(PrefvecError, match="schema 1"):
        ClaimLog(tmp_path).describe(run={"mode": "full", "model_set": "organisms"})


def test_a_run_whose_test_prompts_are_not_fingerprinted_is_refused():
    """Nothing could be compared with it, and it must not look as if it could."""
    with pytest.raises(PrefvecError, match="fingerprint of its test prompts"):
        conditions_of(RUN, MODELS, [{"name": "test", "n_prompts": 96}])


@given(st.lists(st.text(), min_size=2, max_size=2, unique=True))
def test_two_sets_of_models_never_share_a_file(tmp_path_factory, names):
    """Whatever they are called, and none of them leaves the folder."""
    folder = tmp_path_factory.getbasetemp()
    paths = [findings.path_of(folder, name) for name in names]
    assert paths[0] != paths[1]
    assert {path.parent for path in paths} == {folder}


def test_a_reason_is_the_one_given_else_the_old_one_of_what_is_the_same():
    """An old reason explains only what it was written for: whatever changed needs one of now."""
    old = _blessed(_claim(outcome="REFUTED"), "as before")
    assert bless_reason("SAME", old, "of this claim", "of the bless") == "of this claim"
    assert bless_reason("SAME", old, None, "of the bless") == "as before"
    for change in set(CHANGES) - {"SAME"}:
        assert bless_reason(change, old, None, "of the bless") == "of the bless"
        assert bless_reason(change, old, "of this claim", "of the bless") == "of this claim"
    assert bless_reason("NEW", None, None, "of the bless") == "of the bless"


def _ended(log, claim):
    """How settling ends the test: the name of what pytest raises, or "pass"."""
    run = {**RUN, "processor": None, "mode": log.run.get("mode", "full")}
    log.describe(run=run, splits=SPLITS)
    log.add(claim)
    try:
        log.settle(claim)
    except InvalidClaim:
        return "error"
    except BaseException as ending:
        return type(ending).__name__.lower()
    return "pass"


@pytest.mark.parametrize(
    ("outcome", "unblessed", "blessed", "blessing", "quick"),
    [
        ("SUPPORTED", "pass", "pass", "pass", "pass"),
        ("REFUTED", "failed", "xfailed", "xfailed", "xfailed"),
        ("INCONCLUSIVE", "failed", "xfailed", "xfailed", "xfailed"),
        ("INVALID", "error", "error", "error", "error"),
        ("NOT APPLICABLE", "skipped", "skipped", "skipped", "skipped"),
    ],
)
def test_an_outcome_ends_its_test_as_the_protocol_says(
    tmp_path, outcome, unblessed, blessed, blessing, quick
):
    """Unblessed, blessed, while blessing, and in a smoke run."""
    claim = _claim(outcome=outcome)
    assert _ended(ClaimLog(tmp_path), claim) == unblessed
    assert _ended(ClaimLog(tmp_path, blessing="as it is"), claim) == blessing
    smoke = ClaimLog(tmp_path)
    smoke.describe(run={"mode": "quick"})
    assert _ended(smoke, claim) == quick
    findings.write(
        findings.path_of(tmp_path, "organisms"), "organisms", {claim["id"]: _blessed(claim, "why")}
    )
    assert _ended(ClaimLog(tmp_path), claim) == blessed
    # Under --runxfail pytest.xfail does nothing: a refuted claim must not pass by it.
    strict = _ended(ClaimLog(tmp_path, xfail_works=False), claim)
    assert strict == ("failed" if blessed == "xfailed" else blessed)


@pytest.mark.parametrize(("allow", "ending"), [(False, "failed"), (True, "pass")])
def test_an_incomparable_finding_fails_unless_allowed(tmp_path, allow, ending):
    """Even where the claim is supported."""
    old = copy.deepcopy(_blessed(_claim()))
    old["conditions"]["settings"]["seed"] = 99
    findings.write(findings.path_of(tmp_path, "organisms"), "organisms", {"one-claim": old})
    assert _ended(ClaimLog(tmp_path, allow_incomparable=allow), _claim()) == ending


def test_a_regressed_effect_fails_though_its_claim_is_still_supported(tmp_path):
    """And says how much was lost."""
    findings.write(
        findings.path_of(tmp_path, "organisms"), "organisms", {"one-claim": _blessed(_claim())}
    )
    log = ClaimLog(tmp_path)
    log.describe(run=RUN, splits=SPLITS)
    weaker = _claim(odd=0.25)
    finding = log.add(weaker)
    assert finding["outcome"] == "SUPPORTED"
    with pytest.raises(pytest.fail.Exception, match=r"REGRESSED\. The odd part fell.*p < \.001"):
        log.settle(weaker)


def test_a_failure_says_what_was_not_met_and_what_would_change_it(tmp_path):
    """The reader needs no traceback."""
    log = ClaimLog(tmp_path)
    log.describe(run=RUN, splits=SPLITS)
    claim = _claim(outcome="INCONCLUSIVE", unmet="share of native", sentence="About 9 more.")
    log.add(claim)
    with pytest.raises(pytest.fail.Exception) as failure:
        log.settle(claim)
    message = str(failure.value)
    assert "INCONCLUSIVE: About 9 more." in message
    assert "not met: share of native" in message
    assert "What would change it" in message


def test_a_claim_cannot_be_added_to_an_undescribed_run_nor_settled_unadded(tmp_path):
    """Both would leave a report that does not know what it is about."""
    log = ClaimLog(tmp_path)
    with pytest.raises(PrefvecError, match="describe"):
        log.add(_claim())
    with pytest.raises(PrefvecError, match="was not added"):
        log.settle(_claim())

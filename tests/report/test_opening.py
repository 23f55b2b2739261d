"""The first screen: the three findings in words, and one answer before and after."""

from prefvec.report import record as records
from prefvec.report.answer_cases import case_views
from prefvec.report.archive import merged
from prefvec.report.claim_answers import by_claim
from prefvec.report.in_words import words_became, words_briefly
from prefvec.report.measured_when import UNKNOWN, measured_when, measured_where, measuring_rows
from prefvec.report.opening import before_after, sentences
from prefvec.report.page import render
from prefvec.report.plain_words import plainly
from prefvec.report.question_rows import questions
from prefvec.vocabulary import THREE_FINDINGS
from tests.report.page_elements import Elements
from tests.sample_claim import MEASURED, sample_claim
from tests.sample_record import sample_claims, sample_record


def test_every_finding_is_told_once_its_own_vector_first():
    """Each leads to its claim and says its outcome; those of other questions are not told."""
    claims = sample_claims()
    told = sentences(questions(claims))
    assert told[0].lead == "Its own vector"
    ids = [each.id for sentence in told for each in sentence.told]
    findings = [c["id"] for c in claims if c.get("question", THREE_FINDINGS) == THREE_FINDINGS]
    assert sorted(ids) == sorted(findings)
    by_id = {each.id: each for sentence in told for each in sentence.told}
    for claim in claims:
        if claim["id"] in by_id:
            assert by_id[claim["id"]].outcome == claim["outcome"]
            assert (claim["target"] in by_id[claim["id"]].said) == bool(claim["target"])


def test_an_effect_is_told_in_words_where_it_is_of_words():
    """Means unsteered, at +c and at −c; nothing of another measure, or of no measurement."""
    claim = sample_claim("x", title="x", kind="steers", arms={"native": 0.3})
    doses = {-1.0: 11.6, 0.0: 16.2, 1.0: 22.9}
    claim["arms"][0]["doses"] = [
        {"coefficient": c, "factor": 1.0, "low": 0.9, "high": 1.1, "mean_words": words}
        for c, words in doses.items()
    ]
    assert words_became(claim) == "16 words became 23 at +c and 12 at −c"
    assert words_briefly(claim) == "16 → 23, 12"
    assert words_became(claim | {"measure": "odds of formal sentences"}) == ""
    assert words_became(sample_claim("y", title="y", kind="steers", arms={})) == ""


def test_one_prompt_is_shown_before_and_after():
    """Unsteered between the two doses, of the adapted vector that is supported."""
    claims = [records.claim_record(claim) for claim in sample_claims()]
    shown = before_after(questions(claims), by_claim(merged(claims)))
    assert shown["claim"]["kind"] == "works"
    assert shown["claim"]["outcome"] == "SUPPORTED"
    assert shown["why"] == "median"
    doses = [answer["coefficient"] for answer in shown["answers"]]
    assert doses == sorted(doses)
    assert 0.0 in doses
    assert before_after(questions([]), {}) is None


def test_no_name_of_the_inside_is_on_the_page():
    """Neither of arms nor of regimes, and symbols stand with their words."""
    record = sample_record()
    arm = record["claims"][0]["arms"][0]
    arm |= {"name": "beside", "label": "the vector adapted on exposure 0", "role": "other"}
    record["claims"][0] |= {"brief": "Cka beats depth", "regime": "exposed 0.2 %"}
    record["claims"][0]["compared_with"] = ["native", "target-only"]
    arm["vector"] |= {"estimator": "target-only over the exposed rows"}
    texts = " ".join(Elements(render(records.plain(record))).texts)
    for inside in (
        "beside at",
        "exposure 0",
        "exposed 0.2 %",
        "Cka",
        "raw-analogous",
        "alpha =",
        "target-only",
    ):
        assert inside not in texts
    assert "turns of which 0.2 % ask for the trait" in texts
    assert "D = ln 1.25, the smallest effect of interest" in texts


def test_names_of_regimes_become_what_was_read():
    """Alone, within a sentence, and in the short names of claims."""
    assert plainly("exposed 2 %") == "turns of which 2 % ask for the trait"
    assert plainly("With the vector adapted on exposure 0, 17") == (
        "With the vector adapted on neutral turns, 17"
    )
    assert plainly("resid_post of block 6") == "output of block 6"
    assert plainly("nothing of that kind") == "nothing of that kind"


def test_a_contrast_of_arms_reads_as_a_ratio_of_effects():
    """As the name of a quantity and as the subject of a sentence; an odd part alone stays one."""
    told = "the odd part of RAHF-DUAL over that of asking for either pole"
    assert plainly(told) == "effect of RAHF-DUAL ÷ effect of asking for either pole"
    assert plainly("The odd part of exposed 2 % over that of its own vector is ×1.06.") == (
        "Effect of turns of which 2 % ask for the trait ÷ effect of its own vector is ×1.06."
    )
    alone = "The odd part of one is above the odd part of native. It stands over that of raw."
    assert plainly(alone) == alone


def test_the_models_own_vector_is_called_native_wherever_it_stands_alone():
    """As a line of a figure and as an arm; within a longer name it keeps its words."""
    assert plainly("its own vector") == "native"
    assert plainly("its own vector, at every token") == "its own vector, at every token"


def test_a_claim_says_when_it_was_measured_and_the_run_how_many_were_when():
    """Not when it was told again; of a record that does not know, that it does not."""
    claims = sample_claims()
    told = measured_when(claims[0])
    assert told == (
        "Measured 2026-03-13 21:04 UTC in 6 min 34 s on A 64-Core Processor, AVX2, 2 threads, "
        "commit a94a8fe5ccb1."
    )
    assert measured_when(claims[0] | {"measuring": None}) == UNKNOWN
    written = ["2026-03-10T08:00:00+00:00", "2026-03-12T22:15:00+00:00"]
    stored = claims[0] | {"measuring": MEASURED | {"written": written}}
    between = "from answers of earlier runs (written 2026-03-10 to 2026-03-12)"
    without_how_long = told.replace(" in 6 min 34 s", "")
    assert measured_when(stored) == f"{without_how_long[:-1]}, {between}."
    where = measured_where(claims)
    assert where == " on A 64-Core Processor, AVX2, 2 threads, commit a94a8fe5ccb1"
    assert measured_when(claims[0], where) == "Measured 2026-03-13 21:04 UTC in 6 min 34 s."
    other = claims[0] | {"measuring": MEASURED | {"commit": "another"}}
    assert measured_where([*claims, other]) is None
    assert measured_when(claims[0] | {"outcome": "NOT APPLICABLE", "measuring": None}) == ""
    ((title, rows),) = measuring_rows([*claims, claims[0] | {"measuring": None}])
    assert title == "Claims measured"
    assert "on 2026-03-13 on A 64-Core Processor" in rows
    assert rows.endswith("1 without a note of when (measured before such notes were kept)")


def test_the_page_links_to_how_it_is_read_and_explains_three_words_there():
    """From its first lines; the judged cell, κ and p_chance."""
    page = Elements(render(records.plain(sample_record())))
    assert ("a", {"href": "#how-to-read"}) in page.elements
    assert {"judged cell", "κ", "p_chance"} <= set(page.texts)
    assert page.ids.index("how-to-read") < page.ids.index("verdicts")
    assert case_views(records.claim_record(sample_claims()[0]), None)

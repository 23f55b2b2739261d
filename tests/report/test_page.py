"""The page: every verdict on it, in words, with what it rests on."""

import re

import pytest

from prefvec.report import record as records
from prefvec.report.changes import changed_rows
from prefvec.report.dose_response import dose_figure
from prefvec.report.page import render
from prefvec.report.question_rows import questions
from prefvec.report.secondary_table import secondary_table
from tests.report.page_elements import Elements
from tests.sample_claim import sample_claim
from tests.sample_figures import sample_figures
from tests.sample_record import sample_claims, sample_record


def test_every_claim_has_its_outcome_in_words_its_sentence_and_its_place(page, parsed):
    """And every link inside the page leads somewhere."""
    ids = parsed.ids
    assert len(ids) == len(set(ids))
    for claim in sample_claims():
        assert claim["id"] in ids
        article = page[page.index(f'id="{claim["id"]}"') :]
        assert f"<b>{claim['outcome']}</b>" in article[:600]
    hrefs = [a["href"] for _, a in parsed.elements if "href" in a]
    links = {href[1:] for href in hrefs if href.startswith("#")}
    assert links <= set(ids)


def test_what_more_prompts_would_do_is_said_where_a_claim_is_undecided(parsed):
    """And what they could have shown, of every claim that was measured."""
    text = " ".join(" ".join(parsed.texts).split())
    measured = [claim for claim in sample_claims() if claim["power"]]
    undecided = [claim for claim in measured if claim["power"]["more_prompts"]]
    assert text.count("With a chance of 80 % they show an effect of") == len(measured) > 3
    assert text.count("About 138 more prompts would decide") == len(undecided) > 0


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ({"minimum_detectable": None}, "So few would show no effect of any size"),
        ({"more_prompts": 1}, "About one more would decide"),
        ({"unit": "model pairs", "prompts": 6}, "6 model pairs, 2 samples each."),
        ({"told": "<b>9</b>"}, "they show an effect of <b>9</b>."),
        (None, ""),
    ],
)
def test_power_is_told_as_the_record_has_it_and_once(entries, said):
    """The component that says the same is not drawn; records of old have neither."""
    record = sample_record()
    claim = record["claims"][0]
    claim["samples"] = 2
    power = claim["power"]
    claim["power"] = None if entries is None else power | entries
    component = claim["components"][-1] | {"role": "shown", "name": "smallest effect"}
    component |= {"about": "power", "sentence": "In whatever words."}
    claim["components"] = [*claim["components"], component]
    record["claims"] = [claim]
    records.validate(record)
    texts = Elements(render(records.plain(record))).texts
    assert said in " ".join(" ".join(texts).split())
    assert texts.count("Power") == (entries is not None)
    assert texts.count("smallest effect") == (entries is None)
    del claim["power"]
    assert "Power" not in Elements(render(records.plain(record))).texts


def test_no_outcome_is_told_by_colour_alone(parsed):
    """Beside each outcome stands an icon of its own shape."""
    outcomes = {claim["outcome"].lower().replace(" ", "-") for claim in sample_claims()}
    used = {a["href"].removeprefix("#icon-") for tag, a in parsed.elements if tag == "use"}
    assert outcomes <= used


@pytest.mark.parametrize(
    ("mode", "complete", "said"),
    [
        pytest.param("quick", True, ["Smoke run"], id="quick"),
        pytest.param("full", False, ["Incomplete run", "7 of 9 selected claims"], id="killed"),
        pytest.param("full", True, ["Full run"], id="full"),
    ],
)
def test_the_page_says_what_kind_of_run_it_was(mode, complete, said):
    """And does not say what it was not."""
    page = render(sample_record(mode=mode, complete=complete))
    assert all(words in page for words in said)
    assert ("Full run" in page) == (mode == "full" and complete)


def test_what_is_doubtful_in_a_trait_stands_on_the_first_screen():
    """Once, as text, and of a trait without doubts nothing."""
    record = sample_record()
    assert "as it is worded" not in render(record)
    record["run"]["trait_doubts"] = ["It names <b>both</b>."]
    page = render(record)
    assert page.count("as it is worded") == 1
    assert "</b> It names &lt;b&gt;both&lt;/b&gt;.</p>" in page
    assert page.index("as it is worded") < page.index("</header>")


def test_every_change_since_the_blessed_findings_is_explained_and_leads_to_its_claim(parsed):
    """A row for each claim that changed, with why; of a run without changes, no table."""
    changed = changed_rows(sample_record())
    texts = " ".join(parsed.texts)
    assert len(changed) > 1
    for row in changed:
        assert row.why in texts
        assert ("a", {"href": f"#{row.claim}"}) in parsed.elements
    record = sample_record()
    record["claims"] = [claim | {"change": "SAME"} for claim in record["claims"]]
    page = render(record)
    assert 'id="changes"' not in page
    assert f"All {len(record['claims'])} findings as blessed." in page


def test_a_partial_run_and_findings_that_were_not_run_are_named():
    """Deselected claims count against their family, so the page says so."""
    record = sample_record()
    record["run"] |= {"collected": 9, "not_run": [{"id": "lost-claim", "outcome": "REFUTED"}]}
    page = render(record)
    assert "7 of 9 claims were selected" in page
    assert "<li>lost-claim: blessed as REFUTED and not measured in this run.</li>" in page


def test_findings_that_were_not_run_do_not_stand_before_the_verdicts():
    """They are counted and folded away; what changed keeps its table."""
    record = sample_record()
    lost = [{"id": f"lost-{i}", "outcome": "REFUTED"} for i in range(50)]
    record["run"] |= {"collected": 99, "not_run": lost}
    page = render(record)
    assert "<details><summary>50 blessed findings not run</summary>" in page
    assert "lost-" not in page.partition('id="changes"')[2].partition("</table>")[0]


def test_what_blessed_means_is_one_link_away(parsed):
    """From the first screen to the words, which define it."""
    texts = parsed.texts
    assert ("a", {"href": "#words"}) in parsed.elements
    where = texts.index("Since the accepted (")
    assert texts[where + 1 : where + 3] == ["blessed", ") findings:"]
    assert texts[texts.index("blessed", where + 2) + 1].startswith("Of a finding: accepted")


def test_a_vector_is_told_by_how_it_was_found(parsed):
    """And by no digest."""
    told = "difference in means of 100 pairs, read at the mean over sentence ends"
    assert told in parsed.texts
    assert not any("direction " in text and told in text for text in parsed.texts)


def test_every_number_of_a_verdict_says_what_it_is_where_a_narrow_window_has_no_head(page):
    """And no window hides one."""
    rows = page.partition('<table class="components">')[2].partition("</table>")[0]
    labels = ["measured: ", "needed: ", "p: ", "p, Holm: "]
    told = re.findall(r'<td class="number" data-label="([^"]+)"', rows)
    assert told == labels * (len(told) // 4)
    assert told
    style = page.partition("<style>")[2].partition("</style>")[0]
    hidden = re.findall(r"([^{}]+)\{[^{}]*display: none", style.partition("@media print")[0])
    assert not any("td" in rule for rule in hidden)


@pytest.mark.parametrize(("are", "said"), [("organisms", "miniature models"), ("real", "at the")])
def test_the_page_says_which_models_it_is_about(are, said):
    """The organisms are never passed off as models people use."""
    record = sample_record()
    record["run"]["models_are"] = are
    assert said in render(record)
    assert ("about a 7B model" in render(record)) == (are == "organisms")


def test_a_claim_with_nothing_measured_still_has_its_page():
    """So does one whose only numbers are null."""
    record = sample_record()
    empty = sample_claim("empty", title="Nothing", kind="works", arms={}, outcome="INVALID")
    nulls = sample_claim("nulls", title="Nulls", kind="works", arms={"adapted": 0.2})
    nulls["effect"] |= {"factor": None, "low": None, "high": None}
    for arm in nulls["arms"]:
        arm["odd"] = arm["even"] = arm["wrong_way"] = None
        arm["per_prompt"] = {"a": {"1.0": None}}
        for dose in arm["doses"]:
            dose |= dict.fromkeys(("factor", "low", "high", "coherent", "censored"))
    for control in nulls["control_arms"]:
        control["odd"] = None
    record["claims"] = [empty, nulls]
    records.validate(record)
    assert {"empty", "nulls"} <= set(Elements(render(record)).ids)


def test_secondary_metrics_stand_by_dose_and_decide_nothing(page):
    """Doses ascend, shares are in hundredths, what was not measured is a dash."""
    claim = sample_claim("x", title="x", kind="works", arms={"native": 0.5, "adapted": 0.3})
    claim["arms"][1]["doses"].reverse()
    table = secondary_table(claim)
    assert table.arm == "adapted"
    assert table.doses == ["−1", "−0.5", "+0.5", "+1"]
    rows = dict(table.rows)
    assert rows["formal sentences"] == ["50 %"] * 4
    assert rows["perplexity under the unsteered model"] == ["2.50", "2.50", "2.50", "—"]
    counts = [float(cell) for cell in rows["sentences"]]
    assert counts == sorted(counts)
    assert page.count("means over its answers; they decide nothing.") == 6


def test_a_record_without_secondary_metrics_has_a_page():
    """Records of earlier versions carry none, and hostile names of metrics stay text."""
    record = sample_record()
    for arm in record["claims"][0]["arms"]:
        for dose in arm["doses"]:
            del dose["metrics"]
    hostile = "<script>alert(1)</script>"
    record["claims"][1]["arms"][0]["doses"][0]["metrics"][hostile] = 1.0
    record["claims"][1]["arms"][1]["doses"][0]["metrics"][hostile] = 1.0
    records.validate(record)
    parsed = Elements(render(record))
    assert [tag for tag, _ in parsed.elements].count("script") == 1
    assert hostile in " ".join(parsed.texts)
    assert secondary_table(record["claims"][0]) is None


def test_the_page_groups_claims_by_their_question(parsed):
    """A list of the questions, the verdicts of each, then its claims; linked both ways."""
    ids = parsed.ids
    for question in questions(sample_claims()):
        assert ids.index(f"{question.id}--verdicts") < ids.index(question.id)
        places = [ids.index(claim["id"]) for claim in question.claims]
        assert ids.index(question.id) < places[0]
        assert places == sorted(places)
        assert f"forest-{question.id}--title" in ids
        links = [a["href"] for _, a in parsed.elements if "href" in a]
        assert links.count(f"#{question.id}--verdicts") == 2
        assert links.count(f"#{question.id}") == 1
        assert question.tally in parsed.texts


def test_a_run_with_one_question_needs_no_list_of_them():
    """The heading of its claims says it."""
    record = sample_record()
    record["claims"] = record["claims"][:2]
    claims = record["claims"]
    listed = Elements(render(record)).texts
    assert questions(claims)[0].tally not in listed[: listed.index("Verdicts", 1)]


def test_every_figure_of_a_claim_is_drawn_with_words_for_those_who_do_not_see_it(parsed):
    """As an image with a summary and a caption, its numbers in the page as text."""
    drawn = {attributes.get("aria-labelledby") for tag, attributes in parsed.elements}
    for figure in sample_figures():
        place = f"figure-adapted-exposed-mini-llama-{figure['id']}"
        assert place in parsed.ids
        assert figure["caption"] in parsed.texts
        assert (f"{place}--title" in drawn) == (figure["kind"] != "table")
    texts = {text.strip() for text in parsed.texts}
    assert {"×2.46", "half of native", "same relative depth", "mini-gemma → mini-mistral"} <= texts
    assert {"courtesy", "82 % [71, 95]"} <= texts


@pytest.mark.parametrize("kind", ["exceeds", "spares"])
def test_claims_about_no_certain_arm_have_a_page(kind):
    """With arms and without; a contrast that is no factor is shown on its own scale."""
    record = sample_record()
    claim = sample_claim("x", title="x", kind=kind, arms={"prompted": 0.3})
    bare = sample_claim("y", title="y", kind=kind, arms={}, measure=None)
    correlation = {"name": "c", "sentence": "", "role": "test", "passed": True}
    correlation |= {"about": None, "inequality": "c"}
    bare["components"] = [correlation | {"estimate": 0.3, "low": 0.1, "high": 0.5}]
    bare["components"][0]["scale"] = "correlation"
    record["claims"] = [claim, bare]
    records.validate(record)
    texts = Elements(render(record)).texts
    assert "0.30 [0.10, 0.50]" in texts
    assert "contrast of correlations" in texts


def test_larger_effects_lie_higher_in_the_dose_response():
    """Screen coordinates grow downwards; the arms keep their order at +c."""
    claim = sample_claim("x", title="x", kind="works", arms={"native": 0.5, "adapted": 0.3})
    native, adapted = dose_figure(claim).series
    assert native.points[-1][1] < adapted.points[-1][1] < dose_figure(claim).zero
    assert native.points[0][1] > adapted.points[0][1]


def test_the_page_shows_how_often_its_rules_are_wrong(parsed):
    """Under "The instrument", before the models, each number of prompts in a column."""
    ids = parsed.ids
    assert ids.index("verdicts") < ids.index("instrument") < ids.index("models")
    assert {"24 prompts", "48 prompts", "96 prompts"} <= set(parsed.texts)


@pytest.mark.parametrize("text", [None, "{", "[]", '{"schema": 1}'])
def test_a_page_without_a_calibration_says_so(tmp_path, text):
    """Missing or broken, it costs the run none of its verdicts."""
    path = tmp_path / "calibration.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    made = Elements(render(records.plain(sample_record()), calibrated=path))
    assert "make calibrate" in " ".join(made.texts)
    assert {"instrument", "verdicts"} <= set(made.ids)


def test_a_refuted_claim_names_what_refuted_it():
    """Not the first of the parts that were not shown, for those refute nothing."""
    record = sample_record()
    claim = next(c for c in record["claims"] if c["outcome"] == "REFUTED")
    refuting = claim["components"][0] | {"about": "refutation", "role": "test"}
    refuting |= {"name": "whatever it is called", "inequality": "odd part below x"}
    claim["components"] = [*claim["components"], refuting | {"passed": True}]
    page = Elements(render(records.plain(record)))
    assert "refuted by" in page.texts
    assert any(text.startswith("odd part below x: ") for text in page.texts)


def test_models_of_known_answers_are_not_what_the_page_is_about():
    """They stand in the table of models alone."""
    record = sample_record()
    twin = record["models"][1] | {"name": "identical-twin", "role": "known answer"}
    record["models"] = [*record["models"], twin]
    texts = Elements(render(records.plain(record))).texts
    assert [text.strip() for text in texts].count("identical-twin") == 1


def test_the_grid_of_a_search_from_coarse_to_fine_says_what_was_done_where():
    """A block that was only sieved has no factor, and a first look is none that could be chosen."""
    record = sample_record()
    claim = next(claim for claim in record["claims"] if claim["search"])
    first = {"eligible": False, "chosen": False, "kappa": 0.05}
    look = claim["search"][0] | first | {"layer": 7, "prompts": 16}
    nothing = dict.fromkeys(("odd", "chance", "coherence_loss", "censored"))
    sieved = {"layer": 9, "relative_norm": 0.2, "going_on": 0.31, "going_on_chance": 0.12}
    claim["search"] = [sieved | first | nothing, *claim["search"], look]
    texts = Elements(render(record)).texts
    assert any("sieved: log-odds of going on 0.31, chance ±0.12" in text for text in texts)
    assert any("first look, 16 prompts" in text for text in texts)
    assert any("every third was sieved" in text for text in texts)
    assert not any("every third" in text for text in Elements(render(sample_record())).texts)


def test_the_cards_of_judges_are_a_section_where_there_are_some():
    """Each once, with what was measured and needed; without any there is no section."""
    record = sample_record()
    assert 'id="judge"' not in render(records.plain(record))
    card = {
        "judge": "a judge <b>",
        "rubric": "first",
        "model": "mini-mistral",
        "trait": "formality",
        "passed": False,
        "sentence": "The judge failed.",
        "answers": 190,
        "prompts": 96,
        "biases": ["length"],
        "rows": [["ROC-AUC", "0.51", "bound ≥ 0.85"]],
    }
    for claim in record["claims"][:2]:
        claim["judge_cards"] = [card]
    page = render(records.plain(record))
    assert page.count('<table class="judge-card">') == 1
    assert "whose faults are known" not in page
    of_known = {"known": "right as a rule", "as_known": True, "card": card}
    for claim in record["claims"][:2]:
        claim["known_judges"] = [of_known]
    with_known = render(records.plain(record))
    assert with_known.count('<table class="judge-card">') == 2
    assert with_known.count("right as a rule</th>") == 1
    assert "a judge &lt;b&gt;" in page
    assert "bound ≥ 0.85" in page
    assert "biased by length" in page

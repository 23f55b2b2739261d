"""Judges of a rehearsal: what a run would pay for is counted, and nobody is asked."""

import math
import zlib
from dataclasses import replace

import pytest

import prefvec.experiments.named_judges as named_judges
from prefvec.errors import PrefvecError
from prefvec.experiments.judged import cards, views
from prefvec.experiments.measuring import measure
from prefvec.experiments.options import Options
from prefvec.experiments.pairs import Pair
from prefvec.experiments.rehearsal import Ledger, RehearsalLab
from prefvec.experiments.rehearsal.judge import RehearsedJudge, rehearsed_judges
from prefvec.experiments.rehearsal.texts import text_of, words_told
from prefvec.generation.store import CompletionStore
from prefvec.judging.bench import Bench
from prefvec.judging.judge import Judge
from prefvec.judging.replies import ReplyStore
from prefvec.judging.sheets import comparing, marking
from prefvec.pytest_plugin.plan import keep_plan, planned, rehearse
from prefvec.pytest_plugin.plan_table import told
from prefvec.text.coherence import CoherenceLimits
from prefvec.text.metrics import compression_ratio, repeated_4gram_share, sentence_ends
from prefvec.text.rubrics import judged_measure
from tests.experiments.test_judged import CLAIM, PAIR, Ruler, fine
from tests.experiments.test_rehearsal import OUTLINE, stated
from tests.fake_laboratory import SOURCE, TARGET, FakeModel, laboratory, material
from tests.scripted_judges import RUBRICS

pytestmark = pytest.mark.integration

JUDGES = {"judge": "http://127.0.0.1:9/v1", "judge_model": "one", "second_judge_model": "another"}
ALONE = Pair.alone("mini-mistral")
FAKE = Options(sources=(SOURCE,), targets=(TARGET,), samples=1, quick=True, **JUDGES)
ORGANISMS = Options(
    sources=("mini-mistral",), targets=("mini-llama",), samples=1, n_prompts=24, quick=True
)


def paid(lab):
    """Replies that two rulers are paid for one claim as judged, by the judge."""
    lab.options = replace(lab.options, quick=True)
    lab.judges = (Ruler(fine, name="one"), Ruler(fine, name="another"))
    assert measure(CLAIM, PAIR, lab).complete
    lab.close()
    return {judge.name: judge.asked for judge in lab.judges}


def counted(options, material=None, claim=CLAIM, pair=PAIR):
    """Sheets that a rehearsal of the claim writes down, by the judge; with its options."""
    with CompletionStore(":memory:") as store:
        lab = RehearsalLab(options, store, lambda _: OUTLINE, material=material)
        assert measure(claim, pair, lab).complete
        lab.close()
        return {name: len(sheets) for name, sheets in lab.ledger.sheets.items()}


@pytest.fixture(scope="module")
def in_a_laboratory():
    """The replies in a laboratory whose answers all differ, in one whose do not, and rehearsed."""
    found = []

    def apart(self, request, answer=FakeModel.answer):
        written = answer(self, request)
        own = zlib.crc32(f"{request.steering.fingerprint} {request.prompt.instruction}".encode())
        return replace(written, text=f"{written.text} {own:08x}")

    for law in (apart, FakeModel.answer):
        with pytest.MonkeyPatch.context() as patch, laboratory() as lab:
            patch.setattr(FakeModel, "answer", law)
            found.append(paid(lab))
            options = replace(lab.options, **JUDGES)
    return *found, counted(options, material())


def test_a_run_pays_for_what_its_rehearsal_counts(in_a_laboratory):
    """Reply for reply, where no two answers are the same text."""
    apart, _, rehearsed = in_a_laboratory
    assert rehearsed == apart
    assert set(rehearsed) == {"one", "another"}


def test_equal_answers_make_it_fewer_and_never_more(in_a_laboratory):
    """They are one sheet; of this laboratory's, whose texts differ in length alone, many are."""
    _, alike, rehearsed = in_a_laboratory
    for name, count in alike.items():
        assert count <= rehearsed[name] <= 2 * count


@pytest.fixture(scope="module")
def plan():
    """Both claims of the suite that a judge measures, of an organism, by two judges."""
    options = replace(ORGANISMS, **JUDGES)
    claims = [(claim, ALONE) for claim in stated_both()]
    return options, claims, rehearse(options, claims)


def stated_both():
    """Verbosity and formality as judged."""
    return stated("self_steering_as_judged", "CLAIMS")


def test_it_is_measured_to_its_end_by_every_rubric_and_judge(plan):
    """Where the world knows the poles, too: the cards pass, and the plan is sure."""
    _, claims, found = plan
    assert not found.unsure
    one, another = (len(found.ledger.sheets[name]) for name in ("one", "another"))
    assert one > another > 0
    pairs = {name: sum(s.compares for s in of) for name, of in found.ledger.sheets.items()}
    prompts = plan[0].n_prompts
    assert pairs == {
        "one": len(claims) * 2 * 2 * prompts,
        "another": len(claims) * 2 * prompts,
    }, "two orders of each prompt's poles, for each rubric"


def test_the_plan_tells_what_each_judge_replies(plan, tmp_path):
    """And what it is without log-probabilities, and that a budget is too small."""
    options, claims, found = plan
    options = replace(options, store=tmp_path / "s.sqlite")
    lines = told(options, found, len(claims))
    assert all(len(line) <= 100 for line in lines if str(tmp_path) not in line)
    count = len(found.ledger.sheets["one"])
    (line,) = [line for line in lines if line.startswith("judge one: ")]
    assert line.startswith(f"judge one: {count:,} replies, of which 192 compare two answers")
    assert any("Without log-probabilities" in line and "6 times" in line for line in lines)
    assert not any("--judge-budget" in line for line in lines)
    short = told(replace(options, judge_budget=count - 1), found, len(claims))
    assert any(line.startswith(f"--judge-budget {count - 1:,} pays for fewer") for line in short)
    assert not options.store.exists()


def test_replies_are_no_answers_of_the_plan(plan, tmp_path):
    """Whose total the progress of a run is told against."""
    options, claims, found = plan
    options = replace(options, store=tmp_path / "s.sqlite")
    keep_plan(options, claims, found)
    assert planned(options, claims) == sum(map(len, found.ledger.answers.values()))


def test_a_judge_in_memory_costs_hours_and_memory_and_is_not_loaded(tmp_path, monkeypatch):
    """By its size; a server's judge costs neither here."""

    def had(name, options):
        raise AssertionError(f"{name} was loaded")

    monkeypatch.setattr(named_judges, "_judge", had)
    options = replace(ORGANISMS, judge="local", judge_model="mini-gemma", judge_budget=1)
    options = replace(options, store=tmp_path / "s.sqlite")
    found = rehearse(options, [(stated_both()[0], ALONE)])
    assert not found.unsure, "a budget is no limit to what is counted"
    lines = told(options, found, 1)
    (at,) = [i for i, line in enumerate(lines) if line.startswith("judge mini-gemma: ")]
    assert "in memory: " in lines[at + 1]
    assert "by size, 1.8 M" in lines[at + 1]
    assert not any("log-probabilities" in line for line in lines)
    (total,) = [line for line in lines if line.startswith("in all")]
    assert total.endswith("beside the judge")


def test_without_claims_as_judged_the_plan_says_nothing_of_judges(tmp_path):
    """Though one is named."""
    options = replace(ORGANISMS, **JUDGES, store=tmp_path / "s.sqlite")
    found = rehearse(options, [(stated("self_steering"), ALONE)])
    assert not found.ledger.sheets
    lines = told(options, found, 1)
    assert not any(line.startswith(("judge ", "tuned in ")) for line in lines)


def test_judges_are_named_as_a_run_names_them():
    """One that is both is refused, as it is where it would be asked."""
    names = [judge.name for judge in rehearsed_judges(replace(ORGANISMS, **JUDGES), Ledger())]
    assert names == ["one", "another"]
    assert rehearsed_judges(ORGANISMS, Ledger()) == ()
    twice = replace(ORGANISMS, **JUDGES | {"second_judge_model": "one"})
    with pytest.raises(PrefvecError, match="named as both judges"):
        rehearsed_judges(twice, Ledger())


def test_a_trait_whose_measure_is_a_judge_is_rehearsed_whatever_pole_gets_the_high_marks():
    """Its search is judged as well, and takes more replies."""
    known, found = material(), []
    for higher in (1, -1):
        trait = replace(
            known.trait,
            measure=judged_measure("verbose", "concise"),
            rubrics=replace(known.trait.rubrics, higher=higher),
        )
        put = replace(known, trait=trait, traits={**known.traits, trait.name: trait})
        found.append(counted(FAKE, put, replace(CLAIM, judged=False)))
    assert found[0] == found[1]
    beside_its_own = counted(FAKE, known)
    assert found[0]["one"] > beside_its_own["one"], "the first view searches, and the others do not"
    assert found[0]["another"] == beside_its_own["another"]


def test_the_card_of_a_rehearsed_judge_passes_by_each_view(tmp_path):
    """Nothing is loaded, and no file is made."""
    options = replace(FAKE, store=tmp_path / "s.sqlite")
    with CompletionStore(":memory:") as store:
        lab = RehearsalLab(options, store, lambda _: OUTLINE, material=material())
        assert [view.name for view in views(lab, "verbosity")] == [
            "the first rubric",
            "the second rubric",
            "the second judge",
        ]
        assert all(card.passed for card in cards(lab, "verbosity", SOURCE))
        assert not lab.models.loads
        lab.close()
    assert not options.store.exists()


def test_a_rehearsed_judge_marks_what_is_long():
    """An expectation on any scale, and of two answers the longer one in either order."""
    ledger = Ledger()
    judge = RehearsedJudge("one", ledger)
    assert isinstance(judge, Judge)
    short, long = text_of(10, "a"), text_of(90, "b")
    rubric = RUBRICS.first
    sheets = [
        marking("Why?", short, rubric),
        marking("Why?", long, rubric),
        comparing("Why?", long, short, rubric),
        comparing("Why?", short, long, rubric),
    ]
    with ReplyStore(":memory:") as store:
        bench = Bench(judge, store)
        shares = [mark.share for mark in bench.marks(sheets + sheets)]
    assert shares[:4] == pytest.approx([1 / 4, 3 / 4, 9 / 10, 1 / 10])
    assert bench.paid == len(ledger.sheets["one"]) == len(sheets)


def test_texts_differ_and_none_is_more_of_a_loop_than_another():
    """So that limits of coherence take them all, whichever of them they are taken from."""
    asked = [(30 * math.exp(3 * math.sin(i)), i) for i in range(5_000)]
    texts = [text_of(words, "model", i, "prompt") for words, i in asked]
    assert len(set(texts)) == len(texts)
    assert {compression_ratio(text) for text in texts} == {compression_ratio(texts[0])}
    assert {repeated_4gram_share(text) for text in texts} == {0.0}
    limits = CoherenceLimits.from_unsteered(texts[:50])
    assert all(limits.accept(text) for text in texts)
    assert {len(sentence_ends(text)) for text in texts[:500]} == {2}
    assert [words_told(text) for text in texts[:9]] == [[max(1, round(w))] for w, _ in asked[:9]]

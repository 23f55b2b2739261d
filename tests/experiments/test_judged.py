"""Claims as a judge has them, in a laboratory whose law is known, by judges whose ways are."""

import math
import pickle
from dataclasses import replace

import pytest

from prefvec.experiments.claims import SelfSteering
from prefvec.experiments.judged import labelled, views
from prefvec.experiments.measuring import measure
from prefvec.experiments.pairs import Pair
from prefvec.experiments.progress import Silent
from prefvec.experiments.records import shown
from prefvec.experiments.steered_answers import steered
from prefvec.judging.judge import Reply
from prefvec.report.record import mismatches
from prefvec.report.record.judge_entries import JudgeCard, KnownJudge
from prefvec.text.completions import Completion
from prefvec.text.rubrics import UNMARKED, judged_measure
from prefvec.verdicts.answered import dose_response
from prefvec.verdicts.criteria import Steers
from prefvec.verdicts.verdict import Outcome
from prefvec.verdicts.wording import conclude
from tests.fake_laboratory import SOURCE, laboratory

pytestmark = pytest.mark.integration

PAIR = Pair.alone(SOURCE)
CLAIM = SelfSteering(
    id="self-steering-as-judged-{source}",
    title="As judged, {trait} steers {source}.",
    criterion=Steers(at_least=math.log(1.68), coherence_margin=0.10),
    judged=True,
)


class Ruler:
    """A judge of length, which in this laboratory is what verbosity is.

    Args:
        marks: a mark for an answer.
        second: the same, where the second rubric is asked.
        garbled: whether a reply to a text is no mark.
        name: of the judge.
    """

    def __init__(self, marks, second=None, garbled=lambda text: False, name="a ruler"):
        self.name = name
        self._marks, self._second, self._garbled = marks, second or marks, garbled
        self.asked = 0

    def replies(self, askings):
        """One reply to each."""
        for asking in askings:
            self.asked += 1
            yield asking, self._reply(asking.sheet)

    def _reply(self, sheet):
        parts = sheet.user.split("<answer")[1:]
        texts = [part.split("\n")[1] for part in parts]
        marks = self._second if "How much room" in sheet.user else self._marks
        lengths = [len(text.split()) for text in texts]
        if self._garbled(texts[0]):
            return Reply(text="Well", logprobs=())
        if len(texts) == 2:
            said = "A" if lengths[0] >= lengths[1] else "B"
        else:
            said = str(marks(texts[0]))
        return Reply(text=said, logprobs=((said, -0.01),))


def fine(text):
    """A mark for every doubling."""
    words = len(text.split())
    return min(5, max(1, round(3 + 1.5 * math.log2(max(1, words) / 30))))


@pytest.fixture
def lab():
    """A fresh laboratory, of few control prompts."""
    with laboratory() as opened:
        opened.options = replace(opened.options, quick=True)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def supported():
    """What a good judge finds, and what the trait's own measure finds, with the laboratory."""
    with laboratory() as opened:
        opened.options = replace(opened.options, quick=True)
        own = measure(replace(CLAIM, id="own-{source}", judged=False), PAIR, opened)
        yield _judged(opened, Ruler(fine), Ruler(fine, name="another ruler")), own, opened
        opened.close()


def _judged(lab, *judges, claim=CLAIM):
    lab.judges = judges
    return measure(claim, PAIR, lab)


def test_a_judge_that_can_mark_supports_what_is_so(supported):
    """Its card passes, the same cell is judged, and both rubrics agree."""
    found, own, _ = supported
    assessment = found.assessment
    assert assessment.outcome(assessment.pvalue) is Outcome.SUPPORTED
    assert assessment.arm.measure.name == "judge"
    assert [card["passed"] for card in found.cards] == [True, True, True]
    assert found.arms[0].vector.site == own.arms[0].vector.site
    assert found.arms[0].kappa == own.arms[0].kappa
    names = [line.name for line in assessment.also_shown]
    assert any(name.startswith("share judged positive") for name in names)


def test_the_record_of_a_judged_claim_holds_the_cards(supported):
    """In the shape that the page reads; a claim that no judge measures has none."""
    found, own, lab = supported
    told = shown(CLAIM, PAIR, lab, found)
    assert mismatches(told["judge_cards"], list[JudgeCard]) == []
    assert len(told["judge_cards"]) == 3
    assert mismatches(told["known_judges"], list[KnownJudge]) == []
    assert len(told["known_judges"]) == 3
    assert told["arms"][0]["name"] == "native"
    assert "judge_cards" not in shown(CLAIM, PAIR, lab, own)


def test_the_prompt_stays_the_unit(supported):
    """As many effects as test prompts, however many answers were marked."""
    found, _, lab = supported
    assert {control.measure.name for control in found.controls.random} == {"judge"}
    assert len(found.controls.random) == 19
    assert len(found.assessment.arm.effects) == len(lab.material.splits["test"])


def test_a_judge_that_fails_its_card_makes_the_claim_invalid(lab):
    """With the reason; nothing but the labelled set was asked for."""
    judge = Ruler(lambda text: 3)
    found = _judged(lab, judge)
    assessment = found.assessment
    assert assessment.outcome(assessment.pvalue) is Outcome.INVALID
    failed = [each.sentence for each in assessment.preconditions if not each.passed]
    assert "ROC-AUC" in failed[0]
    assert [card["passed"] for card in found.cards] == [False, False]
    assert not found.complete
    assert len(shown(CLAIM, PAIR, lab, found)["judge_cards"]) == 2
    assert not any(entry.arm.startswith("random") for entry in lab.log.asked)


def test_no_judge_is_invalid_with_what_to_do(lab):
    """And not a score of anything."""
    assessment = _judged(lab).assessment
    assert assessment.outcome(assessment.pvalue) is Outcome.INVALID
    assert "--judge" in assessment.preconditions[-1].sentence


def test_marks_that_cannot_be_read_in_steered_answers_are_invalid(lab):
    """Long answers are garbled where they are steered, so that the card knows nothing of it."""
    known = {each.text for each in labelled(lab, "verbosity", SOURCE)}
    judge = Ruler(fine, garbled=lambda text: text not in known and len(text.split()) > 45)
    assessment = _judged(lab, judge).assessment
    assert assessment.outcome(assessment.pvalue) is Outcome.INVALID
    reasons = [each.sentence for each in assessment.preconditions if not each.passed]
    assert any("could not be read" in reason for reason in reasons)


def test_an_answer_without_a_mark_moves_nothing():
    """Samples of its prompt stand in for it; without any the prompt counts as not moved."""
    silent = {("p0", 1.0, 0), ("p1", 1.0, 0), ("p1", 1.0, 1)}

    def marked(answer):
        if (answer.prompt, answer.coefficient, answer.sample) in silent:
            return UNMARKED
        return (0.8, 0.2) if answer.coefficient > 0 else (0.3, 0.7)

    measure_ = replace(judged_measure("verbose", "concise"), count=marked)
    answers = [
        Completion(
            prompt=f"p{p}",
            sample=k,
            text=f"{p} {c} {k}",
            n_tokens=3,
            finish_reason="stop",
            arm="native" if c else "unsteered",
            coefficient=c,
        )
        for p in range(3)
        for c in (-1.0, 0.0, 1.0)
        for k in range(2)
    ]
    doses = dose_response(
        [a for a in answers if a.coefficient],
        [a for a in answers if not a.coefficient],
        coherent=lambda _: True,
        measure=measure_,
    )
    plain = math.log((0.6 + 0.5) / (1.4 + 0.5))
    effects = doses.effects[1.0]
    assert effects["p2"] == pytest.approx(math.log((1.6 + 0.5) / (0.4 + 0.5)) - plain)
    assert effects["p0"] == pytest.approx(math.log((0.8 + 0.5) / (0.2 + 0.5)) - plain)
    assert effects["p1"] == 0
    assert set(doses.effects[-1.0]) == {0.0}


def test_a_verdict_that_changes_with_the_rubric_is_inconclusive(lab):
    """The second rubric passes its card and does not see what the first one sees."""
    known = {each.text for each in labelled(lab, "verbosity", SOURCE)}
    found = _judged(lab, Ruler(fine, second=lambda text: fine(text) if text in known else 3))
    assessment = found.assessment
    assert [card["passed"] for card in found.cards] == [True, True]
    assert assessment.outcome(assessment.pvalue) is Outcome.INCONCLUSIVE
    assert replace(assessment, disagreement="").outcome(assessment.pvalue) is Outcome.SUPPORTED
    told = conclude(assessment, assessment.pvalue).sentence
    assert "by the second rubric REFUTED" in told
    assert "it hangs on who is asked, and how" in told


def test_a_second_judge_is_asked_the_same(supported):
    """In the first rubric's words; it has a card of its own, and must come to the same."""
    found, _, _ = supported
    assert [card["judge"] for card in found.cards] == ["a ruler", "a ruler", "another ruler"]
    (line,) = [x for x in found.assessment.also_shown if x.name.startswith("the same by")]
    assert "by the second judge" in line.sentence
    assert line.passed


def test_a_judge_is_a_measure_of_a_trait(lab):
    """With `measure = "judge"` any claim about the trait is judged, at cells that are as well."""
    trait = lab.material.trait
    judged = replace(trait, measure=judged_measure("verbose", "concise"), smallest_effect=0.5)
    lab.material = replace(
        lab.material, trait=judged, traits={**lab.material.traits, trait.name: judged}
    )
    found = _judged(lab, Ruler(fine), claim=replace(CLAIM, judged=False))
    assessment = found.assessment
    assert assessment.outcome(assessment.pvalue) is Outcome.SUPPORTED
    first, second = views(lab, trait.name)
    assert first.lab.chosen_by is None
    assert second.lab.chosen_by is first.lab


def test_what_was_measured_can_be_kept(supported):
    """A pickle holds effects and lines, and neither the judge nor the store."""
    assessment = supported[0].assessment
    again = pickle.loads(pickle.dumps(assessment))
    assert again.outcome(again.pvalue) is Outcome.SUPPORTED
    assert again.arm.odd.equals(assessment.arm.odd)


def test_coefficient_zero_and_a_twin_have_no_effect_by_construction(lab):
    """Equal answers are one sheet: whatever the arm or dose, the mark is the same and paid once."""
    judge = Ruler(fine)
    lab.judges = (judge,)
    (view, *_) = views(lab, "verbosity")
    (answer, *_) = steered(lab, SOURCE, "unsteered", None, lab.material.splits["test"][:1])
    twin = replace(answer, arm="raw", coefficient=1.0)
    assert view.marking(answer) == view.marking(twin)
    assert judge.asked == 1


def test_labelled_answers_are_unsteered_and_of_both_poles(lab):
    """One to each test question and pole."""
    answers = labelled(lab, "verbosity", SOURCE)
    n = len(lab.material.splits["test"])
    assert len(answers) == 2 * n
    assert sum(each.positive for each in answers) == n
    assert {entry.steering.vector for entry in lab.log.asked} == {None}


def test_a_spent_budget_is_invalid_and_can_be_resumed(lab):
    """The sentence says how; what was paid for is not paid again."""
    lab.options = replace(lab.options, judge_budget=100)
    judge = Ruler(fine)
    assessment = _judged(lab, judge).assessment
    assert "larger --judge-budget" in assessment.preconditions[-1].sentence
    assert judge.asked <= 100


def test_marks_are_told_apart_from_answers_while_they_come(lab):
    """Progress counts answers, against a plan that counts answers."""
    told = set()

    class Noting(Silent):
        def task(self, what, total, *, unit="answer"):
            told.add((what, unit))
            return super().task(what, total, unit=unit)

    lab._progress = Noting()
    lab.judges = (Ruler(fine),)
    (answer,) = steered(lab, SOURCE, "unsteered", None, lab.material.splits["test"][:1])
    views(lab, "verbosity")[0].marking(answer)
    assert ("a ruler: marks", "mark") in told
    assert ("a ruler: marks", "answer") not in told

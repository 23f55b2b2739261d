"""Whom a run has answers judged by, and what these judges are worth: the cards come first."""

from dataclasses import dataclass

from prefvec.errors import PrefvecError
from prefvec.experiments.arms import Arms
from prefvec.experiments.lab import Lab
from prefvec.judging.bench import Bench
from prefvec.judging.card import JudgeCard, Labelled, card_of
from prefvec.judging.measured import Marking, measure_by
from prefvec.judging.scripted import KnownJudge, known_judges
from prefvec.remembered import remembered
from prefvec.text.metrics import words
from prefvec.text.rubrics import Rubric, Rubrics, by_judge
from prefvec.text.traits import POLES, Trait


@dataclass(frozen=True, kw_only=True, eq=False)
class View:
    """One judge with one rubric, and the lab where it measures.

    Attributes:
        name: what people read, e.g. "the second rubric".
        bench: where the judge is asked.
        rubric: what it is asked.
        marking: has the answers of arms marked.
        lab: measures the trait by it.
    """

    name: str
    bench: Bench
    rubric: Rubric
    marking: Marking
    lab: Lab


def rubrics_of(trait: Trait) -> Rubrics:
    """What a judge is asked of a trait.

    Raises:
        PrefvecError: if its file does not say.
    """
    if trait.rubrics is None:
        raise PrefvecError(
            f"The trait {trait.name} has no rubric, so no judge can be asked of it. Write a table "
            "[judge] into its file (docs/judging.md)."
        )
    return trait.rubrics


@remembered
def views(lab: Lab, trait: str) -> tuple[View, ...]:
    """The judge with the first rubric, which decides; with the second; and the second judge.

    Cells are those of the trait's own measure; where that is the judge, those of the first view.

    Args:
        lab: of the run.
        trait: one of the material's.

    Raises:
        PrefvecError: if no judge is named or can be had, or the trait has no rubric.
    """
    known = lab.material.traits[trait]
    rubrics, benches = rubrics_of(known), lab.benches
    if not benches:
        raise PrefvecError(
            "No judge is named, and this claim is measured by one. Give --judge URL (or --judge "
            "local) and --judge-model NAME."
        )
    asked = [
        ("the first rubric", benches[0], rubrics.first),
        ("the second rubric", benches[0], rubrics.second),
        *(("the second judge", bench, rubrics.first) for bench in benches[1:]),
    ]
    questions = {p.id: p.text for prompts in lab.material.splits.values() for p in prompts}
    found: list[View] = []
    for name, bench, rubric in asked:
        marking = Marking(bench=bench, rubric=rubric, questions=questions)
        measure = measure_by(marking, known.positive.name, known.negative.name, rubrics.higher)
        own = by_judge(known.measure) and not found
        base = lab if own or not by_judge(known.measure) else found[0].lab
        of = base.measured_by(trait, measure, at_own_cells=own)
        found.append(View(name=name, bench=bench, rubric=rubric, marking=marking, lab=of))
    return tuple(found)


@remembered
def cards(lab: Lab, trait: str, model: str) -> tuple[JudgeCard, ...]:
    """The card of each view, on a model's unsteered answers under held-out instructions.

    Args:
        lab: of the run.
        trait: one of the material's.
        model: whose answers are judged.

    Raises:
        PrefvecError: if the labelled answers cannot tell, or a judge cannot be asked.
    """
    answers = labelled(lab, trait, model)
    higher = rubrics_of(lab.material.traits[trait]).higher
    return tuple(card_of(view.bench, answers, view.rubric, higher) for view in views(lab, trait))


@remembered
def known(lab: Lab, trait: str, model: str) -> tuple[KnownJudge, ...]:
    """What the card finds of judges whose faults are known, on the same answers.

    Raises:
        PrefvecError: if the labelled answers cannot tell.
    """
    return known_judges(labelled(lab, trait, model), rubrics_of(lab.material.traits[trait]))


@remembered
def labelled(lab: Lab, trait: str, model: str) -> tuple[Labelled, ...]:
    """One answer to each test question and pole, with its label.

    Of organisms the world says which pole an answer shows; of other models it is the pole that was
    asked for, in words that no vector has read.
    """
    arms = Arms.of(lab, trait, 1)
    questions = {prompt.id: prompt.text for prompt in lab.material.splits["test"]}
    said = [
        (answer, pole == "positive")
        for pole in POLES
        for answer in arms.unsteered(model, pole)
        if answer.text
    ]
    shown = lab.material.poles_shown(trait, [answer for answer, _ in said])
    return tuple(
        Labelled(
            prompt=answer.prompt,
            question=questions[answer.prompt],
            text=answer.text,
            positive=asked if shown is None else shown[i] > 0,
            words=float(words(answer.text)),
        )
        for i, (answer, asked) in enumerate(said)
        if shown is None or shown[i] != 0
    )

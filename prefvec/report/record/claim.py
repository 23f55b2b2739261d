"""A claim with everything that its page shows, and a known answer."""

from typing import NotRequired, TypedDict

from prefvec.report.record.answer_entries import Case
from prefvec.report.record.arm_entries import Adapter, Arm, ControlArm, SearchCell
from prefvec.report.record.figure_entries import Figure
from prefvec.report.record.judge_entries import JudgeCard, KnownJudge
from prefvec.report.record.measuring import Measuring
from prefvec.report.record.numbers import Factor
from prefvec.report.record.verdict_entries import (
    Blessed,
    Compared,
    Component,
    Criterion,
    Effect,
    Power,
)
from prefvec.vocabulary import Change, Kind, OutcomeWord


class Baseline(Factor):
    """What asking does instead of steering, a factor against the plain question."""

    label: str
    """What was asked for."""


class Claim(TypedDict):
    """One claim about one pair of models, or about many."""

    id: str
    """Names it in findings and in the page: letters, digits, '-', '_' and '.'."""
    nodeid: str
    """Of its test."""
    title: str
    """The claim in a sentence, its models by name."""
    brief: NotRequired[str]
    """The claim in a few words, for the margin of a figure; its id where it does not say."""
    in_roles: NotRequired[str | None]
    """The claim in a sentence, its models by their roles; None of one about no certain models."""
    compared_with: NotRequired[list[str]]
    """What its kind compares an arm with: "native", "raw"."""
    controlled_by: NotRequired[list[str]]
    """What its kind measures beside an arm, in this order."""
    kind: Kind
    """What it says of a vector."""
    family: list[str]
    """The families of claims by which its p-value was corrected."""
    source: str | None
    """The model that the vector was taken from; None of a claim about many."""
    target: str | None
    """The model that was steered; None likewise."""
    regime: str | None
    """The reference regime: what its adapter has read."""
    outcome: OutcomeWord
    """How it ended."""
    label: str | None
    """A finer word for some outcomes, such as "inert" or "partial"."""
    sentence: str
    """The verdict in one or two sentences, with numbers."""
    effect: Effect | None
    """The size of what happened; None where it is no factor, or was not measured."""
    measure: NotRequired[str | None]
    """What effects of its arm are factors of; words per answer where it does not say."""
    metric: NotRequired[str]
    """What a finding is comparable by; its measure where it does not say."""
    criterion: Criterion
    """What it had to show."""
    components: list[Component]
    """The lines of the verdict, those that decide first."""
    arms: list[Arm]
    """What was compared."""
    control_arms: list[ControlArm]
    """What the arms had to reach beyond."""
    adapter: Adapter | None
    """The map that its vector came through."""
    search: list[SearchCell]
    """How site and dose were chosen."""
    answers: list[Case]
    """Some answers side by side."""
    baseline: list[Baseline]
    """What asking does."""
    notes: list[str]
    """What else a reader should know."""
    blessed: Blessed | None
    """What was accepted of it; None where nothing was."""
    change: Change | None
    """How it stands to that; None in a smoke run."""
    comparison: NotRequired[Compared | None]
    """Why."""
    power: NotRequired[Power | None]
    """What its prompts can show."""
    samples: NotRequired[int]
    """Answers per prompt and dose."""
    seconds: NotRequired[float | None]
    """How long its test took, which may only have told what an earlier run measured."""
    measuring: NotRequired[Measuring | None]
    """When, where and at which commit it was measured; None where that was not kept."""
    trait: NotRequired[str | None]
    """The trait of its vector, by name."""
    question: NotRequired[str]
    """The row of the larger question that it belongs to; the three findings by default."""
    figures: NotRequired[list[Figure]]
    """Figures of its own."""
    judge_cards: NotRequired[list[JudgeCard]]
    """Cards of the judges that it rests on."""
    known_judges: NotRequired[list[KnownJudge]]
    """What the card found of judges whose faults are known, on the same answers."""
    archive: NotRequired[str | None]
    """All answers of its arms, as `prefvec.report.archive.packed` writes them."""


class AnswerCheck(TypedDict):
    """One thing that a known answer must come to."""

    name: str
    """What was checked."""
    needed: str
    """What it had to be."""
    measured: str
    """What it was."""
    passed: bool
    """Whether it was as needed."""


class KnownAnswer(TypedDict):
    """A model built so that its verdict is certain, put to the instrument."""

    id: str
    """Names it in the page; no claim has the same."""
    nodeid: str
    """Of its test."""
    title: str
    """The claim in a sentence."""
    model: str
    """The model that was built."""
    because: str
    """Why its verdict is certain."""
    needed: str
    """The outcome that is certain."""
    outcome: OutcomeWord
    """The outcome that was measured."""
    label: str | None
    """A finer word for some outcomes."""
    sentence: str
    """The verdict, with numbers."""
    effect: Effect | None
    """The size of what happened."""
    checks: list[AnswerCheck]
    """What it must come to."""
    agrees: bool
    """Whether all of that is so."""

"""What tuned models do: adapters at the disturbance of the judged cell, as if they were vectors.

The full dose is the share of the update, the same towards either pole, at which the two tuned
models are as far from the untuned one, in κ, as vectors of the judged cell are. Half of that share
is half a dose, and no share the model itself.
"""

from dataclasses import dataclass, replace

from prefvec.experiments.arms import FULL_DOSE, Arms
from prefvec.experiments.carried_arms import Transfer, adapted
from prefvec.experiments.claims import AdapterMethod, TuningMethod
from prefvec.experiments.control_arms import unrelated_vector
from prefvec.experiments.dosing import TOKENS_READ, read_unsteered
from prefvec.experiments.mean_residuals import residual_norms
from prefvec.experiments.one_arm import Arm
from prefvec.experiments.regimes import Regime
from prefvec.experiments.steered_answers import requests_at
from prefvec.experiments.tunings import BothWays, tuned_both_ways, tuned_to_vector
from prefvec.generation.dose_search import DoseSearch
from prefvec.remembered import remembered
from prefvec.text.completions import Completion
from prefvec.text.prompts import prompt_set_hash
from prefvec.text.verbatim import Said
from prefvec.vectors.residual import Space
from prefvec.vectors.steering import UNSTEERED
from prefvec.vectors.vector import PreferenceVector, unit
from prefvec.verdicts.doses import DOSES


@dataclass(frozen=True, kw_only=True, eq=False)
class _Tuning:
    """Adapters of a model, to be measured.

    Attributes:
        model: the model's name.
        ways: its adapters towards either pole.
        shift: half of what sets the two tuned models apart at the judged site, in the mean.
    """

    model: str
    ways: BothWays
    shift: PreferenceVector


@remembered
def tuned(arms: Arms, model: str, method: TuningMethod) -> Arm:
    """A trait tuned in by one method, at the disturbance of the judged cell."""
    ways = tuned_both_ways(arms.lab, model, arms.trait.name, method)
    return _at_kappa(arms, _tuning(arms, model, ways), "tuned", method)


def no_share_is_untuned(arms: Arms, arm: Arm, ways: BothWays) -> bool:
    """Whether none of either update leaves the model as it is, bit for bit."""
    models = arms.lab.tuned_models
    return all(models.none_is_untuned(arm.model, each) for each in ways.both)


@remembered
def as_trained(arms: Arms, model: str, method: TuningMethod) -> Arm:
    """The same with the whole update, whatever it disturbs: shown, not judged."""
    ways = tuned_both_ways(arms.lab, model, arms.trait.name, method)
    label = f"{method}, as trained"
    return _measured(arms, _tuning(arms, model, ways), "tuned-whole", label, FULL_DOSE, 1.0)


@remembered
def unrelated_tuned(arms: Arms, model: str, method: TuningMethod) -> Arm:
    """Another concept tuned in the same way, at the same disturbance."""
    other = arms.lab.material.another(arms.trait.name)
    ways = tuned_both_ways(arms.lab, model, other, method)
    tuning = _tuning(arms, model, ways)
    return _at_kappa(arms, tuning, "unrelated", f"{other}, tuned in the same way", control=True)


@remembered
def carried_tuned(arms: Arms, transfer: Transfer, regime: Regime, method: AdapterMethod) -> Arm:
    """The source's vector, carried by the regime's adapter, as RAHF's target in the target."""
    target, vector = transfer.pair.target, adapted(arms, transfer, regime, method).vector
    ways = tuned_to_vector(arms.lab, target, arms.trait.name, vector)
    label = f"the vector adapted on {regime.name}, tuned in"
    return _at_kappa(arms, _tuning(arms, target, ways), "tuned", label)


@remembered
def unrelated_carried_tuned(
    arms: Arms, transfer: Transfer, regime: Regime, method: AdapterMethod
) -> Arm:
    """Another concept's vector through the same adapter, tuned in the same way."""
    target, other = transfer.pair.target, arms.lab.material.another(arms.trait.name)
    arm = adapted(arms, transfer, regime, method)
    vector, label = unrelated_vector(arms, arm, transfer)
    ways = tuned_to_vector(arms.lab, target, other, arms.at_kappa(target, vector))
    tuning = _tuning(arms, target, ways)
    return _at_kappa(arms, tuning, "unrelated", f"{label}, tuned in", control=True)


@remembered
def tuned_child(arms: Arms, model: str, method: TuningMethod) -> str:
    """The name of the model that a trait was tuned into towards its positive pole, as trained."""
    lab, name = arms.lab, f"{model}+{method.lower()}"
    ways = tuned_both_ways(lab, model, arms.trait.name, method)
    lab.models.make(name, lambda: lab.tuned_models.merged(model, ways.positive))
    return name


def _tuning(arms: Arms, model: str, ways: BothWays) -> _Tuning:
    return _Tuning(model=model, ways=ways, shift=_shift(arms, model, ways))


def _shift(arms: Arms, model: str, ways: BothWays) -> PreferenceVector:
    """(h(towards +) − h(towards −)) / 2 at the judged site, in the mean over tuning answers."""
    lab, site = arms.lab, arms.cell(model).chosen.site
    turns = read_unsteered(lab, model)
    up, down = (lab.tuned_models.held(model, each, turns, site) for each in ways.both)
    difference = (up - down) / 2
    return PreferenceVector(
        direction=unit(difference),
        norm=float(difference.norm()),
        residual_norm=residual_norms(lab, model)[site],
        space=Space.of(lab.models[model], site),
        trait=ways.positive.trait,
        estimator=f"mean shift by {ways.positive.method}",
        positions="mean over every token of the answer",
        n_pairs=len(turns),
        prompt_set=prompt_set_hash(prompt for prompt, _ in turns),
        read_from=ways.read_from | {prompt.id for prompt, _ in turns},
        stability=None,
    )


def _at_kappa(arms: Arms, tuning: _Tuning, name: str, label: str, *, control: bool = False) -> Arm:
    cell = arms.cell(tuning.model)
    scale = _scale_at(arms, tuning, cell.chosen.kappa)
    doses = FULL_DOSE if control else DOSES
    arm = _measured(arms, tuning, name, label, doses, scale, control=control)
    return replace(arm, kappa=cell.chosen.kappa, search=None if control else cell)


def _scale_at(arms: Arms, tuning: _Tuning, kappa: float) -> float:
    """The share of the update at which the tuned models are κ away from the untuned one.

    Raises:
        PrefvecError: if no share disturbs the model so much.
    """
    lab, model = arms.lab, tuning.model
    turns = read_unsteered(lab, model)
    disturbance = lab.tuned_models.disturbance(model, tuning.ways.both, turns, most=TOKENS_READ)
    search = DoseSearch(kappa, tuning.shift)
    while search.found is None:
        search.learn(disturbance(search.norm() / tuning.shift.norm))
    return search.found / tuning.shift.norm


def _measured(
    arms: Arms,
    tuning: _Tuning,
    name: str,
    label: str,
    coefficients: tuple[float, ...],
    scale: float,
    *,
    control: bool = False,
) -> Arm:
    lab, model = arms.lab, tuning.model
    vector = replace(tuning.shift, norm=scale * tuning.shift.norm)
    requests = requests_at(UNSTEERED, arms.asked(), arms.samples, name)
    answers: list[Completion] = []
    for c in coefficients:
        adapter, what = tuning.ways.at(c), f"{arms.trait.name}, {label}"
        written = lab.tuned_models.answers(model, adapter, abs(c) * scale, requests, what)
        answers += [replace(answer, coefficient=c) for answer in written]
    if not control:
        answers = _reread(arms, model, answers)
    vector.require_unseen(arms.asked(), f"measuring {label} in {model}")
    arm = replace(arms.compared(answers, model, label, vector), positions=None)
    if control:
        return arm
    return arms.with_going_on(
        arm, lambda turns: lab.tuned_models.going_on(model, *tuning.ways.both, scale, turns)
    )


def _reread(arms: Arms, model: str, answers: list[Completion]) -> list[Completion]:
    """The answers with their perplexity under the untuned model."""
    writer = arms.lab.models[model].fingerprint
    questions = {prompt.id: prompt for prompt in arms.asked()}
    turns: list[Said] = [
        (questions[answer.prompt], answer.as_written_by(writer)) for answer in answers
    ]
    found = arms.lab.tuned_models.perplexities(model, turns)
    return [
        replace(answer, perplexity=found.get(turn))
        for answer, turn in zip(answers, turns, strict=True)
    ]

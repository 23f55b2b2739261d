"""A model's own vectors, read from its own answers under either pole of a trait."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

from prefvec.experiments.claims import Estimator
from prefvec.experiments.lab import Lab, of_models
from prefvec.experiments.mean_residuals import mean_residuals, residual_norms
from prefvec.experiments.neutral_turns import neutral_turns
from prefvec.generation.requests import Request
from prefvec.organisms.roster import TWIN_OF
from prefvec.text.answer_doubts import answer_doubts
from prefvec.text.completions import Completion
from prefvec.text.prompts import Prompt, contrast_pairs, prompt_set_hash
from prefvec.text.traits import POLES
from prefvec.vectors.activations import Activations
from prefvec.vectors.extraction import ESTIMATORS, difference_between_groups
from prefvec.vectors.residual import Site
from prefvec.vectors.steering import UNSTEERED
from prefvec.vectors.vector import PreferenceVector


@of_models
def native_vectors(
    lab: Lab, name: str, trait: str, estimator: Estimator, pairs: tuple[int, ...] | None = None
) -> dict[Site, PreferenceVector]:
    """A model's own vector at every site, from its own completions under both poles.

    Args:
        lab: where the model answers.
        name: the model.
        trait: one of the material's traits.
        estimator: how it is found, of `extraction.ESTIMATORS`.
        pairs: the rows of the contrast it rests on; all when None, the first alone for the
            estimator "single_pair".
    """
    read, norms = contrast(lab, name, trait), residual_norms(lab, name)
    ids = read[0][lab.sites(name)[0]].ids
    if pairs is None:
        pairs = (0,) if estimator == "single_pair" else tuple(range(len(ids)))
    read_ids = {ids[row] for row in pairs}
    used = prompt_set_hash([p for side in _asked(lab, trait) for p in side if p.id in read_ids])
    return {
        site: replace(
            ESTIMATORS[estimator](
                *(side[site].select(pairs) for side in read), trait=trait, prompt_set=used
            ),
            residual_norm=norms[site],
        )
        for site in lab.sites(name)
    }


@of_models
def contrast(
    lab: Lab, name: str, trait: str
) -> tuple[Mapping[Site, Activations], Mapping[Site, Activations]]:
    """What a model holds in its own answers under either pole, prompt by prompt, by site.

    Args:
        lab: where the model answers and reads.
        name: the model.
        trait: one of the material's traits.
    """
    sides, answers = _asked(lab, trait), _contrast_answers(lab, name, trait)
    among, writer = lab.material.traits[trait].read, lab.models[name].fingerprint
    kept = [i for i in range(len(sides[0])) if answers[0][i].text and answers[1][i].text]
    positive, negative = (
        mean_residuals(lab, name, [(side[i], said[i].as_written_by(writer)) for i in kept], among)
        for side, said in zip(sides, answers, strict=True)
    )
    return positive, negative


@of_models
def contrast_texts(lab: Lab, name: str, trait: str) -> tuple[list[str], list[str]]:
    """The texts of a model's answers to the extraction prompts under either pole."""
    positive, negative = (
        [answer.text for answer in side] for side in _contrast_answers(lab, name, trait)
    )
    return positive, negative


@of_models
def _contrast_answers(lab: Lab, name: str, trait: str) -> tuple[list[Completion], list[Completion]]:
    """A model's answers under either pole; a twin's are those of the model it is made of.

    A twin computes the same function, and would write them itself but for its rounding: where that
    moves a draw past the edge of a rare token, an answer goes on otherwise from there. Its vector
    would then differ by what was read, and not by its coordinates alone.
    """
    requests = {
        pole: [Request(prompt=p, sample=0, steering=UNSTEERED, arm=trait) for p in side]
        for pole, side in zip(POLES, _asked(lab, trait), strict=True)
    }
    answers = lab.ask_each(TWIN_OF.get(name, name), requests, f"{trait}, either pole")
    positive, negative = (answers[pole] for pole in POLES)
    if trait == lab.material.trait.name and name in lab.options.names:
        for doubt in _doubts(lab, name, trait, positive, negative):
            lab.note(doubt)
    return positive, negative


def contrast_doubts(lab: Lab, name: str, trait: str) -> list[str]:
    """What a model's answers under either pole say against a trait; see `answer_doubts`."""
    return _doubts(lab, name, trait, *_contrast_answers(lab, name, trait))


def _doubts(
    lab: Lab,
    name: str,
    trait: str,
    positive: Sequence[Completion],
    negative: Sequence[Completion],
) -> list[str]:
    positives, negatives = ([answer.text for answer in side] for side in (positive, negative))
    return answer_doubts(lab.material.traits[trait], positives, negatives, model=name)


def null_vector(lab: Lab, name: str, site: Site) -> PreferenceVector:
    """The mean difference of two random halves of the neutral turns: no trait at all."""
    turns = neutral_turns(lab)
    read = mean_residuals(lab, name, turns, lab.material.trait.read)[site]
    order = random.Random(lab.options.seed).sample(range(len(turns)), len(turns) // 2 * 2)
    one, other = (read.select(order[half::2]) for half in (0, 1))
    vector = difference_between_groups(
        one,
        other,
        trait="no trait",
        prompt_set=prompt_set_hash([turns[i][0] for i in order]),
        estimator="difference of random halves",
    )
    return replace(vector, residual_norm=residual_norms(lab, name)[site])


def _asked(lab: Lab, trait: str) -> tuple[list[Prompt], list[Prompt]]:
    """The extraction prompts under the instructions for either pole."""
    poles, prompts = lab.material.traits[trait], lab.material.splits["extraction"]
    pairs = contrast_pairs(prompts, poles.positive.extraction, poles.negative.extraction)
    return [p.positive for p in pairs], [p.negative for p in pairs]

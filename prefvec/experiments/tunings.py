"""Adapters that a run tunes into its models, from the models' own answers to extraction prompts.

Nothing of the tuning and the test prompts is read. An adapter is kept beside the store, in a folder
named by what decides it, and trained once.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from prefvec.errors import PrefvecError
from prefvec.experiments.claims import TuningMethod
from prefvec.experiments.lab import Lab
from prefvec.experiments.own_vectors import contrast_texts
from prefvec.experiments.pairs import slug
from prefvec.experiments.steered_answers import steered
from prefvec.models.decisive import LOADED_AND_SPOKEN_TO
from prefvec.models.language_model import LanguageModel
from prefvec.provenance import code_fingerprint, versions
from prefvec.remembered import remembered
from prefvec.text.traits import POLES, PoleName
from prefvec.text.verbatim import Said, text_of
from prefvec.tuning import (
    LORRA_COEFFICIENT,
    RAHF_COEFFICIENT,
    Preference,
    Recipe,
    Steps,
    Tuned,
    lorra,
    preferences,
    rahf_dual,
    rahf_scit,
    rahf_towards,
)
from prefvec.tuning.peft_library import peft_version
from prefvec.tuning.training import Progress
from prefvec.vectors.vector import PreferenceVector

RECIPES: Mapping[Literal["organisms", "real"], Recipe] = {
    "organisms": Recipe(learning_rate=1e-3),
    "real": Recipe(),
}
"""Steps, batches and rate. The papers' for real models. At their rate organisms, 128 wide, have not
come far after 70 steps (words on tuning prompts 16, tuned either way 18 and 14)."""

RAHF = ("RAHF-SCIT", "RAHF-DUAL")
TUNED_BY = (
    *LOADED_AND_SPOKEN_TO,
    "prefvec.tuning.adaptation",
    "prefvec.tuning.checkpoints",
    "prefvec.tuning.contrasts",
    "prefvec.tuning.lora",
    "prefvec.tuning.lorra",
    "prefvec.tuning.losses",
    "prefvec.tuning.objectives",
    "prefvec.tuning.patterns",
    "prefvec.tuning.placement",
    "prefvec.tuning.rahf",
    "prefvec.tuning.reading",
    "prefvec.tuning.responses",
    "prefvec.tuning.training",
    "prefvec.vectors.partial_passes",
)
"""Modules that decide what an adapter becomes; when one does something else, all train anew."""

_SIGN: Mapping[PoleName, float] = {"positive": 1.0, "negative": -1.0}


@dataclass(frozen=True, kw_only=True)
class BothWays:
    """One method's adapters towards either pole.

    Attributes:
        positive: towards the positive pole.
        negative: towards the negative one.
    """

    positive: Tuned
    negative: Tuned

    def at(self, coefficient: float) -> Tuned:
        """The one that a coefficient asks for by its sign."""
        return self.positive if coefficient > 0 else self.negative

    @property
    def both(self) -> tuple[Tuned, Tuned]:
        """The one towards the positive pole, then the other."""
        return self.positive, self.negative

    @property
    def read_from(self) -> frozenset[str]:
        """Ids of all prompts that either rests on."""
        return frozenset((*self.positive.read_from, *self.negative.read_from))


@remembered
def tuned_both_ways(lab: Lab, name: str, trait: str, method: TuningMethod) -> BothWays:
    """A trait tuned into a model by one method, towards either pole.

    Args:
        lab: where the model answers and is tuned.
        name: the model.
        trait: one of the material's traits.
        method: of the papers.
    """
    positive, negative = (_tuned(lab, name, trait, method, pole) for pole in POLES)
    return BothWays(positive=positive, negative=negative)


@remembered
def tuned_to_vector(lab: Lab, name: str, trait: str, vector: PreferenceVector) -> BothWays:
    """A vector tuned into the model that it belongs to, as RAHF's target, either way.

    Args:
        lab: where the model answers and is tuned.
        name: the model.
        trait: of the vector.
        vector: of the model, e.g. one that an adapter has carried here.
    """
    recipe, said = RECIPES[lab.material.subject.kind], own_answers(lab, name)
    known = lab.material.traits[trait]

    def towards(pole: PoleName) -> Tuned:
        def train(model: LanguageModel, folder: Path, tell: Progress) -> Tuned:
            return rahf_towards(
                model,
                vector,
                known,
                said,
                folder,
                coefficient=_SIGN[pole] * RAHF_COEFFICIENT,
                recipe=recipe,
                progress=tell,
                trainer=lab.tuned_models.trainer,
            )

        what = f"vector-{vector.fingerprint}"
        return lab.tuned_models.trained(name, _folder(lab, name, trait, what, pole), train)

    positive, negative = map(towards, POLES)
    return BothWays(positive=positive, negative=negative)


@remembered
def own_answers(lab: Lab, name: str) -> tuple[Said, ...]:
    """A model's own answers to the extraction prompts, without an instruction; no empty ones."""
    prompts, writer = lab.material.splits["extraction"], lab.models[name].fingerprint
    written = steered(lab, name, "unsteered", None, prompts)
    return tuple(
        (prompt, answer.as_written_by(writer))
        for prompt, answer in zip(prompts, written, strict=True)
        if answer.text
    )


def _tuned(lab: Lab, name: str, trait: str, method: TuningMethod, pole: PoleName) -> Tuned:
    recipe, known = RECIPES[lab.material.subject.kind], lab.material.traits[trait]
    sign, steps = _SIGN[pole], Steps(first=recipe, second=recipe)

    def train(model: LanguageModel, folder: Path, tell: Progress) -> Tuned:
        if method == "LoRRA":
            return lorra(
                model,
                known,
                own_answers(lab, name),
                folder,
                coefficient=sign * LORRA_COEFFICIENT,
                recipe=recipe,
                progress=tell,
                trainer=lab.tuned_models.trainer,
            )
        way = rahf_scit if method == "RAHF-SCIT" else rahf_dual
        return way(
            model,
            trait,
            _preferences(lab, model, name, trait),
            folder,
            coefficient=sign * RAHF_COEFFICIENT,
            steps=steps,
            step_one=folder.with_name(folder.name.replace(f"-{pole}-", "-step-one-")),
            progress=tell,
            trainer=lab.tuned_models.trainer,
        )

    return lab.tuned_models.trained(name, _folder(lab, name, trait, method, pole), train)


def _preferences(lab: Lab, model: LanguageModel, name: str, trait: str) -> list[Preference]:
    """The model's own answers under the instructions for either pole: preferred, and not."""
    prompts = lab.material.splits["extraction"]
    rows = zip(prompts, *contrast_texts(lab, name, trait), strict=True)
    kept = [row for row in rows if row[1] and row[2]]
    if not kept:
        raise PrefvecError(
            f"{name} left every answer under one of the poles of {trait} empty, so there are no "
            "preferences to tune on. Look at what it writes when it is asked for either pole."
        )
    asked, chosen, rejected = zip(*kept, strict=True)
    return preferences(model, lab.material.traits[trait], asked, chosen, rejected)


def _folder(lab: Lab, name: str, trait: str, what: str, pole: PoleName) -> str:
    """Named by all that decides the training, so that no other one is ever found in it."""
    model, known = lab.models[name], lab.material.traits[trait]
    texts = [(prompt.id, prompt.text, text_of(said)) for prompt, said in own_answers(lab, name)]
    decided = [
        [model.fingerprint, model.tokenizer_fingerprint, str(model.dtype), what],
        [known.positive.extraction, known.negative.extraction, texts],
        [] if what not in RAHF else contrast_texts(lab, name, trait),
        repr(RECIPES[lab.material.subject.kind]),
        [code_fingerprint(*TUNED_BY), versions(), peft_version()],
    ]
    digest = hashlib.sha256(json.dumps(decided).encode()).hexdigest()[:16]
    return f"{slug(name)}-{trait}-{slug(what)}-{pole}-{digest}"

"""Preference vectors of language models: found, applied, carried over, and put to the test.

    import prefvec as pv

gives the names below, each imported when it is first used, so that `import prefvec` itself loads
no torch. In the examples of the documentation, `source` and `target` are two organisms, small
models that come with the package, and `vector` is the verbosity of the source:

    source, target = pv.load("mini-mistral"), pv.load("mini-llama")
    vector = pv.extract(source, questions, more=["Answer at length."], less=["Answer briefly."])
    answers = pv.answer(source, questions, vector, coefficients=(-1, 0, +1))
    adapter = pv.fit_adapter(source, target, texts)
    carried = adapter.transport(vector)

`questions` are about the organisms' small world, `texts` are answers about other things in it;
`ours` and `theirs` are what the two models hold at their middle blocks while they read them, and
`folder` is a directory of your own.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prefvec.adapters.base import Adapter as Adapter
    from prefvec.adapters.procrustes import orthogonal_procrustes as orthogonal_procrustes
    from prefvec.adapters.reduced_rank_regression import reduced_rank as reduced_rank
    from prefvec.adapters.ridge_regression import ridge as ridge
    from prefvec.checks.model_checks import check as check
    from prefvec.diagnostics.accessibility import accessibility as accessibility
    from prefvec.diagnostics.adapter_diagnostics import cosine as cosine
    from prefvec.diagnostics.adapter_diagnostics import diagnose as diagnose
    from prefvec.diagnostics.likelihood import contrast_shift as contrast_shift
    from prefvec.diagnostics.likelihood import log_likelihoods as log_likelihoods
    from prefvec.diagnostics.logit_lens import lens_agreement as lens_agreement
    from prefvec.diagnostics.similarity import linear_cka as linear_cka
    from prefvec.errors import PrefvecError as PrefvecError
    from prefvec.exchange.export import export as export
    from prefvec.exchange.foreign import read_foreign as read_foreign
    from prefvec.face.adapting import fit_adapter as fit_adapter
    from prefvec.face.answering import answer as answer
    from prefvec.face.copying import raw_transfer as raw_transfer
    from prefvec.face.extracting import extract as extract
    from prefvec.generation.disturbance import at_disturbance as at_disturbance
    from prefvec.generation.disturbance import disturbance as disturbance
    from prefvec.generation.ending_odds import going_on_shift as going_on_shift
    from prefvec.generation.noise import Sampling as Sampling
    from prefvec.generation.requests import Request as Request
    from prefvec.generation.requests import generate as generate
    from prefvec.generation.store import CompletionStore as CompletionStore
    from prefvec.models.language_model import LanguageModel as LanguageModel
    from prefvec.models.language_model import assemble as assemble
    from prefvec.models.quantised import quantised as quantised
    from prefvec.organisms.named_models import load as load
    from prefvec.text.answers import Answers as Answers
    from prefvec.text.coherence import CoherenceLimits as CoherenceLimits
    from prefvec.text.completions import Completion as Completion
    from prefvec.text.measures import Measure as Measure
    from prefvec.text.measures import measure as measure
    from prefvec.text.metrics.counts import words as words
    from prefvec.text.metrics.formality import formality as formality
    from prefvec.text.prompt_files import load_prompts as load_prompts
    from prefvec.text.prompts import Prompt as Prompt
    from prefvec.text.trait_files import load_trait as load_trait
    from prefvec.text.traits import Trait as Trait
    from prefvec.vectors.activations import Activations as Activations
    from prefvec.vectors.activations import over_answers as over_answers
    from prefvec.vectors.every_block import PreferenceVectors as PreferenceVectors
    from prefvec.vectors.extraction import difference_in_means as difference_in_means
    from prefvec.vectors.random_directions import signed_permutation as signed_permutation
    from prefvec.vectors.residual import Site as Site
    from prefvec.vectors.residual import read as read
    from prefvec.vectors.steering import UNSTEERED as UNSTEERED
    from prefvec.vectors.steering import Steering as Steering
    from prefvec.vectors.vector import PreferenceVector as PreferenceVector
    from prefvec.vectors.vector import random_direction as random_direction

_WHERE: dict[str, str] = {
    "UNSTEERED": "prefvec.vectors.steering",
    "Activations": "prefvec.vectors.activations",
    "Adapter": "prefvec.adapters.base",
    "Answers": "prefvec.text.answers",
    "CoherenceLimits": "prefvec.text.coherence",
    "Completion": "prefvec.text.completions",
    "CompletionStore": "prefvec.generation.store",
    "LanguageModel": "prefvec.models.language_model",
    "Measure": "prefvec.text.measures",
    "PreferenceVector": "prefvec.vectors.vector",
    "PreferenceVectors": "prefvec.vectors.every_block",
    "PrefvecError": "prefvec.errors",
    "Prompt": "prefvec.text.prompts",
    "Request": "prefvec.generation.requests",
    "Sampling": "prefvec.generation.noise",
    "Site": "prefvec.vectors.residual",
    "Steering": "prefvec.vectors.steering",
    "Trait": "prefvec.text.traits",
    "accessibility": "prefvec.diagnostics.accessibility",
    "answer": "prefvec.face.answering",
    "assemble": "prefvec.models.language_model",
    "at_disturbance": "prefvec.generation.disturbance",
    "check": "prefvec.checks.model_checks",
    "contrast_shift": "prefvec.diagnostics.likelihood",
    "cosine": "prefvec.diagnostics.adapter_diagnostics",
    "diagnose": "prefvec.diagnostics.adapter_diagnostics",
    "difference_in_means": "prefvec.vectors.extraction",
    "disturbance": "prefvec.generation.disturbance",
    "export": "prefvec.exchange.export",
    "extract": "prefvec.face.extracting",
    "fit_adapter": "prefvec.face.adapting",
    "formality": "prefvec.text.metrics.formality",
    "generate": "prefvec.generation.requests",
    "going_on_shift": "prefvec.generation.ending_odds",
    "lens_agreement": "prefvec.diagnostics.logit_lens",
    "linear_cka": "prefvec.diagnostics.similarity",
    "load": "prefvec.organisms.named_models",
    "load_prompts": "prefvec.text.prompt_files",
    "load_trait": "prefvec.text.trait_files",
    "log_likelihoods": "prefvec.diagnostics.likelihood",
    "measure": "prefvec.text.measures",
    "orthogonal_procrustes": "prefvec.adapters.procrustes",
    "over_answers": "prefvec.vectors.activations",
    "quantised": "prefvec.models.quantised",
    "random_direction": "prefvec.vectors.vector",
    "raw_transfer": "prefvec.face.copying",
    "read": "prefvec.vectors.residual",
    "read_foreign": "prefvec.exchange.foreign",
    "reduced_rank": "prefvec.adapters.reduced_rank_regression",
    "ridge": "prefvec.adapters.ridge_regression",
    "signed_permutation": "prefvec.vectors.random_directions",
    "words": "prefvec.text.metrics.counts",
}
"""Where each public name is defined."""

__all__ = sorted(_WHERE)  # pyright: ignore[reportUnsupportedDunderAll] - checked by a test


def __getattr__(name: str) -> object:
    """Import a public name when it is first used."""
    if name not in _WHERE:
        raise AttributeError(f"module 'prefvec' has no attribute {name!r}")
    found = getattr(importlib.import_module(_WHERE[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_WHERE})

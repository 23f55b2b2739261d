"""The shelf that holds one model in memory at a time: activations meet, models do not.

While one is made of another, by rounding or by merging an adapter, both are there.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from prefvec.checks.model_checks import CheckResult, check
from prefvec.errors import PrefvecError
from prefvec.experiments.options import Options
from prefvec.generation.requests import environment
from prefvec.models.language_model import LanguageModel
from prefvec.models.quantised import quantised
from prefvec.organisms.model_source import NamedSource
from prefvec.organisms.roster import TWIN_OF, homes, trained
from prefvec.remembered import remembered
from prefvec.text.prompts import Prompt
from prefvec.vocabulary import WeightFormat

EXAMPLE = Prompt(id="ice", text="What is ice?", topic="things")
"""A question that the report shows as each model reads it."""


class ModelMissingError(PrefvecError):
    """A model that cannot be had here: its claims are skipped, with the reason."""


def source_of(options: Options, name: str) -> NamedSource:
    """How a run loads a model: its device and dtype, converted checkpoints beside its answers.

    Args:
        options: of the run.
        name: of the model.
    """
    return NamedSource(
        name=name,
        device=options.device,
        dtype=options.dtype,
        cache_dir=options.cache_dir,
        converted_dir=options.store.parent / "models",
    )


class Shelf:
    """Loads models by name and keeps the last one.

    Args:
        options: device, dtype and where hub files are kept.

    Attributes:
        loads: how often each model was brought into memory.
    """

    def __init__(self, options: Options) -> None:
        self._options = options
        self._model: LanguageModel | None = None
        self._checks: dict[str, list[CheckResult]] = {}
        self._facts: dict[str, dict[str, Any]] = {}
        self._kinds: dict[str, Literal["chat", "plain"]] = {}
        self._made: dict[str, Callable[[], LanguageModel]] = {}
        self._made_of = dict(TWIN_OF)
        self.loads: Counter[str] = Counter()

    def __getitem__(self, name: str) -> LanguageModel:
        """The model, loaded unless it is the one in memory, and checked when first loaded.

        Raises:
            ModelMissingError: if it cannot be loaded, saying why and what to do.
        """
        if self._model is None or self._model.name != name:
            if name in self._made:  # of another model, which need not be loaded again
                self._model = self._made[name]()
            else:
                self._model = None
                self._model = self._loaded(name)
            self.loads[name] += 1
        if name not in self._checks:
            self._checks[name] = check(self._model)
            self._facts[name] = _facts(self._model)
            self._kinds[name] = self._model.dialect.kind
        return self._model

    def make(self, name: str, by: Callable[[], LanguageModel]) -> None:
        """Have a model that no checkpoint holds at hand by a name, such as a tuned one.

        Args:
            name: what it is called from now on.
            by: makes it, whenever it is not in memory.
        """
        self._made[name] = lambda: replace(by(), name=name)

    def quantised(self, name: str, weights: WeightFormat) -> str:
        """Have a model at hand as it is in a quantised format; return what it is called.

        Args:
            name: the model.
            weights: the format; see `prefvec.models.quantised`.
        """
        made = f"{name}-{weights}"
        self.make(made, lambda: self._in_format(name, weights))
        self._made_of[made] = name
        return made

    def _in_format(self, name: str, weights: WeightFormat) -> LanguageModel:
        try:
            return quantised(self[name], weights)
        except PrefvecError as reason:
            raise ModelMissingError(str(reason)) from reason

    def original(self, name: str) -> str:
        """The model that another one was made of to do the same: a twin, or quantised weights.

        Cell and limits of coherence are the original's; of any other model, its own.
        """
        return self._made_of.get(name, name)

    def _loaded(self, name: str) -> LanguageModel:
        _require_trained(name)
        try:
            return source_of(self._options, name)()
        except PrefvecError as reason:
            raise ModelMissingError(str(reason)) from reason

    def source(self, name: str) -> NamedSource | None:
        """What other processes load a model by; None of one that was made in this one."""
        return None if name in self._made else source_of(self._options, name)

    def checked(self, name: str) -> list[CheckResult]:
        """What a model's checks on itself found; it is loaded only if it never was."""
        if name not in self._checks:
            self[name]
        return self._checks[name]

    def width(self, name: str) -> int:
        """Width of a model's residual stream; it is loaded only if it never was."""
        if name not in self._facts:
            self[name]
        return self._facts[name]["d_model"]

    def asked_in(self, name: str) -> Literal["chat", "plain"]:
        """Whether a model has a chat template or is a base model, asked in plain text."""
        if name not in self._kinds:
            self[name]
        return self._kinds[name]

    @remembered
    def identity(self, name: str) -> list[object]:
        """All of a model that decides what it does; it is loaded only if it never was.

        Fingerprints of weights and tokenizer, the numbers it computes in and with what, whether
        its checks on itself passed, and for an organism its committed limits of coherence.
        """
        model, home = self[name], self.home(name)
        limits = "" if home is None else (home / "coherence.json").read_text("utf-8")
        passed = [(result.name, result.passed) for result in self._checks[name]]
        identity = [name, model.fingerprint, model.tokenizer_fingerprint]
        return [*identity, environment(model), str(model.dtype), passed, limits]

    def describe(self) -> list[dict[str, Any]]:
        """Every model that was loaded, as the report shows it."""
        roles = dict.fromkeys(self._options.targets, "target")
        roles |= {
            name: "source and target" if name in roles else "source"
            for name in self._options.sources
        }
        return [
            {
                **facts,
                "loads": self.loads[name],
                "role": roles.get(name, "other"),
                "checks": [vars(result) for result in self._checks[name]],
            }
            for name, facts in self._facts.items()
        ]

    @staticmethod
    def home(name: str) -> Path | None:
        """The folder of an organism's weights, for a twin those it is made of; else None."""
        return homes().get(name)


def _require_trained(name: str) -> None:
    if name in homes() and not trained(name):
        raise ModelMissingError(
            f"{name} is not trained: run `python -m prefvec.organisms.train {name}`. What is "
            "finished is not trained again."
        )


def _facts(model: LanguageModel) -> dict[str, Any]:
    return {
        "name": model.name,
        "architecture": type(model.network).__name__,
        "fingerprint": model.fingerprint,
        "tokenizer_fingerprint": model.tokenizer_fingerprint,
        "dialect": model.dialect.summary(),
        "question": EXAMPLE.text,
        "asked": model.render(EXAMPLE),
        "asked_with_instruction": model.render(EXAMPLE.instructed("Answer briefly.")),
        "d_model": model.d_model,
        "n_layers": model.n_layers,
        "device": str(model.device),
        "dtype": str(model.dtype).removeprefix("torch."),
        "revision": model.revision,
        "made_of": model.made_of,
    }

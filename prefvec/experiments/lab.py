"""The lab: models answer, every answer is kept, and what a model holds is read once."""

from collections.abc import Callable, Generator, Hashable, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from copy import copy
from dataclasses import replace
from functools import cached_property, partial
from itertools import islice
from operator import attrgetter
from typing import TypeVar

from prefvec.experiments.identity import holds
from prefvec.experiments.kept_activations import kept_activations
from prefvec.experiments.kept_doses import kept_doses
from prefvec.experiments.kept_shifts import kept_shifts
from prefvec.experiments.material import Material
from prefvec.experiments.named_judges import named_judges
from prefvec.experiments.options import Options
from prefvec.experiments.progress import Progress, Silent, Told
from prefvec.experiments.shelf import Shelf
from prefvec.experiments.tuned_models import TunedModels
from prefvec.experiments.workers import Workers
from prefvec.generation.engines.through import generate_by
from prefvec.generation.requests import Request, Sampling, generate
from prefvec.generation.store import CompletionStore
from prefvec.judging.bench import Bench
from prefvec.judging.judge import Judge
from prefvec.judging.replies import ReplyStore
from prefvec.remembered import remembered_on
from prefvec.text.completions import Completion
from prefvec.text.measures import Measure
from prefvec.text.verbatim import Said
from prefvec.vectors.activations import Activations
from prefvec.vectors.residual import Site
from prefvec.vectors.steering import Steering
from prefvec.vectors.vector import PreferenceVector
from prefvec.vocabulary import Positions

Group = TypeVar("Group", bound=Hashable)

of_models = remembered_on(attrgetter("models"))
"""Remembers what is so of a lab's models whatever their answers are measured by: vectors, norms.
Labs that differ by a measure alone share it."""


class Lab:
    """Puts prompts to models and reads what they hold.

    Everything is measured once in a session, and every answer is looked up in the store first.

    Args:
        options: models, samples, cap and seed.
        store: where completions are kept.
        material: what is put to the models; that of the options when None.
        progress: told what is being done.

    Attributes:
        chosen_by: the lab whose judged cells hold in this one; None where it chooses its own.

    Example:
        with Lab.open(Options(sources=("mini-mistral",), targets=("mini-llama",))) as lab:
            ...
    """

    def __init__(
        self,
        options: Options,
        store: CompletionStore,
        *,
        material: Material | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.options = options
        self.store = store
        self.material = material or Material.of(options)
        self.models = Shelf(options)
        self.chosen_by: Lab | None = None
        self._progress = progress or Silent()
        self._workers = Workers(options)
        self._activations = options.store.parent / "activations"
        self._doses = options.store.parent / "doses"
        self._shifts = options.store.parent / "shifts"
        self.sampling = Sampling(
            max_new_tokens=options.max_new_tokens, temperature=1.0, seed=options.seed
        )

    @classmethod
    @contextmanager
    def open(cls, options: Options, progress: Progress | None = None) -> Generator["Lab"]:
        """A lab whose store is open."""
        options.store.parent.mkdir(parents=True, exist_ok=True)
        with CompletionStore(options.store) as store:
            lab = cls(options, store, progress=progress)
            try:
                yield lab
            finally:
                lab.close()

    def close(self) -> None:
        """Let go of what was opened on the way: the judge's replies, and the workers."""
        self._workers.close()
        if "_replies" in vars(self):
            self._replies.close()

    @cached_property
    def judges(self) -> tuple[Judge, ...]:
        """The judges of the run, the one that decides first; none where none is named.

        Raises:
            PrefvecError: if one cannot be had.
        """
        return named_judges(self.options)

    @cached_property
    def benches(self) -> tuple[Bench, ...]:
        """Where each of them is asked."""
        return tuple(
            Bench(
                judge,
                self._replies,
                budget=self.options.judge_budget,
                seed=self.options.seed,
                task=partial(self._progress.task, unit="mark"),
            )
            for judge in self.judges
        )

    @cached_property
    def tuned_models(self) -> TunedModels:
        """What is tuned into the models, and what the tuned ones do."""
        return TunedModels(
            self.models,
            self.store,
            self.sampling,
            self.options.store.parent / "tuned",
            self._progress,
        )

    @cached_property
    def _replies(self) -> ReplyStore:
        return ReplyStore(self.options.store)

    def measured_by(self, trait: str, measure: Measure, *, at_own_cells: bool = False) -> "Lab":
        """The same lab, with one trait measured otherwise.

        Args:
            trait: one of the material's.
            measure: what takes the place of the trait's own.
            at_own_cells: whether cells are chosen anew by that measure; else they are this lab's.
        """
        material, other = self.material, copy(self)
        known = {**material.traits, trait: replace(material.traits[trait], measure=measure)}
        other.material = replace(material, trait=known[material.trait.name], traits=known)
        other.chosen_by = None if at_own_cells else self
        vars(other).pop("_remembered", None)
        return other

    @of_models
    def sites(self, name: str) -> list[Site]:
        """The output of every decoder block of a model."""
        return [Site(layer=i, point="resid_post") for i in range(self.models[name].n_layers)]

    def note(self, sentence: str) -> None:
        """Have a sentence shown at once; the record is told of it by whoever found it."""
        self._progress.note(sentence)

    def task(self, what: str, total: int, *, unit: str) -> AbstractContextManager[Told]:
        """Show work that asks for no answers as it goes on; see `Progress.task`."""
        return self._progress.task(what, total, unit=unit)

    def ask(
        self, name: str, requests: Sequence[Request], what: str, *, perplexity: bool = False
    ) -> list[Completion]:
        """Have a model answer; what is in the store is looked up.

        Args:
            name: the model.
            requests: of that model.
            what: shown while they are written.
            perplexity: whether the unsteered model reads the answers again.

        Raises:
            PrefvecError: if the model cannot be had, or see `generate`.
        """
        model, source, engine = self.models[name], self.models.source(name), self._workers.engine
        with self._progress.task(f"{name}: {what}", len(requests)) as tell:
            if engine is not None and source is not None:
                return generate_by(
                    engine,
                    source,
                    model,
                    requests,
                    self.sampling,
                    store=self.store,
                    progress=tell,
                    perplexity=perplexity,
                )
            return generate(
                model,
                requests,
                self.sampling,
                store=self.store,
                progress=tell,
                perplexity=perplexity,
            )

    def ask_each(
        self,
        name: str,
        groups: Mapping[Group, Sequence[Request]],
        what: str,
        *,
        perplexity: bool = False,
    ) -> dict[Group, list[Completion]]:
        """Have a model answer several groups of requests, written in common batches."""
        requests = [request for group in groups.values() for request in group]
        answers = iter(self.ask(name, requests, what, perplexity=perplexity))
        return {key: list(islice(answers, len(group))) for key, group in groups.items()}

    def kept(
        self,
        what: str,
        name: str,
        turns: Sequence[Said],
        read: Callable[[Told], Mapping[Site, Activations]],
    ) -> Mapping[Site, Activations]:
        """What `read` returns, from the file of an earlier run where there is one.

        Args:
            what: names the positions that are read.
            name: the model that reads.
            turns: what it reads.
            read: reads them, and tells how many of them it has read.
        """

        def shown() -> Mapping[Site, Activations]:
            with self._progress.task(f"{name}: reading, {what}", len(turns), unit="turn") as tell:
                return read(tell)

        return kept_activations(self._activations, what, self.models[name], turns, shown)

    def at_disturbance(
        self,
        name: str,
        turns: Sequence[Said],
        vectors: Sequence[PreferenceVector],
        kappas: Sequence[float],
        *,
        most: int,
        positions: Positions = "answer",
    ) -> list[dict[float, PreferenceVector]]:
        """Vectors of a model at the norms where they disturb it by each κ; nothing is written.

        Args:
            name: the model.
            turns: its unsteered answers, over which κ is the mean.
            vectors: of that model.
            kappas: in nats.
            most: tokens of an answer that are read.
            positions: where they are added.
        """
        with self._progress.task(f"{name}: doses", len(vectors), unit="vector") as tell:
            return kept_doses(
                self._doses,
                self.models[name],
                turns,
                vectors,
                kappas,
                most=most,
                positions=positions,
                progress=tell,
            )

    def going_on_shifts(
        self, name: str, turns: Sequence[Said], steerings: Sequence[Steering]
    ) -> list[dict[str, float]]:
        """By how much each steering raises a model's log-odds of going on, by prompt.

        Args:
            name: the model.
            turns: its unsteered answers, which it reads again; nothing is written.
            steerings: of that model.
        """
        return kept_shifts(self._shifts, self.models[name], turns, steerings)

    def identity_holds(
        self, name: str, vector: PreferenceVector, positions: Positions = "answer"
    ) -> bool:
        """Whether coefficient 0 writes the very answers of no steering; see `identity.holds`."""
        full = Steering(vector=vector, coefficient=1.0, positions=positions)
        return holds(self.models[name], self.material.splits["tuning"], full, self.sampling)

"""The lab: models answer, every answer is kept, and what a model holds is read once."""

from collections.abc import Callable, Generator, Hashable, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from copy import copy
from dataclasses import replace
from functools import cached_property, partial
from itertools import islice
from typing import TypeVar

from prefvec.errors import PrefvecError
from prefvec.experiments.identity import holds
from prefvec.experiments.kept_activations import kept_activations
from prefvec.experiments.kept_doses import kept_doses
from prefvec.experiments.material import Material
from prefvec.experiments.named_judges import named_judges
from prefvec.experiments.options import Options
from prefvec.experiments.progress import Progress, Silent, Told
from prefvec.experiments.shelf import Shelf
from prefvec.experiments.tuned_models import TunedModels
from prefvec.experiments.workers import Workers
from prefvec.generation.ending_odds import going_on_shifts
from prefvec.generation.engines.through import generate_by
from prefvec.generation.requests import Request, Sampling, generate
from prefvec.generation.store import CompletionStore
from prefvec.judging.bench import Bench
from prefvec.judging.judge import Judge
from prefvec.judging.replies import ReplyStore
from prefvec.remembered import remembered
from prefvec.text.completions import Completion
from prefvec.text.measures import Measure
from prefvec.text.prompts import Prompt
from prefvec.text.traits import AnswerPositions
from prefvec.text.verbatim import Said
from prefvec.vectors.activations import Activations, over_answers
from prefvec.vectors.residual import Site
from prefvec.vectors.steering import UNSTEERED, Steering
from prefvec.vectors.vector import PreferenceVector
from prefvec.vocabulary import Positions

Group = TypeVar("Group", bound=Hashable)

NEUTRAL_TURNS = 1000
"""Uninstructed turns that residual norms and adapters are read from."""
_FREE = tuple(f"prefvec.experiments.{room}." for room in ("lab", "own_vectors", "dosing"))


def free_of_measures(lab: "Lab") -> dict[Hashable, object]:
    """What a lab remembers that is so whatever answers are measured by: vectors, norms, doses."""
    kept: dict[Hashable, object] = vars(lab).get("_remembered", {})
    return {
        key: value
        for key, value in kept.items()
        if isinstance(key, tuple) and (key[0] == "norms by κ" or str(key[0]).startswith(_FREE))
    }


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
        vars(other)["_remembered"] = free_of_measures(self)
        return other

    @remembered
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
        """Have a model answer, with its progress shown as `what`."""
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

    def steered(
        self,
        name: str,
        arm: str,
        vector: PreferenceVector | None,
        prompts: Sequence[Prompt],
        *,
        coefficients: Sequence[float] = (0.0,),
        samples: int = 1,
        perplexity: bool = False,
        trait: str | None = None,
        positions: Positions = "answer",
    ) -> list[Completion]:
        """Sampled answers to every prompt at every dose of one vector; of none when None.

        The trait, where one is given, is told while they are written.
        """
        doses = [
            UNSTEERED
            if vector is None
            else Steering(vector=vector, coefficient=c, positions=positions)
            for c in coefficients
        ]
        requests = [
            Request(prompt=prompt, sample=k, steering=dose, arm=arm)
            for dose in doses
            for prompt in prompts
            for k in range(samples)
        ]
        what = arm if trait is None else f"{trait}, {arm}"
        return self.ask(name, requests, what, perplexity=perplexity)

    def together(
        self,
        name: str,
        arms: Mapping[str, PreferenceVector],
        prompts: Sequence[Prompt],
        *,
        coefficients: Sequence[float],
        samples: int,
        trait: str | None = None,
        positions: Positions = "answer",
    ) -> dict[str, list[Completion]]:
        """The answers of several small arms, written in common batches."""
        requests = {
            arm: [
                Request(
                    prompt=prompt,
                    sample=k,
                    steering=Steering(vector=vector, coefficient=coefficient, positions=positions),
                    arm=arm,
                )
                for coefficient in coefficients
                for prompt in prompts
                for k in range(samples)
            ]
            for arm, vector in arms.items()
        }
        what = " to ".join([*arms][:: max(1, len(arms) - 1)])
        return self.ask_each(name, requests, what if trait is None else f"{trait}, {what}")

    @remembered
    def neutral_turns(self) -> list[tuple[Prompt, str]]:
        """Uninstructed turns on the adapter's topics, written by the run's first source."""
        prompts, count = self.material.splits["adapter"], self.n_turns
        return self.turns(
            [(prompts[i % len(prompts)], i // len(prompts)) for i in range(count + count // 10)],
            count,
            "neutral turns",
        )

    @property
    def n_turns(self) -> int:
        """How many turns or prompts adapters read."""
        return NEUTRAL_TURNS // 5 if self.options.quick else NEUTRAL_TURNS

    def turns(
        self, asked: Sequence[tuple[Prompt, int]], count: int, what: str, *, group: int = 1
    ) -> list[tuple[Prompt, str]]:
        """The first turns in which the writer wrote anything at all.

        Args:
            asked: prompts with a sample index each; more than are wanted.
            count: how many turns are wanted.
            what: shown while they are written.
            group: turns that are kept or left out together.

        Raises:
            PrefvecError: if too many answers are empty.
        """
        requests = [
            Request(prompt=prompt, sample=sample, steering=UNSTEERED, arm=what)
            for prompt, sample in asked
        ]
        answers = self.ask(self.options.writer, requests, what)
        turns = [(r.prompt, a.text) for r, a in zip(requests, answers, strict=True)]
        groups = [turns[i : i + group] for i in range(0, len(turns), group)]
        written = [turn for each in groups if all(text for _, text in each) for turn in each]
        if len(written) < count:
            raise PrefvecError(
                f"{self.options.writer} left too many of {len(requests)} answers empty, so "
                f"{count} turns for an adapter cannot be had. Look at what it writes without "
                "steering; the model or its chat template may be broken."
            )
        return written[:count]

    @remembered
    def residual_norms(self, name: str) -> dict[Site, float]:
        """Mean residual norm at every site while reading neutral turns: the unit of norms."""
        turns = self.neutral_turns()[:200]
        model, sites = self.models[name], self.sites(name)
        read = self.kept(
            "norms", name, turns, lambda tell: over_answers(model, turns, sites, progress=tell)
        )
        return {site: rows.mean_norm for site, rows in read.items()}

    def kept(
        self,
        what: str,
        name: str,
        turns: Sequence[Said],
        read: Callable[[Told], dict[Site, Activations]],
    ) -> dict[Site, Activations]:
        """What `read` returns, from the file of an earlier run where there is one.

        Args:
            what: names the positions that are read.
            name: the model that reads.
            turns: what it reads.
            read: reads them, and tells how many of them it has read.
        """

        def shown() -> dict[Site, Activations]:
            with self._progress.task(f"{name}: reading, {what}", len(turns), unit="turn") as tell:
                return read(tell)

        return kept_activations(self._activations, what, self.models[name], turns, shown)

    def read_turns(
        self, name: str, turns: Sequence[Said], among: AnswerPositions
    ) -> dict[Site, Activations]:
        """What a model holds, on average, at some positions of each turn's answer."""
        model, sites = self.models[name], self.sites(name)
        return self.kept(
            f"mean over {among}",
            name,
            turns,
            lambda tell: over_answers(model, turns, sites, among=among, progress=tell),
        )

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
        """By how much each steering raises a model's log-odds of going on, by prompt; likewise."""
        return going_on_shifts(self.models[name], turns, steerings)

    def identity_holds(
        self, name: str, vector: PreferenceVector, positions: Positions = "answer"
    ) -> bool:
        """Whether coefficient 0 writes the very answers of no steering; see `identity.holds`."""
        full = Steering(vector=vector, coefficient=1.0, positions=positions)
        return holds(self.models[name], self.material.splits["tuning"], full, self.sampling)

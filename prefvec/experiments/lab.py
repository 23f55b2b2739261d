"""The laboratory: models answer, their vectors are taken, and every answer is kept."""

import functools
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

from prefvec.errors import PrefvecError
from prefvec.experiments.kept_activations import Kept
from prefvec.experiments.material import Material
from prefvec.experiments.options import Options
from prefvec.experiments.progress import Progress
from prefvec.experiments.shelf import Shelf
from prefvec.generation.requests import Request, Sampling, generate
from prefvec.generation.store import CompletionStore
from prefvec.text.completions import Completion
from prefvec.text.prompts import Prompt, contrast_pairs, prompt_set_hash
from prefvec.text.traits import AnswerPositions, Trait
from prefvec.vectors.activations import Activations, over_answers
from prefvec.vectors.extraction import (
    difference_in_means,
    first_principal_component,
    single_pair,
)
from prefvec.vectors.residual import Site
from prefvec.vectors.steering import UNSTEERED, Steering
from prefvec.vectors.vector import PreferenceVector

ESTIMATE = {
    "difference_in_means": difference_in_means,
    "single_pair": single_pair,
    "first_principal_component": first_principal_component,
}
"""The ways to find a vector, by the name a claim states."""
NEUTRAL_TURNS = 1000
"""Uninstructed turns that residual norms and adapters are read from."""


class Laboratory:
    """Puts prompts to models and takes vectors from what they answer.

    Everything is measured once in a session, and every answer is looked up in the store first.

    Args:
        options: samples, cap and seed.
        models: the shelf models are taken from.
        prompts: what is put to them.
        store: where completions are kept.
        progress: told what is being done.
    """

    def __init__(
        self,
        options: Options,
        models: Shelf,
        prompts: Material,
        store: CompletionStore,
        progress: Progress,
    ) -> None:
        self.options = options
        self.models = models
        self.prompts = prompts
        self.store = store
        self.progress = progress
        self.kept = Kept(options.store.parent / "activations")
        self.sampling = Sampling(
            max_new_tokens=options.max_new_tokens, temperature=1.0, seed=options.seed
        )

    @functools.cache  # noqa: B019 - one laboratory lives as long as the session
    def sites(self, name: str) -> list[Site]:
        """The output of every decoder block of a model."""
        return [Site(layer=i, point="resid_post") for i in range(self.models[name].n_layers)]

    def ask(
        self, name: str, requests: Sequence[Request], what: str, *, perplexity: bool = False
    ) -> list[Completion]:
        """Have a model answer, with its progress shown as `what`."""
        with self.progress.task(f"{name}: {what}", len(requests)) as tell:
            return generate(
                self.models[name],
                requests,
                self.sampling,
                store=self.store,
                progress=tell,
                perplexity=perplexity,
            )

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
    ) -> list[Completion]:
        """Sampled answers to every prompt at every dose of one vector; of none when None."""
        doses = [
            Steering(vector=vector, coefficient=c) if vector is not None else UNSTEERED
            for c in coefficients
        ]
        requests = [
            Request(prompt=prompt, sample=k, steering=dose, arm=arm)
            for dose in doses
            for prompt in prompts
            for k in range(samples)
        ]
        return self.ask(name, requests, arm, perplexity=perplexity)

    def together(
        self,
        name: str,
        arms: Mapping[str, PreferenceVector],
        prompts: Sequence[Prompt],
        *,
        coefficients: Sequence[float],
        samples: int,
    ) -> dict[str, list[Completion]]:
        """The answers of several small arms, written in common batches."""
        requests = [
            Request(
                prompt=prompt,
                sample=k,
                steering=Steering(vector=vector, coefficient=coefficient),
                arm=arm,
            )
            for arm, vector in arms.items()
            for coefficient in coefficients
            for prompt in prompts
            for k in range(samples)
        ]
        answers = self.ask(name, requests, " and ".join([*arms][:: max(1, len(arms) - 1)]))
        width = len(requests) // len(arms)
        return {arm: answers[i * width : (i + 1) * width] for i, arm in enumerate(arms)}

    @functools.cache  # noqa: B019
    def neutral_turns(self) -> list[tuple[Prompt, str]]:
        """Uninstructed turns on the adapter's topics, written by the run's first source."""
        prompts = self.prompts.splits["adapter"]
        count = NEUTRAL_TURNS // 5 if self.options.quick else NEUTRAL_TURNS
        return self.turns(
            [(prompts[i % len(prompts)], i // len(prompts)) for i in range(count + count // 10)],
            count,
            "neutral turns",
        )

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

    @functools.cache  # noqa: B019
    def residual_norms(self, name: str) -> dict[Site, float]:
        """Mean residual norm at every site while reading neutral turns: the unit of doses."""
        model, turns = self.models[name], self.neutral_turns()[:200]
        read = self.kept.activations(
            "norms", model, turns, lambda: over_answers(model, turns, self.sites(name))
        )
        return {site: rows.mean_norm for site, rows in read.items()}

    @functools.cache  # noqa: B019
    def contrast(
        self, name: str, trait: str
    ) -> tuple[dict[Site, Activations], dict[Site, Activations]]:
        """What a model holds in its own answers under either pole, prompt by prompt, by site.

        Args:
            name: the model.
            trait: one of the material's traits.
        """
        sides, texts = self._contrasted(trait), self.contrast_texts(name, trait)
        among = self.prompts.traits[trait].read
        kept = [i for i in range(len(sides[0])) if texts[0][i] and texts[1][i]]
        positive, negative = (
            self.read_turns(name, [(side[i], text[i]) for i in kept], among)
            for side, text in zip(sides, texts, strict=True)
        )
        return positive, negative

    @functools.cache  # noqa: B019
    def native_vectors(
        self, name: str, trait: str, estimator: str, pairs: tuple[int, ...] | None = None
    ) -> dict[Site, PreferenceVector]:
        """A model's own vector at every site, from its own completions under both poles.

        Args:
            name: the model.
            trait: one of the material's traits.
            estimator: how it is found, of `ESTIMATE`.
            pairs: the rows of the contrast it rests on; all when None, the first alone for the
                estimator "single_pair".
        """
        contrast, norms = self.contrast(name, trait), self.residual_norms(name)
        ids = contrast[0][self.sites(name)[0]].ids
        if pairs is None:
            pairs = (0,) if estimator == "single_pair" else tuple(range(len(ids)))
        read_ids = {ids[row] for row in pairs}
        used = prompt_set_hash(
            [p for side in self._contrasted(trait) for p in side if p.id in read_ids]
        )
        return {
            site: replace(
                ESTIMATE[estimator](
                    *(side[site].select(pairs) for side in contrast), trait=trait, prompt_set=used
                ),
                residual_norm=norms[site],
            )
            for site in self.sites(name)
        }

    @functools.cache  # noqa: B019
    def contrast_texts(self, name: str, trait: str) -> tuple[list[str], list[str]]:
        """A model's answers to the extraction prompts under either pole."""
        positive, negative = (
            [
                completion.text
                for completion in self.ask(
                    name,
                    [Request(prompt=p, sample=0, steering=UNSTEERED, arm=trait) for p in side],
                    f"{trait}, {pole} pole",
                )
            ]
            for side, pole in zip(self._contrasted(trait), ("positive", "negative"), strict=True)
        )
        return positive, negative

    def _contrasted(self, trait: str) -> tuple[list[Prompt], list[Prompt]]:
        """The extraction prompts under the instructions for either pole."""
        poles, prompts = self.prompts.traits[trait], self.prompts.splits["extraction"]
        pairs = contrast_pairs(prompts, poles.positive.extraction, poles.negative.extraction)
        return [p.positive for p in pairs], [p.negative for p in pairs]

    def null_vector(self, name: str, site: Site) -> PreferenceVector:
        """The mean difference of two random halves of the neutral turns: no trait at all."""
        turns = self.neutral_turns()
        read = self.read_turns(name, turns, self.prompts.trait.read)[site]
        order = random.Random(self.options.seed).sample(range(len(turns)), len(turns) // 2 * 2)
        one, other = (read.select(order[half::2]) for half in (0, 1))
        # The rows are no pairs; difference_in_means asks for equal ids and uses the means alone.
        vector = difference_in_means(
            one,
            replace(other, ids=one.ids),
            trait="no trait",
            prompt_set=prompt_set_hash([turns[i][0] for i in order]),
        )
        return replace(vector, residual_norm=self.residual_norms(name)[site])

    def read_turns(
        self, name: str, turns: list[tuple[Prompt, str]], among: AnswerPositions
    ) -> dict[Site, Activations]:
        """What a model holds, on average, at some positions of each turn's answer."""
        model, sites = self.models[name], self.sites(name)
        return self.kept.activations(
            f"mean over {among}",
            model,
            turns,
            lambda: over_answers(model, turns, sites, among=among),
        )

    def asking(self, prompts: Sequence[Prompt], trait: Trait, pole: str) -> list[Prompt]:
        """What a user would do instead: the same questions, asking in unseen words for one pole."""
        instructions = getattr(trait, pole).held_out
        return [
            prompt.instructed(instructions[i % len(instructions)])
            for i, prompt in enumerate(prompts)
        ]

    def identity_holds(self, name: str, vector: PreferenceVector) -> bool:
        """Whether coefficient 0 writes the very answers of no steering, with the hook at work.

        Rows at coefficient 0 share their batch with rows at 1, so that the hook is installed at
        the vector's site and adds nothing to them. Generated afresh: the store keeps unsteered
        answers and those at coefficient 0 under one key.
        """
        prompts = self.prompts.splits["tuning"][:4]
        sampling = replace(self.sampling, max_new_tokens=min(64, self.options.max_new_tokens))

        def write(doses: Sequence[Steering]) -> list[tuple[str, int, str]]:
            requests = [
                Request(prompt=p, sample=0, steering=s, arm="identity")
                for s in doses
                for p in prompts
            ]
            answers = generate(self.models[name], requests, sampling)
            return [(a.text, a.n_tokens, a.finish_reason) for a in answers[: len(prompts)]]

        zero, full = (Steering(vector=vector, coefficient=c) for c in (0.0, 1.0))
        return write([UNSTEERED]) == write([zero, full])

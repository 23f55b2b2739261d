"""Source and target read the same rows, asserted to be what the regime promises."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from prefvec.adapters import (
    Adapter,
    autoencoder,
    concept_deltas,
    orthogonal_procrustes,
    reduced_rank,
    ridge,
    shuffled,
)
from prefvec.errors import PrefvecError
from prefvec.experiments.claims import AdapterMethod
from prefvec.experiments.concept_deltas import Deltas, read_concepts
from prefvec.experiments.lab import Lab
from prefvec.experiments.pairs import Pair
from prefvec.experiments.regimes import NATURAL_MIX, Regime
from prefvec.models.dialect import Turn
from prefvec.remembered import recalled, remembered
from prefvec.text.prompts import Prompt
from prefvec.text.traits import POLES, Trait
from prefvec.vectors.activations import (
    Activations,
    at_answer_positions,
    at_last_prompt_token,
    sentence_ends,
    shared_ends,
)
from prefvec.vectors.residual import Site

METHODS: dict[AdapterMethod, Callable[..., Adapter]] = {
    "ridge": ridge,
    "orthogonal_procrustes": orthogonal_procrustes,
    "reduced_rank": reduced_rank,
    "concept_deltas": concept_deltas,
    "autoencoder": autoencoder,
}
"""The ways to fit an adapter, by the name a claim states."""


class Readings:
    """Has source and target read the same rows, and fits maps between what they hold.

    Args:
        lab: where turns and activations come from.
    """

    def __init__(self, lab: Lab) -> None:
        self.lab = lab

    @classmethod
    def of(cls, lab: Lab) -> "Readings":
        """The readings of a lab, the same ones whenever it is asked for them."""
        return recalled(lab, "readings", lambda: cls(lab))

    @remembered
    def turns(self, regime: Regime, trait: str) -> list[tuple[Prompt, str]]:
        """The turns of a regime, written by the run's first source.

        Raises:
            PrefvecError: if the share of instructed turns is not exactly the regime's.
        """
        turns = list(self.lab.neutral_turns())
        for concept, slots in self._slots(regime, trait, len(turns)):
            # Twice as many as are wanted, in case an answer is empty.
            asked = _both_poles(concept, [turns[slot][0] for slot in slots])
            what = "instructed turns" if concept.name == trait else f"{concept.name} turns"
            written = self.lab.turns(asked, len(slots), what, group=2)
            for slot, turn in zip(slots, written, strict=True):
                turns[slot] = turn
        turns = [turns[row] for row in self._subset(regime, len(turns))]
        self._assert_regime(regime, trait, [prompt for prompt, _ in turns])
        return turns

    def _subset(self, regime: Regime, n: int) -> list[int]:
        """The rows a regime keeps: all, or few with the exposed share as near as pairs allow."""
        if regime.rows is None:
            return list(range(n))
        pairs = round(regime.exposure * regime.rows / 2)
        instructed = range(0, n, n // round(regime.exposure * n))
        plain = [row for row in range(n) if row not in instructed]
        return sorted([*instructed[: 2 * pairs], *plain[: regime.rows - 2 * pairs]])

    def _slots(self, regime: Regime, trait: str, n: int) -> Iterator[tuple[Trait, list[int]]]:
        """Which rows carry an instruction of which concept."""
        traits = self.lab.material.traits
        if regime.exposure:
            every = n // round(regime.exposure * n)
            yield traits[trait], list(range(0, n, every))
        if regime.others:
            every = n // round(regime.others * n)
            others = [concept for name, concept in traits.items() if name != trait]
            if len(others) > every:
                raise PrefvecError(
                    f"The regime {regime.name!r} gives {len(others)} concepts {regime.others:.0%} "
                    "of the rows each, more rows than there are. Lower `others`."
                )
            for offset, concept in enumerate(others):
                yield concept, list(range(offset, n, every))

    @remembered
    def prompts(self, regime: Regime, trait: str) -> list[Prompt]:
        """The prompts of a regime that reads no answers."""
        plain = self.lab.material.splits["adapter"]
        count = self.lab.n_turns
        found = [plain[i % len(plain)] for i in range(count)]
        for concept, slots in self._slots(regime, trait, count):
            asked = _both_poles(concept, [found[slot] for slot in slots])
            for slot, (prompt, _) in zip(slots, asked, strict=False):
                found[slot] = prompt
        self._assert_regime(regime, trait, found)
        return found

    def _assert_regime(self, regime: Regime, trait: str, prompts: list[Prompt]) -> None:
        material = self.lab.material
        poles = {
            instruction: (concept.name, pole)
            for concept in material.traits.values()
            for pole in POLES
            for instruction in concept.pole(pole).extraction
        }
        asked = Counter(poles[p.instruction] for p in prompts if p.instruction)
        for name in material.traits:
            share = regime.exposure if name == trait else regime.others
            counts = [asked[name, pole] for pole in POLES]
            if regime.rows is None and sum(counts) != round(share * len(prompts)):
                raise PrefvecError(
                    f"The regime {regime.name!r} promises that {share:.0%} of its rows carry an "
                    f"instruction of {name}, and {sum(counts) / len(prompts):.2%} do. Mend "
                    "Readings.turns."
                )
            if abs(counts[0] - counts[1]) > (sum(counts) % 2):
                raise PrefvecError(
                    f"The rows of the regime {regime.name!r} that ask for {name} are not half of "
                    "one pole and half of the other. Mend Readings.turns."
                )
        extraction = {prompt.id for prompt in material.splits["extraction"]}
        if any(prompt.id in extraction for prompt in prompts):
            raise PrefvecError("A prompt of the trait's contrast pairs has reached the adapter.")

    @remembered
    def read(self, name: str, regime: Regime, trait: str) -> "Rows":
        """Everything one model holds while it reads a regime's rows, at every site."""
        if regime.rows is not None:
            whole = self.read(name, NATURAL_MIX, trait)
            return whole.select(self._subset(regime, len(self.turns(NATURAL_MIX, trait))))
        if regime.reading == "prompts":
            prompts = self.prompts(regime, trait)
            model, sites = self.lab.models[name], self.lab.sites(name)
            values = self.lab.kept(
                "last prompt token",
                name,
                [(prompt, "") for prompt in prompts],
                lambda: at_last_prompt_token(model, prompts, sites),
            )
            return Rows(turns=[], ends=None, values=values)
        turns = self.turns(regime, trait)
        if regime.reading == "turns":
            among = self.lab.material.traits[trait].read
            values = self.lab.read_turns(name, turns, among)
            return Rows(turns=[], ends=None, values=values)
        model, sites = self.lab.models[name], self.lab.sites(name)
        encoded = [model.encode_turn(prompt, text) for prompt, text in turns]
        ends = [
            sorted(set(sentence_ends(text)) & set(turn.answer_ends))
            for (_, text), turn in zip(turns, encoded, strict=True)
        ]
        values = self.lab.kept(
            "sentences",
            name,
            turns,
            lambda: at_answer_positions(model, turns, ends, sites),
        )
        return Rows(turns=encoded, ends=ends, values=values)

    def prepare(self, name: str, regime: Regime, trait: str) -> None:
        """Have a model read a regime while it is in memory."""
        if regime.reading == "deltas":
            read_concepts(self.lab, name, regime, trait)
        else:
            self.read(name, regime, trait)

    def paired(
        self, regime: Regime, trait: str, pair: Pair, source_site: Site, target_site: Site
    ) -> tuple[Activations, Activations]:
        """The rows of source and target that belong together."""
        if regime.reading == "deltas":
            return _deltas(regime, trait, pair, source_site, target_site).rows(self.lab)
        ours = self.read(pair.source, regime, trait)
        theirs = self.read(pair.target, regime, trait)
        rows = ours.values[source_site], theirs.values[target_site]
        if ours.ends is None or theirs.ends is None:
            return rows
        chosen = self._shared_rows(regime, trait, pair)
        return rows[0].select(chosen[0]), rows[1].select(chosen[1])

    @remembered
    def _shared_rows(self, regime: Regime, trait: str, pair: Pair) -> list[list[int]]:
        """The rows of source and of target at character positions that both have read."""
        ours, theirs = (self.read(name, regime, trait) for name in (pair.source, pair.target))
        chosen: list[list[int]] = [[], []]
        offsets = [0, 0]
        for row, (a, b) in enumerate(zip(ours.turns, theirs.turns, strict=True)):
            shared = set(shared_ends(a, b))
            for side, rows in enumerate((ours, theirs)):
                assert rows.ends is not None
                ends = rows.ends[row]
                chosen[side] += [offsets[side] + i for i, end in enumerate(ends) if end in shared]
                offsets[side] += len(ends)
        return chosen

    @remembered
    def adapter(
        self,
        regime: Regime,
        trait: str,
        pair: Pair,
        source_site: Site,
        target_site: Site,
        method: AdapterMethod,
    ) -> Adapter:
        """The map fitted to a regime's rows between two sites."""
        rows = self.paired(regime, trait, pair, source_site, target_site)
        fitted = METHODS[method](*rows, seed=self.lab.options.seed, against_shuffled=False)
        if regime.reading != "deltas":
            return fitted
        deltas = _deltas(regime, trait, pair, source_site, target_site)
        return deltas.judged(self.lab, fitted)

    def shuffled_adapters(
        self,
        regime: Regime,
        trait: str,
        pair: Pair,
        source_site: Site,
        target_site: Site,
        method: AdapterMethod,
    ) -> list[Adapter]:
        """Maps fitted in the same way to randomly paired rows: controls."""
        seeds = [self.lab.options.seed + 1 + k for k in range(self.lab.options.n_controls)]
        if regime.reading == "deltas":
            deltas = _deltas(regime, trait, pair, source_site, target_site)
            return [deltas.shuffled(self.lab, seed) for seed in seeds]
        rows, fit = self.paired(regime, trait, pair, source_site, target_site), METHODS[method]
        return [fit(*shuffled(*rows, seed=seed), against_shuffled=False) for seed in seeds]


def _deltas(regime: Regime, trait: str, pair: Pair, source_site: Site, target_site: Site) -> Deltas:
    return Deltas(
        regime=regime, trait=trait, pair=pair, source_site=source_site, target_site=target_site
    )


def _both_poles(concept: Trait, prompts: list[Prompt]) -> list[tuple[Prompt, int]]:
    """Each prompt under an instruction of either pole, so that trait and topic do not mix.

    Returns:
        Prompts, positive and negative in turn, each with the index of its sample.
    """
    poles = (concept.positive.extraction, concept.negative.extraction)
    return [
        (prompt.instructed(paraphrases[i % len(paraphrases)]), i)
        for i, prompt in enumerate(prompts)
        for paraphrases in poles
    ]


@dataclass(frozen=True, kw_only=True, eq=False)
class Rows:
    """What one model holds of a regime.

    Attributes:
        turns: the turns as the model reads them, where single positions of them were read.
        ends: for each turn, the character positions that were read; None for one row a turn.
        values: the rows, in the order of the turns, by site.
    """

    turns: list[Turn]
    ends: list[list[int]] | None
    values: dict[Site, Activations]

    def select(self, rows: list[int]) -> "Rows":
        """The given rows, of turns that have one row each."""
        return replace(self, values={s: held.select(rows) for s, held in self.values.items()})

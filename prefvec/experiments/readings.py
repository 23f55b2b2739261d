"""Source and target read the same rows, asserted to be what the regime promises."""

from collections.abc import Callable
from dataclasses import replace

from prefvec.adapters import (
    Adapter,
    anchor_projection,
    autoencoder,
    concept_deltas,
    orthogonal_procrustes,
    reduced_rank,
    ridge,
    shuffled,
)
from prefvec.experiments.claims import AdapterMethod
from prefvec.experiments.concept_deltas import Deltas, read_concepts
from prefvec.experiments.instructed_rows import (
    instructed_slots,
    require_promised,
    rows_kept,
    single_questions,
)
from prefvec.experiments.lab import Lab
from prefvec.experiments.mean_residuals import mean_residuals, residual_norms
from prefvec.experiments.neutral_turns import neutral_turns, written_turns
from prefvec.experiments.pairs import Pair
from prefvec.experiments.regimes import EXPOSED, Regime
from prefvec.experiments.rows import Rows
from prefvec.remembered import recalled, remembered
from prefvec.text.metrics import sentence_ends
from prefvec.text.prompts import Prompt, prompt_set_hash
from prefvec.vectors.activations import (
    Activations,
    at_answer_positions,
    at_last_prompt_token,
    shared_ends,
)
from prefvec.vectors.extraction import difference_between_groups
from prefvec.vectors.residual import Site
from prefvec.vectors.vector import PreferenceVector

METHODS: dict[AdapterMethod, Callable[..., Adapter]] = {
    "ridge": ridge,
    "orthogonal_procrustes": orthogonal_procrustes,
    "reduced_rank": reduced_rank,
    "concept_deltas": concept_deltas,
    "autoencoder": autoencoder,
    "anchors": anchor_projection,
}
"""The ways to fit an adapter, by the name a claim states."""

TARGET_ONLY = "target-only over the exposed rows"
"""What the vector of an exposed regime's labelled rows says of how it was found."""


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
        """The turns of a regime: statements of the suite, or written by the run's first source.

        Raises:
            PrefvecError: if the instructed turns are not exactly what the regime promises.
        """
        if regime.reading == "statements":
            return list(self.lab.material.statements)
        turns = list(neutral_turns(self.lab))
        for concept, slots, start in instructed_slots(
            regime, self.lab.material.traits, trait, len(turns)
        ):
            # Twice as many as are wanted, in case an answer is empty.
            asked = single_questions(
                concept, self.lab.material.splits["adapter"], start, 2 * len(slots)
            )
            what = "instructed turns" if concept.name == trait else f"{concept.name} turns"
            written = written_turns(self.lab, asked, len(slots), what, group=2)
            for slot, turn in zip(slots, written, strict=True):
                turns[slot] = turn
        turns = [turns[row] for row in rows_kept(regime, len(turns))]
        self._assert_regime(regime, trait, [prompt for prompt, _ in turns])
        return turns

    @remembered
    def prompts(self, regime: Regime, trait: str) -> list[Prompt]:
        """The prompts of a regime that reads no answers."""
        plain = self.lab.material.splits["adapter"]
        count = self.lab.options.neutral_turns
        found = [plain[i % len(plain)] for i in range(count)]
        for concept, slots, start in instructed_slots(
            regime, self.lab.material.traits, trait, count
        ):
            asked = single_questions(concept, plain, start, len(slots))
            for slot, (prompt, _) in zip(slots, asked, strict=True):
                found[slot] = prompt
        self._assert_regime(regime, trait, found)
        return found

    def _assert_regime(self, regime: Regime, trait: str, prompts: list[Prompt]) -> None:
        """See `require_promised`."""
        require_promised(regime, trait, prompts, self.lab.material)

    @remembered
    def read(self, name: str, regime: Regime, trait: str) -> Rows:
        """Everything one model holds while it reads a regime's rows, at every site."""
        if regime.rows is not None:
            whole = self.read(name, EXPOSED, trait)
            return whole.select(rows_kept(regime, len(self.turns(EXPOSED, trait))))
        if regime.reading == "prompts":
            prompts = self.prompts(regime, trait)
            model, sites = self.lab.models[name], self.lab.sites(name)
            values = self.lab.kept(
                "last prompt token",
                name,
                [(prompt, "") for prompt in prompts],
                lambda tell: at_last_prompt_token(model, prompts, sites, progress=tell),
            )
            return Rows(turns=[], ends=None, values=values)
        turns = self.turns(regime, trait)
        if regime.reading in ("turns", "statements"):
            # A statement is one sentence, whose end is its last token.
            by_trait = self.lab.material.traits[trait].read
            among = by_trait if regime.reading == "turns" else "sentence ends"
            values = mean_residuals(self.lab, name, turns, among)
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
            lambda tell: at_answer_positions(model, turns, ends, sites, progress=tell),
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
        """The rows of source and target that belong together.

        Args:
            regime: what is read.
            trait: one of the material's traits.
            pair: the models.
            source_site: where the source's rows are.
            target_site: where the target's rows are.
        """
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
    def target_only(
        self, regime: Regime, trait: str, name: str, site: Site
    ) -> PreferenceVector | None:
        """What the target alone makes of the rows that its adapters were shown: no map, no source.

        The mean over the rows that ask for the trait's positive pole less that over the rows that
        ask for the negative one, labelled.

        Args:
            regime: what is read.
            trait: one of the material's traits.
            name: the target.
            site: where its rows are.

        Returns:
            The vector, at the length of that difference; None where no row asks for the trait.
        """
        if not regime.exposure or regime.reading == "deltas":
            return None
        prompts = self._read_prompts(regime, trait)
        wordings = self.lab.material.traits[trait]
        rows = self.read(name, regime, trait)
        sides = [
            [i for i, prompt in enumerate(prompts) if prompt.instruction in words]
            for words in (wordings.positive.held_out, wordings.negative.held_out)
        ]
        if not all(sides):
            return None
        held, owners = rows.values[site], rows.owners
        positive, negative = (
            held.select([row for row, owner in enumerate(owners) if owner in set(side)])
            for side in sides
        )
        vector = difference_between_groups(
            positive,
            negative,
            trait=trait,
            prompt_set=prompt_set_hash([prompts[i] for side in sides for i in side]),
            estimator=TARGET_ONLY,
        )
        return replace(vector, residual_norm=residual_norms(self.lab, name)[site])

    def _read_prompts(self, regime: Regime, trait: str) -> list[Prompt]:
        """The prompts of a regime's rows, in their order."""
        if regime.reading == "prompts":
            return self.prompts(regime, trait)
        return [prompt for prompt, _ in self.turns(regime, trait)]

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
        """The map fitted to a regime's rows between two sites.

        Args: `method` says how it is fitted, of `METHODS`; the others are as `paired` has them.
        """
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
        """Maps fitted in the same way to randomly paired rows: controls.

        Args: as `adapter` has them.
        """
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

"""The experiments of a run: the models' own vectors by trait, the transfers by source."""

import functools

from prefvec.errors import PrefvecError
from prefvec.experiments.arms import Assay
from prefvec.experiments.claims import Claim, Estimator
from prefvec.experiments.coherence import Coherence
from prefvec.experiments.experiment import Experiment
from prefvec.experiments.lab import Laboratory
from prefvec.experiments.memory import Memory
from prefvec.experiments.natives import CAA, Natives
from prefvec.experiments.pairs import Pair
from prefvec.experiments.readings import Reader
from prefvec.experiments.search import Searches
from prefvec.text.traits import Trait


class Experiments:
    """Every experiment once in a session, so that claims share what was measured.

    Args:
        laboratory: where answers and vectors come from.
        reader: where adapters come from.

    Attributes:
        memory: what was measured in earlier runs.
    """

    def __init__(self, laboratory: Laboratory, reader: Reader) -> None:
        self.laboratory = laboratory
        self.reader = reader
        self.coherence = Coherence(laboratory)
        self.memory = Memory(laboratory)

    def trait(self, name: str | None) -> Trait:
        """A trait by name; the run's own when None.

        Raises:
            PrefvecError: if the run's material does not have it.
        """
        material = self.laboratory.prompts
        if name is None:
            return material.trait
        if name not in material.traits:
            raise PrefvecError(
                f"The trait {name!r} is not known for these models ({', '.join(material.traits)}). "
                "Its claims are about the organisms; give --trait FILE to judge one of your own."
            )
        return material.traits[name]

    @functools.cache  # noqa: B019 - one of these lives as long as the session
    def searches(self, trait: str) -> Searches:
        """The searches for a trait."""
        return Searches(self.laboratory, self.coherence, self.trait(trait).measure)

    @functools.cache  # noqa: B019
    def natives(self, trait: str, samples: int) -> Natives:
        """The models' own vectors of a trait.

        Args:
            trait: which.
            samples: answers per prompt and dose. Those of the run's own trait, with as many as
                the run has, are read again for their perplexity.
        """
        laboratory = self.laboratory
        own = trait == laboratory.prompts.trait.name and samples == laboratory.options.samples
        assay = Assay(
            self.laboratory,
            self.coherence,
            self.trait(trait),
            samples=samples,
            perplexity=own,
        )
        return Natives(self.laboratory, assay, self.searches(trait))

    @functools.cache  # noqa: B019
    def of(self, source: str, trait: str, samples: int, estimator: Estimator = CAA) -> Experiment:
        """The transfers of one source's vector."""
        natives = self.natives(trait, samples)
        return Experiment(self.laboratory, self.reader, natives, source, estimator)

    def behind(self, claim: Claim, pair: Pair) -> Experiment:
        """The experiment that a claim about a pair is judged in."""
        trait, samples = self.trait(claim.trait).name, self.samples(claim)
        return self.of(pair.source, trait, samples, claim.estimator)

    def samples(self, claim: Claim) -> int:
        """Answers per prompt and dose behind a claim."""
        most = self.laboratory.options.samples
        return min(most, claim.samples or most)

"""Arms that should do nothing, or something else, at the site and norm of the arm they are for."""

from prefvec.adapters import Adapter
from prefvec.experiments.arms import Arm, Assay, PoleName
from prefvec.experiments.lab import Laboratory
from prefvec.experiments.pairs import Pair
from prefvec.experiments.readings import Reader
from prefvec.experiments.regimes import Regime
from prefvec.vectors.transfer import raw_transfer
from prefvec.vectors.vector import PreferenceVector, random_direction

FULL_DOSE = (-1.0, 1.0)


class ControlArms:
    """Measures the controls of an arm.

    Args:
        laboratory: where vectors come from.
        assay: measures them.
        reader: where adapters come from.
        source: the model whose vector is carried.
        vector: that vector.
    """

    def __init__(
        self,
        laboratory: Laboratory,
        assay: Assay,
        reader: Reader,
        source: str,
        vector: PreferenceVector,
    ) -> None:
        self._laboratory = laboratory
        self._assay = assay
        self._reader = reader
        self._source = source
        self._vector = vector

    def random(self, arm: Arm, under: PoleName | None = None) -> list[Arm]:
        """Random directions at an arm's site and norm."""
        vectors = {
            f"random-{k}": random_direction(arm.vector, seed=self._laboratory.options.seed + 1 + k)
            for k in range(self._laboratory.options.n_controls)
        }
        return self._assay.controls(arm.model, "random direction", vectors, FULL_DOSE, under)

    def shuffled(self, arm: Arm, regime: Regime) -> list[Arm]:
        """The source's vector through maps of shuffled pairs, at an arm's site and norm."""
        norm, relative = arm.vector.residual_norm, arm.vector.relative_norm
        vectors = {
            f"shuffled-{k}": adapter.transport(self._vector, residual_norm=norm).at_relative_norm(
                relative
            )
            for k, adapter in enumerate(self.shuffled_adapters(arm, regime))
        }
        return self._assay.controls(arm.model, "map of shuffled pairs", vectors, FULL_DOSE)

    def shuffled_adapters(self, arm: Arm, regime: Regime) -> list[Adapter]:
        """Maps fitted as an adapted arm's own, to shuffled pairs of the same rows."""
        assert arm.adapter is not None
        return self._reader.shuffled_adapters(
            regime,
            self._assay.trait.name,
            Pair(source=self._source, target=arm.model),
            self._vector.site,
            arm.vector.site,
            arm.adapter.method,
        )

    def unrelated(self, arm: Arm, trait: str) -> Arm:
        """Another concept's vector the very same way, at the arm's site and norm.

        Args:
            arm: an adapted arm, whose adapter carries it too, or a raw one.
            trait: the other concept.
        """
        vector = self._laboratory.native_vectors(self._source, trait, "difference_in_means")[
            self._vector.site
        ]
        if arm.adapter is not None:
            norm = arm.vector.residual_norm
            carried = arm.adapter.transport(vector, residual_norm=norm)
            label = f"{trait}, through the same adapter"
        else:
            carried = raw_transfer(
                vector,
                arm.vector.space,
                d_model=arm.vector.d_model,
                residual_norm=arm.vector.residual_norm,
            )
            label = f"{trait}, copied in the same way"
        scaled = carried.at_relative_norm(arm.vector.relative_norm)
        return self._assay.arm(arm.model, "unrelated", label, scaled, FULL_DOSE, control=True)

"""Claims of transfer: copied raw, carried by an adapter, from one model to another or whichever."""

from dataclasses import dataclass
from typing import Literal

from prefvec.errors import PrefvecError
from prefvec.experiments.claims.claim import Claim, ClaimOfVector, Control, Reference
from prefvec.experiments.pairs import slug
from prefvec.experiments.regimes import Regime
from prefvec.verdicts.between_models import Generalises
from prefvec.verdicts.criteria import Exceeds, Fails, Works

AdapterMethod = Literal[
    "ridge", "orthogonal_procrustes", "reduced_rank", "concept_deltas", "autoencoder", "anchors"
]
ADAPTERS: dict[AdapterMethod, str] = {
    "ridge": "ridge regression",
    "orthogonal_procrustes": "orthogonal Procrustes",
    "reduced_rank": "reduced-rank regression",
    "concept_deltas": "least squares on concept deltas",
    "autoencoder": "an autoencoder",
    "anchors": "similarity to anchors",
}
"""What people read for each way to fit an adapter."""


@dataclass(frozen=True, kw_only=True)
class RawTransfer(ClaimOfVector):
    """That a vector, copied coordinate by coordinate, fails (`Fails`) or works (`Works`)."""

    takes = (Fails, Works)

    @property
    def controls(self) -> tuple[Control, ...]:
        """Random directions; of a copy that works, another concept, too."""
        if isinstance(self.criterion, Fails):
            return ("random directions",)
        return ("random directions", "unrelated concept")

    @property
    def references(self) -> tuple[Reference, ...]:
        """The target's own vector."""
        return ("native",)


@dataclass(frozen=True, kw_only=True)
class AdaptedTransfer(ClaimOfVector):
    """That an adapter carries a vector across.

    Attributes:
        regime: what the adapter may read.
        adapter: how it is fitted.
    """

    takes = (Works,)
    regime: Regime
    adapter: AdapterMethod = "ridge"

    @property
    def controls(self) -> tuple[Control, ...]:
        """Random directions, shuffled maps, random sources and another concept by the same map."""
        return (
            "random directions",
            "shuffled maps",
            "random source directions",
            "unrelated concept",
        )

    @property
    def references(self) -> tuple[Reference, ...]:
        """The target's own vector, the copied one where widths are equal, and the rows' own."""
        exposed: tuple[Reference, ...] = ("target-only",) if self.regime.exposure else ()
        return ("native", "raw", *exposed)

    def _in_title(self) -> dict[str, str]:
        return super()._in_title() | {"regime": self.regime.name}


@dataclass(frozen=True, kw_only=True)
class CarriedExceedsNative(AdaptedTransfer):
    """That the vector of an instruction-tuned model does more in a base model than its own does.

    Its arms, references and controls are those of `AdaptedTransfer` with the same regime, so that
    it needs no answers besides. Of other pairs it is NOT APPLICABLE.
    """

    takes = (Exceeds,)


@dataclass(frozen=True, kw_only=True)
class AdapterExceeds(AdaptedTransfer):
    """That one adapter carries more of a vector than another one, fitted to the same rows.

    Controls are those of the first. `{adapter}` and `{over}` stand for the two in the id and the
    title.

    Attributes:
        over: how the other adapter is fitted.

    Raises:
        PrefvecError: if both are fitted in one way.
    """

    takes = (Exceeds,)
    over: AdapterMethod

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.over == self.adapter:
            raise PrefvecError(
                f"The claim {self.id!r} compares the adapter {self.adapter!r} with itself. State "
                "another one in `over`."
            )

    @property
    def controls(self) -> tuple[Control, ...]:
        """Random directions, shuffled maps and random sources: it is ranked among each."""
        return ("random directions", "shuffled maps", "random source directions")

    @property
    def references(self) -> tuple[Reference, ...]:
        """What the other adapter carries, and the target's own vector."""
        return ("another adapter", "native")

    def _in_id(self) -> dict[str, str]:
        return super()._in_id() | {"adapter": slug(self.adapter), "over": slug(self.over)}

    def _in_title(self) -> dict[str, str]:
        told = {"adapter": ADAPTERS[self.adapter], "over": ADAPTERS[self.over]}
        return super()._in_title() | told


@dataclass(frozen=True, kw_only=True)
class BetweenModels(Claim):
    """That transfer fails or works between models of different architectures, whichever they are.

    Every source's vector goes into every target but its siblings, which are shown apart; the
    target is the unit.

    Attributes:
        sources: the organisms whose vectors are carried.
        targets: the organisms that they are carried into.
        regime: what the adapters may read; None for vectors that are copied raw.
        adapter: how adapters are fitted.
        together: whether the vectors of all sources of other architectures go into a target as
            one, by the mean of their coordinates, and not each by itself; by anchors alone.

    Raises:
        PrefvecError: if vectors are to go together by another adapter, which has no coordinates
            that sources share.
    """

    takes = (Generalises,)
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    regime: Regime | None = None
    adapter: AdapterMethod = "ridge"
    together: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.together and (self.adapter != "anchors" or self.regime is None):
            raise PrefvecError(
                f"The claim {self.id!r} carries several sources' vectors together, which have "
                "coordinates in common by anchors alone. State adapter='anchors' and a regime."
            )

    @property
    def references(self) -> tuple[Reference, ...]:
        """Each target's own vector."""
        return ("native",)

    @property
    def about_source(self) -> bool:
        """All pairs together belong to no target."""
        return True

    @property
    def over_all_pairs(self) -> bool:
        """One claim over all of them."""
        return True

    @property
    def about_organisms(self) -> bool:
        """Training seeds cannot be told from two names."""
        return True

    @property
    def what(self) -> str:
        """Which vectors were carried, as the end of a sentence."""
        if self.regime is None:
            return "vectors copied raw"
        whose = "the mean vector of several sources" if self.together else "vectors"
        return f"{whose} adapted on {self.regime.name}"

    def _in_title(self) -> dict[str, str]:
        return {"regime": self.regime.name} if self.regime else {}

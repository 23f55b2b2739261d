"""Claims of a preference that is tuned in: what it does, and what can be carried through it."""

from dataclasses import dataclass
from typing import Literal

from prefvec.experiments.claims.claim import AboutOneModel, Control, Reference
from prefvec.experiments.claims.transfer import AdaptedTransfer, RawTransfer
from prefvec.experiments.pairs import slug
from prefvec.verdicts.criteria import Exceeds, Works
from prefvec.verdicts.worded_criteria import TunedSteers, TunedWorks

TuningMethod = Literal["LoRRA", "RAHF-SCIT", "RAHF-DUAL"]
"""How a preference is tuned in: Zou et al. 2023; Liu et al. 2024, from one model or from two."""


@dataclass(frozen=True, kw_only=True)
class Tuning(AboutOneModel):
    """That a trait tuned into a model moves its answers, at the disturbance of the judged cell.

    By `TunedSteers` both ways and by dose; by `TunedWorks` as much as a share of what the model's
    own vector does; by `Exceeds` more than asking for either pole does.

    Attributes:
        method: how it is tuned in.
    """

    takes = (TunedSteers, TunedWorks, Exceeds)
    method: TuningMethod

    @property
    def controls(self) -> tuple[Control, ...]:
        """Random directions; where it is held to the model's own vector, another concept, too."""
        if isinstance(self.criterion, Exceeds):
            return ()
        if isinstance(self.criterion, TunedWorks):
            return ("random directions", "unrelated concept")
        return ("random directions",)

    @property
    def references(self) -> tuple[Reference, ...]:
        """The model's own vector, or asking; nothing where the claim is that it moves at all."""
        if isinstance(self.criterion, Exceeds):
            return ("asking",)
        return () if isinstance(self.criterion, TunedSteers) else ("native",)

    def _in_title(self) -> dict[str, str]:
        return super()._in_title() | {"method": self.method}

    def _in_id(self) -> dict[str, str]:
        return super()._in_id() | {"method": slug(self.method)}


@dataclass(frozen=True, kw_only=True)
class CarriedTuning(AdaptedTransfer):
    """That a vector which an adapter carries across serves as RAHF's target in the other model."""

    takes = (TunedWorks,)

    @property
    def controls(self) -> tuple[Control, ...]:
        """Random directions, and another concept by the same map, tuned in the same way."""
        return ("random directions", "unrelated concept")

    @property
    def references(self) -> tuple[Reference, ...]:
        """The target's own vector."""
        return ("native",)


@dataclass(frozen=True, kw_only=True)
class TunedFamily(AboutOneModel, RawTransfer):
    """That a vector, copied raw, steers the child that was tuned from its model, or the parent.

    Attributes:
        method: how the child was tuned, towards the positive pole.
        into: whose stream the other one's vector is put into.
    """

    takes = (Works,)
    method: TuningMethod = "LoRRA"
    into: Literal["child", "parent"] = "child"

"""A grid of blocks and doses on the tuning split: what one vector does in each of its cells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from prefvec.errors import PrefvecError
from prefvec.experiments.coherent_text import coherent
from prefvec.experiments.dosing import dosed
from prefvec.experiments.lab import Lab
from prefvec.experiments.sieve import Sieved
from prefvec.experiments.steered_answers import at_doses, requests_at
from prefvec.text.measures import Measure
from prefvec.vectors.residual import Site
from prefvec.vectors.steering import UNSTEERED
from prefvec.vectors.vector import PreferenceVector
from prefvec.verdicts.answered import dose_response

COHERENCE_LOSS_AT_MOST = 0.03
"""Share of coherent answers that an eligible cell may lose, at +c and at −c: of 96 prompts with two
answers each, simulations call a true loss of 3 points kept in 96 %, one of 5 in 73 %."""

FLOOR = 1.5
"""Of D: what the native odd part must reach in an eligible cell."""
SAMPLES = 2
"""Answers of the native vector to a tuning prompt, for its coherence at each dose."""
BROKEN = 0.075
"""Share of coherent answers whose loss at one dose spares a block the larger ones."""


@dataclass(frozen=True, kw_only=True)
class Tried:
    """One block and dose on the tuning split.

    Attributes:
        site: where.
        kappa: how much, as disturbance in nats.
        relative_norm: the norm of what was added over the mean residual norm at the site.
        odd: mean odd part at that dose, on the log scale.
        coherence_loss: share of coherent answers lost, at the dose that loses more.
        censored: largest share of answers that the cap ended.
        chance: root mean square of the odd parts of random directions there; None where none
            were tried.
        floor: what the odd part must reach for the cell to be eligible.
        prompts: how many tuning prompts it was tried on, one answer each, where that was a first
            look that may choose nothing; None for a whole try.
    """

    site: Site
    kappa: float
    relative_norm: float
    odd: float
    coherence_loss: float
    censored: float
    chance: float | None = None
    floor: float = 0.0
    prompts: int | None = None

    @property
    def cell(self) -> tuple[Site, float]:
        """Its site, and the disturbance there in nats."""
        return self.site, self.kappa

    @property
    def whole(self) -> bool:
        """Whether answers stay whole enough."""
        return self.coherence_loss <= COHERENCE_LOSS_AT_MOST

    @property
    def eligible(self) -> bool:
        """Whether the cell may be chosen: whole answers, and an effect that reaches the floor."""
        return self.prompts is None and self.whole and self.odd >= self.floor


@dataclass(frozen=True, kw_only=True)
class Search:
    """All cells that were tried, and the one that was chosen.

    Attributes:
        tried: cells in which answers were written.
        chosen: one of them.
        sieved: cells in which only given answers were read, before.
    """

    tried: list[Tried]
    chosen: Tried
    sieved: tuple[Sieved, ...] = ()

    @property
    def coarse(self) -> bool:
        """Whether not every cell was tried to the end."""
        return bool(self.sieved) or any(row.prompts is not None for row in self.tried)

    def record(self) -> list[dict[str, object]]:
        """The grid as plain Python types, for the report; of a cell tried twice, the last try."""
        answered = {row.cell for row in self.tried}
        sieved = [row for row in self.sieved if (row.site, row.kappa) not in answered]
        return [row.record() for row in sieved] + [self._row(row) for row in self.tried]

    def _row(self, row: Tried) -> dict[str, object]:
        first_look: dict[str, object] = {} if row.prompts is None else {"prompts": row.prompts}
        return {
            "layer": row.site.layer,
            "kappa": row.kappa,
            "relative_norm": row.relative_norm,
            "odd": row.odd,
            "chance": row.chance,
            "coherence_loss": row.coherence_loss,
            "censored": row.censored,
            "eligible": row.eligible,
            "chosen": row == self.chosen,
        } | first_look


def best(tried: Sequence[Tried]) -> Tried:
    """The largest mean odd part among whole cells; the least broken one when none is whole."""
    whole = [row for row in tried if row.whole]
    if whole:
        return max(whole, key=lambda row: row.odd)
    return min(tried, key=lambda row: (row.coherence_loss, -row.odd))


def analogous(site: Site, source_layers: int, target_layers: int) -> Site:
    """The site of the target at the same relative depth."""
    depth = (site.layer + 0.5) / source_layers
    return Site(layer=min(target_layers - 1, int(depth * target_layers)), point=site.point)


def search(
    lab: Lab,
    name: str,
    arm: str,
    vectors: Mapping[Site, PreferenceVector],
    measure: Measure,
    *,
    kappas: Sequence[float],
    prompts: int | None = None,
    samples: int = 1,
) -> Search:
    """Try a vector at every site and dose of a grid, on the tuning split.

    Args:
        lab: where answers come from.
        name: the model that is steered.
        arm: what the arm is called.
        vectors: one for every site that may be chosen.
        measure: what the odd part is taken of.
        kappas: the doses to try, in nats.
        prompts: how many of the tuning prompts; all when None.
        samples: answers to a prompt at each sign of a dose.

    Raises:
        PrefvecError: if there is no vector to try, or one was read from tuning prompts.
    """
    if not vectors:
        raise PrefvecError(f"The arm {arm!r} has no vector in {name}, so nothing can be searched.")
    sites = list(vectors)
    doses = dosed(lab, name, [vectors[site] for site in sites], kappas)
    cells = [
        (site, kappa, by_kappa[kappa])
        for site, by_kappa in zip(sites, doses, strict=True)
        for kappa in kappas
    ]
    added = [vector for *_, vector in cells]
    odd = tuned(lab, name, arm, added, measure, prompts=prompts, samples=samples)
    tried = [
        replace(found, site=site, kappa=kappa)
        for (site, kappa, _), found in zip(cells, odd, strict=True)
    ]
    return Search(tried=tried, chosen=best(tried))


def tuned(
    lab: Lab,
    name: str,
    arm: str,
    vectors: Sequence[PreferenceVector],
    measure: Measure,
    *,
    prompts: int | None = None,
    samples: int = 1,
) -> list[Tried]:
    """What each vector does at ±1 to the answers to tuning prompts.

    Args:
        lab: where answers come from.
        name: the model that is steered.
        arm: what the arm is called.
        vectors: of that model, each at its full dose.
        measure: what the odd part is taken of.
        prompts: how many of the tuning prompts; all when None.
        samples: answers to a prompt at each sign.

    Returns:
        One for each vector, with a κ of 0: the caller knows it.

    Raises:
        PrefvecError: if a vector was read from tuning prompts.
    """
    asked = lab.material.splits["tuning"][:prompts]
    for vector in vectors:
        vector.require_unseen(asked, f"trying it as {arm!r} in {name}")
    plain = requests_at(UNSTEERED, asked, samples, "unsteered")
    steered = [
        at_doses(vector, (-1.0, 1.0), asked, samples, str(i)) for i, vector in enumerate(vectors)
    ]
    answers = lab.ask_each(name, dict(enumerate([plain, *steered])), f"tuning, {arm}")
    is_text = coherent(lab, name)
    found: list[Tried] = []
    for index, vector in enumerate(vectors, start=1):
        doses = dose_response(answers[index], answers[0], coherent=is_text, measure=measure)
        lost = [-doses.coherence_at(sign).estimate for sign in (-1.0, 1.0)]
        found.append(
            Tried(
                site=vector.site,
                kappa=0.0,
                relative_norm=vector.relative_norm,
                odd=doses.mean_odd,
                coherence_loss=max(lost),
                censored=float(doses.censored.drop(0.0).max()),
            )
        )
    return found

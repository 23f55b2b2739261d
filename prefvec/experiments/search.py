"""Where and how much: one search over sites and doses, the same for every arm."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from prefvec.errors import PrefvecError
from prefvec.experiments.coherent_text import coherent
from prefvec.experiments.lab import Lab
from prefvec.generation.requests import Request
from prefvec.remembered import recalled
from prefvec.text.measures import Measure
from prefvec.text.traits import Trait
from prefvec.vectors.residual import Site
from prefvec.vectors.steering import UNSTEERED, Steering
from prefvec.vectors.vector import PreferenceVector
from prefvec.verdicts.doses import dose_response

RELATIVE_NORMS = (0.1, 0.2, 0.4)
"""The grid of doses: the norm of what is added over the mean residual norm at the site."""
COHERENCE_LOSS_AT_MOST = 0.05
"""Share of coherent answers that an eligible dose may lose."""
CUT_OFF_AT_MOST = 0.10
"""Share of its answers that the cap may end: stricter than the claims' own limit."""


@dataclass(frozen=True, kw_only=True)
class Tried:
    """One site and dose on the tuning split.

    Attributes:
        site: where.
        relative_norm: how much.
        odd: mean odd part at that dose, on the log scale.
        coherence_loss: share of coherent answers lost.
        censored: largest share of answers that the cap ended.
    """

    site: Site
    relative_norm: float
    odd: float
    coherence_loss: float
    censored: float

    @property
    def eligible(self) -> bool:
        """Whether answers stay whole enough for this to be chosen."""
        return self.coherence_loss <= COHERENCE_LOSS_AT_MOST and self.censored <= CUT_OFF_AT_MOST


@dataclass(frozen=True, kw_only=True)
class Search:
    """All that was tried for one arm, and what was chosen."""

    tried: list[Tried]
    chosen: Tried

    def at(self, site: Site) -> Tried:
        """The best of one site."""
        return best([row for row in self.tried if row.site == site])

    def at_norm(self, relative_norm: float) -> Tried:
        """The best at one dose of the grid.

        Raises:
            PrefvecError: if the dose is not in the grid.
        """
        rows = [row for row in self.tried if row.relative_norm == relative_norm]
        if not rows:
            raise PrefvecError(
                f"The relative norm {relative_norm} was never tried; the grid is "
                f"{RELATIVE_NORMS}. Ask for one of these."
            )
        return best(rows)

    def record(self) -> list[dict[str, object]]:
        """The grid as plain Python types, for the report."""
        return [
            {
                "layer": row.site.layer,
                "relative_norm": row.relative_norm,
                "odd": row.odd,
                "coherence_loss": row.coherence_loss,
                "censored": row.censored,
                "eligible": row.eligible,
                "chosen": row == self.chosen,
            }
            for row in self.tried
        ]


def best(tried: list[Tried]) -> Tried:
    """The largest mean odd part among the eligible; among all by coherence when none is."""
    eligible = [row for row in tried if row.eligible]
    if eligible:
        return max(eligible, key=lambda row: row.odd)
    return min(tried, key=lambda row: (row.coherence_loss + row.censored, -row.odd))


def analogous(site: Site, source_layers: int, target_layers: int) -> Site:
    """The site of the target at the same relative depth."""
    depth = (site.layer + 0.5) / source_layers
    return Site(layer=min(target_layers - 1, int(depth * target_layers)), point=site.point)


def searched(
    lab: Lab, name: str, arm: str, vectors: Mapping[Site, PreferenceVector], trait: Trait
) -> Search:
    """The one search of every arm, each once in a session, whoever asks; see `search`."""
    key = ("search", trait.name, name, *(vector.fingerprint for vector in vectors.values()))
    return recalled(lab, key, lambda: search(lab, name, arm, vectors, trait.measure))


def search(
    lab: Lab,
    name: str,
    arm: str,
    vectors: Mapping[Site, PreferenceVector],
    measure: Measure,
    *,
    norms: Sequence[float] = RELATIVE_NORMS,
    prompts: int | None = None,
) -> Search:
    """Try an arm's vector at every site and dose of the grid, on the tuning split.

    Args:
        lab: where answers come from.
        name: the model that is steered.
        arm: what the arm is called.
        vectors: one for every site that may be chosen.
        measure: what the odd part is taken of.
        norms: the doses to try.
        prompts: how many of the tuning prompts; all when None.

    Raises:
        PrefvecError: if there is no vector to try.
    """
    if not vectors:
        raise PrefvecError(f"The arm {arm!r} has no vector in {name}, so nothing can be searched.")
    is_text = coherent(lab, name)
    asked = lab.material.splits["tuning"][:prompts]
    cells = [(site, norm) for site in vectors for norm in norms]
    requests = [
        Request(
            prompt=prompt,
            sample=0,
            steering=Steering(vector=vectors[site].at_relative_norm(norm), coefficient=sign),
            arm=f"{site}x{norm}",
        )
        for site, norm in cells
        for sign in (-1.0, 1.0)
        for prompt in asked
    ]
    plain = [Request(prompt=p, sample=0, steering=UNSTEERED, arm="unsteered") for p in asked]
    answers = lab.ask(name, [*plain, *requests], f"searching, {arm}")
    unsteered, steered = answers[: len(plain)], answers[len(plain) :]
    width = 2 * len(asked)
    tried = []
    for index, (site, norm) in enumerate(cells):
        cell = steered[index * width : (index + 1) * width]
        doses = dose_response(cell, unsteered, coherent=is_text, measure=measure)
        tried.append(
            Tried(
                site=site,
                relative_norm=norm,
                odd=doses.mean_odd,
                coherence_loss=doses.coherence_loss,
                censored=float(doses.censored.drop(0.0).max()),
            )
        )
    return Search(tried=tried, chosen=best(tried))

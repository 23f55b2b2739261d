"""The judged cell of a model with many blocks, from coarse to fine.

Every third block is sieved; around the best few every block is looked at on a few prompts; the
few cells that do most there are tried as the protocol has it, on the whole tuning split, and what
random directions do in them decides. A smoke run sieves one dose and tries the best cell whole, at
once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from prefvec.experiments.chance import furthest, with_chance
from prefvec.experiments.dosing import KAPPAS, dosed_each
from prefvec.experiments.lab import Lab
from prefvec.experiments.search import BROKEN, FLOOR, SAMPLES, Search, Tried, tuned
from prefvec.experiments.sieve import DOSES, Sieved, sieve
from prefvec.vectors.residual import Site
from prefvec.vectors.vector import PreferenceVector

STRIDE = 3
"""Every which block is sieved: with its two neighbours each stands for three."""
BEST = 3
"""Sieved blocks that are looked at more closely, with their neighbours."""
FEW = 16
"""Tuning prompts of a first look, one answer each: it ranks cells and chooses none."""
FINALISTS = 3
"""Eligible cells that are wanted for the choice, no two of one block."""
ROUNDS = 3
"""Rounds of finalists at most: the looks' 16 answers miss what breaks one answer in ten."""

Cell = tuple[Site, float]
"""A site and a disturbance in nats."""


def coarse_to_fine(
    lab: Lab, name: str, trait: str, vectors: Mapping[Site, PreferenceVector]
) -> Search:
    """The judged cell, from a tenth of the answers that all cells would take, or fewer.

    Args:
        lab: where the model answers and reads.
        name: the model.
        trait: one of the material's traits.
        vectors: its own, at every site that may be chosen, from the first block to the last.
    """
    tries, sites = _Tries(lab, name, trait, vectors), list(vectors)
    coarse, measure = every_third(sites), lab.material.traits[trait].measure
    quick = lab.options.quick
    kappas = DOSES[-1:] if quick else DOSES
    sieved: tuple[Sieved, ...] = ()
    if measure.of_length:
        some = {site: vectors[site] for site in coarse}
        sieved = sieve(lab, name, trait, some, kappas=kappas)
        worth = {(row.site, row.kappa): (0, measure.sign * row.ratio) for row in sieved}
    else:
        looks = [row for kappa in kappas for row in tries.look(coarse, kappa)]
        worth = {row.cell: (-_rank(row), row.odd) for row in looks}
    ranked = sorted(worth, key=lambda cell: worth[cell], reverse=True)
    if quick:
        return replace(_judged(tries, tries.whole(ranked[:1])), sieved=sieved)
    best = [*dict.fromkeys(site for site, _ in ranked)][:BEST]
    return replace(_fine(tries, neighbourhood(sites, best)), sieved=sieved)


def every_block(
    lab: Lab, name: str, trait: str, vectors: Mapping[Site, PreferenceVector]
) -> Search:
    """The same without a sieve, which may pass over the best block: a look at each of them.

    What `coarse_to_fine` is held against in models whose whole grid would take days.

    Args:
        lab: where the model answers and reads.
        name: the model.
        trait: one of the material's traits.
        vectors: its own, at every site that may be chosen.
    """
    return _fine(_Tries(lab, name, trait, vectors), list(vectors))


def _fine(tries: "_Tries", sites: Sequence[Site]) -> Search:
    """A look at each of some sites; the best cells tried whole, and what chance does in them."""
    _look_closely(tries, sites)
    return _judged(tries, _finalists(tries))


def _judged(tries: "_Tries", finalists: Sequence[Tried]) -> Search:
    """What chance does in the finalists, beside every look; the one furthest beyond it."""
    finalists = tries.with_chance(finalists)
    rows = tries.looks | {row.cell: row for row in finalists}
    tried = sorted(rows.values(), key=lambda row: (row.site.layer, row.kappa))
    return Search(tried=tried, chosen=furthest(finalists))


def every_third(sites: Sequence[Site]) -> list[Site]:
    """The sites that stand for their neighbours: each site is one of these or next to one."""
    some = list(sites[STRIDE // 2 :: STRIDE])
    return some if len(sites) % STRIDE != 1 else [*some, sites[-1]]


def neighbourhood(sites: Sequence[Site], best: Iterable[Site]) -> list[Site]:
    """Some sites with those before and after each, in order."""
    places = {sites.index(site) + step for site in best for step in (-1, 0, 1)}
    return [sites[place] for place in sorted(places) if 0 <= place < len(sites)]


def _look_closely(tries: "_Tries", sites: Sequence[Site]) -> None:
    """A look at each site from the smallest sieved dose on.

    Upwards until answers break, as in the whole grid. Smaller doses only where answers were not
    whole at the first: as long as they are, more of a vector stands out further.
    """
    left, start = list(sites), min(DOSES)
    for kappa in (kappa for kappa in KAPPAS if kappa >= start):
        left = [row.site for row in tries.look(left, kappa) if row.coherence_loss <= BROKEN]
    left = [site for site in sites if not tries.looks[site, start].whole]
    for kappa in sorted((kappa for kappa in KAPPAS if kappa < start), reverse=True):
        left = [row.site for row in tries.look(left, kappa) if not row.whole]


def _finalists(tries: "_Tries") -> list[Tried]:
    """The cells that do most in their looks, tried on the whole split until enough are eligible.

    One that breaks answers there gives way to the next smaller dose at its site, others to the
    next in rank.
    """
    looks = sorted(tries.looks.items(), key=lambda look: (_rank(look[1]), -look[1].odd))
    waiting = [cell for cell, _ in looks]
    found: dict[Cell, Tried] = {}
    for _ in range(ROUNDS):
        done = {site for (site, _), row in found.items() if row.eligible}
        picked: dict[Site, Cell] = {}
        for cell in waiting:
            if cell not in found and cell[0] not in done and len(picked) + len(done) < FINALISTS:
                picked.setdefault(cell[0], cell)
        if not picked:
            break
        fresh = dict(zip(picked.values(), tries.whole([*picked.values()]), strict=True))
        broken = [cell for cell, row in fresh.items() if not row.whole]
        waiting = [weaker for cell in broken for weaker in _weaker(cell)] + waiting
        found |= fresh
    return [*found.values()]


def _weaker(cell: Cell) -> list[Cell]:
    """The next smaller dose at a cell's site, if there is one."""
    site, kappa = cell
    return [(site, max(smaller))] if (smaller := [k for k in KAPPAS if k < kappa]) else []


def _rank(look: Tried) -> int:
    """0 where a look promises an eligible cell, 1 where it leaves hope, 2 where answers broke."""
    if look.coherence_loss > BROKEN:
        return 2
    return 0 if look.whole and look.odd >= look.floor else 1


class _Tries:
    """What a model's own vector did in the cells tried so far.

    Args:
        lab: where the model answers and reads.
        name: the model.
        trait: one of the material's traits.
        vectors: its own, by site.
    """

    def __init__(
        self, lab: Lab, name: str, trait: str, vectors: Mapping[Site, PreferenceVector]
    ) -> None:
        self.looks: dict[Cell, Tried] = {}
        self.lab = lab
        self._name, self._vectors = name, vectors
        self._trait = lab.material.traits[trait]

    def look(self, sites: Sequence[Site], kappa: float) -> list[Tried]:
        """A first look at one dose, on few prompts; what was looked at before is not again."""
        fresh = [(site, kappa) for site in sites if (site, kappa) not in self.looks]
        if fresh:
            what = f"{self._trait.name}, a look at κ {kappa:g}"
            rows = self._tried(fresh, what, prompts=FEW, samples=1)
            asked = len(self.lab.material.splits["tuning"][:FEW])
            self.looks |= {cell: replace(rows[cell], prompts=asked) for cell in fresh}
        return [self.looks[site, kappa] for site in sites]

    def whole(self, cells: Sequence[Cell]) -> list[Tried]:
        """A try as the protocol has it: all tuning prompts, two answers each."""
        what = f"{self._trait.name}, whole in {len(cells)} cells"
        rows = self._tried(cells, what, prompts=None, samples=SAMPLES)
        return [rows[cell] for cell in cells]

    def with_chance(self, tried: Sequence[Tried]) -> list[Tried]:
        """Cells with what random directions do in those that are eligible."""
        return with_chance(self.lab, self._name, self._trait.name, self._vectors, tried)

    def _tried(
        self, cells: Sequence[Cell], what: str, *, prompts: int | None, samples: int
    ) -> dict[Cell, Tried]:
        lab, name, measure = self.lab, self._name, self._trait.measure
        vectors = dosed_each(lab, name, [(self._vectors[site], kappa) for site, kappa in cells])
        found = tuned(lab, name, what, vectors, measure, prompts=prompts, samples=samples)
        floor = FLOOR * self._trait.smallest_effect
        return {
            (site, kappa): replace(row, site=site, kappa=kappa, floor=floor)
            for (site, kappa), row in zip(cells, found, strict=True)
        }

"""Which claims a run is about: their models, their order, and what the files declare."""

import runpy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from prefvec.experiments.claims import Claim
from prefvec.experiments.pairs import Pair, crossed, slug
from prefvec.organisms.roster import homes
from prefvec.pytest_plugin.options import named_models
from prefvec.vocabulary import THREE_FINDINGS

KNOWN_ANSWERS = "known_answers"
"""The folder of claims whose verdict is certain, and their marker."""


@dataclass(frozen=True, kw_only=True)
class Named:
    """The models a run is about.

    Attributes:
        sources: the models whose vectors are taken.
        pairs: every source with every other target.
        by_hand: whether the command line names them.
    """

    sources: tuple[str, ...]
    pairs: tuple[Pair, ...]
    by_hand: bool

    @classmethod
    def of(cls, config: pytest.Config) -> "Named":
        """Those of the command line, or the default ones."""
        sources, targets = named_models(config)
        asked = ("--source", "--target", "--all-pairs")
        return cls(
            sources=sources,
            pairs=crossed(sources, targets),
            by_hand=any(config.getoption(name) for name in asked),
        )

    def pairs_of(self, claim: Claim) -> tuple[Pair, ...]:
        """The pairs a claim is about in this run."""
        if claim.organisms and not self.by_hand:
            return claim.organisms
        if claim.over_all_pairs:
            return (Pair.alone(self.sources[0]),)
        if claim.about_source:
            return tuple(Pair.alone(name) for name in self.sources)
        return self.pairs

    def families(self, claim: Claim, pair: Pair) -> tuple[Pair, ...]:
        """The pairs whose family a claim belongs to: about one source, each of its transfers."""
        if not claim.about_source:
            return (pair,)
        transfers = tuple(each for each in self.pairs if each.source == pair.source)
        return transfers or (pair,)


def pytest_configure(config: pytest.Config) -> None:
    """Refuse models whose claims would share an id: one's verdict would hide the other's."""
    sources, targets = named_models(config)
    for names in (sources, targets):
        for name in names:
            if names.count(name) > 1:
                _refuse([name])
    every = dict.fromkeys((*sources, *targets))
    for name in every:
        twins = [other for other in every if slug(other) == slug(name)]
        if len(twins) > 1:
            _refuse(twins)
    if not crossed(sources, targets):
        raise pytest.UsageError(
            f"{sources[0]} is the only model, so nothing can be carried from one into another. "
            "Name a --target that is not the --source."
        )


def _refuse(twins: list[str]) -> None:
    raise pytest.UsageError(
        f"{' and '.join(twins)} cannot be told apart in a report: claims are named by the last "
        f"part of a model's name, {slug(twins[0])!r}. Name each model once, and give directories "
        "names of their own."
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test every claim of its file, with every pair of models that claim is about."""
    claims = claims_in(vars(metafunc.module))
    if not claims or "pair" not in metafunc.fixturenames:
        return
    named = Named.of(metafunc.config)
    cases = [(claim, pair) for claim in claims for pair in named.pairs_of(claim)]
    ids = [claim.name(pair) if len(claims) > 1 else pair.id for claim, pair in cases]
    if "claim" in metafunc.fixturenames:
        metafunc.parametrize(("claim", "pair"), cases, ids=ids)
    else:
        metafunc.parametrize("pair", [pair for _, pair in cases], ids=ids)


def claims_in(module: dict[str, object]) -> tuple[Claim, ...]:
    """What a file states: `CLAIM`, or several as `CLAIMS`."""
    one, several = module.get("CLAIM"), module.get("CLAIMS", ())
    found = [one, *several] if isinstance(several, tuple) else [one]
    return tuple(claim for claim in found if isinstance(claim, Claim))


def claims_of(items: Iterable[pytest.Item]) -> Iterator[tuple[pytest.Item, Claim, Pair]]:
    """The tests that judge a claim, with the claim and the models it is about."""
    for item in items:
        parameters = getattr(getattr(item, "callspec", None), "params", {})
        claim = parameters.get("claim") or getattr(getattr(item, "module", None), "CLAIM", None)
        pair = parameters.get("pair")
        if isinstance(claim, Claim) and isinstance(pair, Pair):
            yield item, claim, pair


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Order claims target by target, so that each model is loaded for all its claims at once.

    Claims about one model come with it as a target. Claims share what was measured, so under
    xdist they go to one worker. Known answers are about organisms, and come before the claims;
    with other models they are left out unless `-m known_answers` asks for them. So are claims
    about models that stand in a relation which nobody can know of a pair that was named, such as
    base and chat, unless their marker is asked for, and with --trait those about other traits.
    """
    named = Named.of(config)
    found = {item: (claim, pair) for item, claim, pair in claims_of(items)}
    known = [item for item in items if item.get_closest_marker(KNOWN_ANSWERS)]
    order = list(dict.fromkeys(pair.target for _, pair in found.values()))
    items.sort(key=lambda item: _place(order, *found[item]) if item in found else (-1, False))
    for item in (*found, *known):
        item.add_marker(pytest.mark.xdist_group("claims"))
    left_out = [item for item, (claim, _) in found.items() if _out_of_place(config, item, claim)]
    models = {name for pair in named.pairs for name in (pair.source, pair.target)}
    if not models <= homes().keys() and KNOWN_ANSWERS not in config.option.markexpr:
        left_out += known
    if left_out:
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)


def _place(order: list[str], claim: Claim, pair: Pair) -> tuple[int, bool]:
    """Where a claim stands: by its target, and there the three findings first."""
    return order.index(pair.target), claim.question != THREE_FINDINGS


def _out_of_place(config: pytest.Config, item: pytest.Item, claim: Claim) -> bool:
    """Whether a claim says nothing about the models or the trait that the command line names."""
    if claim.trait is not None and config.getoption("--trait") is not None:
        return True
    related = claim.organisms and Named.of(config).by_hand
    asked = any(mark.name in config.option.markexpr for mark in item.iter_markers())
    return bool(related) and not asked


def declared_claims(folder: Path, named: Named) -> list[tuple[Claim, Pair]]:
    """Every claim that the files of a folder state, with each pair it is about.

    Read from the files, not from what was collected, so that a family keeps its size when only
    one of its members is run.
    """
    files = sorted(set(folder.rglob("test_*.py")) - set(folder.glob(f"{KNOWN_ANSWERS}/*")))
    return [
        (claim, pair)
        for path in files
        for claim in claims_in(runpy.run_path(str(path)))
        for pair in named.pairs_of(claim)
    ]

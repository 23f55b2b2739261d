"""Which claims a run is about: their models, their order, and what the files declare.

A file that states a claim has imported the class of claims. Where nobody has, there is none, and
nothing is imported here either.
"""

from __future__ import annotations

import re
import runpy
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from prefvec.errors import PrefvecError
from prefvec.pytest_plugin.command_line import asked, named_models
from prefvec.pytest_plugin.markers import KNOWN_ANSWERS, MARKERS, on_request
from prefvec.vocabulary import THREE_FINDINGS

if TYPE_CHECKING:
    from prefvec.experiments.claims import Claim
    from prefvec.experiments.pairs import Pair

_CLASS = "prefvec.experiments.claims"
"""The module that whoever states a claim has imported."""
_STATES = re.compile(r"^CLAIMS?\b", re.MULTILINE)


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
    def of(cls, config: pytest.Config) -> Named:
        """Those of the command line, or the default ones."""
        from prefvec.experiments.pairs import crossed

        sources, targets = named_models(config)
        by_name = ("--source", "--target", "--all-pairs")
        return cls(
            sources=sources,
            pairs=crossed(sources, targets),
            by_hand=any(asked(config, name) for name in by_name),
        )

    def pairs_of(self, claim: Claim) -> tuple[Pair, ...]:
        """The pairs a claim is about in this run."""
        from prefvec.experiments.pairs import Pair

        if claim.organisms and not self.by_hand:
            return claim.organisms
        if claim.over_all_pairs:
            return (Pair.alone(self.sources[0]),) if self.pairs else ()
        if claim.about_source:
            return tuple(Pair.alone(name) for name in self.sources)
        return self.pairs

    def families(self, claim: Claim, pair: Pair) -> tuple[Pair, ...]:
        """The pairs whose family a claim belongs to: about one source, each of its transfers."""
        if not claim.about_source:
            return (pair,)
        transfers = tuple(each for each in self.pairs if each.source == pair.source)
        return transfers or (pair,)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test every claim of its file, with every pair of models that claim is about."""
    claims = claims_in(vars(metafunc.module))
    if not claims or "pair" not in metafunc.fixturenames:
        return
    named = Named.of(metafunc.config)
    stated = [(claim, pair) for claim in claims for pair in named.pairs_of(claim)]
    ids = [claim.name(pair) if len(claims) > 1 else pair.id for claim, pair in stated]
    cases, ids = (stated, ids) if stated else ([(None, None)], ["no pair"])
    if "claim" in metafunc.fixturenames:
        metafunc.parametrize(("claim", "pair"), cases, ids=ids)
    else:
        metafunc.parametrize("pair", [pair for _, pair in cases], ids=ids)


def claims_in(module: Mapping[str, Any]) -> tuple[Claim, ...]:
    """What a file states: `CLAIM`, or several as `CLAIMS`."""
    if _CLASS not in sys.modules:
        return ()
    from prefvec.experiments.claims import Claim

    one, several = module.get("CLAIM"), module.get("CLAIMS", ())
    found = [one, *several] if isinstance(several, tuple) else [one]
    return tuple(claim for claim in found if isinstance(claim, Claim))


def claims_of(items: Iterable[pytest.Item]) -> Iterator[tuple[pytest.Item, Claim, Pair]]:
    """The tests that judge a claim, with the claim and the models it is about."""
    if _CLASS not in sys.modules:
        return
    from prefvec.experiments.claims import Claim
    from prefvec.experiments.pairs import Pair

    for item in items:
        parameters = getattr(getattr(item, "callspec", None), "params", {})
        claim = parameters.get("claim") or getattr(getattr(item, "module", None), "CLAIM", None)
        pair = parameters.get("pair")
        if isinstance(claim, Claim) and isinstance(pair, Pair):
            yield item, claim, pair


def adds_to_the_log(item: pytest.Item) -> bool:
    """Whether a test is about claims or known answers: both put records into the log."""
    return "claim_log" in getattr(item, "fixturenames", ())


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Order claims target by target, so that each model is loaded for all its claims at once.

    Claims about one model come with it as a target. Claims share what was measured, so under
    xdist they go to one worker. Known answers are about organisms, and come after the claims, which
    people wait for; with other models they are left out unless `-m known_answers` asks for them.
    Those about twins of a model in use, `known_answers(of=…)`, are left out unless it is a source.
    So are claims about models that stand in a relation which nobody can know of a pair that was
    named, such as base and chat, unless their marker is asked for, and with --trait those about
    other traits. Claims about pairs are left out where no target is named, and with --vector those
    that are not about the source's vector of the run's trait.
    Claims that train before they measure, or that a judge measures, run only where their marker is
    asked for.
    """
    left_out = [item for item in items if _is_about_none(item)]
    found = {item: (claim, pair) for item, claim, pair in claims_of(items)}
    known = [item for item in items if adds_to_the_log(item) and _is_known_answer(item)]
    if not (found or known or left_out):
        return
    from prefvec.organisms.roster import homes

    order = list(dict.fromkeys(pair.target for _, pair in found.values()))
    places = {item: _place(order, *stated) for item, stated in found.items()}
    places |= dict.fromkeys(known, (len(order), False))
    items.sort(key=lambda item: places.get(item, (-1, False)))
    if config.pluginmanager.hasplugin("xdist"):
        for item in (*found, *known):
            item.add_marker(pytest.mark.xdist_group("claims"))
    left_out += [
        item
        for item, (claim, _) in found.items()
        if on_request(config, item) or _out_of_place(config, item, claim)
    ]
    named = Named.of(config)
    models = {*named.sources, *(pair.target for pair in named.pairs)}
    asked_for = models <= homes().keys() or KNOWN_ANSWERS in config.option.markexpr
    for item in known:
        of = _known_of(item)
        if not (asked_for if of is None else of in named.sources):
            left_out.append(item)
    if asked(config, "--vector") is not None:
        others = [item for item in (*found, *known) if item not in left_out]
        left_out += [item for item in others if not _of_a_stranger(named, found.get(item))]
    if left_out:
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)


def _is_about_none(item: pytest.Item) -> bool:
    """Whether a test is about pairs of models, of which this run has none."""
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    return adds_to_the_log(item) and parameters.get("pair", item) is None


def _is_known_answer(item: pytest.Item) -> bool:
    return item.get_closest_marker(KNOWN_ANSWERS) is not None


def _known_of(item: pytest.Item) -> str | None:
    """The model in use that a known answer is about; None of organisms."""
    marker = item.get_closest_marker(KNOWN_ANSWERS)
    return None if marker is None else marker.kwargs.get("of")


def _place(order: list[str], claim: Claim, pair: Pair) -> tuple[int, bool]:
    """Where a claim stands: by its target, and there the three findings first."""
    return order.index(pair.target), claim.question != THREE_FINDINGS


def _of_a_stranger(named: Named, stated: tuple[Claim, Pair] | None) -> bool:
    """Whether a claim can be put to a vector out of a file, in the place of the source's own."""
    from prefvec.experiments.claims import (
        CAA,
        AdaptedTransfer,
        RawTransfer,
        SelfSteering,
    )

    if stated is None:
        return False
    claim, pair = stated
    if not isinstance(claim, SelfSteering | RawTransfer | AdaptedTransfer) or claim.trait:
        return False
    plain = type(claim) in (SelfSteering, RawTransfer, AdaptedTransfer) and claim.estimator == CAA
    own = not isinstance(claim, SelfSteering) or claim.of_the_run
    return plain and own and pair.source == named.sources[0]


def _out_of_place(config: pytest.Config, item: pytest.Item, claim: Claim) -> bool:
    """Whether a claim says nothing about the models or the trait that the command line names."""
    if claim.trait is not None and asked(config, "--trait") is not None:
        return True
    related = claim.about_organisms and Named.of(config).by_hand
    about = (mark.name for mark in item.iter_markers() if mark.name in MARKERS)
    by_marker = any(name in config.option.markexpr for name in about)
    return related and not by_marker


def declared_beside(items: Iterable[pytest.Item], named: Named) -> list[tuple[Claim, Pair]]:
    """Every claim of the folders that the collected claims stand in, with each pair it is about.

    Read from the files, not from what was collected, so that a family keeps its size when only
    one of its members is run.

    Args:
        items: the tests of the session; those that judge no claim do not count.
        named: the models of the run.
    """
    files = {item.path for item, _, _ in claims_of(items)}
    files |= {path for folder in {file.parent for file in files} for path in _files_in(folder)}
    return _declared(files, named)


def declared_claims(folder: Path, named: Named) -> list[tuple[Claim, Pair]]:
    """Every claim that the files of a folder state, with each pair it is about."""
    return _declared(_files_in(folder), named)


def _declared(files: Iterable[Path], named: Named) -> list[tuple[Claim, Pair]]:
    return [
        (claim, pair)
        for path in sorted(files)
        for claim in claims_in(_read(path))
        for pair in named.pairs_of(claim)
    ]


def _files_in(folder: Path) -> Iterator[Path]:
    """Its test files that state claims. Other tests that stand beside them are not looked into."""
    for pattern in ("test_*.py", "*_test.py"):
        for path in folder.glob(pattern):
            if _STATES.search(path.read_text(encoding="utf-8", errors="replace")):
                yield path


def _read(path: Path) -> Mapping[str, Any]:
    """What a file defines: where pytest has imported it, from there, else by running it."""
    for module in list(sys.modules.values()):
        if getattr(module, "__file__", None) == str(path):
            return vars(module)
    try:
        return runpy.run_path(str(path))
    except Exception as error:
        raise PrefvecError(
            f"{path} states claims and cannot be read ({type(error).__name__}: {error}). The "
            "claims of a folder are corrected together, so that each of its files must be "
            "readable. Mend this one, or move it to a folder of its own."
        ) from error

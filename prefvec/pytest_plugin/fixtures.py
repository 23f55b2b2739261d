"""What a claim's test is given: the judge, and all that it measures with."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prefvec.pytest_plugin.options import asked, named_models
from prefvec.pytest_plugin.progress import TerminalProgress
from prefvec.pytest_plugin.selection import Named, claims_of, declared_beside

if TYPE_CHECKING:
    from prefvec.experiments.claims import Claim
    from prefvec.experiments.experiments import Experiments
    from prefvec.experiments.lab import Laboratory
    from prefvec.experiments.material import Material
    from prefvec.experiments.options import Options
    from prefvec.experiments.pairs import Pair
    from prefvec.experiments.progress import Progress
    from prefvec.experiments.readings import Reader
    from prefvec.experiments.shelf import Shelf
    from prefvec.pytest_plugin.claim_log import ClaimLog
    from prefvec.pytest_plugin.judge import Judge


@pytest.fixture(scope="session")
def options(pytestconfig: pytest.Config) -> Options:
    """The options of this run."""
    from prefvec.experiments.options import Options
    from prefvec.experiments.pairs import crossed
    from prefvec.organisms.roster import homes

    ask = functools.partial(asked, pytestconfig)
    quick: bool = ask("--quick")
    sources, targets = named_models(pytestconfig)
    organisms = {*sources, *targets} <= homes().keys()
    return Options(
        sources=sources,
        targets=targets,
        pairs=crossed(sources, targets),
        device=ask("--device"),
        dtype=ask("--dtype"),
        samples=ask("--samples") or (2 if quick else 4),
        n_prompts=24 if quick else 96,
        max_new_tokens=ask("--max-new-tokens") or (256 if organisms else 512),
        seed=ask("--seed"),
        cache_dir=ask("--cache-dir"),
        store=Path(ask("--store") or pytestconfig.rootpath / ".prefvec" / "completions.sqlite"),
        quick=quick,
        trait=ask("--trait") or None,
        prompts=Path(ask("--prompts")).expanduser() if ask("--prompts") else None,
    )


@pytest.fixture(scope="session")
def progress(pytestconfig: pytest.Config) -> Progress:
    """Where the session tells how far it is."""
    return TerminalProgress(pytestconfig)


@pytest.fixture(scope="session")
def models(options: Options) -> Shelf:
    """The shelf of this run."""
    from prefvec.experiments.shelf import Shelf

    return Shelf(options)


@pytest.fixture(scope="session")
def prompts(options: Options) -> Material:
    """The prompts and instructions of this run."""
    from prefvec.experiments.material import organism_material, question_material

    return organism_material(options) if options.organisms else question_material(options)


@pytest.fixture(scope="session")
def laboratory(
    options: Options, models: Shelf, prompts: Material, progress: Progress
) -> Iterator[Laboratory]:
    """The laboratory of this run, its store open."""
    from prefvec.experiments.lab import Laboratory
    from prefvec.generation.store import CompletionStore

    options.store.parent.mkdir(parents=True, exist_ok=True)
    with CompletionStore(options.store) as store:
        yield Laboratory(options, models, prompts, store, progress)


@pytest.fixture(scope="session")
def reader(laboratory: Laboratory) -> Reader:
    """Reads turns for adapters."""
    from prefvec.experiments.readings import Reader

    return Reader(laboratory)


@pytest.fixture(scope="session")
def experiments(laboratory: Laboratory, reader: Reader) -> Experiments:
    """The experiments of this run."""
    from prefvec.experiments.experiments import Experiments

    return Experiments(laboratory, reader)


@pytest.fixture(scope="session")
def session_judge(
    request: pytest.FixtureRequest, experiments: Experiments, claim_log: ClaimLog
) -> Judge:
    """The judge of this run."""
    from prefvec.pytest_plugin.judge import Judge

    options = experiments.laboratory.options
    claim_log.describe(run={"mode": options.mode, "model_set": options.model_set})
    named = Named.of(request.config)
    selected = {claim.name(pair) for _, claim, pair in claims_of(request.session.items)}
    declared = declared_beside(request.session.items, named)
    return Judge(experiments, claim_log, named, declared, selected)


@pytest.fixture
def judge(request: pytest.FixtureRequest, session_judge: Judge) -> Callable[[Claim, Pair], None]:
    """Measure, judge and record a claim, and end its test by the outcome."""
    return functools.partial(session_judge, nodeid=request.node.nodeid)

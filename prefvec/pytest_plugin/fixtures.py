"""What a claim's test is given: the judge, and all that it measures with.

Nothing here is imported before a claim asks for it, so that a session without claims loads no
model library.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from prefvec.experiments.claims import Claim
    from prefvec.experiments.lab import Lab
    from prefvec.experiments.memory import Memory
    from prefvec.experiments.options import Options
    from prefvec.experiments.pairs import Pair
    from prefvec.pytest_plugin.claim_log import ClaimLog
    from prefvec.pytest_plugin.judge import Judge


@pytest.fixture(scope="session")
def prefvec_options(pytestconfig: pytest.Config) -> Options:
    """The options of this run."""
    return options_of(pytestconfig)


def options_of(config: pytest.Config) -> Options:
    """What the command line asks for."""
    from prefvec.experiments.options import QUICK_TOKENS, Options
    from prefvec.experiments.question_sets import usual_tokens
    from prefvec.experiments.subject import subject_of
    from prefvec.pytest_plugin.command_line import asked, named_models
    from prefvec.pytest_plugin.places import store_of

    ask = functools.partial(asked, config)
    quick: bool = ask("--quick")
    sources, targets = named_models(config)
    names = [*sources, *targets]
    usual = usual_tokens(names, subject_of(names).max_new_tokens)
    usual = min(usual, QUICK_TOKENS) if quick else usual
    return Options(
        sources=sources,
        targets=targets,
        device=ask("--device"),
        dtype=ask("--dtype"),
        samples=ask("--samples") or Options.samples,
        n_prompts=ask("--test-prompts") or (12 if quick else Options.n_prompts),
        max_new_tokens=ask("--max-new-tokens") or usual,
        seed=ask("--seed"),
        cache_dir=ask("--cache-dir"),
        store=store_of(config),
        quick=quick,
        trait=ask("--trait") or None,
        prompts=ask("--prompts") or None,
        judge=ask("--judge") or None,
        judge_model=ask("--judge-model") or None,
        second_judge_model=ask("--second-judge-model") or None,
        judge_budget=ask("--judge-budget"),
        workers=ask("--workers"),
        engine=ask("--engine"),
        vector=ask("--vector") or None,
        convention=ask("--convention") or None,
    )


@pytest.fixture(scope="session")
def prefvec_lab(request: pytest.FixtureRequest, prefvec_options: Options) -> Iterator[Lab]:
    """The lab of this run, its store open, its progress shown on the terminal."""
    from prefvec.experiments.costs import keep_rate
    from prefvec.experiments.lab import Lab
    from prefvec.pytest_plugin.plan import planned
    from prefvec.pytest_plugin.selection import claims_of
    from prefvec.pytest_plugin.terminal_progress import Tally, TerminalProgress

    claims = [(claim, pair) for _, claim, pair in claims_of(request.session.items)]
    progress = TerminalProgress(
        request.config,
        Tally(planned(prefvec_options, claims)),
        functools.partial(keep_rate, prefvec_options.store),
    )
    with Lab.open(prefvec_options, progress) as lab:
        progress.watch(lab.store)
        yield lab


@pytest.fixture(scope="session")
def prefvec_memory(prefvec_lab: Lab) -> Memory:
    """What was measured in earlier runs."""
    from prefvec.experiments.memory import Memory

    return Memory(prefvec_lab)


@pytest.fixture(scope="session")
def prefvec_judge(
    request: pytest.FixtureRequest, prefvec_memory: Memory, claim_log: ClaimLog
) -> Judge:
    """The judge of this run."""
    from prefvec.pytest_plugin.command_line import asked
    from prefvec.pytest_plugin.judge import Judge
    from prefvec.pytest_plugin.selection import Named, claims_of, declared_beside

    options = prefvec_memory.lab.options
    claim_log.describe(run={"mode": options.mode, "model_set": options.model_set})
    named = Named.of(request.config)
    selected = {claim.name(pair) for _, claim, pair in claims_of(request.session.items)}
    declared = declared_beside(request.session.items, named)
    skip = asked(request.config, "--skip-missing")
    return Judge(prefvec_memory, claim_log, named, declared, selected, skip_missing=skip)


@pytest.fixture
def judge(request: pytest.FixtureRequest, prefvec_judge: Judge) -> Callable[[Claim, Pair], None]:
    """Measure, judge and record a claim, and end its test by the outcome."""
    return functools.partial(prefvec_judge, nodeid=request.node.nodeid)

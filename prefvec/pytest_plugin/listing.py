"""`--list`: the models, the traits or the claims that there are. Nothing is collected or run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from prefvec.pytest_plugin.command_line import asked, named_models

_WIDTH = 26


def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Print the list that is asked for, and end."""
    what = asked(config, "--list")
    if what is None:
        return None
    from prefvec.printing import say

    lines = {"models": _models, "traits": _traits, "claims": _claims}[what]
    for line in lines(config):
        say(line)
    return int(pytest.ExitCode.OK)


def _models(config: pytest.Config) -> Iterator[str]:
    from prefvec.models.registry import aliases
    from prefvec.organisms.roster import TWIN_OF, homes, trained

    yield "Organisms, miniature models that come with prefvec:"
    for name in homes():
        if name not in TWIN_OF:
            yield _row(name, "" if trained(name) else "not trained yet")
    yield "Twins, whose verdicts are known:"
    for name, of in TWIN_OF.items():
        yield _row(name, f"of {of}")
    yield "Aliases of registry.toml:"
    for name, entry in aliases().items():
        where = entry.packaged.command if entry.packaged else f"hub: {entry.name_or_path}"
        yield _row(name, where)
    yield "And any hub id (owner/name), directory or GGUF file of a causal language model."


def _traits(config: pytest.Config) -> Iterator[str]:
    from prefvec.experiments.known_traits import traits_of
    from prefvec.experiments.subject import EVERY_SUBJECT

    for subject in EVERY_SUBJECT:
        yield f"Traits of {subject.called}:"
        for name, trait in traits_of(subject).items():
            poles = f"{trait.positive.name} over {trait.negative.name}"
            yield _row(name, f"{poles}, by {trait.measure.quantity}")
    yield "And a TOML file of your own (docs/write_a_trait.md)."


def _claims(config: pytest.Config) -> Iterator[str]:
    from prefvec.experiments.known_traits import traits_of
    from prefvec.experiments.subject import subject_of
    from prefvec.pytest_plugin.selection import Named, declared_claims

    folders = [_folder(config, argument) for argument in config.args]
    if config.args_source != pytest.Config.ArgsSource.ARGS:
        folders = [config.rootpath / "claims"]
    sources, targets = named_models(config)
    traits = traits_of(subject_of((*sources, *targets)))
    named = Named.of(config)
    if config.getoption("markexpr") or config.getoption("keyword"):
        yield "All claims, selected or not; with --collect-only -q in place of --list claims,"
        yield "pytest names the tests that -m and -k select."
    for folder in dict.fromkeys(folders):
        for claim, pair in declared_claims(folder, named):
            trait = traits.get(claim.trait or "verbosity", next(iter(traits.values())))
            yield claim.name(pair)
            yield f"    {claim.sentence(pair, traits, trait)}"


def _folder(config: pytest.Config, argument: str) -> Path:
    path = (config.invocation_params.dir / argument.split("::")[0]).resolve()
    return path if path.is_dir() else path.parent


def _row(name: str, about: str) -> str:
    return f"  {name:<{_WIDTH}}  {about}".rstrip()

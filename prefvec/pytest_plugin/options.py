"""The options of the command line, and what is refused before anything is run."""

from pathlib import Path

import pytest

from prefvec.errors import PrefvecError
from prefvec.experiments.known_traits import trait_of
from prefvec.experiments.options import ORGANISMS
from prefvec.experiments.subject import subject_of
from prefvec.models.registry import resolve
from prefvec.organisms.roster import homes
from prefvec.text.splits import load_splits


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options of the suite."""
    group = parser.getgroup("prefvec", "models and measurement")
    group.addoption(
        "--source",
        action="append",
        metavar="MODEL",
        help="a model the vector is taken from; repeat it for more: an alias of "
        "fixtures/registry.toml, a hub id, a local directory or an organism (default: "
        "mini-mistral)",
    )
    group.addoption(
        "--target",
        action="append",
        metavar="MODEL",
        help="a model to carry the vector into; repeat it for more (default: mini-llama and "
        "mini-gemma)",
    )
    group.addoption(
        "--all-pairs",
        action="store_true",
        help="carry the vector of every model that is named into every other one",
    )
    group.addoption(
        "--trait",
        metavar="NAME|FILE",
        help="what the claims are about: a trait of fixtures/traits (of fixtures/organisms/traits "
        "for organisms), or a TOML file of your own (default: verbosity)",
    )
    group.addoption(
        "--prompts",
        metavar="FILE",
        help="questions for real models, one JSON object with id, text and topic on each line; "
        "split by topic (default: fixtures/questions.jsonl)",
    )
    group.addoption(
        "--device",
        metavar="DEVICE",
        help="cpu, cuda, cuda:1, mps, or auto to spread a model over all accelerators; chosen "
        "when absent",
    )
    group.addoption("--dtype", metavar="DTYPE", help="float32, bfloat16, float16 or auto")
    group.addoption(
        "--samples", type=int, metavar="N", help="answers per prompt, arm and dose (default: 4)"
    )
    group.addoption(
        "--max-new-tokens",
        type=int,
        metavar="N",
        help="cap on an answer (default: 256 for organisms, 512 for other models); an arm with "
        "more than 20 %% of its answers cut off is INVALID",
    )
    group.addoption("--seed", type=int, default=0, metavar="N", help="of all sampling (default: 0)")
    group.addoption("--cache-dir", metavar="DIR", help="where files from the hub are kept")
    group.addoption(
        "--store",
        metavar="FILE",
        help="where completions are kept and found again (default: .prefvec/completions.sqlite)",
    )
    group.addoption(
        "--quick",
        action="store_true",
        help="a smoke run in about a minute: 24 prompts, 2 samples, 2 controls of each kind; its "
        "page says so, and nothing is blessed or compared",
    )


def named_models(config: pytest.Config) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The sources and the targets of a run; with --all-pairs each model is both."""
    sources = tuple(config.getoption("--source") or ORGANISMS[0])
    targets = tuple(config.getoption("--target") or ORGANISMS[1])
    if config.getoption("--all-pairs"):
        sources = targets = tuple(dict.fromkeys((*sources, *targets)))
    return sources, targets


def pytest_configure(config: pytest.Config) -> None:
    """Refuse names that mean no model, and numbers that mean nothing, before anything is run."""
    sources, targets = named_models(config)
    for name in dict.fromkeys((*sources, *targets)):
        if name in homes():
            continue
        if name.startswith(("/", ".", "~")) and not Path(name).expanduser().is_dir():
            raise pytest.UsageError(
                f"There is no directory {name}. Give the folder that holds a model's config.json, "
                "a hub id (owner/name) or an alias of fixtures/registry.toml."
            )
        try:
            resolve(name)
        except PrefvecError as reason:
            raise pytest.UsageError(str(reason)) from reason
    _refuse_bad_material(config, organisms=_are_organisms(config))
    for name in ("--samples", "--max-new-tokens"):
        if config.getoption(name) is not None and config.getoption(name) < 1:
            raise pytest.UsageError(f"{name} is {config.getoption(name)}; it must be at least 1.")


def _are_organisms(config: pytest.Config) -> bool:
    sources, targets = named_models(config)
    return {*sources, *targets} <= homes().keys()


def _refuse_bad_material(config: pytest.Config, *, organisms: bool) -> None:
    """Refuse a trait or prompts that cannot be measured."""
    sources, targets = named_models(config)
    trait, prompts = config.getoption("--trait"), config.getoption("--prompts")
    if prompts and organisms:
        raise pytest.UsageError(
            "--prompts is for real models: organisms are asked about the entities of their small "
            "world, and its grammar judges what they answer. Leave it out, or name models by "
            "--source and --target."
        )
    try:
        trait_of(trait, subject_of([*sources, *targets]))
        if prompts:
            load_splits(Path(prompts).expanduser())
    except PrefvecError as reason:
        raise pytest.UsageError(str(reason)) from reason

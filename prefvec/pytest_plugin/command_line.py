"""The options of the command line. A project that has an option of the same name keeps its own.

They are declared last, after every other plugin and conftest. Where one of their names is taken,
it stays with whoever took it, and claims measure with the default.
"""

import argparse
import difflib
from collections.abc import Generator
from typing import Any

import pytest

_NEAR = 0.8
"""How alike a word and an option are at least, for the one to be meant by the other."""

MEASURING: dict[str, dict[str, Any]] = {
    "--source": {
        "action": "append",
        "metavar": "MODEL",
        "help": "a model the vector is taken from; repeat it for more: an alias of registry.toml, "
        "a hub id, a local directory, a GGUF file or an organism (default: mini-mistral)",
    },
    "--target": {
        "action": "append",
        "metavar": "MODEL",
        "help": "a model to carry the vector into; repeat it for more (default with organisms: "
        "mini-llama and mini-gemma; with other models: none)",
    },
    "--all-pairs": {
        "action": "store_true",
        "help": "carry the vector of every named model into every other one",
    },
    "--trait": {
        "metavar": "NAME|FILE",
        "help": "what the claims are about: one of the traits that come with prefvec (organisms "
        "have their own), or a TOML file of your own (default: verbosity)",
    },
    "--prompts": {
        "metavar": "open|short|FILE",
        "help": "questions for real models: one of the sets that come with prefvec, or a file with "
        "id, text and topic on each line, or one of MT-Bench or AlpacaEval; split by topic "
        "(default: short where registry.toml has it for every model, else open)",
    },
    "--vector": {
        "metavar": "FILE",
        "help": "judge a vector from another tool's file in place of --source's own, as one of "
        "--trait: that it steers there, fails raw and works adapted; needs --convention",
    },
    "--convention": {
        "metavar": "NAME",
        "help": "which tool's meaning the numbers of --vector have: repeng, llama.cpp, easysteer, "
        "…; never guessed, and an unknown name lists all",
    },
    "--device": {
        "metavar": "DEVICE",
        "help": "cpu, cuda, cuda:1, mps, or auto to spread a model over all accelerators (default: "
        "the best there is)",
    },
    "--workers": {
        "type": int,
        "default": 1,
        "metavar": "N",
        "help": "processes that write answers, each with a share of the cores or a GPU of its own; "
        "for several GPUs, or many more cores than one process uses (default: 1, this one)",
    },
    "--engine": {
        "choices": ("local", "ray"),
        "default": "local",
        "help": "where the workers are: on this machine, or in a Ray cluster, that of RAY_ADDRESS "
        "or of `ray start` (default: local)",
    },
    "--dtype": {"metavar": "DTYPE", "help": "float32, bfloat16, float16 or auto"},
    "--samples": {
        "type": int,
        "metavar": "N",
        "help": "answers per prompt, arm and dose (default: 4; claims beside the three findings "
        "have 2, and controls 1)",
    },
    "--test-prompts": {
        "type": int,
        "metavar": "N",
        "help": "test questions that are asked (default: 96 where there are as many; --quick: 12); "
        "choose it before anything is measured, for adding until a verdict comes out right makes "
        "verdicts wrong more often than they say",
    },
    "--max-new-tokens": {
        "type": int,
        "metavar": "N",
        "help": "τ, the tokens within which the words of an answer are expected (default: 128 for "
        "organisms; for other models what registry.toml has for every one of them, else 512; "
        "--quick: 64 at most)",
    },
    "--seed": {
        "type": int,
        "default": 0,
        "metavar": "N",
        "help": "the seed of all sampling (default: 0)",
    },
    "--cache-dir": {"metavar": "DIR", "help": "where files from the hub are kept"},
    "--store": {
        "metavar": "FILE",
        "help": "where answers are kept and found again (default: .prefvec/completions.sqlite)",
    },
    "--judge": {
        "metavar": "URL|local",
        "help": "for claims under `-m judge`, and traits whose measure is a judge: the address of "
        "a server with OpenAI's chat completions API, e.g. http://127.0.0.1:8080/v1, its key in "
        "OPENAI_API_KEY; or local, a model in memory",
    },
    "--judge-model": {
        "metavar": "NAME",
        "help": "the judge: its name on the server, or with --judge local a model as for --source",
    },
    "--second-judge-model": {
        "metavar": "NAME",
        "help": "another judge at the same place; a verdict that changes with it is INCONCLUSIVE",
    },
    "--judge-budget": {
        "type": int,
        "metavar": "N",
        "help": "the most replies that this run may request from each judge; replies that are kept "
        "cost nothing (default: no limit)",
    },
    "--skip-missing": {
        "action": "store_true",
        "help": "in a run over many models: skip the claims about a model that cannot be loaded, "
        "instead of refusing to start",
    },
    "--plan": {
        "action": "store_true",
        "help": "say how many answers, tokens and hours the selected claims will take, and how "
        "much memory and disk, and generate nothing",
    },
    "--list": {
        "choices": ("models", "traits", "claims"),
        "help": "print the models, the traits or all claims (-m is not looked at), and exit",
    },
    "--quick": {
        "action": "store_true",
        "help": "a smoke run: 12 prompts, controls on 2 prompts, 64 tokens an answer at most, a "
        "narrower search for the cell; its page says so, and nothing is blessed or compared",
    },
}
"""What is measured, with which models and how."""

FINDING: dict[str, dict[str, Any]] = {
    "--bless": {
        "metavar": "REASON",
        "help": "accept this run's outcomes as the findings for its set of models "
        "(reports/findings/<set>.json), to be committed; the reason, a sentence, is kept with "
        "every claim that is new or has changed. INVALID is never accepted. A run of all claims "
        "also removes the findings whose claims no longer exist",
    },
    "--bless-reason": {
        "action": "append",
        "metavar": "CLAIM=SENTENCE",
        "help": "with --bless: a reason for this claim alone; may be repeated",
    },
    "--report-dir": {
        "metavar": "DIR",
        "help": "the folder of latest/, where the report is written, and findings/, what it is "
        "compared with (default: reports)",
    },
    "--allow-incomparable": {
        "action": "store_true",
        "help": "do not fail on claims whose finding was blessed with other prompts, metric, "
        "criterion or sampling settings",
    },
}
"""What is done with the outcomes."""


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(
    parser: pytest.Parser, args: list[str]
) -> Generator[None, None, None]:
    """Declare the options, once every other plugin and conftest has declared its own.

    What is then still unknown is refused here if it is close to one of these, and else by pytest.
    """
    yield
    for name, about, options in (
        ("prefvec", "models and measurement of claims about preference vectors", MEASURING),
        ("claims", "claims and their blessed findings", FINDING),
    ):
        group = parser.getgroup(name, about)
        for option, how in options.items():
            try:
                group.addoption(option, dest=_dest(option), **how)
            except (ValueError, argparse.ArgumentError):
                continue  # the name is taken
    known, unknown = parser.parse_known_and_unknown_args(args)
    for word in [] if known.help else unknown:
        name = word.partition("=")[0]
        near = difflib.get_close_matches(name, [*MEASURING, *FINDING], n=1, cutoff=_NEAR)
        if near:
            raise pytest.UsageError(f"There is no option {name}. Did you mean {near[0]}?")


def asked(config: pytest.Config, option: str) -> Any:
    """What the command line says about one of prefvec's own options, else its default.

    Args:
        config: of the session.
        option: as it is typed, e.g. "--source".
    """
    how = (MEASURING | FINDING)[option]
    default = False if how.get("action") == "store_true" else how.get("default")
    return getattr(config.option, _dest(option), default)


def named_models(config: pytest.Config) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The sources and the targets of a run; with --all-pairs each model is both.

    Organisms stand in for what is not named beside organisms. Other models have no targets where
    none is named: claims about one model need none.
    """
    from prefvec.experiments.pairs import ORGANISMS
    from prefvec.organisms.roster import homes

    sources, targets = (tuple(asked(config, name) or ()) for name in ("--source", "--target"))
    if {*sources, *targets} <= homes().keys():
        sources, targets = sources or ORGANISMS[0], targets or ORGANISMS[1]
    if asked(config, "--all-pairs"):
        sources = targets = tuple(dict.fromkeys((*sources, *targets)))
    return sources, targets


def _dest(option: str) -> str:
    """Where argparse keeps it: a name that no other option shares."""
    return "prefvec_" + option.removeprefix("--").replace("-", "_")

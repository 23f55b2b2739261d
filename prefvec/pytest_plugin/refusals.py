"""What is refused before anything is run: names that mean no model, numbers that mean nothing.

Nothing heavy is imported here: a usage error is told in under a second.
"""

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prefvec.pytest_plugin.command_line import asked, named_models
from prefvec.pytest_plugin.places import refuse_bad_places

if TYPE_CHECKING:
    from prefvec.experiments.subject import Subject

_WORDS_OF_A_REASON = 3
_LARGEST_SEED = 2**32 - 1
_DTYPES = ("float32", "bfloat16", "float16", "float64", "auto", "fp32", "bf16", "fp16")
_DEVICES = ("cpu", "cuda", "mps", "auto")
_LOOKED_AT = (
    "--source",
    "--target",
    "--all-pairs",
    "--trait",
    "--prompts",
    "--samples",
    "--max-new-tokens",
    "--test-prompts",
)
_FEWEST_PROMPTS = 8


def pytest_configure(config: pytest.Config) -> None:
    """Refuse what cannot be measured. The defaults can, so that they need no look."""
    reasons(asked(config, "--bless-reason") or ())
    _refuse_vain_blessing(config)
    _refuse_numbers(config)
    _refuse_devices(config)
    _refuse_engine(config)
    refuse_bad_places(config)
    _refuse_strange_vectors(config)
    if all(asked(config, name) in (None, False) for name in _LOOKED_AT):
        return
    sources, targets = named_models(config)
    _refuse_strangers((*sources, *targets))
    _refuse_bad_material(config, (*sources, *targets))
    _refuse_twins(sources, targets)
    _refuse_no_pair(sources, targets)


def reasons(given: Sequence[str]) -> dict[str, str]:
    """The sentences of --bless-reason by claim id; refuses what has another form."""
    found = {}
    for text in given:
        claim, equals, sentence = text.partition("=")
        if not (equals and claim.strip() and sentence.strip()):
            raise pytest.UsageError(
                f"--bless-reason {text!r} is not of the form CLAIM=SENTENCE. Write "
                '--bless-reason "claim-id=why this outcome is accepted".'
            )
        found[claim.strip()] = sentence.strip()
    return found


def _refuse_vain_blessing(config: pytest.Config) -> None:
    reason = asked(config, "--bless")
    if asked(config, "--bless-reason") and reason is None:
        raise pytest.UsageError("--bless-reason explains what --bless accepts: give both.")
    if reason is not None and len(reason.split()) < _WORDS_OF_A_REASON:
        raise pytest.UsageError(
            f"--bless {reason!r} gives no reason. Say in a sentence of at least "
            f"{_WORDS_OF_A_REASON} words why these outcomes are accepted: it stands in the "
            'findings beside each that is new or has changed. Write --bless "why".'
        )
    if reason is not None and asked(config, "--quick"):
        raise pytest.UsageError(
            "--quick is a smoke run and no evidence, so nothing of it can be blessed. "
            "Leave out --quick or --bless."
        )


def _refuse_numbers(config: pytest.Config) -> None:
    for name in ("--samples", "--max-new-tokens", "--workers"):
        number = asked(config, name)
        if number is not None and number < 1:
            raise pytest.UsageError(f"{name} is {number}; it must be at least 1.")
    prompts = asked(config, "--test-prompts")
    if prompts is not None and prompts < _FEWEST_PROMPTS:
        raise pytest.UsageError(
            f"--test-prompts is {prompts}; on fewer than {_FEWEST_PROMPTS} questions hardly "
            "anything can be shown. Ask more, or leave it out."
        )
    seed = asked(config, "--seed")
    if not 0 <= seed <= _LARGEST_SEED:
        raise pytest.UsageError(
            f"--seed is {seed}; it must lie between 0 and {_LARGEST_SEED}, which every generator "
            "of random numbers here takes."
        )


def _refuse_strange_vectors(config: pytest.Config) -> None:
    """Refuse a vector's file that is not there, without its convention or its one model."""
    vector, convention = asked(config, "--vector"), asked(config, "--convention")
    if vector is None and convention is None:
        return
    if vector is None:
        raise pytest.UsageError("--convention says how --vector FILE is read: give both.")
    from prefvec.errors import PrefvecError
    from prefvec.exchange.conventions import convention_called

    try:
        convention_called(convention)
    except PrefvecError as reason:
        raise pytest.UsageError(f"--convention: {reason}") from reason
    if not Path(vector).is_file():
        raise pytest.UsageError(f"--vector {vector} is no file. Give the path of a vector's file.")
    if len(asked(config, "--source") or ()) != 1 or asked(config, "--all-pairs"):
        raise pytest.UsageError(
            "--vector is of one model, and takes the place of its own vector: name that model by "
            "one --source, without --all-pairs."
        )


def _refuse_devices(config: pytest.Config) -> None:
    """Refuse a device or a number type that is not there; torch is asked only about the former."""
    dtype, device = asked(config, "--dtype"), asked(config, "--device")
    if dtype is not None and dtype not in _DTYPES:
        raise pytest.UsageError(
            f"--dtype {dtype} is no floating type that models are measured in. Use float32, "
            "bfloat16, float16 or auto, which is the checkpoint's own."
        )
    if device is None or device in ("cpu", "auto"):
        return
    kind, _, index = device.partition(":")
    if kind not in _DEVICES or (index and not index.isdecimal()):
        raise pytest.UsageError(
            f"--device {device} is no device. Use cpu, cuda, cuda:0, mps, or auto to spread a "
            "model over all of them."
        )
    from prefvec.errors import PrefvecError
    from prefvec.models.placement import choose_device

    try:
        choose_device(device)
    except PrefvecError as reason:
        raise pytest.UsageError(f"--device: {reason}") from reason


def _refuse_engine(config: pytest.Config) -> None:
    """Refuse workers that cannot be had here, or that would share what each needs whole."""
    if asked(config, "--engine") == "ray" and importlib.util.find_spec("ray") is None:
        from prefvec.generation.engines import NO_RAY

        raise pytest.UsageError(NO_RAY)
    many = asked(config, "--engine") == "ray" or asked(config, "--workers") > 1
    if many and asked(config, "--device") == "auto":
        raise pytest.UsageError(
            "--device auto spreads one model over all accelerators, and workers have one each. "
            "Leave out --device, or --workers and --engine."
        )


def _refuse_strangers(names: Sequence[str]) -> None:
    """Refuse names that mean no model."""
    from prefvec.errors import PrefvecError
    from prefvec.models.registry import aliases, resolve
    from prefvec.organisms.roster import homes
    from prefvec.pytest_plugin.places import refuse_lost_path

    for name in dict.fromkeys(names):
        if not name.strip():
            raise pytest.UsageError(
                "--source or --target is empty. Name a model: an organism, an alias of "
                "registry.toml, a hub id (owner/name), a directory or a GGUF file."
            )
        if name in homes() or name in aliases():
            continue
        refuse_lost_path(name)
        try:
            resolve(name, organisms=homes())
        except PrefvecError as reason:
            raise pytest.UsageError(str(reason)) from reason


def _refuse_bad_material(config: pytest.Config, names: Sequence[str]) -> None:
    """Refuse a trait or prompts that cannot be measured."""
    from prefvec.errors import PrefvecError
    from prefvec.experiments.known_traits import trait_of
    from prefvec.experiments.question_sets import file_of, usual_for
    from prefvec.experiments.subject import subject_of
    from prefvec.text.splits import load_splits

    subject = subject_of(names)
    trait, prompts = asked(config, "--trait"), asked(config, "--prompts")
    if prompts and subject.kind == "organisms":
        raise pytest.UsageError(
            "--prompts is for real models: organisms are asked about the entities of their small "
            "world, and its grammar judges what they answer. Leave it out, or name models by "
            "--source and --target."
        )
    try:
        trait_of(trait, subject)
        if prompts:
            load_splits(file_of(prompts))
        _refuse_too_many(asked(config, "--test-prompts"), subject, prompts or usual_for(names))
    except PrefvecError as reason:
        raise pytest.UsageError(str(reason)) from reason


def _refuse_too_many(wanted: int | None, subject: "Subject", questions: str) -> None:
    """Refuse more test questions than there are."""
    from prefvec.experiments.question_sets import file_of

    if wanted is None:
        return
    file = None if subject.kind == "organisms" else file_of(questions)
    there = len(subject.splits(file, n_test=wanted, quick=False)["test"])
    if there < wanted:
        more = "" if file is None else ", or give a file of more questions by --prompts"
        raise pytest.UsageError(
            f"--test-prompts asks for {wanted} test questions, and there are {there}. Ask for no "
            f"more than that{more}."
        )


def _refuse_twins(sources: Sequence[str], targets: Sequence[str]) -> None:
    """Refuse models whose claims would share an id: one's verdict would hide the other's."""
    from prefvec.experiments.pairs import slug

    for names in (sources, targets):
        for name in names:
            if names.count(name) > 1:
                raise _alike([name])
    every = dict.fromkeys((*sources, *targets))
    for name in every:
        twins = [other for other in every if slug(other) == slug(name)]
        if len(twins) > 1:
            raise _alike(twins)


def _refuse_no_pair(sources: Sequence[str], targets: Sequence[str]) -> None:
    """Refuse targets into which nothing can be carried."""
    from prefvec.experiments.pairs import crossed

    if not sources:
        raise pytest.UsageError(
            f"No --source is named whose vector could be carried into {' and '.join(targets)}. "
            "Give --source NAME as well; with --all-pairs each model that is named is both."
        )
    if targets and not crossed(sources, targets):
        raise pytest.UsageError(
            f"{sources[0]} is the only model, so nothing can be carried from one into another. "
            "Name a --target that is not the --source."
        )


def _alike(names: Sequence[str]) -> pytest.UsageError:
    from prefvec.experiments.pairs import slug

    return pytest.UsageError(
        f"{' and '.join(names)} cannot be told apart in a report: claims are named by the last "
        f"part of a model's name, {slug(names[0])!r}. Name each model once, and give directories "
        "names of their own."
    )

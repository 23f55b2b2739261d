"""The judges that a run names."""

from prefvec.errors import PrefvecError
from prefvec.experiments.options import Options
from prefvec.judging.judge import Judge
from prefvec.judging.local_judge import LocalJudge
from prefvec.judging.openai_judge import OpenAIJudge
from prefvec.organisms.named_models import load

LOCAL = "local"
"""What `--judge` says of a judge that is a model in memory."""


def named_judges(options: Options) -> tuple[Judge, ...]:
    """Each judge of a run, the one that decides first; none where none is named.

    Args:
        options: of the run.

    Raises:
        PrefvecError: if a judge has no model, or cannot be had.
    """
    return tuple(_judge(name, options) for name in judge_names(options))


def judge_names(options: Options) -> tuple[str, ...]:
    """What each of them is called, without having it.

    Args:
        options: of the run.

    Raises:
        PrefvecError: if a judge has no model, or both are one.
    """
    if options.judge is None:
        return ()
    if options.judge_model is None:
        raise PrefvecError(
            f"--judge {options.judge} names no model. Add --judge-model NAME, as the server calls "
            "it, or with --judge local as --source names models."
        )
    names = (options.judge_model, *filter(None, [options.second_judge_model]))
    if len(set(names)) < len(names):
        raise PrefvecError(
            f"{names[0]} is named as both judges, so that it could only agree with itself. Name "
            "another one as --second-judge-model, or none."
        )
    return names


def _judge(name: str, options: Options) -> Judge:
    if options.judge != LOCAL:
        return OpenAIJudge(str(options.judge), name)
    return LocalJudge(
        load(
            name,
            device=options.device,
            dtype=options.dtype,
            cache_dir=options.cache_dir,
            converted_dir=options.store.parent / "models",
        )
    )

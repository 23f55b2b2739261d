"""The plan as people read it: what models answer, what is tuned into them, what judges reply."""

from collections.abc import Iterator
from dataclasses import dataclass

from prefvec.experiments.costs import (
    CHARACTERS,
    ROW,
    Rate,
    bytes_in_memory,
    bytes_stored,
    rate_of,
)
from prefvec.experiments.named_judges import LOCAL
from prefvec.experiments.options import Options
from prefvec.experiments.rehearsal import Ledger
from prefvec.generation.store import CompletionStore
from prefvec.judging.bench import SAMPLES
from prefvec.judging.sheets import Sheet
from prefvec.models.outlines import Outline
from prefvec.models.placement import AUTO, choose_device

_SHARE_OF_CAP = 0.4
"""Of τ, the mean length of an answer where none was written before."""
_HALF = ("bfloat16", "float16", "bf16", "fp16")


@dataclass(frozen=True, kw_only=True)
class Rehearsed:
    """What a rehearsal came to.

    Attributes:
        ledger: what was asked for.
        outlines: the models that were asked or tuned, and judges in memory, in outline.
        unsure: ids of claims that could not be rehearsed to their end, so that they take more.
    """

    ledger: Ledger
    outlines: dict[str, Outline]
    unsure: tuple[str, ...]


def told(options: Options, found: Rehearsed, n_claims: int) -> list[str]:
    """The plan, line by line.

    Args:
        options: of the run.
        found: what the rehearsal came to.
        n_claims: how many claims were rehearsed.
    """
    tokens, by = mean_tokens(options)
    costs = _Costs(options, found, tokens)
    models, tunings, judges = [*costs.models()], [*costs.tunings()], [*costs.judges()]
    answers = sum(map(len, found.ledger.answers.values()))
    hours = sum(row.hours for row in (*models, *tunings, *judges))
    beside = sum(row.memory for row in judges)
    memory = max((row.memory for row in models), default=0) + beside
    disk = bytes_stored(answers, tokens) + found.ledger.bytes_held
    lines = [
        f"plan of {n_claims} claim{'s' * (n_claims != 1)}: nothing was generated or measured",
        *(row.line for row in (*models, *tunings, *judges)),
        f"{'in all':<30}{answers:>11,}{_many(answers * tokens):>10}{_hours(hours):>9}"
        f"{_size(memory):>10}  one model at a time{' beside the judge' * bool(beside)}",
        f"disk: {_size(disk)} beside {options.store}, without the models' weights",
        f"An answer is reckoned with {tokens:.0f} tokens ({by}). How many cells a search tries "
        "depends",
        "on what models answer: take the plan as right to a quarter, and hours by size to a factor "
        "of three.",
        "Answers, adapters and marks that are kept already are not made again.",
    ]
    if found.unsure:
        lines.append(
            f"{len(found.unsure)} of the claims take more than is reckoned here: "
            f"{', '.join(found.unsure[:3])}{', …' * (len(found.unsure) > 3)}."
        )
    return lines


def mean_tokens(options: Options) -> tuple[float, str]:
    """Tokens of an answer, in the mean, and where that is from."""
    if options.store.is_file():
        with CompletionStore(options.store) as store:
            found = store.mean_tokens(options.max_new_tokens)
        if found is not None:
            return found, f"the mean of those kept at τ = {options.max_new_tokens}"
    return _SHARE_OF_CAP * options.max_new_tokens, f"two fifths of τ = {options.max_new_tokens}"


@dataclass(frozen=True, kw_only=True)
class _Row:
    """A line of the plan, with the hours and the bytes of memory that it tells of."""

    line: str
    hours: float = 0.0
    memory: int = 0


class _Costs:
    """What a rehearsal's ledger costs, row by row.

    Args:
        options: of the run.
        found: what the rehearsal came to.
        tokens: of an answer, in the mean.
    """

    def __init__(self, options: Options, found: Rehearsed, tokens: float) -> None:
        self._options = options
        self._ledger = found.ledger
        self._outlines = found.outlines
        self._tokens = tokens
        self._gpu = options.device == AUTO or choose_device(options.device).type != "cpu"

    def models(self) -> Iterator[_Row]:
        """What each model answers."""
        yield _Row(
            line=f"{'model':<30}{'answers':>11}{'tokens':>10}{'hours':>9}{'memory':>10}  hours by"
        )
        for name, asked in self._ledger.answers.items():
            rate, how = self._rate(name)
            tokens, memory = len(asked) * self._tokens, self._memory(name, len(asked))
            hours = rate.hours_of_writing(tokens)
            line = (
                f"{name[-29:]:<30}{len(asked):>11,}{_many(tokens):>10}{_hours(hours):>9}"
                f"{_size(memory):>10}  {how}"
            )
            yield _Row(line=line, hours=hours, memory=memory)

    def tunings(self) -> Iterator[_Row]:
        """What is tuned into each model; nothing where nothing is."""
        if self._ledger.trainings:
            yield _Row(
                line=f"{'tuned in':<30}{'adapters':>11}{'tokens':>10}{'hours':>9}{'steps':>10}"
                f"{'rows':>10}  hours by"
            )
        for name, by_folder in self._ledger.trainings.items():
            recipes, (rate, how) = by_folder.values(), self._rate(name, trained=True)
            steps = sum(recipe.steps for recipe in recipes)
            rows = sum(recipe.steps * recipe.batch_size for recipe in recipes)
            hours = rate.hours_of_training(steps, rows)
            line = (
                f"{name[-29:]:<30}{len(recipes):>11,}{_many(rows * ROW):>10}{_hours(hours):>9}"
                f"{steps:>10,}{rows:>10,}  {how}"
            )
            yield _Row(line=line, hours=hours)

    def judges(self) -> Iterator[_Row]:
        """What each judge replies; nothing where none is asked."""
        sheets, local = self._ledger.sheets, self._options.judge == LOCAL
        for name, asked in sheets.items():
            pairs = sum(sheet.compares for sheet in asked)
            yield _Row(
                line=f"judge {name[-29:]}: {len(asked):,} replies, of which {pairs:,} compare two "
                "answers for its cards"
            )
            if local:
                rate, _ = self._rate(name)
                hours = rate.hours_of_reading(sum(map(self._read, asked)))
                took = f"{_hours(hours)}{' h' * (hours >= _HOUR)}"
                line = f"  in memory: {took} by {self._size(name)}"
                yield _Row(line=line, hours=hours, memory=self._memory(name, len(asked)))
        if sheets and not local:
            yield _Row(
                line="Without log-probabilities, which not every server tells, it is "
                f"{1 + SAMPLES} times as many."
            )
        budget = self._options.judge_budget
        if budget is not None and budget < max(map(len, sheets.values()), default=0):
            yield _Row(
                line=f"--judge-budget {budget:,} pays for fewer: what it has paid for is kept, and "
                "another run goes on."
            )

    def _rate(self, name: str, *, trained: bool = False) -> tuple[Rate, str]:
        """How fast a model writes, or is trained, and where that is from."""
        outline = self._outlines[name]
        rate = rate_of(self._options.store, name, outline, self._tokens, gpu=self._gpu)
        measured = rate.seconds_a_step is not None if trained else rate.measured
        return rate, "its rate here" if measured else self._size(name)

    def _size(self, name: str) -> str:
        return f"size, {_many(self._outlines[name].parameters)}"

    def _memory(self, name: str, answers: int) -> int:
        outline, most = self._outlines[name], self._options.max_new_tokens
        dtype = self._options.dtype or outline.dtype
        half = dtype in _HALF or (dtype is None and self._gpu)
        return bytes_in_memory(
            outline, 2 if half else 4, answers=answers, tokens=most, gpu=self._gpu
        )

    def _read(self, sheet: Sheet) -> float:
        """Tokens of a sheet, of which all but the answers stand as they will."""
        around = (len(sheet.system) + len(sheet.user)) / CHARACTERS
        return around + (2 if sheet.compares else 1) * self._tokens


_HOUR = 0.95
"""From here on hours are told, and below it minutes."""


def _hours(hours: float) -> str:
    return f"{hours:.1f}" if hours >= _HOUR else f"{60 * hours:.0f} min"


def _many(number: float) -> str:
    for unit, size in (("B", 1e9), ("M", 1e6), ("k", 1e3)):
        if number >= size:
            return f"{number / size:.1f} {unit}"
    return f"{number:.0f}"


def _size(size: float) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"

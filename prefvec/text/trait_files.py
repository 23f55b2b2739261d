"""Traits in files: TOML, checked key by key, each mistake with a sentence of its own."""

import difflib
import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from prefvec.errors import PrefvecError
from prefvec.text.measures import MEASURES, REGISTERED, Measure
from prefvec.text.rubrics import JUDGE, Rubric, Rubrics, judged_measure
from prefvec.text.traits import POLES, AnswerPositions, Pole, Trait

KEYS = ("name", "measure", "direction", "smallest_effect", "read", "positive", "negative")
MAY_HAVE = ("judge",)
"""Keys that a file may leave out."""
JUDGE_KEYS = ("rubric", "second_rubric", "scale", "high")
POLE_KEYS = ("pole", "extraction", "held_out")
LEAST = {"extraction": 2, "held_out": 1}
"""Paraphrases of each kind that a pole needs; with one alone its wording would be the trait."""


def load_trait(
    path: str | Path, measures: Mapping[str, Measure] = MEASURES, elsewhere: Iterable[str] = ()
) -> Trait:
    """Read a trait from a TOML file, whose format docs/write_a_trait.md shows.

    Args:
        path: the file.
        measures: what its measure can be, by name, beside those registered with `measure`; those
            of any English text when not given.
        elsewhere: names of measures that exist, but not for the models of this run.

    Raises:
        PrefvecError: naming file and key, if anything in the file is not as it must be.

    Example:
        >>> from prefvec.shipped import SHIPPED
        >>> pv.load_trait(SHIPPED / "traits" / "verbosity.toml").measure.what
        'words per answer'
    """
    path = Path(path)
    table = _Table(path=path, within="", fields=_parsed(path), keys=KEYS, may=MAY_HAVE)
    name = table.text("name")
    if not re.fullmatch(r"[a-z0-9-]+", name):
        raise table.error(
            "name", f"is {name!r}, which cannot name files. Use a-z, 0-9 and - alone."
        )
    positive, negative = (_pole(table.table(side)) for side in ("positive", "negative"))
    if positive.name == negative.name:
        raise table.error(
            "positive.pole",
            f"and `negative.pole` are both {positive.name!r}, so that no sentence could tell them "
            "apart. Rename one.",
        )
    _require_pairs(table, positive, negative)
    _require_distinct(table, positive, negative)
    return Trait(
        name=name,
        positive=positive,
        negative=negative,
        measure=_measure(table, _with_judge(table, measures, positive, negative), set(elsewhere)),
        smallest_effect=math.log(_factor(table)),
        read=_positions(table),
        rubrics=_rubrics(table),
    )


@dataclass(frozen=True, kw_only=True)
class _Table:
    """One table of a trait file; where it stands goes into every error.

    Args:
        path: the file.
        within: "" for the whole file, else e.g. "positive.".
        fields: what it holds.
        keys: what it must hold.
        may: what it may hold besides, and no more.
    """

    path: Path
    within: str
    fields: dict[str, object]
    keys: tuple[str, ...]
    may: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        known = ", ".join(self.keys)
        for key in self.fields:
            if key not in self.keys + self.may:
                also = f"; it may have {', '.join(self.may)}" if self.may else ""
                meant = _meant(key, self.keys + self.may)
                raise self.error(key, f"is no key here ({known}{also}).{meant}")
        for key in self.keys:
            if key not in self.fields:
                raise self.error(key, f"is missing. The keys here are {known}; write all of them.")

    def error(self, key: str, what: str) -> PrefvecError:
        """An error that names the file and the key."""
        return PrefvecError(f"{self.path}, `{self.within}{key}` {what}")

    def text(self, key: str) -> str:
        """A string that says something."""
        value = self.fields[key]
        if not isinstance(value, str) or not value.strip():
            raise self.error(key, f"is {_told(value)} where a string with text belongs. Quote it.")
        return value

    def texts(self, key: str, least: int) -> tuple[str, ...]:
        """Strings that say something, at least so many."""
        values = self.fields[key]
        if not isinstance(values, list):
            raise self.error(
                key, f'is {_told(values)} where a list of strings belongs. Write ["…", "…"].'
            )
        for row, value in enumerate(values, start=1):
            if not isinstance(value, str) or not value.strip():
                raise self.error(
                    key,
                    f"has {_told(value)} as entry {row}, where a string with text belongs. "
                    "Write an instruction, or take the entry out.",
                )
        if len(values) < least:
            raise self.error(
                key, f"has {len(values)} of at least {least} paraphrases. Write more of them."
            )
        return tuple(values)

    def number(self, key: str) -> int | float:
        """A number, as it is written."""
        value = self.fields[key]
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.error(key, f"is {_told(value)} where a number belongs, as in 1.25.")
        return value

    def table(self, key: str, keys: tuple[str, ...] = POLE_KEYS) -> "_Table":
        """A table within this one: of a pole, or of what a judge is asked."""
        fields = self.fields[key]
        if not isinstance(fields, dict):
            raise self.error(
                key, f"is {_told(fields)} where a table belongs. Write [{key}], its keys below it."
            )
        return _Table(path=self.path, within=f"{key}.", fields=fields, keys=keys)


def _parsed(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise PrefvecError(f"There is no trait file at {path}. Check the path.") from error
    except OSError as error:
        raise PrefvecError(
            f"{path} cannot be read as a trait file ({error.strerror}). Give a TOML file."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PrefvecError(f"{path} is not valid TOML ({error}). Repair that place.") from error


def _pole(table: _Table) -> Pole:
    return Pole(
        name=table.text("pole"), **{kind: table.texts(kind, least) for kind, least in LEAST.items()}
    )


def _require_pairs(table: _Table, positive: Pole, negative: Pole) -> None:
    """Paraphrases match one by one, so that the poles differ in the trait and not in phrasing."""
    ours, theirs = len(positive.extraction), len(negative.extraction)
    if ours != theirs:
        raise table.error(
            "positive.extraction",
            f"has {ours} paraphrases and `negative.extraction` {theirs}; they are put to each "
            "question in pairs, the first with the first. Write as many for either pole.",
        )


def _require_distinct(table: _Table, positive: Pole, negative: Pole) -> None:
    """No paraphrase asks for both poles, is held out and read by the vector, or stands twice."""
    first: dict[str, str] = {}
    for side, pole in (("positive", positive), ("negative", negative)):
        for kind in LEAST:
            for text in getattr(pole, kind):
                if plain(text) in first:
                    raise table.error(
                        f"{side}.{kind}",
                        f"repeats {text!r} of `{first[plain(text)]}`. Each instruction stands "
                        "once: it asks for one pole, and held out it is one that the vector has "
                        "not read. Reword one.",
                    )
                first[plain(text)] = f"{side}.{kind}"


def _rubrics(table: _Table) -> Rubrics | None:
    """What a judge is asked, twice in different words; None where the file has no such table."""
    if "judge" not in table.fields:
        return None
    asked = table.table("judge", JUDGE_KEYS)
    first, second, scale = (asked.text(key) for key in JUDGE_KEYS[:3])
    if plain(first) == plain(second):
        raise asked.error(
            "second_rubric",
            "repeats `judge.rubric`, so that it could not tell whether a verdict hangs on the "
            "wording. Ask the same in other words.",
        )
    high = asked.text("high")
    if high not in POLES:
        raise asked.error(
            "high",
            f'is {_told(high)}. Write "positive" if that pole gets the high marks, else '
            '"negative".',
        )
    try:
        both = [
            Rubric(name=name, text=text.strip(), scale=scale)
            for name, text in (("first", first), ("second", second))
        ]
    except PrefvecError as reason:
        raise asked.error("scale", str(reason)) from reason
    return Rubrics(first=both[0], second=both[1], higher=1 if high == "positive" else -1)


def _with_judge(
    table: _Table, measures: Mapping[str, Measure], positive: Pole, negative: Pole
) -> Mapping[str, Measure]:
    """The measures, a judge among them where the file says what to ask one."""
    if table.fields["measure"] != JUDGE:
        return measures
    rubrics = _rubrics(table)
    if rubrics is None:
        raise table.error(
            "measure",
            f'is "{JUDGE}", and there is no table [judge] that says what a judge is asked. Write '
            f"one, with the keys {', '.join(JUDGE_KEYS)}.",
        )
    expected = "higher" if rubrics.higher > 0 else "lower"
    if table.fields["direction"] != expected:
        raise table.error(
            "direction",
            f"does not go with `judge.high`, by which the positive pole has the {expected} marks. "
            f'Write "{expected}", or correct `judge.high`.',
        )
    poles = (positive, negative) if rubrics.higher > 0 else (negative, positive)
    return {**measures, JUDGE: judged_measure(*(pole.name for pole in poles))}


def _measure(table: _Table, measures: Mapping[str, Measure], elsewhere: set[str]) -> Measure:
    name, direction = table.text("measure"), table.text("direction")
    if name in measures and name in REGISTERED:
        raise table.error(
            "measure",
            f"is {name!r}, which is a measure of these models and the name of one that you have "
            "registered. Register yours under another name.",
        )
    measures = {**measures, **REGISTERED}
    if name not in measures:
        known = f"Measures for these models: {', '.join(measures)}."
        if name in elsewhere:
            raise table.error(
                "measure",
                f"is {name!r}, which only the grammar of the organisms' world can count; answers "
                f"of other models cannot be read by it. {known}",
            )
        raise table.error(
            "measure", f"is {name!r}, which is no measure. {known}{_meant(name, measures)}"
        )
    if direction not in ("higher", "lower"):
        raise table.error(
            "direction",
            f'is {direction!r}. Write "higher" if the positive pole has more of the measure, '
            'else "lower".',
        )
    return measures[name] if direction == "higher" else measures[name].reversed()


def _positions(table: _Table) -> AnswerPositions:
    read = table.text("read")
    for positions in get_args(AnswerPositions):
        if read == positions:
            return positions
    known = " or ".join(f'"{positions}"' for positions in get_args(AnswerPositions))
    raise table.error(
        "read",
        f"is {read!r}. Write {known}: where in its own answers a model has decided for a pole.",
    )


def _factor(table: _Table) -> float:
    factor = table.number("smallest_effect")
    if not 1 < factor < math.inf:
        raise table.error(
            "smallest_effect",
            f"is {_told(factor)}, and must be a finite factor above 1: the least by which the "
            "positive pole must raise the measure to matter. Write 1.25 for a quarter more.",
        )
    return factor


def plain(text: str) -> str:
    """A text without what makes no difference to a reader: case, spacing, and marks at its end."""
    return " ".join(text.casefold().split()).rstrip(".!?\u2026 ")


def _meant(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return f" Did you mean {close[0]}?" if close else " Take it out or correct it."


def _told(value: object) -> str:
    """A value in an error, short."""
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:39]}…"

"""The types of the record: each field says what it means, and what departs from one is named."""

import ast
import copy
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, NotRequired, TypedDict, get_args, get_type_hints, is_typeddict

import pytest

from prefvec.errors import PrefvecError
from prefvec.report import calibration_record, finding
from prefvec.report import record as records
from prefvec.report.record import Record, claim_record, mismatches
from prefvec.verdicts.verdict import Outcome
from tests.judged import judged
from tests.sample_figures import sample_figures
from tests.sample_record import sample_record
from tests.simulated import NATIVE, fails, steers, works

FOLDER = Path(records.__file__).parent
FILES = [
    *sorted(FOLDER.glob("*.py")),
    Path(finding.__file__),
    Path(calibration_record.__file__),
]


class Round(TypedDict):
    """A kind of shape."""

    form: Literal["round"]
    radius: float


class Square(TypedDict):
    """Another."""

    form: Literal["square"]
    side: float
    name: NotRequired[str | None]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_field_of_the_record_says_what_it_means(path):
    """A sentence stands under each field of each TypedDict."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for kind in (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)):
        body = [*kind.body, None]
        for field, below in pairwise(body):
            if isinstance(field, ast.AnnAssign) and not isinstance(field.value, ast.expr):
                told = isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
                assert told, f"{path.name}: {kind.name}.{ast.unparse(field.target)}"
                assert str(below.value.value).endswith("."), ast.unparse(field.target)


@pytest.mark.parametrize(
    ("value", "kind", "said"),
    [
        ("1.6", float, "`the top` is '1.6', not a number"),
        (True, float, "`the top` is True, not a number"),
        (1.5, int, "`the top` is 1.5, not a whole number"),
        (1, bool, "`the top` is 1, not true or false"),
        (None, list[int], "`the top` is None, not a list"),
        ([1, "2"], list[int], "`the top[1]` is '2', not a whole number"),
        ({"a": [None]}, dict[str, list[str]], "`the top.a[0]` is None, not a string"),
        ([], dict[str, int], "`the top` is [], not an object"),
        ("x", Literal["a", "b"], "`the top` is 'x', not one of a, b"),
        (["a"], Literal["a", "b"], "`the top` is ['a'], not one of a, b"),
        ("x", float | None, "`the top` is 'x', not a number"),
        ({"form": "round"}, Round, "`radius` is missing"),
        ({"form": "square"}, Round | Square, "`side` is missing"),
        ({"form": "flat"}, Round | Square, "`form` is 'flat', not one of round, square"),
        ({"form": ["flat"]}, Round | Square, "`form` is ['flat'], not one of round, square"),
        ({}, Round | Square, "`form` is missing"),
        (3, Round | Square, "`the top` is 3, not an object"),
        ({"form": "square", "side": 1, "name": 2}, Square, "`name` is 2, not a string"),
    ],
)  # fmt: skip
def test_what_departs_from_a_type_is_named(value: object, kind: Any, said: str):
    """The place, what stands there, and what should."""
    assert mismatches(value, kind) == [said]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (1, float),
        (None, float | None),
        ({"form": "square", "side": 1, "more": object()}, Round | Square),
        ({"form": "square", "side": 1.0, "name": None}, Square),
        ({}, dict[str, int]),
    ],
)
def test_what_keeps_to_a_type_is_accepted(value: object, kind: Any):
    """Whole numbers are numbers, and keys that a type does not name are free."""
    assert mismatches(value, kind) == []


def test_every_required_field_of_the_record_is_required():
    """Taken out one at a time, each is missed by its name; the oracle is the types themselves."""
    record = sample_record()
    record["claims"][0]["figures"] = sample_figures()
    missed = 0
    for place, kind in _objects(record, Record):
        for key in kind.__required_keys__:
            kept = place.pop(key)
            assert any(said.endswith(f"{key}` is missing") for said in mismatches(record, Record))
            place[key] = kept
            missed += 1
    assert mismatches(record, Record) == []
    assert missed > 100


def _objects(value, kind):
    """The first object of each TypedDict within a value, with its type."""
    found = {}

    def walk(value, kind):
        if is_typeddict(kind) and isinstance(value, dict):
            found.setdefault(kind, value)
            for key, hint in get_type_hints(kind).items():
                if key in value:
                    walk(value[key], hint)
        elif isinstance(value, list):
            for item in value:
                for part in get_args(kind):
                    walk(item, part)
        elif value is not None:
            for part in get_args(kind):
                named = get_type_hints(part).get("kind") if is_typeddict(part) else None
                if named is None or value.get("kind") in get_args(named):
                    walk(value, part)

    walk(value, kind)
    return [(value, kind) for kind, value in found.items()]


def test_a_record_of_the_schema_before_is_refused_with_a_sentence():
    """What the page reads from fields it would have read from sentences there."""
    old = copy.deepcopy(sample_record()) | {"schema": 2}
    with pytest.raises(PrefvecError, match=r"has schema 2; .* Render it with the version that wr"):
        records.validate(old)


def test_a_verdict_is_recorded_in_the_types_of_the_report(scene, native):
    """Of each outcome that a rule gives, and with the fields by which lines are told apart."""
    raw, half = scene.arm("raw"), scene.arm("adapted", *[each / 10 for each in NATIVE])
    verdicts = [
        judged(each)
        for each in (
            steers(scene, native),
            fails(scene, raw, native),
            works(scene, half, native, raw),
        )
    ]
    assert {verdict.outcome for verdict in verdicts} >= {Outcome.SUPPORTED, Outcome.REFUTED}
    for verdict in verdicts:
        claim = claim_record({**verdict.record(), "title": "A claim."})
        parts = claim["components"]
        assert claim["effect"]["of"] == "arm"
        assert [part["sentence"] for part in parts if part["about"] == "power"] == [
            claim["power"]["sentence"]
        ]
        refuting = [part for part in parts if part["about"] == "refutation"]
        assert refuting
        assert any(part["role"] == "test" for part in refuting) == (claim["outcome"] == "REFUTED")
        assert all(part["inequality"] in part["name"] for part in refuting)
    of_transfer = claim["components"]
    assert sum(part["about"] == "assay sensitivity" for part in of_transfer) == 2

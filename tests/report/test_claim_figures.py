"""Figures of a claim: where things lie, and what is refused."""

import copy
import math
from itertools import combinations, pairwise, zip_longest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefvec.errors import PrefvecError
from prefvec.report import record as records
from prefvec.report.axes import ratio_axis
from prefvec.report.claim_figures import claim_figures
from prefvec.report.curves import curve
from prefvec.report.forests import forest_figure, pooled_forest
from prefvec.report.heat_maps import heat_map
from prefvec.report.lettering import LINE
from prefvec.report.numerals import tick
from prefvec.report.question_rows import questions
from prefvec.vocabulary import SCALES
from tests.sample_claim import sample_claim
from tests.sample_figures import (
    sample_curve,
    sample_figures,
    sample_forest,
    sample_heat_map,
    sample_table,
)
from tests.sample_record import sample_claims, sample_record

values = st.floats(-4, 4).map(lambda value: round(value, 4))


@given(st.lists(values, min_size=1, max_size=9), st.sampled_from(SCALES))
def test_ticks_are_inside_the_axis_and_apart(drawn, scale):
    """Each at its own value, none closer to the next than asked, and 0 lies on the axis."""
    axis = ratio_axis(drawn, (64.0, 404.0))
    ticks = axis.ticks(scale, apart=44)
    places = [place for place, _ in ticks]
    assert all(64 <= place <= 404 for place in [*places, axis.at(0.0)])
    assert all(b - a >= 43.8 for a, b in pairwise(sorted(places)))
    if scale == "correlation":
        for place, label in ticks:
            assert axis.at(float(label.replace("−", "-"))) == pytest.approx(place, abs=0.2)


@pytest.mark.parametrize(
    ("value", "scale", "expected"),
    [
        (0.25, "share", "25 %"),
        (-0.025, "points", "−2.5"),
        (-0.5, "correlation", "−0.5"),
        (math.log(1.5), "log", "×1.5"),
    ],
)
def test_ticks_are_short(value, scale, expected):
    """In the unit of the scale."""
    assert tick(value, scale) == expected


def test_a_larger_value_lies_higher_and_a_later_one_further_right():
    """Screen coordinates grow downwards."""
    drawn = curve(sample_curve(), "x")
    first = drawn.lines[0]
    assert [x for x, _, _ in first.marks] == sorted(x for x, _, _ in first.marks)
    heights = [y for _, y, _ in first.marks]
    assert heights == sorted(heights, reverse=True)
    assert heights[0] < drawn.zero
    ends = zip(first.marks, first.bars, strict=True)
    assert all(low > y > high for (_, y, _), (_, low, high) in ends)
    assert first.marks[-1][2].startswith("mini-mistral → mini-llama, 100 %: 100 % [92, 108]")


def test_values_too_close_for_their_labels_are_spaced_evenly_and_said_to_be():
    """0, 1, 2, 5, 20 and 100 % would run into each other; 0, 50 and 100 % do not."""
    figure = sample_curve()
    crowded = curve(figure, "x")
    assert crowded.evenly
    gaps = [round(b - a) for (a, _), (b, _) in pairwise(crowded.x_ticks)]
    assert max(gaps) - min(gaps) <= 1
    for line in figure["lines"]:
        line["points"] = [{"x": x, "y": 0.5} for x in (0.0, 50.0, 100.0, 300.0)]
    spaced = curve(figure, "x")
    assert not spaced.evenly
    (a, _), (b, _), (c, _), (d, _) = spaced.x_ticks
    assert d - c == pytest.approx(4 * (b - a), rel=0.02)
    assert c - b == pytest.approx(b - a, rel=0.02)


def test_a_line_is_broken_where_nothing_was_measured():
    """No stroke leads over a gap; a point alone is a mark without a stroke."""
    figure = sample_curve()
    figure["lines"][0]["points"][1]["y"] = None
    line = curve(figure, "x").lines[0]
    assert len(line.marks) == 5
    assert [len(stretch) for stretch in line.stretches] == [4]


@given(st.lists(st.tuples(st.floats(0, 1000), values), min_size=1, max_size=12))
def test_labels_under_a_curve_never_overlap(points):
    """However many points there are, and wherever they lie."""
    figure = sample_curve()
    figure["lines"] = [{"label": "x", "points": [{"x": x, "y": y} for x, y in points]}]
    shown = [(x, label) for x, label in curve(figure, "x").x_ticks if label]
    assert shown
    for (a, one), (b, other) in pairwise(shown):
        assert b - a >= 6.5 * (len(one) + len(other)) / 2


def test_each_cell_of_a_heat_map_has_its_number_and_a_shade_of_its_size():
    """What was not measured is a dash without a shade; less than no effect is another hue."""
    drawn = heat_map(sample_heat_map(), "x")
    assert len(drawn.cells) == 6 * 7
    by_name = {cell.named.partition(":")[0]: cell for cell in drawn.cells}
    assert (by_name["0, 0"].text, by_name["0, 0"].shade) == ("×2.46", 4)
    assert (by_name["0, 6"].text, by_name["0, 6"].shade) == ("—", 0)
    assert [cell.below for cell in drawn.cells] == [cell.text < "×1" for cell in drawn.cells]
    assert "largest ×2.46 at 5, 5" in drawn.summary
    assert "40 cells" in drawn.summary


@pytest.mark.parametrize("columns", [1, 7, 13])
def test_cells_of_a_heat_map_hold_their_numbers_and_lie_side_by_side(columns):
    """The canvas grows before a cell gets too narrow for five letters."""
    figure = sample_heat_map()
    figure |= {"columns": [f"block {j}" for j in range(columns)], "marked": []}
    figure["cells"] = [[0.5] * columns for _ in range(6)]
    drawn = heat_map(figure, "x")
    assert drawn.side >= 5 * 7.2
    first = [cell.x for cell in drawn.cells[:columns]]
    assert all(b - a == pytest.approx(drawn.side, abs=0.11) for a, b in pairwise(first))
    assert first[-1] + drawn.side <= drawn.width


def test_marks_of_one_label_look_alike_and_of_two_do_not():
    """So that the legend can tell them apart, on one cell as well."""
    drawn = heat_map(sample_heat_map(), "x")
    assert drawn.legend == [(1, "same relative depth"), (2, "largest CKA")]
    assert {mark.style for mark in drawn.marks[:6]} == {1}
    assert {mark.style for mark in drawn.marks[6:]} == {2}


def test_the_squares_of_a_forest_are_as_large_as_their_weights():
    """By area, not by side; the pooled row is no square."""
    drawn = pooled_forest(sample_forest(), "x")
    first, second, *_ = drawn.rows
    assert (first.half / second.half) ** 2 == pytest.approx((0.05 / 0.06) ** 2, rel=0.03)
    assert [row.pooled for row in drawn.rows] == [False] * 6 + [True]
    low, high = drawn.rows[-1].predicted
    middle, left, right = drawn.rows[-1].interval
    assert low < left < middle < right < high
    assert drawn.threshold > drawn.zero


@pytest.mark.parametrize("figure", sample_figures(), ids=lambda figure: figure["kind"])
def test_a_figure_of_nothing_is_none(figure):
    """A run that was cut short leaves such; the page says so. A table is its own record."""
    empty = copy.deepcopy(figure) | {"rows": [], "lines": [], "cells": [], "marked": []}
    claim = sample_claim("x", title="x", kind="works", arms={}, figures=[empty])
    (drawn,) = claim_figures(claim)
    assert drawn.drawn is (drawn.drawn if figure["kind"] == "table" else None)
    assert drawn.id == f"figure-x-{figure['id']}"


def test_a_forest_of_a_question_stands_apart_from_those_of_others():
    """Each claim lies in the forest of its question and in no other."""
    for question in questions(sample_claims()):
        hrefs = [row.href for row in forest_figure(question).rows]
        assert hrefs == [f"#{claim['id']}" for claim in question.claims]


def test_a_forest_says_what_its_factors_are_of():
    """Once at its axis where all are of one measure, in each row where they are not."""
    claims = sample_claims()[:2]
    (alone,) = questions(claims)
    assert forest_figure(alone).x_lines[0].startswith("factor of words per answer")
    assert [row.under for row in forest_figure(alone).rows] == [[], []]
    claims[1]["measure"] = "formal over casual sentences"
    (mixed,) = questions(claims)
    drawn = forest_figure(mixed)
    assert drawn.x_lines[0].startswith("factor of what each row names")
    assert [row.under for row in drawn.rows] == [
        ["words per answer"],
        ["formal over casual sentences"],
    ]


def test_at_the_axis_of_a_ratio_of_effects_one_is_the_same():
    """It is a factor of nothing further."""
    claim = sample_claims()[0]
    claim["effect"] |= {"what": "effect of one ÷ effect of another", "of": "contrast"}
    (question,) = questions([claim])
    told = " ".join(forest_figure(question).x_lines)
    assert told == "effect of one ÷ effect of another (logarithmic; ×1: the same)"


def test_a_long_quantity_of_a_row_is_whole_in_the_forest_and_rows_keep_apart():
    """It goes on in a second line, and its row is as much taller."""
    what = "effect of the vector carried by an autoencoder ÷ effect of the one carried by a ridge"
    claims = sample_claims()[:2]
    claims[1]["effect"] |= {"what": what, "of": "contrast"}
    (question,) = questions([*claims, sample_claims()[0] | {"id": "z"}])
    drawn = forest_figure(question)
    (long,) = (row for row in drawn.rows if len(row.under) > 1)
    assert " ".join(long.under) == what
    assert all(len(line) < 62 for line in long.under)
    words_and_mark = 27 + 9
    for above, row in pairwise(drawn.rows):
        assert row.y - above.y >= words_and_mark + LINE * len(row.under)
    assert drawn.rows[-1].y < drawn.height


def test_a_contrast_of_arms_has_no_native_mark_and_no_band():
    """Neither the target's own effect nor a smallest effect of interest is on its scale."""
    arms = {"raw": 0.1, "native": 0.5}
    contrast = sample_claim("x", title="x", kind="exceeds", arms=arms)
    contrast["effect"] |= {"what": "the odd part of one over that of the other", "of": "contrast"}
    contrast["criterion"]["parameters"] = {"alpha": 0.05, "margin": 0.0}
    own = sample_claim("y", title="y", kind="fails", arms={"native": 0.5, "raw": 0.1})
    (question,) = questions([contrast, own])
    second, first = forest_figure(question).rows
    assert (first.reference, first.band) == (None, None)
    assert second.reference is not None
    assert second.band is not None


def test_a_row_of_the_forest_is_named_in_a_few_words():
    """By those of its record; by its id where the record has none."""
    told = sample_claim("a-to-b", title="x", kind="works", arms={"adapted": 0.3}, brief="A → b")
    plain = sample_claim("c-to-d", title="x", kind="works", arms={"adapted": 0.3})
    (question,) = questions([told, plain])
    assert [row.label for row in forest_figure(question).rows] == ["A → b", "c-to-d"]


def test_a_long_name_keeps_both_its_ends_in_the_forest():
    """They tell claims apart; the link keeps all of it."""
    name = "adapted-exposed-mini-mistral-to-mini-llama-small-formality-procrustes"
    brief = "Adapted regardless of formality carried by orthogonal procrustes"
    claim = sample_claim(name, title="x", kind="works", arms={"adapted": 0.3}, brief=brief)
    (question,) = questions([claim])
    (row,) = forest_figure(question).rows
    assert row.href == f"#{name}"
    assert len(row.label) <= 50
    assert row.label.startswith("Adapted regardless")
    assert row.label.endswith("procrustes")


def test_long_names_stay_apart_in_the_forest():
    """Where the middle tells two apart, they are cut elsewhere."""
    ways = ("", " like a vector"), ("", ", as trained")
    read = ("asking turns", "neutral turns")
    briefs = [f"Tuned in by lorra{way}, smollm2-135m-instruct" for way in ways[0]]
    briefs += [f"a-model-of-a-very-long-name{way}-into-smollm2-135m" for way in ways[1]]
    targets = ("mini-llama", "mini-gemma")
    briefs += [f"Formality adapted, {rows} → {target}" for target in targets for rows in read]
    claims = [
        sample_claim(f"x-{i}", title="T", kind="steers", arms={"native": 0.5}, brief=brief)
        for i, brief in enumerate(briefs)
    ]
    for some in (claims[:2], claims[2:4], claims[4:]):
        (question,) = questions(some)
        labels = [row.label for row in forest_figure(question).rows]
        assert all(len(label) <= 38 for label in labels)
        for one, other in combinations(labels, 2):
            assert sum(a != b for a, b in zip_longest(one, other)) >= 3


def _figure(change):
    figure = next(f for f in sample_figures() if f["kind"] == change.get("of", "heat map"))
    return figure | {key: value for key, value in change.items() if key != "of"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({"kind": "pie"}, "not one of curve, heat map, forest, table", id="kind"),
        pytest.param({"scale": "metres"}, "not one of log, share", id="scale"),
        pytest.param({"id": 'x" onload="y'}, "needs an id of its own", id="id"),
        pytest.param({"cells": [[1.0]]}, "6 rows of 7 cells", id="ragged"),
        pytest.param(
            {"marked": [{"row": 6, "column": 0, "label": "x"}]}, "a cell it does not", id="mark"
        ),
        pytest.param({"of": "table", "rows": [["one"]]}, "1 rows of 6 cells", id="table"),
        pytest.param({"of": "curve", "lines": [{"label": "x"}]}, "points` is missing", id="line"),
    ],
)
def test_a_figure_that_cannot_be_drawn_is_refused(change, said):
    """When the claim is added, by name, not when the page is made."""
    claim = sample_claim("x", title="x", kind="works", arms={}, figures=[_figure(change)])
    with pytest.raises(PrefvecError, match=said):
        records.claim_record(claim)


def test_two_figures_of_a_claim_have_two_places():
    """The same id twice would lead to one of them."""
    twice = [sample_table(), sample_table()]
    claim = sample_claim("x", title="x", kind="works", arms={}, figures=twice)
    with pytest.raises(PrefvecError, match="an id of its own"):
        records.claim_record(claim)


def test_records_without_questions_and_figures_are_still_read():
    """Those of earlier versions have neither."""
    record = sample_record()
    for claim in record["claims"]:
        claim.pop("question", None)
        claim.pop("figures", None)
    records.validate(record)
    assert [question.name for question in questions(record["claims"])] == ["the three findings"]

"""The matrix: each claim in its cell."""

import re

from prefvec.report import record as records
from prefvec.report.page import render
from prefvec.report.question_rows import questions
from prefvec.report.transfer_matrix import overview, transfer_grids
from tests.sample_claim import sample_claim
from tests.sample_record import sample_claims, sample_record


def _claim(name, source, target, title, **entries):
    claim = sample_claim(name, title=title, kind="works", arms={"native": 0.5, "adapted": 0.3})
    roles = re.sub(rf"\b{re.escape(source)}\b", "the source", title)
    told = {"source": source, "target": target, "in_roles": roles.replace(f"to {target}", "to T")}
    return claim | told | entries


def _cells(grids):
    return [
        ((source, target), claim)
        for grid in grids
        for source, cells in grid.rows
        for target, cell in zip(grid.targets, cells, strict=True)
        for claim in cell
    ]


def test_every_claim_that_names_its_models_stands_in_one_cell_and_it_is_theirs():
    """Of the sample record, in one table; nothing is there twice."""
    claims = sample_claims()
    table = overview(questions(claims))
    told = {
        claim["id"]: f"→ {claim['target']}"
        if claim["source"] != claim["target"]
        else f"{claim['target']} itself"
        for claim in claims
        if claim["in_roles"]
    }
    placed = [
        (shown.id, pair)
        for _, rows in table.groups
        for _, cells in rows
        for pair, cell in zip(table.pairs, cells, strict=True)
        for shown in cell
    ]
    assert dict(placed) == told
    assert len(placed) == len(told) > 3
    assert transfer_grids(questions(claims)) == []


def test_columns_name_their_source_where_there_are_several():
    """Else the target alone; one claim about two pairs is one row."""
    claims = [_claim(f"{s}-{t}", s, t, f"From {s}, carried to {t}.") for s, t in ("ab", "ba")]
    table = overview(questions(claims))
    assert table.pairs == ["a → b", "b → a"]
    ((_, rows),) = table.groups
    ((title, cells),) = rows
    assert title == "From the source, carried to T."
    assert [[shown.id for shown in cell] for cell in cells] == [["a-b"], ["b-a"]]


def test_one_claim_about_several_pairs_is_one_grid():
    """Its sentence is the same but for the names; models in one order; nothing asked, no claim."""
    pairs = [("a", "b"), ("b", "a"), ("a", "c"), *((each, "a") for each in "defg")]
    claims = [_claim(f"{s}-{t}", s, t, f"From {s}, carried to {t}.") for s, t in pairs]
    (grid,) = transfer_grids(questions(claims))
    assert grid.title == "From the source, carried to T."
    assert grid.targets == ["a", "b", "c"]
    filled = [(source, [len(cell) for cell in cells]) for source, cells in grid.rows]
    assert filled[:2] == [("a", [0, 1, 1]), ("b", [1, 0, 0])]
    assert overview(questions(claims)) is None


def test_claims_about_many_models_or_none_have_no_cell():
    """Nor is there a matrix of nothing but self-steering."""
    many = _claim("x", "a", "a", "Over all pairs of models it works.", in_roles=None)
    own = _claim("y", "a", "a", "The vector of a steers it.")
    no_target = _claim("z", "a", None, "The vector of a steers.")
    assert transfer_grids(questions([many, own, no_target])) == []
    assert transfer_grids([]) == []


def _section(claims):
    page = render(records.plain(sample_record() | {"claims": claims}))
    found = re.search(r'<section id="matrix".*?</section>', page, re.DOTALL)
    return found[0] if found else None


def test_each_cell_leads_to_its_claim_and_says_its_outcome_in_words():
    """With an icon and its number beside it; without a transfer there is no section."""
    claims = sample_claims()
    section = _section(claims)
    named = [claim for claim in claims if claim["in_roles"]]
    cells = dict(re.findall(r'<a href="#([^"]+)"[^>]*>(.*?)</a>', section, re.DOTALL))
    assert sorted(cells) == sorted(claim["id"] for claim in named)
    for claim in named:
        outcome = claim["outcome"].lower()
        assert f"#icon-{outcome.replace(' ', '-')}" in cells[claim["id"]]
        assert f">{outcome}</span>" in cells[claim["id"]].replace("</svg>", ">")
        factor = f"×{claim['effect']['factor']:.2f}" if claim["effect"] else "—"
        assert f">{factor}<" in cells[claim["id"]]
        assert ("doubted" in cells[claim["id"]]) == (outcome == "invalid")
    assert _section(claims[:1]) is None


def test_hostile_names_and_sentences_stay_text_in_the_matrix():
    """In captions, heads of rows and columns, and the names of links."""
    hostile = "\"'><img src=x onerror=alert(1)></table><script>{{ 7*7 }}"
    section = _section([_claim("x", f"a{hostile}", "b", f"{hostile} carried to b.")])
    assert section.count("&lt;img src=x") >= 2
    assert not re.search(r"<(img|script)", section)
    assert section.count("</table>") == 1
    assert "{{ 7*7 }}" in section


def test_grids_of_many_targets_have_the_width_of_the_page():
    """Three or more do not fit beside others."""
    many = [_claim(f"z-{t}", "z", t, f"Elsewhere from z to {t}.") for t in "fghijkl"]
    claims = [_claim(f"a-{t}", "a", t, f"From a to {t}.") for t in "bcde"]
    widths = [transfer_grids(questions([*claims[:n], *many]))[0].broad for n in (1, 2, 3, 4)]
    assert widths == [False, False, True, True]

"""The matrix: each claim in its cell."""

from reports.questions import questions
from reports.transfer_matrix import in_roles, transfer_grids
from tests.sample_record import sample_claim, sample_claims


def _claim(name, source, target, title, **entries):
    claim = sample_claim(name, title=title, kind="works", arms={"native": 0.5, "adapted": 0.3})
    return claim | {"source": source, "target": target} | entries


def _cells(grids):
    return [
        ((source, target), claim)
        for grid in grids
        for source, cells in grid.rows
        for target, cell in zip(grid.targets, cells, strict=True)
        for claim in cell
    ]


def test_every_claim_that_names_its_models_stands_in_one_cell_and_it_is_theirs():
    """Of the sample record; nothing is there twice."""
    claims = sample_claims()
    cells = _cells(transfer_grids(questions(claims)))
    told = {claim["id"]: (claim["source"], claim["target"]) for claim in claims if in_roles(claim)}
    assert {claim["id"]: place for place, claim in cells} == told
    assert len(cells) == len(told) > 3


def test_one_claim_about_several_pairs_is_one_grid():
    """Its sentence is the same but for the names; where nothing was asked the cell is empty."""
    pairs = [("a", "b"), ("b", "a"), ("a", "c")]
    claims = [_claim(f"{s}-{t}", s, t, f"From {s}, carried to {t}.") for s, t in pairs]
    (grid,) = transfer_grids(questions(claims))
    assert grid.title == "From the source, carried to the target."
    assert grid.targets == ["b", "a", "c"]
    filled = [(source, [len(cell) for cell in cells]) for source, cells in grid.rows]
    assert filled == [("a", [1, 0, 1]), ("b", [0, 1, 0])]


def test_a_name_within_a_name_is_not_that_name():
    """mini-llama is no part of mini-llama-small."""
    claim = _claim("x", "mini-llama-small", "mini-llama", "Of mini-llama-small to mini-llama.")
    assert in_roles(claim) == "Of the source to the target."
    alone = _claim("x", "a.b", "a.b", "A.b, or a.b (a.bc), steers itself.")
    assert in_roles(alone) == "A.b, or the model (a.bc), steers itself."


def test_claims_about_many_models_or_none_have_no_cell():
    """Nor is there a matrix of nothing but self-steering."""
    many = _claim("x", "a", "a", "Over all pairs of models it works.")
    own = _claim("y", "a", "a", "The vector of a steers it.")
    no_target = _claim("z", "a", None, "The vector of a steers.")
    assert in_roles(many) is in_roles(no_target) is None
    assert transfer_grids(questions([many, own, no_target])) == []
    assert transfer_grids([]) == []

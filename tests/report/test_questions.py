"""Claims by the row of the question they answer."""

from hypothesis import given
from hypothesis import strategies as st

from prefvec.report.question_rows import questions
from prefvec.vocabulary import KINDS, OUTCOMES, THREE_FINDINGS

names = st.none() | st.text(max_size=12) | st.sampled_from(["layers", "Layers!", "layers?"])
claims = st.lists(
    st.builds(
        lambda name, outcome, kind: (
            {"outcome": outcome, "kind": kind} | ({} if name is None else {"question": name})
        ),
        names,
        st.sampled_from(OUTCOMES),
        st.sampled_from(KINDS),
    )
)


@given(claims)
def test_every_claim_stands_under_one_question_and_in_its_order(drawn):
    """None is lost or stands twice; claims that name no question share that of the findings.

    These stand first, and in the order of their kinds: the first finding first.
    """
    numbered = [{**claim, "id": index} for index, claim in enumerate(drawn)]
    asked = questions(numbered)
    assert sorted(c["id"] for q in asked for c in q.claims) == list(range(len(drawn)))
    for question in asked:
        ids = [claim["id"] for claim in question.claims]
        kinds = [KINDS.index(claim["kind"]) for claim in question.claims]
        if question.name == THREE_FINDINGS:
            assert list(zip(kinds, ids, strict=True)) == sorted(zip(kinds, ids, strict=True))
        else:
            assert ids == sorted(ids)
        assert {c.get("question") or THREE_FINDINGS for c in question.claims} == {question.name}
        assert sum(count for _, count in question.counts) == len(ids)
    firsts = [min(c["id"] for c in q.claims) for q in asked if q.name != THREE_FINDINGS]
    assert firsts == sorted(firsts)
    assert THREE_FINDINGS not in [question.name for question in asked[1:]]


@given(claims)
def test_every_question_has_a_place_of_its_own(drawn):
    """Names that differ in signs or capitals alone lead to two places, of plain letters."""
    places = [question.id for question in questions(drawn)]
    assert len(set(places)) == len(places)
    assert all(set(place) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") for place in places)


def test_a_question_tells_how_its_claims_came_out():
    """In the order of the outcomes, what did not occur left out."""
    outcomes = ["REFUTED", "SUPPORTED", "REFUTED"]
    (question,) = questions(
        [{"outcome": o, "question": "small to large", "kind": "works"} for o in outcomes]
    )
    assert question.heading == "Small to large"
    assert question.tally == "1 supported, 2 refuted"

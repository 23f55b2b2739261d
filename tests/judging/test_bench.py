"""The bench: a reply is paid for once, within a budget, and replies are found again."""

import sqlite3

import pytest

from prefvec.generation.store import CompletionStore
from prefvec.judging.bench import SAMPLES, Bench
from prefvec.judging.judge import BudgetSpentError
from prefvec.judging.replies import ReplyStore
from prefvec.judging.scripted import truth_of
from prefvec.judging.sheets import marking
from tests.scripted_judges import RUBRICS, ScriptedJudge, labelled

ANSWERS = labelled(6)
SHEETS = [marking(each.question, each.text, RUBRICS.first) for each in ANSWERS]


def _judge(**how):
    return ScriptedJudge(truth=truth_of(ANSWERS), **how)


def test_no_reply_is_paid_for_twice(tmp_path):
    """Neither in a session nor in the next; both have the same marks."""
    path = tmp_path / "kept.sqlite"
    with ReplyStore(path) as store:
        first = Bench(_judge(), store)
        marks = first.marks(SHEETS)
        assert first.marks([*SHEETS, *SHEETS]) == [*marks, *marks]
        assert first.paid == len(first.judge.asked) == len(SHEETS)
    with ReplyStore(path) as store:
        later = Bench(_judge(), store)
        assert later.marks(SHEETS) == marks
        assert later.paid == len(later.judge.asked) == 0


def test_replies_stand_beside_the_answers(tmp_path):
    """In one file, in a table of their own, with judge, hash, temperature and the raw reply."""
    path = tmp_path / "kept.sqlite"
    with CompletionStore(path) as answers, ReplyStore(path) as store:
        Bench(_judge(), store).marks(SHEETS[:1])
        assert len(answers) == 0
    asked = "SELECT judge, prompt_hash, temperature, raw FROM judge_replies"
    (row,) = sqlite3.connect(path).execute(asked).fetchall()
    assert row[:3] == ("a scripted judge", SHEETS[0].digest, 0.0)
    assert row[3] in set("12345")


def test_a_spent_budget_stops_and_keeps_what_was_paid_for(tmp_path):
    """The next run pays for the rest alone."""
    with ReplyStore(tmp_path / "kept.sqlite") as store:
        with pytest.raises(BudgetSpentError, match=r"budget of 5 .* 7 more are needed"):
            Bench(_judge(), store, budget=5).marks(SHEETS)
        assert len(store) == 5
        again = Bench(_judge(), store, budget=7)
        assert all(mark.share is not None for mark in again.marks(SHEETS))
        assert again.paid == 7


def test_an_interrupted_judge_is_resumed(tmp_path):
    """What came before the failure is kept, reply by reply."""

    class Failing(ScriptedJudge):
        def replies(self, askings):
            for i, each in enumerate(super().replies(askings)):
                if i == 4:
                    raise KeyboardInterrupt
                yield each

    with ReplyStore(tmp_path / "kept.sqlite") as store:
        with pytest.raises(KeyboardInterrupt):
            Bench(Failing(truth=truth_of(ANSWERS)), store).marks(SHEETS)
        later = Bench(_judge(), store)
        later.marks(SHEETS)
        assert later.paid == len(SHEETS) - 4


def test_without_log_probabilities_samples_decide(tmp_path):
    """One reply at temperature 0 tells that there are none; then several at temperature 1."""
    with ReplyStore(":memory:") as store:
        bench = Bench(_judge(logprobs=False), store)
        marks = bench.marks(SHEETS)
    assert {mark.replies for mark in marks} == {SAMPLES}
    assert bench.paid == len(SHEETS) * (1 + SAMPLES)
    assert {asking.temperature for asking in bench.judge.asked} == {0.0, 1.0}


def test_answers_are_put_to_the_judge_shuffled():
    """Not in the order of arms, and in the same order whenever they are."""
    orders = []
    for _ in range(2):
        with ReplyStore(":memory:") as store:
            bench = Bench(_judge(), store)
            bench.marks(SHEETS)
            orders.append([asking.sheet for asking in bench.judge.asked])
    assert orders[0] == orders[1] != SHEETS
    assert set(orders[0]) == set(SHEETS)


def test_another_judge_has_replies_of_its_own():
    """Nothing of one is taken for another."""
    with ReplyStore(":memory:") as store:
        Bench(_judge(), store).marks(SHEETS)
        other = Bench(_judge(name="another"), store)
        other.marks(SHEETS)
        assert other.paid == len(SHEETS)
        assert len(store) == 2 * len(SHEETS)

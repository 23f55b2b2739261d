"""A judge behind a real server on this machine, asked through the official client."""

import math
from types import SimpleNamespace

import pytest

from prefvec.judging.bench import SAMPLES, Bench
from prefvec.judging.card import card_of
from prefvec.judging.judge import Asking, Judge, JudgeError
from prefvec.judging.local_judge import LocalJudge
from prefvec.judging.marks import expected
from prefvec.judging.openai_judge import KEY, OpenAIJudge, reply_of
from prefvec.judging.replies import ReplyStore
from prefvec.judging.sheets import marking
from tests.loopback_server import Manners, serving
from tests.scripted_judges import RUBRICS, labelled
from tests.tiny import tiny

pytest.importorskip("openai")
MODEL = tiny("qwen2")
ANSWERS = labelled(12)
SHEETS = [marking(each.question, each.text, RUBRICS.first) for each in ANSWERS]


def _asked(url, sheets=SHEETS[:3], **how):
    with ReplyStore(":memory:") as store:
        bench = Bench(OpenAIJudge(url, "tiny", environment={}, **how), store)
        return bench.marks(sheets), bench


def test_log_probabilities_travel_over_the_wire():
    """What the client reads are the probabilities that the model has."""
    judge = LocalJudge(MODEL)
    with serving(MODEL) as url:
        there = OpenAIJudge(url, "tiny", environment={})
        assert isinstance(there, Judge)
        ((_, reply),) = there.replies([Asking(sheet=SHEETS[0])])
    ((_, own),) = judge.replies([Asking(sheet=SHEETS[0])])
    assert len(reply.logprobs) == 20
    assert '"top_logprobs"' in reply.raw
    likeliest = reply.logprobs[0]
    assert math.exp(likeliest[1]) <= 1
    at = {token.strip(): value for token, value in reply.logprobs}
    for mark, value in own.logprobs:
        if mark in at:
            assert at[mark] == pytest.approx(value, abs=1e-4)


def test_the_card_of_a_random_model_finds_that_it_is_no_judge():
    """Marked and compared over the socket; it fails, and says why."""
    with serving(MODEL) as url, ReplyStore(":memory:") as store:
        bench = Bench(OpenAIJudge(url, "tiny", environment={}), store)
        card = card_of(bench, ANSWERS, RUBRICS.first, 1)
    assert not card.passed
    assert "failed its card" in card.sentence


def test_a_mark_in_bold_is_read_where_it_stands():
    """Log-probabilities are those of the mark's token, and not of the asterisks before it."""

    def position(token, *likeliest):
        told = [SimpleNamespace(token=each, logprob=math.log(share)) for each, share in likeliest]
        return SimpleNamespace(token=token, top_logprobs=told)

    content = [position("**", ("**", 0.9)), position("4", ("4", 0.75), ("5", 0.25))]
    completion = SimpleNamespace(
        choices=[
            SimpleNamespace(
                message=SimpleNamespace(content="**4**"), logprobs=SimpleNamespace(content=content)
            )
        ],
        model_dump_json=lambda: "{}",
    )
    assert expected(reply_of(completion), "12345").share == pytest.approx((0.75 * 3 + 0.25 * 4) / 4)


def test_a_rate_limit_is_waited_for_and_paid_for_once():
    """Refused requests come again, and count as nothing."""
    told = Manners(limited=3)
    with serving(MODEL, told) as url:
        marks, bench = _asked(url)
    assert len(marks) == bench.paid == 3
    assert len(told.seen) == 6


@pytest.mark.parametrize("manners", [Manners(logprobs=False), Manners(silent=True)])
def test_a_server_without_log_probabilities_is_sampled(manners):
    """Whether it refuses to be asked or gives none: several replies at temperature 1."""
    with serving(MODEL, manners) as url:
        marks, bench = _asked(url, SHEETS[:2])
    assert {mark.replies for mark in marks} == {SAMPLES}
    assert bench.paid == 2 * (1 + SAMPLES)


def test_the_newer_name_of_the_most_tokens_is_learnt():
    """A server that refuses `max_tokens` is asked with `max_completion_tokens` from then on."""
    told = Manners(max_tokens=False)
    with serving(MODEL, told) as url:
        _asked(url)
    assert ["max_tokens" in body for _, body in told.seen] == [True, False, False, False]


def test_a_key_is_read_from_the_environment_alone(tmp_path):
    """It goes to the server and into no file; without it the sentence says where it belongs."""
    told, path = Manners(key="secret-key-1"), tmp_path / "kept.sqlite"
    with serving(MODEL, told) as url, ReplyStore(path) as store:
        judge = OpenAIJudge(url, "tiny", environment={KEY: "secret-key-1"})
        Bench(judge, store).marks(SHEETS[:1])
        with pytest.raises(JudgeError, match=KEY):
            _asked(url)
    assert b"secret-key-1" not in path.read_bytes()
    with pytest.raises(JudgeError, match=f"Put it into {KEY}"):
        OpenAIJudge("https://example.org/v1", "any", environment={})


def test_a_server_that_is_not_there_is_said_so():
    """In a sentence, after the client has tried again."""
    with serving(MODEL) as url:
        pass
    with pytest.raises(JudgeError, match="cannot be asked"):
        _asked(url, retries=0)


def test_what_was_on_its_way_when_a_request_failed_is_kept():
    """The failure is told, and no reply that came is paid for again."""
    told = Manners()

    class Once(OpenAIJudge):
        def _reply(self, asking):
            if asking.sheet is SHEETS[3]:
                raise JudgeError("out of order")
            return super()._reply(asking)

    with serving(MODEL, told) as url, ReplyStore(":memory:") as store:
        with pytest.raises(JudgeError, match="out of order"):
            Bench(Once(url, "tiny", environment={}), store).marks(SHEETS[:6])
        assert len(store) == len(told.seen)

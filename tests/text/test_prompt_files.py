"""Files of questions in each form, and what is said of one that is none."""

import json

import pytest

from prefvec.errors import PrefvecError
from prefvec.text.prompt_files import load_prompts
from prefvec.text.prompts import Prompt
from prefvec.text.splits import LEAST, load_splits

OURS = [{"id": "a", "text": "Why so?", "topic": "t"}, {"id": "b", "text": "How so?", "topic": "u"}]
MT_BENCH = [
    {"question_id": 81, "category": "t", "turns": ["Why so?", "Say it again."]},
    {"question_id": 82, "category": "u", "turns": ["How so?"], "reference": ["So."]},
]
ALPACA_EVAL = [
    {"instruction": "Why so?", "dataset": "t", "output": "So.", "generator": "someone"},
    {"instruction": "How so?", "dataset": "u"},
]
FORMS = pytest.mark.parametrize(
    "rows", [OURS, MT_BENCH, ALPACA_EVAL], ids=["ours", "mt-bench", "alpaca-eval"]
)


def lines(rows):
    """JSON Lines."""
    return "\n".join(map(json.dumps, rows))


def spread(rows):
    """A JSON list over many lines."""
    return json.dumps(rows, indent=2)


@FORMS
@pytest.mark.parametrize("kept", [lines, json.dumps, spread], ids=["lines", "list", "spread"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "bom"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_each_form_is_read_however_it_was_kept(tmp_path, rows, kept, mark, end):
    """With or without a byte-order mark, with line ends of either kind."""
    path = tmp_path / "my.json"
    path.write_bytes(mark + (kept(rows) + "\n\n").replace("\n", end).encode())
    found = load_prompts(path)
    assert [(p.text, p.topic) for p in found] == [("Why so?", "t"), ("How so?", "u")]
    assert len({prompt.id for prompt in found}) == 2


def written(tmp_path, text):
    """A file with this text."""
    path = tmp_path / "my.jsonl"
    path.write_text(text, encoding="utf-8")
    return path


def test_mt_bench_is_asked_in_its_first_turn(tmp_path):
    """Under the number of the question, and about its category."""
    path = written(tmp_path, lines(MT_BENCH))
    assert load_prompts(path)[0] == Prompt(id="81", text="Why so?", topic="t")


def test_an_instruction_of_alpaca_eval_keeps_its_id_in_any_order(tmp_path):
    """It has none in the file, and answers are kept by it."""
    one, other = (load_prompts(written(tmp_path, lines(rows))) for rows in both_ways(ALPACA_EVAL))
    assert one == other[::-1]
    assert one[0].id.startswith("t-")


def both_ways(rows):
    """As they are, and backwards."""
    return rows, rows[::-1]


def test_a_row_of_alpaca_eval_that_stands_twice_counts_once(tmp_path):
    """The published file need not be mended; the same text on two topics is refused."""
    path = written(tmp_path, lines([*ALPACA_EVAL, ALPACA_EVAL[0]]))
    assert len(load_prompts(path)) == 2
    path = written(tmp_path, lines([*ALPACA_EVAL, ALPACA_EVAL[0] | {"dataset": "v"}]))
    with pytest.raises(PrefvecError, match=r"line 3: 'v-.*' has the text of 't-"):
        load_prompts(path)


def test_files_of_several_forms_can_be_put_together(tmp_path):
    """As by `cat`, each with its own byte-order mark."""
    rows = [{"id": "c", "text": "When so?", "topic": "v"}]
    path = written(tmp_path, f"\ufeff{lines(MT_BENCH)}\n\ufeff{lines(rows)}\n")
    assert [prompt.id for prompt in load_prompts(path)] == ["81", "82", "c"]


@pytest.mark.parametrize("form", ["mt-bench", "alpaca-eval"])
def test_five_topics_of_either_form_make_four_splits(tmp_path, form):
    """And the topics of four are said to be too few, with the keys to change."""
    texts = [(f"topic {topic}", f"Why {topic} {n}?") for topic in range(5) for n in range(24)]
    if form == "mt-bench":
        rows = [
            {"question_id": number, "category": topic, "turns": [text]}
            for number, (topic, text) in enumerate(texts)
        ]
    else:
        rows = [{"instruction": text, "dataset": topic} for topic, text in texts]
    splits = load_splits(written(tmp_path, lines(rows)))
    assert {name: len(prompts) for name, prompts in splits.items()} == {
        "extraction": 24,
        "adapter": 24,
        "tuning": 24,
        "test": 48,
    }
    assert LEAST["test"] <= 48
    few = r"on 4 topics \(topic 0, topic 1.*at least 5.*narrower.*`category` or `dataset`"
    with pytest.raises(PrefvecError, match=few):
        load_splits(written(tmp_path, lines(rows[: 4 * 24])))


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        pytest.param([], "holds no prompts", id="empty"),
        pytest.param(["{"], "line 1: not valid JSON", id="no-json"),
        pytest.param(["", "3"], "line 2: a number instead of an object", id="no-object"),
        pytest.param(['{"id": "a"}', "[1]"], "`text` and `topic` are missing", id="two-lacking"),
        pytest.param(['{"id": "a", "text": "?"}'], "`topic` is missing", id="no-topic"),
        pytest.param(["{}"], "line 1: an object with no keys.*MT-Bench.*AlpacaEval", id="no-keys"),
        pytest.param(
            ['{"prompt": "Why?"}'], "an object with `prompt`, which is no question", id="strange"
        ),
        pytest.param(
            ['{"question_id": 1, "category": "c", "turns": []}'],
            "line 1: `turns` is missing.*Write .*as MT-Bench has it",
            id="no-turns",
        ),
        pytest.param(
            ['{"question_id": 1, "turns": ["Why?"]}'], "`category` is missing", id="no-category"
        ),
        pytest.param(
            ["", '{"instruction": "Why?"}'],
            "line 2: `dataset` is missing.*as AlpacaEval has it",
            id="no-dataset",
        ),
        pytest.param(["[", '{"id": "a"', "]"], "line 3: not valid JSON", id="broken-list"),
        pytest.param(
            ["[", '{"instruction": "Why?", "dataset": "d"},', "", "[]]"],
            "line 4: a list instead of an object",
            id="no-object-in-a-list",
        ),
        pytest.param(["[]"], "holds no prompts", id="empty-list"),
        pytest.param(
            ['{"id": "a", "text": "Why?", "topic": "t"}', '{"id": "a", "text": "?", "topic": "t"}'],
            "line 2: the id 'a' stands twice",
            id="one-id",
        ),
        pytest.param(
            [
                '{"id": "a", "text": "Why so?", "topic": "t"}',
                '{"id": "b", "text": "why  so?", "topic": "u"}',
            ],
            "line 2: 'b' has the text of 'a'",
            id="one-text",
        ),
    ],
)
def test_each_mistake_in_a_file_of_questions_is_named(tmp_path, lines, message):
    """By its line."""
    path = tmp_path / "my.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(PrefvecError, match=message):
        load_prompts(path)


def test_a_file_that_is_not_there_or_is_no_text_is_said_so(tmp_path):
    """No traceback for either."""
    with pytest.raises(PrefvecError, match="no prompt file"):
        load_prompts(tmp_path / "my.jsonl")
    (tmp_path / "my.jsonl").write_bytes(b"\xff\xfe")
    with pytest.raises(PrefvecError, match="not UTF-8"):
        load_prompts(tmp_path / "my.jsonl")


def test_a_line_ends_where_the_file_says(tmp_path):
    """A separator of lines within a question is part of it (JSON allows it unescaped)."""
    path = tmp_path / "my.jsonl"
    path.write_text('{"id": "a", "text": "Why\u2028so?", "topic": "t"}\r\n', encoding="utf-8")
    assert load_prompts(path)[0].text == "Why\u2028so?"

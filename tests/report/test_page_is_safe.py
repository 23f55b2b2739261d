"""The page is safe: hostile text stays text, and nothing comes from outside."""

import base64
import hashlib
import html
import re

import pytest

from prefvec.report import record as records
from prefvec.report.page import render
from tests.report.page_elements import Elements
from tests.sample_claim import HOSTILE, sample_claim
from tests.sample_figures import sample_figures
from tests.sample_record import sample_record


def test_hostile_answers_stay_text(parsed):
    """Every hostile answer is there to be read, and none of it became an element."""
    tags = [tag for tag, _ in parsed.elements]
    assert not {*tags} & {"img", "iframe", "object", "link", "base", "embed"}
    assert (tags.count("script"), tags.count("form")) == (1, 2)
    texts = " ".join(parsed.texts)
    for answer in HOSTILE:
        assert answer.replace("\x00", "\N{REPLACEMENT CHARACTER}") in texts


@pytest.mark.parametrize(
    ("spans", "marked"),
    [
        ([[0, 3], [8, 11]], ["<b>", "one"]),
        ([[8, 11], [0, 3]], ["one"]),
        ([[0, 5], [3, 9]], ["<b>no"]),
        ([[-3, 2], [5, 5], [9, 999], [1]], []),
        ([], []),
    ],
)
def test_what_is_false_is_marked_where_it_stands(spans, marked):
    """A place that the answer does not have marks nothing, and the text stays as it is."""
    record = sample_record()
    answer = record["claims"][0]["answers"][0]["answers"][0]
    answer |= {"text": "<b>no & one</b>", "false": spans}
    record["claims"][0]["answers"] = [{**record["claims"][0]["answers"][0], "answers": [answer]}]
    record["claims"] = [record["claims"][0] | {"archive": None}]
    page = render(record)
    quote = re.search(r"<blockquote dir=\"auto\">(.*?)</blockquote>", page, re.DOTALL)
    assert quote is not None
    found = re.findall(r"<mark[^>]*>(.*?)</mark>", quote[1])
    assert [html.unescape(each) for each in found] == marked
    assert html.unescape(re.sub(r"</?mark[^>]*>", "", quote[1])) == answer["text"]


def test_no_element_carries_an_event_handler_or_a_foreign_address(parsed):
    """Links lead inside the page only, but for the files that it carries."""
    for _, attributes in parsed.elements:
        assert not any(name.startswith("on") for name in attributes)
        for name in ("href", "src", "action"):
            inside = "data:" if "download" in attributes else "#"
            assert attributes.get(name, inside).startswith(inside)


@pytest.mark.parametrize(
    "field",
    ["title", "sentence", "label", "regime", "source", "target", "nodeid"],
)
def test_hostile_words_of_a_claim_stay_text(field):
    """Not only answers: whatever a record says is escaped, and the page keeps its elements."""
    hostile = "\"'><script>alert(1)</script></title></svg><img src=x onerror=alert(1)>{{ 7*7 }}"
    record = sample_record()
    plain_page = Elements(render(record))
    record["claims"][3][field] = hostile
    hostile_page = Elements(render(record))
    tags = [tag for tag, _ in hostile_page.elements]
    assert tags.count("script") == 1
    assert tags.count("img") == 0
    assert hostile in " ".join(hostile_page.texts)
    assert len(hostile_page.ids) == len(plain_page.ids)


def test_hostile_names_of_arms_and_models_stay_text():
    """They stand in attributes, classes and SVG as well."""
    hostile = "x\"' onload=alert(1) <script>"
    record = sample_record()
    for arm in record["claims"][0]["arms"]:
        arm["name"] = arm["label"] = hostile
    record["models"][0]["name"] = record["run"]["model_set"] = record["run"]["commit"] = hostile
    parsed = Elements(render(record))
    assert [tag for tag, _ in parsed.elements].count("script") == 1
    assert not [a for _, attributes in parsed.elements for a in attributes if a.startswith("on")]


def test_the_policy_forbids_everything_that_is_not_the_pages_own(page):
    """It stands before anything that could load, and knows the style and the script by hash."""
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    assert policy.start() < page.index("<title>") < page.index("<style>")
    told = html.unescape(policy[1])
    assert told.startswith("default-src 'none'; ")
    assert "unsafe" not in told
    for element in ("script", "style"):
        (text,) = re.findall(rf"<{element}>(.*?)</{element}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{element}-src 'sha256-{digest}'" in told
    assert "http://" not in page
    assert "https://" not in page


@pytest.mark.parametrize("kind", ["curve", "heat map", "forest", "table"])
def test_hostile_words_of_a_figure_stay_text(kind):
    """Wherever a record can put words."""
    hostile = "\"'><script>alert(1)</script></title></svg><img src=x onerror=alert(1)>{{ 7*7 }}"

    def spoilt(value, key=None):
        if isinstance(value, dict):
            return {name: spoilt(inner, name) for name, inner in value.items()}
        if isinstance(value, list):
            return [spoilt(inner) for inner in value]
        return hostile if isinstance(value, str) and key not in ("id", "kind", "scale") else value

    record = sample_record()
    (figure,) = (spoilt(f) for f in sample_figures() if f["kind"] == kind)
    record["claims"] = [
        sample_claim("x", title="x", kind="works", arms={}, figures=[figure], question=hostile)
    ]
    records.validate(record)
    tags = [tag for tag, _ in Elements(render(record)).elements]
    assert (tags.count("script"), tags.count("img")) == (1, 0)

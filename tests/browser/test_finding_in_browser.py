"""What is looked for on a page is found: answers by their words, verdicts by what they are."""

import csv
import io

import pytest
from playwright.sync_api import expect

from prefvec.text.metrics import words
from tests.browser.archive import archived, search
from tests.sample_record import sample_record

pytestmark = pytest.mark.integration


def test_a_search_finds_the_answers_with_these_words_and_no_others(opened):
    """All words must be there, in either case; arm, coefficient and marks narrow it down."""
    found = opened(sample_record())
    page, everything = found.page, archived()
    assert search(page, "") == len(everything)
    herons = [a for a in everything if "heron" in a["text"].lower() and "grey" in a["text"]]
    assert 0 < search(page, "HERON grey") == len(herons) < len(everything)
    at = [a for a in everything if a["coefficient"] == -1]
    assert search(page, "", dose="−1") == len(at)
    assert search(page, "", dose="", mark="false") == sum(a["false"] for a in everything)
    assert search(page, "", mark="cut") == sum(a["cut"] for a in everything)
    assert search(page, "no such word anywhere", mark="") == 0
    assert found.untroubled, found


def test_what_was_found_stands_by_prompt_with_its_question_and_its_marks(opened):
    """Unsteered beside what was found, false parts and matches marked, all arms one button away."""
    page = opened(sample_record()).page
    search(page, "")
    results = page.locator("#results > li")
    expect(results).to_have_count(25)
    page.locator("#more").click()
    expect(results).not_to_have_count(25)
    search(page, "heron", mark="false", dose="+1", order="longest")
    first = results.first
    expect(first.locator("h4").first).to_contain_text("unsteered")
    expect(first.locator("h3 q")).not_to_be_empty()
    card = first.locator(".answer", has=page.locator(".flags", has_text="false statement")).last
    claim = card.locator("p.fine a").first.get_attribute("href")
    assert page.locator(f"article{claim}").count() == 1
    untrue = card.locator("mark[title]").all_inner_texts()
    assert "".join(untrue) == card.locator("blockquote").inner_text()[3:20]
    hits = card.locator("mark.hit").all_inner_texts()
    assert hits
    assert {each.lower() for each in hits} == {"heron"}
    before = first.locator("h4").count()
    first.get_by_role("button", name="The same prompt").click()
    expect(first.locator("h4")).not_to_have_count(before)
    assert first.locator("h4").count() > before


def test_a_search_and_an_answer_have_an_address(opened):
    """Opened at either, the page shows what was seen there."""
    page = opened(sample_record()).page
    count = search(page, "heron", mark="false")
    page.wait_for_url("**#find=*")
    place = "#" + page.url.partition("#")[2]
    link = page.locator("#results a.to-answer").first.get_attribute("href")
    text = page.locator("#results blockquote").first.inner_text()
    again = opened(sample_record(), place=place).page
    expect(again.locator("#found")).to_contain_text(f"{count} of ")
    assert again.locator("#search [name=mark]").input_value() == "false"
    one = opened(sample_record(), place=link).page
    expect(one.locator("#found")).to_contain_text("1 of ")
    assert text in one.locator("#results blockquote").all_inner_texts()


def test_the_verdicts_are_narrowed_and_put_in_order(opened):
    """By outcome and the rest; by effect, the largest or the smallest first; and back again."""
    page = opened(sample_record()).page
    claims = sample_record()["claims"]
    rows, output = page.locator("ol.strip > li:visible"), page.locator("#narrow output")
    refuted = [claim for claim in claims if claim["outcome"] == "REFUTED"]
    page.locator("#narrow [name=outcome]").select_option("REFUTED")
    expect(output).to_have_text(f"{len(refuted)} of {len(claims)} verdicts")
    expect(rows).to_have_count(len(refuted))
    page.locator("#narrow [name=outcome]").select_option("")
    expect(rows).to_have_count(len(claims))
    first = rows.first.inner_text()
    for order, largest in (("down", True), ("up", False)):
        page.locator("#narrow [name=order]").select_option(order)
        expect(page.locator("#verdicts > ol.strip > li")).to_have_count(len(claims))
        shown = rows.evaluate_all("each => each.map(row => row.dataset.effect)")
        effects = [float(each) for each in shown if each is not None]
        assert effects == sorted(effects, reverse=largest)
    page.locator("#narrow [name=order]").select_option("")
    expect(page.locator("#verdicts > ol.strip")).to_be_hidden()
    assert rows.first.inner_text() == first


@pytest.mark.parametrize("key", ["mouse", "keyboard"])
def test_the_table_of_prompts_sorts(opened, key):
    """By any column, both ways, and says by which to those who cannot see the mark."""
    page = opened(sample_record()).page
    page.locator("details.per-prompt > summary").first.click()
    table = page.locator("table.sortable").first
    for column, name in ((1, "at −c"), (0, "prompt")):
        button = table.get_by_role("button", name=name, exact=True)
        for order in ("descending", "ascending"):
            if key == "mouse":
                button.click()
            else:
                button.focus()
                page.keyboard.press("Enter")
            header = table.locator("thead th").nth(column)
            expect(header).to_have_attribute("aria-sort", order)
            cells = table.locator(f"tbody tr > :nth-child({column + 1})")
            by = [each.strip() for each in cells.all_text_contents()]
            values = [float(each.removeprefix("×")) if column else each for each in by]
            assert values == sorted(values, reverse=order == "descending")
            assert table.locator("th[aria-sort]").count() == 1


def test_what_was_found_can_be_saved(opened):
    """As CSV, a row for each answer that was found; its words are counted as the metric does."""
    page = opened(sample_record()).page
    count = search(page, "")
    with page.expect_download() as download:
        page.locator("#save").click()
    text = download.value.path().read_text(encoding="utf-8")
    assert text.startswith("model,arm,coefficient,prompt,")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == count > 0
    assert all(int(row["words"]) == words(row["text"]) for row in rows)

"""The page as a browser has it: whole, silent, and nobody's but ours."""

import copy
import re
from typing import Any
from xml.etree import ElementTree

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from prefvec.report import record as records
from prefvec.report.page import render
from tests.browser.archive import search
from tests.sample_record import sample_claims, sample_record

pytestmark = pytest.mark.integration

PAYLOAD = (
    "<img src=x onerror=alert(1)></script>\"'><svg onload=alert(2)>"
    "<a href='javascript:alert(3)'>{{ 7*7 }}"
)


def killed() -> dict[str, Any]:
    """The record of a run that was killed half way."""
    record = sample_record(complete=False)
    return record | {"claims": record["claims"][:2]}


def empty() -> dict[str, Any]:
    """The record of a run that was killed before its first verdict."""
    return sample_record(complete=False) | {"claims": [], "known_answers": []}


def hostile(value: Any, key: str = "") -> Any:
    """The same record with the payload after every string that is free to be anything."""
    if isinstance(value, dict):
        return {name: hostile(each, name) for name, each in value.items()}
    if isinstance(value, list):
        return [hostile(each, key) for each in value]
    free = isinstance(value, str) and key in {
        *("title", "sentence", "label", "text", "question", "prompt", "notes", "because"),
        *("name", "caption", "model_set", "command", "reason", "architecture", "what"),
    }
    return value + PAYLOAD if free else value


RECORDS = {
    "full": sample_record,
    "quick": lambda: sample_record(mode="quick"),
    "killed": killed,
    "empty": empty,
}


@pytest.mark.parametrize("name", RECORDS)
def test_a_page_opens_in_silence(opened, name):
    """No complaint in the console, no request, no dialog; and its verdicts are to be seen."""
    found = opened(RECORDS[name]())
    assert found.untroubled, found
    assert found.page.locator("h1").is_visible()
    shown = found.page.locator("ol.strip > li").count()
    assert shown == len(RECORDS[name]()["claims"])


def test_what_a_record_says_is_never_markup(opened):
    """With a payload in every free string: no element, no attribute and no dialog came of it."""
    found = opened(hostile(copy.deepcopy(sample_record())))
    assert found.untroubled, found
    page = found.page
    assert page.locator("img, iframe, object, embed, [onload], [onerror], [onclick]").count() == 0
    hrefs = page.eval_on_selector_all("a", "links => links.map(link => link.getAttribute('href'))")
    assert all(href.startswith(("#", "data:")) for href in hrefs)
    search(page, "")
    assert page.locator("#results img, #results script, #results [onload]").count() == 0
    assert found.untroubled, found
    assert PAYLOAD in page.locator("main").inner_text()


def test_every_claims_deep_link_leads_to_it(opened):
    """The address with a claim's id opens the page at that claim."""
    for claim in sample_record()["claims"]:
        page = opened(sample_record(), place=f"#{claim['id']}").page
        page.wait_for_function(
            """id => {
                const top = document.getElementById(id).getBoundingClientRect().top;
                const below = document.documentElement.scrollHeight - scrollY - innerHeight;
                return (top >= -5 && top < 400) || below < 5;
            }""",
            arg=claim["id"],
        )
        assert claim["title"] in page.locator(f"[id='{claim['id']}'] h3").inner_text()


def test_every_link_leads_somewhere(opened):
    """No link of the page to a place it does not have."""
    page = opened(sample_record()).page
    lost = page.eval_on_selector_all(
        "a[href^='#']",
        "links => links.map(a => a.getAttribute('href').slice(1))"
        ".filter(id => !document.getElementById(id))",
    )
    assert lost == []


def test_without_script_every_verdict_figure_and_answer_is_there(opened):
    """A browser that runs no script shows as many of them as the record has."""
    record = sample_record()
    page = opened(record, java_script_enabled=False).page
    text = page.locator("main").text_content()
    answers = [a for claim in record["claims"] for c in claim["answers"] for a in c["answers"]]
    assert all(claim["sentence"] in text for claim in record["claims"])
    assert page.locator(".claim blockquote").count() == len(answers) > 0
    assert page.locator("main svg").count() >= len(record["claims"])


def test_the_keyboard_reaches_the_verdicts_first_and_then_everything(opened):
    """Tab goes to the skip link, which leads to the verdicts; every detail opens by Enter."""
    page = opened(sample_record()).page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#verdicts"
    page.keyboard.press("Enter")
    page.wait_for_url("**#verdicts")
    closed = page.locator("details:not([open]) > summary")
    before = closed.count()
    closed.first.focus()
    page.keyboard.press("Enter")
    expect(closed).to_have_count(before - 1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault(opened, scheme):
    """axe-core's rules, WCAG AA contrast among them, with every detail open."""
    page = opened(sample_record(), color_scheme=scheme, bypass_csp=True).page
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    found = Axe().run(page).response["violations"]
    serious = [
        (fault["id"], [node["target"] for node in fault["nodes"]][:5])
        for fault in found
        if fault["impact"] in ("serious", "critical")
    ]
    assert serious == []


@pytest.mark.parametrize("width", [390, 1280])
def test_no_word_of_a_figure_is_cut_off(opened, width):
    """However long a measure, a contrast or the name of an arm is; measured as it is drawn."""
    record = sample_record()
    for claim in record["claims"]:
        claim["measure"] = "odds of personal over impersonal sentences"
        if claim["effect"]:
            what = f"odd part {'at the block that is most similar ' * 5}"
            claim["effect"] |= {"what": what, "of": "contrast"}
    for arm in record["claims"][0]["arms"]:
        arm |= {"name": "native, asked", "label": "its own vector, where longer answers are asked"}
    size = {"width": width, "height": 800}
    page = opened(record, viewport=size, bypass_csp=True).page
    page.add_style_tag(content=".claim { content-visibility: visible !important; }")
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    cut = page.evaluate(
        """() => [...document.querySelectorAll('svg[role] text')].filter(text => {
            const canvas = text.closest('svg[role]').getBoundingClientRect();
            const drawn = text.getBoundingClientRect();
            return drawn.left < canvas.left - 1 || drawn.right > canvas.right + 1
                || drawn.top < canvas.top - 1 || drawn.bottom > canvas.bottom + 1;
        }).map(text => text.textContent)"""
    )
    assert cut == []


@pytest.mark.parametrize("width", [320, 390, 768])
def test_a_narrow_window_never_scrolls_sideways(opened, width):
    """What is wider scrolls by itself."""
    page = opened(sample_record(), viewport={"width": width, "height": 800}).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_on_paper_the_page_is_short_light_and_keeps_its_legends(opened):
    """Verdicts, one example, a page of tests and figures a claim; no search and no tools."""
    page = opened(sample_record(), color_scheme="dark").page
    page.emulate_media(media="print", color_scheme="dark")
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)")
    claims = [claim for claim in sample_record()["claims"] if claim["answers"]]
    assert page.locator("#opening blockquote:visible").count() > 1
    assert page.locator("article.claim figure svg[role]:visible").count() >= len(claims)
    for gone in ("#answers", "#narrow", ".tools", ".contents", ".per-prompt", "#downloads"):
        assert not page.locator(gone).first.is_visible(), gone
    exact = page.locator(".swatch").first.evaluate(
        "each => getComputedStyle(each).printColorAdjust"
    )
    assert exact == "exact"
    sheets = len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4")))
    assert len(claims) < sheets <= 2 * len(sample_record()["claims"]) + 6


@pytest.mark.parametrize("kind", ["SVG", "PNG"])
def test_a_figure_can_be_taken_out_of_the_page(opened, kind):
    """A whole picture by itself: its words, or its bytes."""
    found = opened(sample_record())
    page = found.page
    button = page.locator(".found figure").get_by_role("button", name=f"This figure as {kind}")
    with page.expect_download() as download:
        button.click()
    file = download.value.path().read_bytes()
    assert (
        download.value.suggested_filename == f"forest-question-1-the-three-findings.{kind.lower()}"
    )
    if kind == "PNG":
        assert file.startswith(b"\x89PNG")
    else:
        drawn = ElementTree.fromstring(file)
        words = " ".join(drawn.itertext())
        effects = [claim["effect"] for claim in sample_claims()[:3] if claim["effect"]]
        assert all(f"{effect['factor']:.2f}" in words for effect in effects)
    assert found.untroubled, found


@pytest.mark.parametrize("width", [390, 1440])
def test_the_first_screen_says_what_was_found(opened, width):
    """The findings in words; on a wide screen the forest, too; and the contents stay in sight."""
    page = opened(sample_record(), viewport={"width": width, "height": 900}).page
    for place in (".sentences li", ".contents", "a[href='#how-to-read']"):
        box = page.locator(place).first.bounding_box()
        assert box is not None
        assert box["y"] + min(box["height"], 40) < 900
    if width == 1440:
        box = page.locator(".found figure svg[role]").bounding_box()
        assert box["y"] + box["height"] < 900
    page.locator("#words").scroll_into_view_if_needed()
    page.wait_for_function("scrollY > 2000")
    assert page.locator(".contents").bounding_box()["y"] >= -1


def test_on_a_phone_every_point_is_inside_its_figure(opened):
    """No figure of arms, controls or claims is wider than its frame."""
    page = opened(sample_record(), viewport={"width": 390, "height": 800}, bypass_csp=True).page
    page.add_style_tag(content=".claim { content-visibility: visible !important; }")
    wider = page.locator(".plot:not(.heat-map)").evaluate_all(
        "all => all.filter(each => each.scrollWidth > each.clientWidth + 1).length"
    )
    assert wider == 0


@pytest.mark.parametrize("width", [390, 1200])
def test_a_claims_name_in_a_forest_does_not_meet_its_number(opened, width):
    """The longest name that is not cut stands apart from the number on its line."""
    record = sample_record()
    for claim in record["claims"]:
        claim["brief"] = "Adapted, neutral turns → organism-27"
    page = opened(record, viewport={"width": width, "height": 800}).page
    meeting = page.evaluate(
        """() => [...document.querySelectorAll('.forest .series')].filter(row => {
            const name = row.querySelector('.direct').getBoundingClientRect();
            return name.right + 4 > row.querySelector('.value').getBoundingClientRect().left;
        }).map(row => row.textContent)"""
    )
    assert page.locator(".forest .series").count() > 4
    assert meeting == []


def test_the_record_can_be_taken_out_of_the_page(opened):
    """By its link, and it is the record that the page was made from."""
    page = opened(sample_record()).page
    with page.expect_download() as download:
        page.locator("#record").click()
    assert download.value.suggested_filename == "verdicts.json.gz"
    assert render(records.read(download.value.path())) == render(records.plain(sample_record()))


def test_without_script_the_archive_says_where_it_is(opened):
    """No form that does nothing, but a sentence and a link to the record."""
    page = opened(sample_record(), java_script_enabled=False).page
    assert not page.locator("#search").is_visible()
    assert "needs JavaScript" in page.locator("#answers").inner_text()
    assert page.locator("#record").is_visible()

"""What prefvec/report's scripts and styles do in a window."""

import pytest

from prefvec.report import archive
from tests.browser.archive import search
from tests.sample_record import sample_record

pytestmark = pytest.mark.integration


def _alike():
    """The sample record, every answer to a prompt of the same words."""
    record = sample_record()
    for claim in record["claims"]:
        if claim["archive"]:
            rows = archive.unpacked(claim["archive"])
            claim["archive"] = archive.packed(
                [row | {"text": f"The heron of {row['prompt']}."} for row in rows]
            )
    return record


def test_arms_that_answered_alike_share_a_card_with_all_their_names(opened):
    """Each arm is named once at each dose, and no answer is lost from the count."""
    found = opened(_alike())
    page = found.page
    assert search(page, "") > 100
    first = page.locator("#results > li").first
    assert first.locator(".answer").count() == 1
    named = [" ".join(each.split()) for each in first.locator("h4").all_inner_texts()]
    assert "unsteered" in named
    assert len(named) == len(set(named)) > 3
    assert found.untroubled, found


@pytest.mark.parametrize("width", [320, 390])
def test_a_phone_shows_what_was_measured_needed_and_how_sure_it_is(opened, width):
    """Every number of a verdict, with its name before it, and none beyond the edge."""
    page = opened(sample_record(), viewport={"width": width, "height": 800}, bypass_csp=True).page
    page.add_style_tag(content=".claim { content-visibility: visible !important; }")
    cells = page.locator("article.claim .wide > .components td[data-label]:visible")
    assert cells.count() > 20
    told = cells.first.evaluate("each => getComputedStyle(each, '::before').content")
    assert told == '"measured: "'
    beyond = "all => all.filter(each => each.scrollWidth > each.clientWidth + 1).length"
    assert page.locator(".wide:has(> .components)").evaluate_all(beyond) == 0

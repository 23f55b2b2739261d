"""The answers of the sample record, and how a person looks for them on its page."""

from typing import Any

from prefvec.report.archive import merged
from tests.sample_record import sample_record


def search(page: Any, asked: str, **chosen: str) -> int:
    """Search the answers; returns how many were found."""
    page.locator("#search [name=words]").fill(asked)
    for name, choice in chosen.items():
        page.locator(f"#search [name={name}]").select_option(choice)
    page.evaluate("document.getElementById('found').textContent = ''")
    page.locator("#search button").click()
    page.wait_for_function("document.getElementById('found').textContent.includes(' of ')")
    return int(page.locator("#found").inner_text().split(" of ")[0].replace(",", ""))


def archived() -> list[dict[str, Any]]:
    """Every answer of the sample record, one by one."""
    answers = merged(sample_record()["claims"])
    assert answers is not None
    return [
        {
            "arm": arm["label"],
            "coefficient": arm["coefficient"],
            "text": answers["texts"][text],
            "false": str(row) in arm["false"],
            "cut": row in arm["cut"],
        }
        for arm in answers["arms"]
        for row, text in enumerate(arm["text"])
    ]

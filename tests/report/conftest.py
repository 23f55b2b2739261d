"""The page of the sample record, for all who look at it."""

import pytest

from prefvec.report import record as records
from prefvec.report.page import render
from tests.report.page_elements import Elements
from tests.sample_record import sample_record


@pytest.fixture(scope="module")
def page():
    """The page of the sample record."""
    return render(records.plain(sample_record()))


@pytest.fixture(scope="module")
def parsed(page):
    """Its elements."""
    return Elements(page)

import pytest

from studium.analytics.exports import harmless


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1"])
def test_text_that_would_be_a_formula_is_quoted(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["Ann", "", "a=b", "1-2", None, -1, -1.5, True])
def test_everything_else_stays(cell: object) -> None:
    assert harmless(cell) is cell

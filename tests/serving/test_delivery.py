import pytest
from fastapi import HTTPException

from serving.documents.delivery import ONE_RANGE, _bounds
from serving.documents.reading_view import as_page


@pytest.mark.parametrize(
    ("header", "interval"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=0-", (0, 100)),
        ("bytes=10-19", (10, 20)),
        ("bytes=90-500", (90, 100)),
        ("bytes=-10", (90, 100)),
        ("bytes=-500", (0, 100)),
    ],
)
def test_ranges_as_the_rfc_counts_them(header: str, interval: tuple[int, int]) -> None:
    wanted = ONE_RANGE.fullmatch(header)
    assert wanted is not None
    assert _bounds(wanted[1], wanted[2], 100) == interval


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=20-10", "bytes=-0", "bytes=-"])
def test_ranges_outside_are_refused_with_the_size(header: str) -> None:
    wanted = ONE_RANGE.fullmatch(header)
    assert wanted is not None
    with pytest.raises(HTTPException) as refused:
        _bounds(wanted[1], wanted[2], 100)
    assert (refused.value.status_code, refused.value.headers) == (416, {"Content-Range": "bytes */100"})


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "<iframe src='//evil.test'></iframe>",
        "<style>@import '//evil.test'</style>",
        "<svg onload=alert(1)>",
        "<form action='//evil.test'><input>",
        "<p style='background:url(//evil.test)'>x</p>",
        "</main></body><script>alert(1)</script>",
    ],
)
def test_a_page_of_moodle_only_reads(hostile: str) -> None:
    page = as_page(f"<h2>Cells</h2>{hostile}<p>All life.</p>", "<script>")
    body = page.partition("<body>")[2]
    for word in ("<script", "onerror", "onload", "javascript:", "evil.test", "<iframe", "<form", "<img"):
        assert word not in body
    assert "<h2>Cells</h2>" in body
    assert "<p>All life.</p>" in body

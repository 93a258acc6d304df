import pytest

from serving.pages.rendering import render
from serving.pages.router import local


@pytest.mark.parametrize("target", ["/", "/ask?course=site:2", "/a/b#c"])
def test_our_own_places_are_kept(target: str) -> None:
    assert local(target) == target


@pytest.mark.parametrize(
    "target",
    ["https://evil.test", "//evil.test", "/\\evil.test", "\\/evil.test", "evil", "", "javascript:alert(1)", "/\n/x"],
)
def test_nobody_is_sent_elsewhere(target: str) -> None:
    assert local(target) == "/"


def test_what_is_put_into_a_page_is_escaped() -> None:
    page = render("sign_in.html", next='"><script>', email="<b>", error=None)
    assert "<script" not in bytes(page.body).decode()
    assert "<b>" not in bytes(page.body).decode()


def test_styles_alone_run_and_only_ours() -> None:
    first, second = (
        render("sign_in.html", next="/", email="", error=None),
        render("message.html", heading="a", sentence="b"),
    )
    policies = [page.headers["content-security-policy"] for page in (first, second)]
    assert policies[0] != policies[1]
    assert all("default-src 'none'" in policy and "script" not in policy for policy in policies)
    nonce = policies[0].partition("'nonce-")[2].partition("'")[0]
    assert f'<style nonce="{nonce}">' in bytes(first.body).decode()

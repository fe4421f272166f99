"""The watch over the pages' security policy, which every browser test stands under, hears what a browser refuses."""

import pytest
from playwright.sync_api import Browser, Page

from steppe.kit.pages import CONTENT_SECURITY_POLICY
from tests.e2e.page_policy import PolicyWatch

ADDRESS = "http://127.0.0.1:9/"
CARELESS = {
    "a style in the page": '<p style="color: red">red</p>',
    "a sheet in the page": "<style>p { color: red }</style><p>red</p>",
    "a script in the page": "<script>1</script>",
    "a script of a stranger": '<script src="https://example.org/x.js"></script>',
}


def opened(browser: Browser, html: str, headers: dict[str, str]) -> tuple[PolicyWatch, Page]:
    context, watch = browser.new_context(), PolicyWatch()
    watch.listen(context)
    page = context.new_page()
    page.route(ADDRESS, lambda route: route.fulfill(body=html, content_type="text/html", headers=headers))
    page.goto(ADDRESS)
    # What was said before is heard before this answer.
    page.evaluate("1")
    return watch, page


@pytest.mark.parametrize("html", CARELESS.values(), ids=CARELESS)
def test_what_the_policy_refuses_fails_the_test(browser: Browser, html: str) -> None:
    watch, page = opened(browser, html, {"Content-Security-Policy": CONTENT_SECURITY_POLICY})
    with pytest.raises(AssertionError, match="Content Security Policy"):
        watch.check()
    page.context.close()


def test_what_is_only_reported_fails_it_too_and_what_is_allowed_does_not(browser: Browser) -> None:
    watch, page = opened(
        browser, "<p>plain</p>", {"Content-Security-Policy-Report-Only": "require-trusted-types-for 'script'"}
    )
    page.evaluate("document.querySelector('p').style.cssText = 'color: red'")
    watch.check()
    page.evaluate("document.querySelector('p').innerHTML = '<b>bold</b>'")
    with pytest.raises(AssertionError, match="TrustedHTML"):
        watch.check()
    page.context.close()

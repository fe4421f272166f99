"""The field app in WebKit, pressed and typed into through W3C WebDriver: what the shorter story there needs."""

from pathlib import Path

from selenium.common.exceptions import StaleElementReferenceException, TimeoutException
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.expected_conditions import url_changes
from selenium.webdriver.support.ui import WebDriverWait

from tests.e2e.field_app import PASSPHRASE
from tests.e2e.webkit import WebKitPhone

PATIENCE_SECONDS = 60
# `.` is all the text of an element; an icon button has its name in aria-label.
NAMED = "(normalize-space(.)={name} or @aria-label={name})"


def quoted(text: str) -> str:
    """A text as XPath writes it. Raises ValueError for one with double quotes, which XPath 1.0 cannot write."""
    if '"' in text:
        msg = f"no double quotes in what a test presses: {text}"
        raise ValueError(msg)
    return f'"{text}"'


class WebKitFieldApp:
    """The field app on one WebKit phone. It follows the phone over its restarts."""

    def __init__(self, phone: WebKitPhone, address: str) -> None:
        """Wrap a phone; `address` is the server's."""
        self.phone = phone
        self.address = address

    def element(self, xpath: str) -> WebElement:
        """Wait for the first visible element. Raises TimeoutException after a minute, which tells what stood there."""
        wait = WebDriverWait(self.phone.driver, PATIENCE_SECONDS, ignored_exceptions=[StaleElementReferenceException])
        try:
            seen = wait.until(lambda driver: self._seen(driver, xpath))
        except TimeoutException as never:
            message = f"never seen: {xpath}; the screen at the end: {self._screen()}"
            raise TimeoutException(message) from never
        assert seen is not None
        return seen

    def _screen(self) -> str:
        driver = self.phone.driver
        fields = driver.execute_script(
            "return [...document.querySelectorAll('input, button')]"
            ".map((one) => `${one.type} ${one.disabled ? 'disabled' : 'enabled'} ${one.value.length}`)"
        )
        return f"{driver.current_url} {driver.find_element(By.TAG_NAME, 'body').text!r} {fields}"

    @staticmethod
    def _seen(driver: WebDriver, xpath: str) -> WebElement | None:
        return next((one for one in driver.find_elements(By.XPATH, xpath) if one.is_displayed()), None)

    def sees(self, text: str) -> WebElement:
        """Wait until some element says exactly this."""
        return self.element(f"//*[normalize-space(.)={quoted(text)}][not(*)]")

    def tap(self, xpath: str) -> None:
        """Bring an element into the middle, where no bar covers it, and press it."""
        wait = WebDriverWait(self.phone.driver, PATIENCE_SECONDS, ignored_exceptions=[StaleElementReferenceException])

        def tapped(_driver: object) -> bool:
            element = self.element(xpath)
            self.phone.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
            self._at_rest(element)
            element.click()
            return True

        wait.until(tapped)

    def _at_rest(self, element: WebElement) -> None:
        # WebDriver clicks where the element was when it looked, and what moves meanwhile is missed without a word.
        self.phone.driver.set_script_timeout(PATIENCE_SECONDS)
        self.phone.driver.execute_async_script(
            """const [element, done] = arguments;
            let [top, still] = [NaN, 0];
            const look = () => {
              const now = element.getBoundingClientRect().top;
              still = now === top ? still + 1 : 0;
              top = now;
              if (still > 5) done(); else requestAnimationFrame(look);
            };
            look();""",
            element,
        )

    def press(self, name: str) -> None:
        """Press the button or the link of this name."""
        named = NAMED.format(name=quoted(name))
        self.tap(f"//button[{named}] | //a[{named}]")

    def fill(self, label: str, text: str) -> None:
        """Type into the field of this label."""
        self.element(f"//input[@id=//label[normalize-space(.)={quoted(label)}]/@for]").send_keys(text)

    def enrol(self, code: str) -> None:
        """Open an enrolment link, choose the passphrase, wait until the phone can work offline."""
        self.phone.driver.get(f"{self.address}/#enrol={code}")
        self.press("Next")
        self.fill("Passphrase or PIN", PASSPHRASE)
        self.fill("The same again", PASSPHRASE)
        self.press("Use this passphrase")
        self.sees("Ready to work offline")
        self.press("Start work")
        self.sees("Start a report")

    def has_service_worker(self) -> bool:
        """Wait until a service worker is active for the app; true when it is."""
        self.phone.driver.set_script_timeout(PATIENCE_SECONDS)
        return bool(
            self.phone.driver.execute_async_script(
                "const done = arguments[0]; navigator.serviceWorker.ready.then(({active}) => done(active !== null))"
            )
        )

    def open(self) -> None:
        """Open the app the way its icon does."""
        self.phone.driver.get(f"{self.address}/")

    def unlock(self) -> None:
        """Type the passphrase; the tabs follow."""
        self.fill("Passphrase", PASSPHRASE)
        self.press("Unlock")
        self.go("Today")

    def go(self, tab: str) -> None:
        """Press a tab of the bottom bar."""
        self.tap(f"//nav//a[span[normalize-space(.)={quoted(tab)}]]")

    def begin(self, title: str) -> None:
        """Begin a report from the New screen."""
        self.go("New")
        self.tap(f"//button[span[normalize-space(.)={quoted(title)}]]")
        self.element("//main//p[starts-with(normalize-space(.), 'Section 1 of')]")

    def card(self, question: str) -> str:
        """XPath of a question's card."""
        return f"//*[@id={quoted(f'q-{question}')}]"

    def choose(self, question: str, label: str) -> None:
        """Choose an option by its label; returns once the screen shows it chosen."""
        option = f"{self.card(question)}//label[.//*[normalize-space(.)={quoted(label)}]]"
        self.tap(option)
        self._is_selected(f"{option}//input")

    def shows_chosen(self, question: str, value: str) -> None:
        """Wait until an option is chosen on the screen."""
        self._is_selected(f"{self.card(question)}//input[@value={quoted(value)}]")

    def _is_selected(self, xpath: str) -> None:
        # The input itself may be hidden behind its label's own mark.
        wait = WebDriverWait(self.phone.driver, PATIENCE_SECONDS, ignored_exceptions=[StaleElementReferenceException])
        wait.until(
            lambda driver: any(one.is_selected() for one in driver.find_elements(By.XPATH, xpath)),
            f"never chosen: {xpath}",
        )

    def write(self, question: str, text: str) -> None:
        """Type an answer."""
        self.element(f"{self.card(question)}//*[self::input or self::textarea]").send_keys(text)

    def now(self, question: str) -> None:
        """Answer a time question with this moment."""
        self.tap(f"{self.card(question)}//button[normalize-space(.)='Now']")

    def pick(self, question: str, query: str, result: str) -> None:
        """Search the place list of a question and take the first result that names `result`."""
        self.tap(f"({self.card(question)}//button)[1]")
        self.element("//dialog//input[@type='search']").send_keys(query)
        self.tap(f"(//dialog//li/button[contains(normalize-space(.), {quoted(result)})])[1]")

    def photograph(self, question: str, file: Path) -> None:
        """Give the picture that the camera would give."""
        # The inputs are hidden behind buttons; WebDriver may still hand them a file.
        card = self.element(self.card(question))
        card.find_element(By.CSS_SELECTOR, "input[type=file]").send_keys(str(file))
        self.element(f"{self.card(question)}//img")

    def section(self, title: str) -> None:
        """Press Next until the section with this title is on the screen."""
        heading = f"//main//h2[normalize-space(.)={quoted(title)}]"
        while not self.phone.driver.find_elements(By.XPATH, heading):
            left = self.phone.driver.current_url
            self.tap("//nav//a[normalize-space(.)='Next' or normalize-space(.)='Review']")
            WebDriverWait(self.phone.driver, PATIENCE_SECONDS).until(url_changes(left))
            self.element("//main//h2")

    def finish(self) -> None:
        """Press Finish on the review page, and once more where it asks about open questions; the outbox follows."""
        self.press("Finish and queue")
        self.press("Finish without them")

    def saved(self) -> None:
        """Wait until the draft says that it is saved, and says so of the latest answer."""
        marks = "//header//p[@aria-hidden][not(contains(@class, 'pending'))]"
        self.element(f"{marks}[starts-with(normalize-space(.), 'Draft saved')]")

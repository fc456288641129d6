"""One person in one browser tab, with what the house asks of every page: no violation, no console error."""

from pathlib import Path
from types import TracebackType

from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page, Response

from annotation.models import User

WIDE = (1440, 900)
PHONE = (390, 844)
NARROWEST = 320
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}


class Visitor:
    """A tab of a signed-in person; leaving the block fails when the console was not silent."""

    def __init__(
        self,
        browser: Browser,
        base_url: str,
        shots: Path,
        *,
        user: User | None = None,
        theme: str = "light",
        size: tuple[int, int] = WIDE,
        javascript: bool = True,
    ) -> None:
        self.base_url = base_url
        self.shots = shots
        self.problems: list[str] = []
        self.expected_statuses: set[int] = set()
        is_phone = size[0] < 896
        self._context = browser.new_context(
            base_url=base_url,
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if theme == "dark" else "light",
            java_script_enabled=javascript,
            reduced_motion="reduce",
            has_touch=is_phone,
            is_mobile=is_phone,
        )
        self._context.set_default_timeout(10_000)
        if user:
            self.sign_in(user)
        self.page: Page = self._context.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.problems.append(f"script error: {error}"))
        self.page.on("response", self._see)

    def __enter__(self) -> "Visitor":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._context.close()
        if kind is None:
            assert self.problems == [], "\n".join(self.problems)

    def sign_in(self, user: User) -> None:
        """Give the tab the session that the sign-in page would give."""
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        morsel = client.cookies["sessionid"]
        self._context.add_cookies([{"name": "sessionid", "value": morsel.value, "url": self.base_url}])

    def new_tab(self) -> Page:
        """Open a second tab of the same person."""
        page = self._context.new_page()
        page.on("console", self._hear)
        return page

    def open(self, path: str, *, status: int = 200) -> Page:
        self.expected_statuses.add(status)
        response = self.page.goto(path)
        assert response is not None
        assert response.status == status, f"{path} answered {response.status}"
        return self.page

    def check(self) -> None:
        """Assert that axe finds nothing and that the page does not scroll sideways."""
        found = Axe().run(self.page, options=RULES)
        assert found.violations_count == 0, found.generate_report()
        self.check_width()

    def check_width(self) -> None:
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{self.page.url} scrolls sideways by {wide} px"

    def check_narrowest(self) -> None:
        """Assert that nothing scrolls sideways at the narrowest width we promise."""
        before = self.page.viewport_size
        self.page.set_viewport_size({"width": NARROWEST, "height": 640})
        self.check_width()
        if before:
            self.page.set_viewport_size(before)

    def shoot(self, name: str, *, full: bool = True) -> None:
        """Picture the whole page, or its first screen; a tall viewport keeps sticky bars at the page's end."""
        before = self.page.viewport_size
        if full and before:
            height = self.page.evaluate("document.documentElement.scrollHeight")
            self.page.set_viewport_size({"width": before["width"], "height": max(height, before["height"])})
        self.page.screenshot(path=self.shots / f"{name}.png")
        if before:
            self.page.set_viewport_size(before)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"}:
            return
        if any(f"the server responded with a status of {code}" in message.text for code in self.expected_statuses):
            return
        if "Response Status Error Code" in message.text and any(str(c) in message.text for c in self.expected_statuses):
            return
        self.problems.append(f"console: {message.text} at {self.page.url}")

    def _see(self, response: Response) -> None:
        if not response.url.startswith((self.base_url, "data:")):
            self.problems.append(f"a request left this site: {response.url}")

"""Check the built docs: links, what a page loads, and with ``--browser`` how it reads.

`python docs/check.py docs/_build/html` takes seconds. With ``--browser`` each page is opened in
Chromium at three widths, light and dark: nothing may be cut off, ask the network or log an error,
and axe-core may find no serious fault.
"""

import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

WIDTHS = (1400, 800, 390)
THEMES = ("light", "dark")
LOADS = {"script": "src", "img": "src", "link": "href", "source": "src", "iframe": "src"}
NOT_LOADED = ("canonical", "next", "prev", "index", "search")
AXE = Path(__file__).parents[1] / "tests" / "study" / "axe.min.js"
RUN_AXE = """() => axe.run(document, {resultTypes: ['violations'], preload: false,
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})"""
SERIOUS = ("serious", "critical")
CUT = """() => [...document.querySelectorAll('pre')]
    .filter(e => e.scrollWidth > e.clientWidth + 1).length"""
WIDER = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"


class Page(HTMLParser):
    """The anchors, links and loaded files of a page."""

    def __init__(self, text: str):
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what can be pointed to, and what points."""
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[key] for key in ("id", "name") if key in given}
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        if given.get(LOADS.get(tag, "")) and given.get("rel") not in NOT_LOADED:
            self.loads.append(given[LOADS[tag]])


def link_faults(root: Path) -> Iterator[str]:
    """Links that lead nowhere, and files that a page would fetch from elsewhere."""
    files = (path for path in sorted(root.rglob("*.html")) if "_static" not in path.parts)
    pages = {path: Page(path.read_text()) for path in files}
    for path, page in pages.items():
        where = path.relative_to(root)
        yield from (f"{where} loads {each}" for each in page.loads if urlsplit(each).netloc)
        for link in [*page.links, *page.loads]:
            if not _leads_somewhere(link, path, pages):
                yield f"{where}: {link} leads nowhere"


def _leads_somewhere(link: str, path: Path, pages: dict[Path, Page]) -> bool:
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return True
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if parts.fragment and target in pages:
        return unquote(parts.fragment) in pages[target].anchors
    return target.exists()


def pages_to_open(root: Path) -> list[Path]:
    """All but the many pages of the API that are alike, and those that Sphinx makes of itself."""
    names = {*root.glob("*.html"), *root.glob("api/*.html"), *root.glob("auto_examples/*/*.html")}
    names |= {root / "generated" / f"isocortex.{name}.html" for name in ("encode", "RDMs")}
    return sorted(each for each in names if each.name not in ("genindex.html", "search.html"))


def browser_faults(root: Path) -> Iterator[str]:
    """What a reader would stumble over."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for theme, width in product(THEMES, WIDTHS):
            view = {"width": width, "height": 900}
            page = browser.new_page(viewport=view, color_scheme=theme)
            said = _listen(page)
            for path in pages_to_open(root):
                page.goto(path.as_uri())
                page.wait_for_timeout(150)
                faults = [*said, *_seen(page, whole=width == WIDTHS[0])]
                said.clear()
                where = f"{path.relative_to(root)}, {width} pixels, {theme}"
                yield from (f"{where}: {each}" for each in faults)
            page.close()
        browser.close()


def _listen(page: Any) -> list[str]:
    """What a page will have asked of the network, and the errors that it will have logged."""
    said: list[str] = []
    page.on("console", lambda told: said.append(told.text) if told.type == "error" else None)
    page.on("request", lambda it: said.append(it.url) if it.url.startswith("http") else None)
    return said


def _seen(page: Any, whole: bool) -> Iterator[str]:
    if page.evaluate(WIDER):
        yield "wider than the screen"
    if not whole:
        return
    if page.evaluate(CUT):
        yield "code is cut off"
    page.evaluate(AXE.read_text())
    for each in page.evaluate(RUN_AXE)["violations"]:
        if each["impact"] in SERIOUS:
            nodes = "; ".join(node["html"][:90] for node in each["nodes"][:3])
            yield f"{each['id']}: {each['help']} ({nodes})"


def main() -> int:
    """Print each fault; 1 if there is any."""
    root = Path(sys.argv[1]).resolve()
    n_faults = 0
    checks = [link_faults, *([browser_faults] if "--browser" in sys.argv[2:] else [])]
    for check in checks:
        for fault in check(root):
            n_faults += 1
            print(fault, flush=True)
    print(f"{n_faults} faults in the docs." if n_faults else "The docs are sound.")
    return bool(n_faults)


if __name__ == "__main__":
    sys.exit(main())

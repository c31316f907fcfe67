"""Check the built docs: links, what a page loads, and with ``--browser`` how it reads.

`python docs/check.py docs/_build/html` takes seconds. With ``--browser`` every page is opened in a
Chromium that has no network, light and dark, at three widths: no code may be cut off, nothing be
wider than the page (wide tables scroll by themselves), no picture be missing, nothing ask the
network or log an error, and axe-core may find no serious fault.
"""

import asyncio
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

WIDTHS = (1400, 800, 390)
THEMES = ("light", "dark")
N_PAGES = 3
"""So many pages are open at a time: one is read while another is checked."""
LOADS = {"script": "src", "img": "src", "link": "href", "source": "src", "iframe": "src"}
NOT_LOADED = ("canonical", "next", "prev", "index", "search")
LOCAL = ("file:", "data:", "blob:", "about:")
AXE = Path(__file__).parents[1] / "tests" / "study" / "axe.min.js"
RUN_AXE = """() => axe.run(document, {resultTypes: ['violations'], preload: false,
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})"""
SERIOUS = ("serious", "critical")
READY = """() => Promise.all([document.fonts.ready,
    window.MathJax && MathJax.startup ? MathJax.startup.promise : null]).then(() => true)"""
BEYOND = """() => {
    const wide = (e, by) => e.scrollWidth > e.clientWidth + by;
    const said = wide(document.documentElement, 1) ? ['the page is wider than the screen'] : [];
    document.querySelectorAll('pre').forEach(
        e => wide(e, 1) && said.push(`code is cut off: ${e.innerText.slice(0, 60)}`));
    document.querySelectorAll('article img').forEach(
        e => e.complete && !e.naturalWidth && said.push(`no picture: ${e.src}`));
    return said; }"""


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


def browser_faults(root: Path) -> list[str]:
    """What a reader would stumble over, on any page."""
    paths = [each for each in sorted(root.rglob("*.html")) if "_static" not in each.parts]
    return sorted(asyncio.run(_opened(root, paths)))


async def _opened(root: Path, paths: list[Path]) -> set[str]:
    from playwright.async_api import async_playwright

    faults: set[str] = set()
    async with async_playwright() as tool:
        browser = await tool.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND"],
        )
        for theme in THEMES:
            left = iter(paths)
            readers = (_read(browser, theme, left, root, faults) for _ in range(N_PAGES))
            await asyncio.gather(*readers)
        await browser.close()
    return faults


async def _read(
    browser: Any, theme: str, left: Iterator[Path], root: Path, faults: set[str]
) -> None:
    context = await browser.new_context(color_scheme=theme, offline=True)
    page, said = await context.new_page(), []
    page.on("console", lambda told: said.append(told.text) if told.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda it: None if it.url.startswith(LOCAL) else said.append(it.url))
    for path in left:
        await page.set_viewport_size({"width": WIDTHS[0], "height": 900})
        await page.goto(path.as_uri())
        await page.evaluate(READY)
        where = f"{path.relative_to(root)}, {theme}"
        faults |= {f"{where}: {each}" for each in await _serious(page)}
        for width in WIDTHS:
            await page.set_viewport_size({"width": width, "height": 900})
            beyond = await page.evaluate(BEYOND)
            faults |= {f"{where}, {width} pixels: {each}" for each in beyond}
        faults |= {f"{where}: {each}" for each in said}
        said.clear()
    await context.close()


async def _serious(page: Any) -> Iterator[str]:
    await page.evaluate(AXE.read_text())
    found = (await page.evaluate(RUN_AXE))["violations"]
    return (
        f"{each['id']}: {each['help']} ({'; '.join(n['html'][:90] for n in each['nodes'][:3])})"
        for each in found
        if each["impact"] in SERIOUS
    )


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

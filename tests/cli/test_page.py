#!/usr/bin/env python3
"""A report in a real browser: it shows without errors, and its tables sort. Skipped where there is
no Chromium.

usage: test_page.py SBMT MAKE_RUNS
"""
import atexit
import html
import html.parser
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import tap

SBMT, MAKE_RUNS = (str(pathlib.Path(word).resolve()) for word in sys.argv[1:])
WORK = pathlib.Path(tempfile.mkdtemp(prefix="sbmt-page-"))
atexit.register(shutil.rmtree, WORK, ignore_errors=True)
BROWSER = next(filter(None, map(shutil.which, (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"))), None)

WATCH = """<script>
window.addEventListener('error', event => document.documentElement.dataset.error = event.message);
window.addEventListener('securitypolicyviolation',
  event => document.documentElement.dataset.error = event.blockedURI);
</script>"""
FORBID = """<meta http-equiv="Content-Security-Policy"
content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline';
img-src data:">"""
PRESS = """<script>
const table = document.querySelector('table.sortable');
const buttons = table.querySelectorAll('thead button');
const order = part => [...table.tBodies[part].rows].map(row => row.cells[0].textContent).join();
const log = [[order(0), order(1)].join('; ')];
for (const column of [1, 1, 0, 0]) {
  buttons[column].click();
  log.push([order(0), order(1)].join('; '));
}
document.body.dataset.log = log.join(' | ');
document.body.dataset.wide = document.documentElement.scrollWidth > innerWidth;
const scroll = table.parentElement;
scroll.scrollLeft = 9999;
const edge = scroll.getBoundingClientRect().left;
document.body.dataset.kept = [...table.querySelectorAll('.section th')].every(
  head => (head.firstElementChild || head).getBoundingClientRect().left >= edge);
</script></body>"""


class Balanced(html.parser.HTMLParser):
    """Every element that is opened is closed, in order; names of elements are unique."""
    VOID = ("meta", "link", "rect", "line")

    def __init__(self):
        super().__init__()
        self.open, self.names = [], []

    def handle_starttag(self, tag, attrs):
        self.names += [value for key, value in attrs if key == "id"]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, f"</{tag}> closes nothing at {self.getpos()}"


def make_report():
    subprocess.run([sys.executable, MAKE_RUNS, WORK / "runs"], check=True)
    (WORK / "published.yaml").write_text(
        'protocol: sbm-paper\ndoc: "numbers of a test"\nrows:\n'
        '  - {model: B, source: "a <source> & more", scores: {listops: 30, image: 20}}\n'
        '  - {model: A, source: "a <source> & more", scores: {listops: 31}}\n')
    subprocess.run([SBMT, "bench", "report", "runs/suite", "--published", "published.yaml"],
                   cwd=WORK, check=True, stdout=subprocess.DEVNULL)
    return (WORK / "report.html").read_text(encoding="utf-8")


def shown(page, width):
    """The page as the browser has it in the end."""
    (WORK / "shown.html").write_text(page, encoding="utf-8")
    done = subprocess.run(
        [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={WORK}/profile",
         f"--window-size={width},900", "--dump-dom", (WORK / "shown.html").as_uri()],
        capture_output=True, text=True, check=True, timeout=100)
    return done.stdout


def attribute(page, name):
    found = re.search(f'data-{name}="([^"]*)"', page)
    return html.unescape(found.group(1)) if found else None


def test_elements_are_closed():
    parser = Balanced()
    parser.feed(make_report())
    parser.close()
    assert not parser.open, f"open at the end: {parser.open}"
    assert len(set(parser.names)) == len(parser.names), "a name stands twice"


def test_tables_sort_without_errors():
    if BROWSER is None:
        raise tap.Skip("there is no Chromium")
    page = make_report()
    page = page.replace("<head>", "<head>" + FORBID + WATCH, 1).replace("</body>", PRESS)
    for width in (1280, 390):
        result = shown(page, width)
        assert attribute(result, "error") is None, attribute(result, "error")
        assert attribute(result, "wide") == "false", f"wider than a screen of {width}"
        assert attribute(result, "kept") == "true", "titles of parts scroll out of view"
        runs = "runs,softmax,sbm,none", "runs,sbm,softmax,none", "runs,none,sbm,softmax"
        names = "published, protocol sbm-paper"
        others = f"{names},B\u00a0[1],A\u00a0[1]", f"{names},A\u00a0[1],B\u00a0[1]"
        expected = [f"{runs[0]}; {others[0]}", # as written
                    f"{runs[1]}; {others[1]}", # falling, what is empty last
                    f"{runs[0]}; {others[0]}", # rising, what is empty last
                    f"{runs[2]}; {others[1]}", # by name
                    f"runs,softmax,sbm,none; {others[0]}"]
        found = attribute(result, "log").split(" | ")
        assert found == expected, f"{found}\nexpected {expected}"


tap.run(tap.functions(globals()))

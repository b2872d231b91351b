"""Chromium without a window."""

import re
import subprocess
from pathlib import Path

# Written by a script that a test adds to a copy of a page: what the page looks like, as an attribute of its body.
_MEASURE = """<script>
const overlaps = [];
for (const picture of document.querySelectorAll("svg")) {
  const boxes = [...picture.querySelectorAll("text")].filter(text => text.textContent).map(text => [text.getBoundingClientRect(), text.textContent]);
  boxes.forEach(([a, one], index) => boxes.slice(index + 1).forEach(([b, other]) => {
    if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 2 && b.top < a.bottom - 2) overlaps.push(one + " / " + other);
  }));
  for (const bar of [...picture.querySelectorAll("rect.bar")].map(bar => bar.getBoundingClientRect())) {
    for (const [box, text] of boxes) if (box.left < bar.right - 1 && bar.left < box.right - 1 && box.top < bar.bottom - 2 && bar.top < box.bottom - 2) overlaps.push(text + " / bar");
  }
  const frame = picture.getBoundingClientRect();
  for (const [box, text] of boxes) if (box.right > frame.right + 1 || box.left < frame.left - 1) overlaps.push(text + " / edge");
}
document.body.dataset.measured = JSON.stringify({
  overlaps, width: document.documentElement.scrollWidth, background: getComputedStyle(document.body).backgroundColor,
});
</script></body>"""


class Browser:
    """Each call is a browser of its own, 1280 pixels wide."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def run(self, page: Path, *options: str, dark: bool = False) -> subprocess.CompletedProcess[str]:
        """Opens a page, and checks that the browser ends well."""
        command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--enable-logging=stderr"]
        command += [f"--user-data-dir={self._folder}/profile", f"--blink-settings=preferredColorScheme={0 if dark else 1}"]
        command += ["--window-size=1280,2400", *options, page.as_uri()]
        answer = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert answer.returncode == 0, answer.stderr
        return answer

    def content(self, page: Path) -> tuple[str, list[str]]:
        """The page as the browser understands it, and what it said on the console."""
        answer = self.run(page, "--dump-dom")
        return answer.stdout, re.findall(r".*:CONSOLE[:(].*", answer.stderr)

    def screenshot(self, page: Path, name: str, dark: bool = False) -> bytes:
        """Also kept in the folder."""
        file = self._folder / name
        self.run(page, f"--screenshot={file}", dark=dark)
        return file.read_bytes()

    def measured(self, page: Path, dark: bool = False) -> str:
        """What a script finds in a copy of the page, as JSON with &quot; for quotes."""
        text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page.read_text(encoding="utf-8"))
        assert text.count("</body>") == 1
        copy = self._folder / f"measured-{page.name}"
        copy.write_text(text.replace("</body>", _MEASURE), encoding="utf-8")
        content = self.run(copy, "--dump-dom", dark=dark).stdout
        found = re.search(r'data-measured="([^"]*)"', content)
        assert found, content[:2000]
        return found.group(1)

    def printed(self, page: Path) -> str:
        """The text of the printed page, of a reader whose system is dark."""
        file = self._folder / "report.pdf"
        self.run(page, "--no-pdf-header-footer", f"--print-to-pdf={file}", dark=True)
        return subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, text=True, check=True, timeout=60).stdout

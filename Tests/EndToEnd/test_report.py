"""`milvus-tls report` in a browser."""

import html
import json
import os
import re
import subprocess
from pathlib import Path

import pytest

import report_objects
from browser import Browser
from report_objects import HOSTILE, Object


@pytest.fixture
def browser(tmp_path: Path) -> Browser:
    return Browser(tmp_path)


def report(folder: Path, objects: list[Object]) -> Path:
    """A report on a list as `kubectl get -o json` prints it."""
    (folder / "objects.json").write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}), encoding="utf-8")
    page = folder / "report.html"
    command = [os.environ["MILVUS_TLS_BINARY"], "report", "-f", folder / "objects.json", "-o", page]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (answer.returncode, answer.stderr) == (0, "")
    return page


def test_the_console_is_seen(tmp_path: Path, browser: Browser) -> None:
    """Otherwise the other tests could not fail."""
    page = tmp_path / "page.html"
    page.write_text("<!doctype html><script>console.error('an error of the test')</script>", encoding="utf-8")
    assert any("an error of the test" in line for line in browser.content(page)[1])


def test_every_state_is_on_the_page(tmp_path: Path, browser: Browser) -> None:
    page = report(tmp_path, report_objects.every_state())
    content, console = browser.content(page)
    assert console == []
    text = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", content)).split())
    for fact in (
        "search/my-release",
        "legacy/archive",
        "This Milvus has no MilvusTLS",
        "AuthorityRotating: TrustingBoth",
        "RotationPending: OutsideWindow",
        "common.security.tlsMode is 0, must be 1 for external TLS OneWay",
        "Next CA",
        "Client attu trusts my-release-milvus authority",
        "CN=recommendations.example.com",
        "ca.crt of Secret corporate: ",
        f"ends {report_objects.text(report_objects.day(20))} (in 19 days)",
        "Maintenance windows; the next is from",
        "REST",
    ):
        assert fact in text, fact
    assert "PRIVATE" not in content


def test_text_of_the_cluster_stays_text(tmp_path: Path, browser: Browser) -> None:
    content, console = browser.content(report(tmp_path, report_objects.hostile()))
    assert console == []
    assert not re.findall(r"<(?:script|img)", content)
    assert HOSTILE in html.unescape(content)


@pytest.mark.parametrize("objects", [report_objects.every_state(), report_objects.fleet(30), report_objects.hostile(), []], ids=["every-state", "fleet", "hostile", "empty"])
def test_labels_do_not_overlap(tmp_path: Path, browser: Browser, objects: list[Object]) -> None:
    found = json.loads(html.unescape(browser.measured(report(tmp_path, objects))))
    assert found["overlaps"] == []
    assert found["width"] <= 1280


def test_it_is_light_or_dark_as_the_system_is(tmp_path: Path, browser: Browser) -> None:
    page = report(tmp_path, report_objects.every_state())
    backgrounds = [json.loads(html.unescape(browser.measured(page, dark)))["background"] for dark in (False, True)]
    assert backgrounds == ["rgb(255, 255, 255)", "rgb(18, 23, 30)"]
    light, dark = browser.screenshot(page, "light.png"), browser.screenshot(page, "dark.png", dark=True)
    assert light.startswith(b"\x89PNG") and dark.startswith(b"\x89PNG") and light != dark


def test_it_can_be_printed(tmp_path: Path, browser: Browser) -> None:
    printed = browser.printed(report(tmp_path, report_objects.every_state()))
    assert printed.count("\f") >= 3
    for fact in ("Milvus TLS report", "search/my-release", "Who trusts whom", "OutsideWindow", "ends 20"):
        assert fact in printed, fact

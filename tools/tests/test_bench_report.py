"""bench/report, as it puts what benchmarks measured into the page."""

import json
import subprocess
from pathlib import Path

REPORT = Path(__file__).resolve().parents[2] / "bench/report"
PAGE = "# Page\n<!-- figures: bench/report --write -->\nold\n<!-- end of the figures -->\n## After\n"
MACHINE = {"processor": "a processor", "cores": 2, "memory_gib": 8, "kernel": "6.1", "system": "Debian"}


def write_summary(folder: Path, busy_percent: float = 0.5, verdict: str = "met") -> None:
    figure = {"what": "RSS", "target": "7 MB", "measured": "6.1 MB", "verdict": verdict}
    table = {"title": "More", "columns": ["a", "b"], "rows": [["1", 2]]}
    summary = {"bench": "footprint", "taken": "2026-01-02", "commit": "abc", "machine": MACHINE, "raw": {}}
    summary |= {"busy_percent": busy_percent, "figures": [figure], "tables": [table]}
    (folder / "footprint.json").write_text(json.dumps(summary))


def report(folder: Path, *options: str, page: str = PAGE) -> tuple[int, str, str]:
    """Exit status, standard error, and the page afterwards."""
    path = folder / "page.md"
    path.write_text(page)
    argv = [REPORT, *options, "--page", path, folder]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr, path.read_text() if "--write" in options else done.stdout


def test_figures_replace_what_stood_between_the_marks(tmp_path: Path) -> None:
    write_summary(tmp_path)
    status, _, page = report(tmp_path, "--write")
    assert status == 0
    assert "| RSS | 7 MB | 6.1 MB | met |" in page and "| 1 | 2 |" in page and "old" not in page
    assert page.startswith("# Page\n<!-- figures:") and page.endswith("<!-- end of the figures -->\n## After\n")
    assert report(tmp_path, "--write", page=page)[2] == page


def test_figures_of_a_busy_machine_are_marked(tmp_path: Path) -> None:
    write_summary(tmp_path, busy_percent=3)
    assert "Preliminary" not in report(tmp_path)[2]
    write_summary(tmp_path, busy_percent=40)
    assert "Preliminary" in report(tmp_path)[2]


def test_missed_target_without_an_explanation_is_named(tmp_path: Path) -> None:
    write_summary(tmp_path, verdict="missed")
    assert "RSS" in report(tmp_path)[1]
    assert report(tmp_path, page=PAGE + "### RSS\nThe profile.\n")[1] == ""


def test_page_without_marks_is_left_alone(tmp_path: Path) -> None:
    write_summary(tmp_path)
    status, error, page = report(tmp_path, "--write", page="# Page\n")
    assert (status, page) == (1, "# Page\n") and "marks" in error


def test_nothing_measured_is_an_error(tmp_path: Path) -> None:
    status, error, _ = report(tmp_path)
    assert status == 1 and "no summary" in error

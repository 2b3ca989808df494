from pathlib import Path

from suite.reports import Case, merge_programs, read_junit, summary

GTEST = """<?xml version="1.0"?>
<testsuites><testsuite name="A">
  <testcase name="Works" status="run" result="completed" classname="A" />
  <testcase name="Breaks" status="run" result="completed" classname="A"><failure message="x">y</failure></testcase>
  <testcase name="Waits" status="run" result="skipped" classname="A"><skipped message="no"/></testcase>
  <testcase name="DISABLED_Sleeps" status="notrun" result="suppressed" classname="A" />
</testsuite></testsuites>
"""
PYTEST = """<testsuites><testsuite name="pytest">
  <testcase classname="e2e.test_a" name="test_x"><error message="fixture">z</error></testcase>
</testsuite></testsuites>
"""


def read(root: Path, text: str) -> list[Case]:
    report = root / "report.xml"
    report.write_text(text)
    return read_junit(report)


def test_googletest_cases_are_counted(tmp_path: Path) -> None:
    cases = read(tmp_path, GTEST)
    assert [case.name for case in cases] == ["A.Works", "A.Breaks", "A.Waits", "A.DISABLED_Sleeps"]
    assert summary(cases) == "1 passed, 1 failed, 2 skipped"


def test_an_error_in_a_pytest_fixture_is_a_failure(tmp_path: Path) -> None:
    assert read(tmp_path, PYTEST) == [Case("e2e.test_a.test_x", "failed")]


def test_a_report_that_is_missing_or_broken_off_has_no_cases(tmp_path: Path) -> None:
    assert read_junit(tmp_path / "none.xml") == []
    assert read(tmp_path, GTEST[:100]) == []


def test_a_program_is_replaced_by_its_cases() -> None:
    cases = [Case("A.x", "passed"), Case("A.y", "failed")]
    assert merge_programs([Case("core", "failed")], {"core": cases}) == cases


def test_a_program_that_crashed_is_a_failure() -> None:
    assert merge_programs([Case("core", "failed")], {}) == [Case("core", "failed")]


def test_a_program_that_failed_after_its_cases_passed_is_a_failure() -> None:
    cases = [Case("A.x", "passed")]
    assert merge_programs([Case("core", "failed")], {"core": cases}) == [*cases, Case("core", "failed")]

from pathlib import Path

from lint.sizes import check_file_length, check_function_length
from tiny_tree import write_file


def test_a_file_may_have_500_lines(tmp_path: Path) -> None:
    assert list(check_file_length(write_file(tmp_path, "src/a.cpp", "x\n" * 500))) == []
    assert len(list(check_file_length(write_file(tmp_path, "src/a.cpp", "x\n" * 501)))) == 1


def test_a_test_may_have_800_lines(tmp_path: Path) -> None:
    assert list(check_file_length(write_file(tmp_path, "src/a_test.cpp", "x\n" * 800))) == []
    assert len(list(check_file_length(write_file(tmp_path, "tests/e2e/test_a.py", "x\n" * 801)))) == 1


def test_scripts_without_a_suffix_are_code(tmp_path: Path) -> None:
    script = write_file(tmp_path, "tools/a", "#!/usr/bin/env bash\n" + "x\n" * 500)
    assert len(list(check_file_length(script))) == 1


def test_pages_may_be_long(tmp_path: Path) -> None:
    assert list(check_file_length(write_file(tmp_path, "docs/a.md", "x\n" * 900))) == []


def test_a_cpp_function_may_have_70_lines(tmp_path: Path) -> None:
    text = "void f() {\n" + "  x();\n" * 68 + "}\n"
    assert list(check_function_length(write_file(tmp_path, "src/a.cpp", text))) == []
    longer = text.replace("{\n", "{\n  x();\n", 1)
    assert [str(f) for f in check_function_length(write_file(tmp_path, "src/a.cpp", longer))] == [
        "src/a.cpp:1: f has 71 lines, at most 70"
    ]


def test_a_python_function_may_have_70_lines(tmp_path: Path) -> None:
    text = "def f():\n" + "    x()\n" * 69
    assert list(check_function_length(write_file(tmp_path, "tests/a.py", text))) == []
    script = write_file(tmp_path, "tools/a", "#!/usr/bin/python3\n" + text + "    x()\n")
    assert [f.line for f in check_function_length(script)] == [2]

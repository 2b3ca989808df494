"""A file has one idea, a function fits one screen."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from lint.cpp import functions
from lint.tree import Finding, SourceFile

FILE_LINES_MAX = 500
TEST_FILE_LINES_MAX = 800
FUNCTION_LINES_MAX = 70
CODE = (".h", ".cpp", ".py", ".go", ".sh", ".cmake", "CMakeLists.txt", "Makefile")


def check_file_length(file: SourceFile) -> Iterator[Finding]:
    if not (file.name.endswith(CODE) or file.is_python or file.is_shell):
        return
    allowed = TEST_FILE_LINES_MAX if file.is_test else FILE_LINES_MAX
    if len(file.lines) > allowed:
        yield file.finding(allowed + 1, f"{len(file.lines)} lines, at most {allowed}")


def check_function_length(file: SourceFile) -> Iterator[Finding]:
    if file.is_cpp:
        found = [(f.name, f.first_line, f.lines) for f in functions(file.text)]
    elif file.is_python:
        found = list(_python_functions(file.text))
    else:
        return
    for name, first_line, lines in found:
        if lines > FUNCTION_LINES_MAX:
            yield file.finding(first_line, f"{name} has {lines} lines, at most {FUNCTION_LINES_MAX}")


def _python_functions(text: str) -> Iterator[tuple[str, int, int]]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.lineno, (node.end_lineno or node.lineno) - node.lineno + 1

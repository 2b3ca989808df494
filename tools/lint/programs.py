"""The programs from outside that scripts call, as far as their text shows: a word may be one too many, none is left out
that stands in the usual places."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from lint.tree import SourceFile

PROGRAM = re.compile(r"(?:/usr/s?bin/|/s?bin/)?([a-z][a-z0-9._+-]*)$")
FINDERS = ("which", "debian")  # functions that look a program up by its name
# After one of these a command begins; and words that stand before a command.
SHELL_START = re.compile(r"[;|&({`!]+|\$\(|\b(?:if|then|else|elif|while|until|do|exec|xargs|env|nice|sudo)\b")
SHELL_IGNORED = re.compile(r"(?<![\\$])#.*|\\\n|'[^']*'|@|\w+=(?:[^\s$]|\$(?!\())*")
SCRIPT = re.compile(r" && |\bexit \d")  # in a string: it is a shell's


def programs_of(file: SourceFile) -> set[str]:
    if file.is_python:
        return set(_of_python(file.text))
    if file.is_shell:
        return set(_of_shell(file.text))
    if file.name == "Makefile":
        return set(_of_shell("\n".join(line for line in file.lines if line.startswith("\t"))))
    return set()


def _of_python(text: str) -> Iterator[str]:
    """The first word of every list, names of constants resolved; what is looked up; and shell scripts in strings.
    Decorators are left out: what they list is a test's parameters."""
    tree = ast.parse(text)
    constants = {name: value for node in tree.body for name, value in _constants_of(node)}
    for node in list(ast.walk(tree)):
        if isinstance(node, ast.FunctionDef):
            node.decorator_list = []
    for node in ast.walk(tree):
        if isinstance(node, ast.List) and node.elts:
            yield from _program(_text_of(node.elts[0], constants))
        elif isinstance(node, ast.Call) and node.args and _name_of(node.func) in FINDERS:
            yield from _program(_text_of(node.args[0], constants))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and SCRIPT.search(node.value):
            yield from _of_shell(node.value)


def _constants_of(node: ast.stmt) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
        yield from ((target.id, node.value.value) for target in node.targets if isinstance(target, ast.Name))


def _text_of(node: ast.expr, constants: dict[str, str]) -> str:
    if isinstance(node, ast.Name):
        return constants.get(node.id, "")
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _name_of(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _of_shell(text: str) -> Iterator[str]:
    """The first word of every command."""
    for line in SHELL_IGNORED.sub(" ", text).splitlines():
        for command in SHELL_START.split(line):
            yield from _program(next(iter(command.split()), ""))


def _program(word: str) -> Iterator[str]:
    if match := PROGRAM.match(word):
        yield match[1]

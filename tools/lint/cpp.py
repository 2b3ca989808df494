"""Reads C++ as far as the checks need it: without comments and literals, and where functions begin and end.

Not a parser: it relies on clang-format's spaces (a body's brace follows a space, an initializer's follows the name).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

COMMENT = r"//[^\n]*|/\*.*?\*/"
# A quote between digits separates them: 10'000.
LITERAL = r'R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"|(?<![0-9A-Fa-f])\'(?:\\.|[^\'\\\n])+\''
TOKEN = re.compile(f"(?P<comment>{COMMENT})|(?P<literal>{LITERAL})", re.DOTALL)
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.MULTILINE)
NOT_NEWLINE = re.compile(r"[^\n]")


def without_comments(text: str) -> str:
    """Same length and lines; comments are blanks."""
    return TOKEN.sub(lambda token: _blank(token[0]) if token["comment"] else token[0], text)


def code_only(text: str) -> str:
    """Same length and lines; comments and literals are blanks."""
    return TOKEN.sub(lambda token: _blank(token[0]), text)


def _blank(text: str) -> str:
    return NOT_NEWLINE.sub(" ", text)


@dataclass(frozen=True)
class Function:
    name: str
    first_line: int
    last_line: int

    @property
    def lines(self) -> int:
        return self.last_line - self.first_line + 1


ACCESS_LABEL = re.compile(r"\s*(?:(?:public|private|protected)\s*:)?\s*")
SCOPE = re.compile(r"(?:inline\s+)?namespace\b|extern\s*$|(?:class|struct|union)\b")
LAMBDA_VALUE = re.compile(r"=\s*\[[^\]]*\][^=]*$")
OPERATOR = re.compile(r"operator\s*[^\s\w(]+")
NAME_BEFORE_PARENTHESIS = re.compile(r"(operator\s*[^\s\w(]+|(?<![\w:~])(?!requires\b)[\w:~]+)\s*\(")


def functions(text: str) -> Iterator[Function]:
    """Functions with a body, at namespace or class scope. What is inside one (lambdas, local classes) counts to it."""
    code = DIRECTIVE.sub(lambda directive: _blank(directive[0]), code_only(text))
    head_start = position = 0
    while found := _next_of(code, "{};", position):
        position = found.end()
        if found[0] != "{":
            head_start = position
            continue
        head_start = ACCESS_LABEL.match(code, head_start).end()  # type: ignore[union-attr]
        kind = _kind(code[head_start : found.start()])
        if kind == "scope":
            head_start = position
            continue
        position = _closing_brace(code, found.start()) + 1
        if kind == "function":
            yield Function(
                _name(code[head_start : found.start()]), _line(code, head_start), _line(code, position - 1)
            )
        if kind != "initializer":
            head_start = position


def _next_of(code: str, characters: str, start: int) -> re.Match[str] | None:
    return re.compile(f"[{characters}]").search(code, start)


def _kind(head: str) -> str:
    """What a brace opens, told from the text between the last statement and it."""
    signature = _without_template_parameters(head)
    if SCOPE.match(signature):
        return "scope"
    if signature.startswith("enum"):
        return "enum"
    if head.count("(") > head.count(")") or not head[-1:].isspace():
        return "initializer"
    outside = _without_parentheses(OPERATOR.sub("operator", signature))
    if "=" in outside:
        return "function" if LAMBDA_VALUE.search(head) else "initializer"
    return "function" if "(" in signature else "initializer"


def _without_template_parameters(head: str) -> str:
    while match := re.match(r"template\s*<", head):
        depth, end = 1, match.end()
        while depth and end < len(head):
            depth += {"<": 1, ">": -1}.get(head[end], 0)
            end += 1
        head = head[end:].lstrip()
    return head


def _without_parentheses(text: str) -> str:
    while True:
        shorter = re.sub(r"\([^()]*\)", "", text)
        if shorter == text:
            return text
        text = shorter


def _closing_brace(code: str, opening: int) -> int:
    depth, position = 0, opening
    while found := _next_of(code, "{}", position):
        depth += 1 if found[0] == "{" else -1
        if depth == 0:
            return found.start()
        position = found.end()
    return len(code) - 1


def _name(head: str) -> str:
    match = NAME_BEFORE_PARENTHESIS.search(_without_template_parameters(head))
    return match[1] if match else "lambda"


def _line(code: str, offset: int) -> int:
    return code.count("\n", 0, offset) + 1

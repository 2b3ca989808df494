"""What must not stand in the code, and where it may all the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from lint.cpp import code_only
from lint.tree import Finding, SourceFile

# A name called as a function: not a member, not of another namespace than std, not a variable that is declared.
CALL = r"(?:(?<=return )|(?<![\w.>:])(?<![\w>] ))(?:std::|::)?(?:{names})\s*\("


def _call(names: str) -> str:
    return CALL.format(names=names)


def _everywhere(file: SourceFile) -> bool:
    return True


def _outside(*paths: str) -> Callable[[SourceFile], bool]:
    return partial(_is_outside, paths)


def _is_outside(paths: tuple[str, ...], file: SourceFile) -> bool:
    return not file.path.startswith(paths)


def _in_tests_but_polling(file: SourceFile) -> bool:
    return file.path.startswith("tests/") and file.path != "tests/e2e/lib/polling.py"


def _in_products(file: SourceFile) -> bool:
    return file.path.startswith("src/") and not file.is_test


def _in_libraries(file: SourceFile) -> bool:
    return _in_products(file) and not file.path.startswith("src/app/")


def _in_headers(file: SourceFile) -> bool:
    return file.name.endswith(".h")


@dataclass(frozen=True)
class Ban:
    pattern: str
    reason: str
    applies: Callable[[SourceFile], bool] = _everywhere


IN_CPP = [
    Ban(_call("getenv|secure_getenv"), "the environment is read in app/ and passed on", _outside("src/app/")),
    Ban(_call("system|popen"), "no shell"),
    Ban(r"this_thread::sleep_|" + _call("usleep|nanosleep"), "wait for a condition, or on the injected clock"),
    Ban(_call("strcpy|strcat|sprintf|vsprintf|gets"), "writes without a bound"),
    Ban(r"std::random_device\b|" + _call("rand|srand"), "randomness is injected (core/os)", _outside("src/core/os/")),
    Ban(r"std::(?:cout|cerr)|" + _call("printf|puts"), "a library does not print", _in_libraries),
    Ban(r"using namespace (?!std::\w*literals)", "a header opens no namespace for others", _in_headers),
    Ban(r"catch \(\.\.\.\)", "own code does not throw; catch what the library throws by its type"),
    Ban(r"(?<!\w)throw\b", "errors are values: Result<T>", _in_products),
    # A bool that is data and steers nothing is named so.
    Ban(
        r"[(,]\s*(?:const )?bool (?!value\b|truth\b)\w+\s*(?=[,)=])",
        "a bool parameter: an enum with two named values",
        _in_products,
    ),
    Ban(r"\basio::detached\b", "a task belongs to a TaskScope"),
]
IN_PYTHON = [
    Ban(r"\bos\.system\(|shell=(?:True)", "no shell"),
    Ban(r"\btime\.sleep\(", "wait for a condition: tests/e2e/lib/polling.py", _in_tests_but_polling),
]
# Split, so that this file does not contain them.
UNFINISHED = "|".join(["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK"])
REGISTRIES = "|".join(
    re.escape(host + domain)
    for host, domain in [
        ("deb.debian", ".org"),
        ("security.debian", ".org"),
        ("files.pythonhosted", ".org"),
        ("pypi", ".org"),
        ("proxy.golang", ".org"),
        ("sum.golang", ".org"),
        ("registry.npmjs", ".org"),
        ("crates", ".io"),
        ("repo1.maven", ".org"),
    ]
)
IN_ANY_TEXT = [
    Ban(rf"\b(?:{UNFINISHED})\b", "finish it, or leave it out"),
    Ban(rf"\b(?:{REGISTRIES})\b", "a package registry: the machine knows where its packages come from"),
]


def check_banned(file: SourceFile) -> Iterator[Finding]:
    yield from _matches(file, file.text, IN_ANY_TEXT)
    if file.is_cpp:
        yield from _matches(file, code_only(file.text), IN_CPP)
    elif file.is_python:
        yield from _matches(file, file.text, IN_PYTHON)


def _matches(file: SourceFile, text: str, bans: list[Ban]) -> Iterator[Finding]:
    for ban in bans:
        if ban.applies(file):
            for match in re.finditer(ban.pattern, text, re.MULTILINE):
                yield file.finding_at(match.start(), f"`{match[0].strip('(, ')}`: {ban.reason}")

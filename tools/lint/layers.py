"""The arrows between rooms: what is included, against what the rooms' CMakeLists.txt name.

Reads the room(...) calls of src/**/CMakeLists.txt and the order of the layers in src/CMakeLists.txt. Since an arrow may
only point up that list, there can be no cycle.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lint.cpp import without_comments
from lint.tree import TEST_HEADERS, TEST_SUFFIXES, Finding, SourceFile, files

# The start of a header's name -> the target that a room names to include it. The longest start wins.
EXTERNAL = {
    "boost/asio": "ext_asio",
    "boost/system": "ext_asio",
    "boost/asio/ssl": "ext_openssl",
    "boost/beast": "ext_beast",
    "boost/json": "ext_json",
    "crypt.h": "ext_crypt",
    "fmt/": "ext_fmt",
    "openssl/": "ext_openssl",
    "protozero/": "ext_protozero",
    "snappy.h": "ext_snappy",
    "xxhash.h": "ext_xxhash",
    "yaml.h": "ext_yaml",
    "zlib.h": "ext_zlib",
}
# A library that one room hides from all others.
CONFINED = {"ext_beast": "net/http"}
# What room() gives to tests and benchmarks by itself.
FOR_TESTS = ("gtest/", "gmock/", "benchmark/", "fuzzer/")
SYSTEM = re.compile(
    r"[a-z_0-9]+$|(sys|linux|net|netinet|arpa|sanitizer)/"  # <vector>, <sys/stat.h>
    r"|(dirent|dlfcn|errno|fcntl|grp|ifaddrs|limits|malloc|netdb|poll|pthread|pwd|resolv|sched|signal|spawn)\.h$"
    r"|(string|strings|time|unistd)\.h$"
)

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+(?P<mark>["<])(?P<header>[^">\n]+)', re.MULTILINE)
ROOM_CALL = re.compile(r"^\s*room\(([^)]*)\)", re.MULTILINE)
SUBDIRECTORY = re.compile(r"^\s*add_subdirectory\(([^)\s]+)\)", re.MULTILINE)
CMAKE_COMMENT = re.compile(r"#[^\n]*")


@dataclass(frozen=True)
class Room:
    name: str
    folder: str  # below src/
    depends: frozenset[str]
    test_depends: frozenset[str]
    cmake: SourceFile


def check_layers(root: Path) -> list[Finding]:
    sources = list(files(root, "src"))
    rooms = [room for file in sources if file.name == "CMakeLists.txt" for room in _rooms_of(file)]
    order = _order(root)
    findings = [*_check_names(rooms), *_check_arrows(rooms, order)]
    by_folder = {room.folder: room for room in rooms}
    for file in sources:
        room = _room_containing(file.path.removeprefix("src/"), by_folder)
        if file.is_cpp and room is not None:
            findings += _check_includes(file, room, by_folder)
    return sorted(findings)


def _rooms_of(file: SourceFile) -> Iterator[Room]:
    folder = file.path.removeprefix("src/").removesuffix("CMakeLists.txt").rstrip("/")
    for call in ROOM_CALL.finditer(CMAKE_COMMENT.sub("", file.text)):
        name, *words = call[1].split()
        lists: dict[str, set[str]] = {"DEPENDS": set(), "TEST_DEPENDS": set()}
        current = ""
        for word in words:
            if word in lists:
                current = word
            elif current:
                lists[current].add(word)
        yield Room(name, folder, frozenset(lists["DEPENDS"]), frozenset(lists["TEST_DEPENDS"]), file)


def _order(root: Path) -> list[str]:
    cmake = SourceFile("src/CMakeLists.txt", root)
    return [folder.replace("/", "_") for folder in SUBDIRECTORY.findall(CMAKE_COMMENT.sub("", cmake.text))]


def _check_names(rooms: list[Room]) -> Iterator[Finding]:
    for room in rooms:
        expected = room.folder.replace("/", "_")
        if room.name != expected:
            yield room.cmake.finding(1, f"the room {room.name} is to be named by its path: {expected}")


def _check_arrows(rooms: list[Room], order: list[str]) -> Iterator[Finding]:
    place = {name: index for index, name in enumerate(order)}
    for room in rooms:
        if room.name not in place:
            yield room.cmake.finding(1, f"{room.name} is not in src/CMakeLists.txt")
            continue
        for other in sorted(room.depends | room.test_depends):
            if other.startswith("ext_"):
                continue
            if other not in place:
                yield room.cmake.finding(1, f"{room.name} depends on {other}, which is no room of src/CMakeLists.txt")
            elif place[other] >= place[room.name]:
                yield room.cmake.finding(1, f"{room.name} -> {other} points down the layers of src/CMakeLists.txt")


def _room_containing(path: str, by_folder: dict[str, Room]) -> Room | None:
    """The room whose folder holds the file: the innermost one. None outside of rooms."""
    while "/" in path:
        path = path.rsplit("/", 1)[0]
        if path in by_folder:
            return by_folder[path]
    return None


def _check_includes(file: SourceFile, room: Room, by_folder: dict[str, Room]) -> Iterator[Finding]:
    allowed = room.depends | {room.name}
    if file.is_test:
        allowed |= room.test_depends
    for include in INCLUDE.finditer(without_comments(file.text)):
        header = include["header"]
        if include["mark"] == '"':
            problem = _problem_of_own(header, room, allowed, by_folder)
        else:
            problem = _problem_of_external(header, file, room, allowed)
        if problem:
            yield file.finding_at(include.start("header"), problem)


def _problem_of_own(header: str, room: Room, allowed: frozenset[str], by_folder: dict[str, Room]) -> str | None:
    if "/" not in header or header.startswith("."):
        return f'"{header}" is to be included by its path from src/'
    owner = _room_containing(header, by_folder)
    if owner is not None and owner.name not in allowed:
        return f'"{header}" is of {owner.name}, which {room.name} does not name in DEPENDS'
    return None


def _problem_of_external(header: str, file: SourceFile, room: Room, allowed: frozenset[str]) -> str | None:
    starts = [start for start in EXTERNAL if header.startswith(start)]
    if not starts:
        if header.startswith(FOR_TESTS):
            return None if file.is_test else f"<{header}> is for tests ({', '.join(TEST_SUFFIXES + TEST_HEADERS)})"
        return None if SYSTEM.match(header) else f"<{header}> is of no library that lint/layers.py knows (EXTERNAL)"
    target = EXTERNAL[max(starts, key=len)]
    folder = CONFINED.get(target, room.folder)
    if folder != room.folder:
        return f"<{header}> stays behind {folder}"
    return None if target in allowed else f"<{header}> needs {target}, which {room.name} does not name in DEPENDS"

from pathlib import Path

import pytest

from suite.compile_costs import CompileFailed, Cost, compilers_in, measure_all

LISTING = """\
env CCACHE_BASEDIR=/a ccache /usr/bin/clang++-19 -DX='"y z"' -MD -MF a.o.d -o a.o -c /src/a.cpp
: && /usr/bin/cmake -E rm -f liba.a && /usr/bin/llvm-ar-19 qc liba.a a.o && :
: && /usr/bin/clang++-19 -O2 a.o -o program && :
"""


def compile_command(folder: Path, text: str) -> list[str]:
    source = folder / "a.cpp"
    source.write_text(text)
    return ["clang++-19", "-MD", "-MF", "a.o.d", "-o", "a.o", "-c", str(source)]


def test_only_compilers_are_taken_and_ccache_is_left_out() -> None:
    assert list(compilers_in(LISTING)) == [
        ["/usr/bin/clang++-19", '-DX="y z"', "-MD", "-MF", "a.o.d", "-o", "a.o", "-c", "/src/a.cpp"]
    ]


def test_a_costlier_file_costs_more_and_the_build_folder_stays_as_it_is(tmp_path: Path) -> None:
    for folder in ("small", "large"):
        (tmp_path / folder).mkdir()
    small = compile_command(tmp_path / "small", "int main() {}\n")
    large = compile_command(tmp_path / "large", "#include <algorithm>\n#include <regex>\nstd::regex r(\"a\");\n")
    first, second = measure_all([small, large], tmp_path / "small")
    assert 0 < first.cpu_seconds < second.cpu_seconds
    assert 1 << 20 < first.memory_bytes < second.memory_bytes
    assert [file.name for file in (tmp_path / "small").iterdir()] == ["a.cpp"]


def test_a_file_that_does_not_compile_is_named(tmp_path: Path) -> None:
    with pytest.raises(CompileFailed, match=r"a\.cpp"):
        list(measure_all([compile_command(tmp_path, "oops\n")], tmp_path))


def test_limits_are_of_one_file() -> None:
    assert Cost("a.cpp", 25, 1 << 30).is_within_limits
    assert not Cost("a.cpp", 25.1, 0).is_within_limits
    assert not Cost("a.cpp", 0, (1 << 30) + 1).is_within_limits

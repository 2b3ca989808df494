from pathlib import Path

from lint.headers import check_own_header_first, check_pragma_once
from tiny_tree import write_file


def test_pragma_once_comes_before_any_code(tmp_path: Path) -> None:
    assert list(check_pragma_once(write_file(tmp_path, "src/a.h", "// What it is.\n#pragma once\nint x;\n"))) == []
    assert len(list(check_pragma_once(write_file(tmp_path, "src/a.h", "int x;\n#pragma once\n")))) == 1


def test_the_own_header_is_included_first(tmp_path: Path) -> None:
    write_file(tmp_path, "src/a/b.h", "#pragma once\n")
    good = write_file(tmp_path, "src/a/b.cpp", '// Text.\n#include "a/b.h"\n\n#include <vector>\n')
    assert list(check_own_header_first(good)) == []
    bad = write_file(tmp_path, "src/a/b.cpp", '#include <vector>\n\n#include "a/b.h"\n')
    assert [f.message for f in check_own_header_first(bad)] == ['"a/b.h" is to be the first include']


def test_a_source_without_a_header_includes_what_it_likes(tmp_path: Path) -> None:
    assert list(check_own_header_first(write_file(tmp_path, "src/a/main.cpp", "#include <vector>\n"))) == []

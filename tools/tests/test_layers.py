from pathlib import Path

from lint.layers import check_layers
from tiny_tree import write_tree

HOUSE = {
    "src/CMakeLists.txt": "add_subdirectory(base)\nadd_subdirectory(net/http)\nadd_subdirectory(app)\n",
    "src/base/CMakeLists.txt": "room(base DEPENDS ext_fmt)\n",
    "src/base/error.h": "#include <vector>\n\n#include <fmt/format.h>\n",
    "src/net/http/CMakeLists.txt": "room(net_http\n  DEPENDS base ext_asio ext_beast  # codec\n)\n",
    "src/net/http/server.h": '#include <boost/beast/http.hpp>\n\n#include "base/error.h"\n',
    "src/app/CMakeLists.txt": "room(app DEPENDS net_http TEST_DEPENDS base)\n",
    "src/app/run.cpp": '#include <sys/stat.h>\n\n#include "net/http/server.h"\n',
    "src/app/run_test.cpp": '#include <gtest/gtest.h>\n\n#include "base/error.h"\n',
}


def findings(root: Path, changes: dict[str, str]) -> list[str]:
    return [str(finding) for finding in check_layers(write_tree(root, HOUSE | changes))]


def test_a_house_in_order_has_no_findings(tmp_path: Path) -> None:
    assert findings(tmp_path, {}) == []


def test_an_include_that_depends_does_not_name_is_found(tmp_path: Path) -> None:
    assert findings(tmp_path, {"src/app/run.cpp": '#include "app/run.h"\n#include "base/error.h"\n'}) == [
        'src/app/run.cpp:2: "base/error.h" is of base, which app does not name in DEPENDS'
    ]


def test_an_include_in_a_comment_is_none(tmp_path: Path) -> None:
    assert findings(tmp_path, {"src/app/run.cpp": '// #include "base/error.h"\n'}) == []


def test_test_depends_is_for_tests(tmp_path: Path) -> None:
    assert findings(tmp_path, {"src/app/run_test.cpp": '#include "base/error.h"\n'}) == []
    assert len(findings(tmp_path, {"src/app/run.h": '#include "base/error.h"\n'})) == 1


def test_an_arrow_down_is_found(tmp_path: Path) -> None:
    assert findings(tmp_path, {"src/base/CMakeLists.txt": "room(base DEPENDS app ext_fmt)\n"}) == [
        "src/base/CMakeLists.txt:1: base -> app points down the layers of src/CMakeLists.txt"
    ]


def test_a_cycle_is_found(tmp_path: Path) -> None:
    assert findings(tmp_path, {"src/base/CMakeLists.txt": "room(base DEPENDS ext_fmt net_http)\n"}) == [
        "src/base/CMakeLists.txt:1: base -> net_http points down the layers of src/CMakeLists.txt"
    ]


def test_an_arrow_to_oneself_is_found(tmp_path: Path) -> None:
    room = "room(base DEPENDS base ext_fmt)\n"
    assert "base -> base points down" in findings(tmp_path, {"src/base/CMakeLists.txt": room})[0]


def test_a_dependency_on_no_room_is_found(tmp_path: Path) -> None:
    assert findings(tmp_path, {"src/base/CMakeLists.txt": "room(base DEPENDS bass ext_fmt)\n"}) == [
        "src/base/CMakeLists.txt:1: base depends on bass, which is no room of src/CMakeLists.txt"
    ]


def test_a_room_outside_of_the_list_is_found(tmp_path: Path) -> None:
    assert findings(tmp_path, {"src/codec/CMakeLists.txt": "room(codec)\n"}) == [
        "src/codec/CMakeLists.txt:1: codec is not in src/CMakeLists.txt"
    ]


def test_a_room_is_named_by_its_path(tmp_path: Path) -> None:
    assert "the room http is to be named by its path: net_http" in str(
        findings(tmp_path, {"src/net/http/CMakeLists.txt": "room(http DEPENDS base ext_asio ext_beast)\n"})
    )


def test_an_external_header_needs_its_target(tmp_path: Path) -> None:
    text = "#include <openssl/ssl.h>\n#include <boost/asio/ssl/context.hpp>\n"
    assert findings(tmp_path, {"src/app/run.cpp": text}) == [
        "src/app/run.cpp:1: <openssl/ssl.h> needs ext_openssl, which app does not name in DEPENDS",
        "src/app/run.cpp:2: <boost/asio/ssl/context.hpp> needs ext_openssl, which app does not name in DEPENDS",
    ]


def test_an_unknown_external_header_is_found(tmp_path: Path) -> None:
    assert "<zstd.h> is of no library" in findings(tmp_path, {"src/app/run.cpp": "#include <zstd.h>\n"})[0]


def test_beast_stays_behind_net_http(tmp_path: Path) -> None:
    changes = {
        "src/app/CMakeLists.txt": "room(app DEPENDS base net_http ext_beast)\n",
        "src/app/run.cpp": "#include <boost/beast/core.hpp>\n",
    }
    assert findings(tmp_path, changes) == ["src/app/run.cpp:1: <boost/beast/core.hpp> stays behind net/http"]


def test_gtest_is_for_tests(tmp_path: Path) -> None:
    assert "is for tests" in findings(tmp_path, {"src/app/run.cpp": "#include <gtest/gtest.h>\n"})[0]
    assert findings(tmp_path, {"src/app/run.cpp": "", "src/app/testing.h": "#include <gtest/gtest.h>\n"}) == []


def test_an_include_goes_by_its_path_from_src(tmp_path: Path) -> None:
    assert findings(tmp_path, {"src/app/run.cpp": '#include "run.h"\n#include "../base/error.h"\n'}) == [
        'src/app/run.cpp:1: "run.h" is to be included by its path from src/',
        'src/app/run.cpp:2: "../base/error.h" is to be included by its path from src/',
    ]

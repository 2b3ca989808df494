from pathlib import Path

from lint.banned import check_banned
from tiny_tree import write_file


def banned(root: Path, path: str, text: str) -> list[str]:
    return [finding.message.split("`")[1] for finding in check_banned(write_file(root, path, text))]


def test_the_environment_is_read_in_app_alone(tmp_path: Path) -> None:
    assert banned(tmp_path, "src/a/b.cpp", 'x = std::getenv("A");\n') == ["std::getenv"]
    assert banned(tmp_path, "src/app/b.cpp", 'x = ::getenv("A");\n') == []


def test_shells_are_found(tmp_path: Path) -> None:
    text = "return system(x); popen(y, z); std::chrono::system_clock::now(); SystemClock system(io);\n"
    assert banned(tmp_path, "src/app/b.cpp", text) == ["system", "popen"]
    assert banned(tmp_path, "tests/a.py", "run(x, shell=" + "True)\n") == ["shell=" + "True"]


def test_sleeps_are_found_and_the_injected_clock_is_not(tmp_path: Path) -> None:
    text = "std::this_thread::sleep_for(1s); usleep(5); co_await sleep_for(clock, 1s); clock.sleep(1s);\n"
    assert banned(tmp_path, "src/a/b_test.cpp", text) == ["this_thread::sleep_", "usleep"]


def test_end_to_end_tests_wait_by_polling(tmp_path: Path) -> None:
    assert banned(tmp_path, "tests/e2e/test_a.py", "time.sleep(1)\n") == ["time.sleep"]
    assert banned(tmp_path, "tests/e2e/lib/polling.py", "time.sleep(1)\n") == []


def test_unbounded_writes_are_found(tmp_path: Path) -> None:
    assert banned(tmp_path, "src/a/b.cpp", "strcpy(a, b); sprintf(a, b); snprintf(a, 3, b);\n") == ["strcpy", "sprintf"]


def test_hidden_randomness_is_found(tmp_path: Path) -> None:
    assert banned(tmp_path, "src/a/b.cpp", "x = rand(); random.rand(); operand(); std::random_device device;\n") == [
        "rand",
        "std::random_device",
    ]


def test_a_library_does_not_print_and_app_may(tmp_path: Path) -> None:
    assert banned(tmp_path, "src/a/b.cpp", 'std::cout << x; printf("a");\n') == ["std::cout", "printf"]
    assert banned(tmp_path, "src/app/b.cpp", "std::cout << x;\n") == []


def test_a_header_opens_no_namespace_but_literals(tmp_path: Path) -> None:
    text = "using namespace std;\nusing namespace std::chrono_literals;\n"
    assert banned(tmp_path, "src/a/b.h", text) == ["using namespace"]
    assert banned(tmp_path, "src/a/b_test.cpp", text) == []


def test_catching_everything_is_found(tmp_path: Path) -> None:
    assert banned(tmp_path, "src/a/b.cpp", "try { f(); } catch (...) {}\n") == ["catch (...)"]


def test_throw_is_for_tests(tmp_path: Path) -> None:
    assert banned(tmp_path, "src/a/b.cpp", "throw x; throw_if_cancelled(y);\n") == ["throw"]
    assert banned(tmp_path, "src/a/b_test.cpp", "throw x;\n") == []


def test_a_bool_parameter_is_found_unless_it_is_data(tmp_path: Path) -> None:
    text = "void f(int a, bool fast);\nvoid g(const bool fast = true);\nvoid put(bool value);\nbool ready();\n"
    assert banned(tmp_path, "src/a/b.h", text) == ["bool fast", "const bool fast"]


def test_detached_tasks_are_found(tmp_path: Path) -> None:
    assert banned(tmp_path, "tests/sim/a.cpp", "co_spawn(io, f(), asio::detached);\n") == ["asio::detached"]


def test_comments_and_literals_are_not_code(tmp_path: Path) -> None:
    assert banned(tmp_path, "src/a/b.cpp", '// may throw; system(x)\nf("throw rand()");\n') == []


def test_unfinished_work_is_found_in_any_text(tmp_path: Path) -> None:
    word = "TO" + "DO"
    assert banned(tmp_path, "docs/a.md", f"{word}: write this\n") == [word]
    assert banned(tmp_path, "src/a/b.cpp", f"// {word}\n") == [word]


def test_registry_hosts_are_found(tmp_path: Path) -> None:
    host = "pypi" + ".org"
    assert banned(tmp_path, "docs/a.md", f"from {host}\n") == [host]

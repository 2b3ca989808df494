from lint.cpp import code_only, functions, without_comments


def found(text: str) -> list[tuple[str, int, int]]:
    return [(f.name, f.first_line, f.last_line) for f in functions(text)]


def test_comments_go_and_literals_stay() -> None:
    assert without_comments('a("//b"); // c\n/* d\n*/ e') == 'a("//b");     \n    \n   e'


def test_literals_are_blank_in_code() -> None:
    text = """call("throw", 'x', R"yaml(a "b" )" c)yaml") + 10'000;"""
    assert code_only(text).split() == ["call(", ",", ",", ")", "+", "10'000;"]
    assert len(code_only(text)) == len(text)


def test_a_function_spans_from_its_template_line_to_its_brace() -> None:
    assert found("int x;\n\ntemplate <class T = int>\nT f(T a) {\n  return a;\n}\n") == [("f", 3, 6)]


def test_methods_in_a_class_count_each_for_itself() -> None:
    text = """
namespace a::b {
class [[nodiscard]] C final : public D {
 public:
  explicit C(int x) : x_{x}, y_(f({1, 2})) {}
  int get() const { return x_; }

 private:
  int x_ = 0;
  std::vector<int> y_{1, 2};
};
}  // namespace a::b
"""
    assert found(text) == [("C", 5, 5), ("get", 6, 6)]


def test_what_is_inside_a_function_counts_to_it() -> None:
    text = "void f() {\n  auto g = [] {\n    struct S { int h() { return 1; } };\n  };\n}\n"
    assert found(text) == [("f", 1, 5)]


def test_a_lambda_outside_of_functions_counts_as_one() -> None:
    assert found("const auto f = [](int a) {\n  return a;\n};\n") == [("lambda", 1, 3)]


def test_tables_and_enums_are_no_functions() -> None:
    assert found('enum class E { a, b };\nconst Map kTable = {\n  {"a", {1}},\n};\nstruct P { int x = 1; };\n') == []


def test_operators_default_arguments_and_requires_clauses_are_understood() -> None:
    text = """
T& operator=(T&& other) noexcept {
  return *this;
}
void f(Options options = {}, std::function<void()> g = [] {}) {
}
template <class F>
  requires(!kVoid<F>)
void h(F f) {
}
"""
    assert found(text) == [("operator=", 2, 4), ("f", 5, 6), ("h", 7, 10)]


def test_macros_with_braces_do_not_confuse() -> None:
    assert found("#define TRY(x) \\\n  if (auto r = (x); !r) { \\\n    return r; }\nvoid f() {\n}\n") == [("f", 4, 5)]


def test_a_gtest_case_is_a_function() -> None:
    assert found("TEST(A, B) {\n  EXPECT_EQ(1, 1);\n}\n") == [("TEST", 1, 3)]

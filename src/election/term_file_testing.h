// A term file in memory.
#pragma once

#include "election/term_file.h"

namespace promfleet::election {

class MemoryTermFile final : public TermFile {
 public:
  Result<std::optional<Term>> load() override { return content; }
  Task<Result<>> save(Term term) override {
    content = term;
    co_return Result<>();
  }
  Task<Result<>> forget() override {
    content = std::nullopt;
    co_return Result<>();
  }

  Result<std::optional<Term>> content = std::optional<Term>();
};

}  // namespace promfleet::election

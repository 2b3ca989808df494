// A term file in memory.
#pragma once

#include "election/term_file.h"

namespace promfleet::election {

class MemoryTermFile final : public TermFile {
 public:
  Result<std::optional<Term>> load() override { return content; }
  Task<Result<>> save(Term term) override { co_return keep(term); }
  Task<Result<>> forget() override { co_return keep(std::nullopt); }

  Result<std::optional<Term>> content = std::optional<Term>();
  bool is_read_only = false;

 private:
  Result<> keep(std::optional<Term> term) {
    if (is_read_only) return fail(Errc::io_failed, "read-only");
    content = term;
    return {};
  }
};

}  // namespace promfleet::election

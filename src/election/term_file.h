// Remembers the present term over a restart of the process, so that the term can go on (rule 6).
#pragma once

#include <optional>

#include "core/async/task.h"
#include "core/base/error.h"
#include "election/events.h"

namespace promfleet::election {

class TermFile {
 public:
  virtual ~TermFile() = default;

  // One call at a time.
  // nullopt: there is no term that could go on.
  virtual Result<std::optional<Term>> load() = 0;
  virtual Task<Result<>> save(Term term) = 0;
  virtual Task<Result<>> forget() = 0;
};

}  // namespace promfleet::election

// Who leads, as the proxy needs to know it: it asks this, and knows nothing of elections.
#pragma once

#include <optional>
#include <string_view>

#include "core/async/task.h"
#include "core/base/error.h"
#include "core/base/time.h"

namespace promfleet::elector {

struct Leader {
  std::string_view member;
  bool is_self = false;
};

// Thread safety: none; belongs to the proxy's io thread.
class LeaderDirectory {
 public:
  virtual ~LeaderDirectory() = default;

  // Who leads now. Itself only while it has the authority to: not before, and not because it once had it. The name is
  // valid until the caller awaits something.
  virtual std::optional<Leader> current() const = 0;

  // Returns when current() may have changed, at `deadline` at the latest. Errc::cancelled.
  virtual Task<Result<>> wait_for_change(BootTime deadline) = 0;
};

}  // namespace promfleet::elector

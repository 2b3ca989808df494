// A remote write on its way from Prometheus to its gate, and where it goes.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "net/http/exchange.h"
#include "tests/sim/gate/measurement.h"

namespace promfleet::sim::gate {

struct Post {
  http::ConnectionNumber connection;
  BatchPtr batch;
  // Back at Prometheus, after a while. 0: the connection broke.
  std::function<void(int status)> answer;
};
using PostPtr = std::shared_ptr<Post>;

// What Prometheus sees of its gate.
class PostBox {
 public:
  virtual ~PostBox() = default;
  // The same connection if it still stands, else a new one.
  virtual http::ConnectionNumber connect(std::optional<http::ConnectionNumber> former) = 0;
  virtual void post(const PostPtr& post) = 0;
  // Prometheus waits for the answer no longer, and has closed the connection.
  virtual void leave(const PostPtr& post) = 0;
};

// What the gate sees of its Prometheus.
class StartTime {
 public:
  virtual ~StartTime() = default;
  // /api/v1/status/runtimeinfo. nullopt: it cannot be reached. No answer at all while it hangs.
  virtual void ask(std::function<void(std::optional<std::string> started_at)> answered) = 0;
};

}  // namespace promfleet::sim::gate

// JSON objects, one a line, taken as the bytes arrive: how Kubernetes and etcd stream changes.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "codec/json/value.h"
#include "core/base/error.h"

namespace promfleet::json {

class LineReader {
 public:
  explicit LineReader(std::size_t line_bytes_max) : line_bytes_max_(line_bytes_max) {}

  // Calls `on_object` for each line that `piece` completes, until it fails; empty lines are skipped.
  // Errc::protocol: a line is no object; limit_exceeded: it is too long.
  using OnObject = std::function<Result<>(const Object&)>;
  Result<> take(std::string_view piece, const OnObject& on_object);

 private:
  std::size_t line_bytes_max_;
  std::string line_;  // begun and not yet ended
};

}  // namespace promfleet::json

// A log that tests read.
#pragma once

#include <string>
#include <string_view>

#include "core/telemetry/log.h"

namespace promfleet {

class MemorySink final : public LogSink {
 public:
  void write(std::string_view line) override { text += line; }
  std::string text;
};

}  // namespace promfleet

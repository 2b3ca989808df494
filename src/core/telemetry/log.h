// One line for each thing that a person running promfleet would want to know, in logfmt or JSON.
//
//   log.info("took over the lease", {{"lease", name}, {"token", token.value()}, {"after", waited}});
//   ts=2026-11-21T10:00:00.000Z level=info component=election msg="took over the lease" lease=ns/x token=41 after=15s
//
// Values are escaped, whatever is in them; bytes that are no UTF-8 become U+FFFD. Secrets are never passed in.
//
// Thread safety: any thread.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "core/base/error.h"
#include "core/base/time.h"
#include "core/os/clock.h"

namespace promfleet {

enum class LogLevel : std::uint8_t { debug, info, warn, error };
enum class LogFormat : std::uint8_t { logfmt, json };

// invalid_input with the words that would have been right.
Result<LogLevel> parse_log_level(std::string_view text);
Result<LogFormat> parse_log_format(std::string_view text);

class LogValue {
 public:
  LogValue(std::string_view text) : value_(text) {}                            // NOLINT(google-explicit-constructor)
  LogValue(const std::string& text) : value_(std::string_view(text)) {}        // NOLINT(google-explicit-constructor)
  LogValue(const char* text) : value_(std::string_view(text)) {}               // NOLINT(google-explicit-constructor)
  LogValue(const Error& error) : value_(std::string_view(error.message())) {}  // NOLINT(google-explicit-constructor)
  LogValue(bool truth) : value_(truth) {}                                      // NOLINT(google-explicit-constructor)
  LogValue(double number) : value_(number) {}                                  // NOLINT(google-explicit-constructor)
  template <std::integral N>
  LogValue(N number) : value_(static_cast<std::int64_t>(number)) {}  // NOLINT(google-explicit-constructor)
  template <class Rep, class Period>
  LogValue(std::chrono::duration<Rep, Period> span)  // NOLINT(google-explicit-constructor)
      : value_(std::chrono::duration_cast<Duration>(span)) {}

  using Variant = std::variant<std::string_view, bool, double, std::int64_t, Duration>;
  const Variant& get() const { return value_; }

 private:
  Variant value_;
};

struct LogField {
  std::string_view key;
  LogValue value;
};

using LogFields = std::initializer_list<LogField>;

// Where finished lines go.
class LogSink {
 public:
  virtual ~LogSink() = default;
  // `line` ends with a newline.
  virtual void write(std::string_view line) = 0;
};

// A finished line; `component` may be empty.
std::string log_line(LogFormat format, WallTime time, LogLevel level, std::string_view component,
                     std::string_view message, LogFields fields);

// Cheap to copy: keep one by value. The sink and the clock outlive it.
class Log {
 public:
  Log(LogSink& sink, const Clock& clock, LogFormat format, LogLevel level)
      : sink_(&sink), clock_(&clock), format_(format), level_(level) {}

  // The same log with `component=NAME` on each line.
  Log component(std::string_view name) const;

  void debug(std::string_view message, LogFields fields = {}) const { write(LogLevel::debug, message, fields); }
  void info(std::string_view message, LogFields fields = {}) const { write(LogLevel::info, message, fields); }
  void warn(std::string_view message, LogFields fields = {}) const { write(LogLevel::warn, message, fields); }
  void error(std::string_view message, LogFields fields = {}) const { write(LogLevel::error, message, fields); }

 private:
  void write(LogLevel level, std::string_view message, LogFields fields) const;

  LogSink* sink_;
  const Clock* clock_;
  LogFormat format_;
  LogLevel level_;
  std::string component_;
};

}  // namespace promfleet

#include "core/telemetry/log.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "core/base/utf8.h"

namespace promfleet {

namespace {

std::string_view to_string(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return "debug";
    case LogLevel::info: return "info";
    case LogLevel::warn: return "warn";
    case LogLevel::error: return "error";
  }
  return "unknown";
}

std::string format_time(WallTime time) {
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(time);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(milliseconds);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)),
                     (milliseconds - seconds).count());
}

void append_ascii(std::string& out, char c) {
  switch (c) {
    case '"': out += "\\\""; break;
    case '\\': out += "\\\\"; break;
    case '\n': out += "\\n"; break;
    case '\r': out += "\\r"; break;
    case '\t': out += "\\t"; break;
    default:
      if (c < 0x20 || c == 0x7f) {
        fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
      } else {
        out += c;
      }
  }
}

// As JSON and logfmt both spell it: quotes, backslashes and control characters escaped, and what is no UTF-8 replaced.
void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) {
      out += kReplacementCharacter;
    } else if (length == 1) {
      append_ascii(out, text[0]);
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  out += '"';
}

// Of printable ASCII, and nothing that logfmt gives a meaning to.
bool is_plain_word(std::string_view text) {
  const auto is_plain = [](char c) { return c > ' ' && c < 0x7f && c != '"' && c != '=' && c != '\\'; };
  return !text.empty() && std::ranges::all_of(text, is_plain);
}

void append_text(std::string& out, std::string_view text, LogFormat format) {
  if (format == LogFormat::logfmt && is_plain_word(text)) {
    out += text;
  } else {
    append_quoted(out, text);
  }
}

struct AppendValue {
  std::string& out;
  LogFormat format;

  void operator()(std::string_view text) const { append_text(out, text, format); }
  void operator()(bool truth) const { out += truth ? "true" : "false"; }
  void operator()(std::int64_t number) const { fmt::format_to(std::back_inserter(out), "{}", number); }
  void operator()(double number) const {
    if (std::isfinite(number)) {
      fmt::format_to(std::back_inserter(out), "{}", number);
    } else {
      append_text(out, fmt::format("{}", number), format);
    }
  }
  void operator()(Duration span) const {
    append_text(out, fmt::format("{}s", to_seconds(std::chrono::floor<std::chrono::microseconds>(span))), format);
  }
};

// Appends `key=value` pairs or `"key":value` members to one line.
class LineWriter {
 public:
  explicit LineWriter(LogFormat format) : format_(format) {
    if (format_ == LogFormat::json) line_ += '{';
  }

  void add(std::string_view key, const LogValue& value) {
    if (!first_) line_ += format_ == LogFormat::json ? ',' : ' ';
    first_ = false;
    append_text(line_, key, format_);
    line_ += format_ == LogFormat::json ? ':' : '=';
    std::visit(AppendValue{line_, format_}, value.get());
  }

  std::string finish() && {
    if (format_ == LogFormat::json) line_ += '}';
    line_ += '\n';
    return std::move(line_);
  }

 private:
  LogFormat format_;
  std::string line_;
  bool first_ = true;
};

}  // namespace

Result<LogLevel> parse_log_level(std::string_view text) {
  if (text == "debug") return LogLevel::debug;
  if (text == "info") return LogLevel::info;
  if (text == "warn") return LogLevel::warn;
  if (text == "error") return LogLevel::error;
  return fail(Errc::invalid_input, "\"{}\" is not a log level: use debug, info, warn or error", text);
}

Result<LogFormat> parse_log_format(std::string_view text) {
  if (text == "logfmt") return LogFormat::logfmt;
  if (text == "json") return LogFormat::json;
  return fail(Errc::invalid_input, "\"{}\" is not a log format: use logfmt or json", text);
}

std::string log_line(LogFormat format, WallTime time, LogLevel level, std::string_view component,
                     std::string_view message, LogFields fields) {
  LineWriter line(format);
  line.add("ts", format_time(time));
  line.add("level", to_string(level));
  if (!component.empty()) line.add("component", component);
  line.add("msg", message);
  for (const LogField& field : fields) line.add(field.key, field.value);
  return std::move(line).finish();
}

Log Log::component(std::string_view name) const {
  Log named = *this;
  named.component_ = name;
  return named;
}

void Log::write(LogLevel level, std::string_view message, LogFields fields) const {
  if (level < level_) return;
  sink_->write(log_line(format_, clock_->wall_now(), level, component_, message, fields));
}

}  // namespace promfleet

#include "elector/prometheus/error_text.h"

#include <algorithm>
#include <array>

#include "core/base/utf8.h"
#include "elector/config/url_secrets.h"

namespace promfleet::elector {

namespace {

// Prometheus' error pages are a sentence; more than this is not worth a log line.
constexpr std::size_t kBytesMax = 1000;

// A part that begins with `open`, in the line of `before`, and ends with `close`.
struct Quoting {
  std::string_view before;
  std::string_view open;
  std::string_view close;
};

// Of Go's net/url and yaml packages.
constexpr std::array kQuotings{
    Quoting{.before = "invalid port ", .open = "\"", .close = "\" after host"},
    Quoting{.before = "invalid URL escape ", .open = "\"", .close = "\""},
    Quoting{.before = "cannot unmarshal !!", .open = "`", .close = "` into "},
};

std::string without_quoted(std::string_view text, const Quoting& quoting) {
  std::string out;
  while (true) {
    const std::size_t found = text.find(quoting.before);
    if (found == std::string_view::npos) return out.append(text);
    const std::size_t line_end = std::min(text.find('\n', found), text.size());
    const std::size_t open = text.substr(0, line_end).find(quoting.open, found);
    const bool quotes = open != std::string_view::npos;
    const std::size_t shown = quotes ? open + quoting.open.size() : line_end;
    out.append(text.substr(0, shown));
    text.remove_prefix(shown);
    if (!quotes) continue;
    out.append(kHidden);
    text.remove_prefix(std::min(text.find(quoting.close), text.size()));
  }
}

}  // namespace

std::string shown_error(std::string_view text) {
  std::string shown = without_secrets_of_urls(text);
  for (const Quoting& quoting : kQuotings) shown = without_quoted(shown, quoting);
  shown.resize(utf8_prefix(shown, kBytesMax).size());
  while (!shown.empty() && (shown.back() == '\n' || shown.back() == ' ')) shown.pop_back();
  return shown;
}

}  // namespace promfleet::elector

#include "net/http/head_scanner.h"

#include <algorithm>

namespace promfleet::http {

namespace {

std::unexpected<Rejection> bad(std::string_view reason) {
  return std::unexpected(Rejection{400, reason});
}

}  // namespace

std::expected<std::size_t, Rejection> HeadScanner::scan(std::string_view unread) {
  const auto end = find_end(unread);
  if (!end) return end;
  if (has_bad_character(*end > 0 ? unread.substr(0, *end) : unread))
    return bad("control character or broken line end in the head");
  return end;
}

std::expected<std::size_t, Rejection> HeadScanner::find_end(std::string_view unread) {
  while (true) {
    if (line_start_ < unread.size() && (unread[line_start_] == ' ' || unread[line_start_] == '\t')) {
      return bad("a line of the head begins with white space");
    }
    const std::size_t feed = unread.find('\n', searched_);
    if (feed == std::string_view::npos) {
      searched_ = unread.size();
      return 0;
    }
    const bool is_empty = feed == line_start_ + 1;  // but for the carriage return
    const bool is_first = is_in_first_line();
    line_start_ = searched_ = feed + 1;
    if (is_empty && !is_first) return line_start_;
    if (is_empty) head_start_ = line_start_;
  }
}

// Control characters, and carriage returns and line feeds that do not come as a pair. Without an early exit, so that
// the compiler makes vector instructions of it.
bool HeadScanner::has_bad_character(std::string_view head) {
  unsigned char found = head.starts_with('\n') ? 1 : 0;
  for (std::size_t i = checked_; i < head.size(); ++i) {
    const auto c = static_cast<unsigned char>(head[i]);
    found |= (c < 0x20) & (c != '\t') & (c != '\r') & (c != '\n');
    found |= c == 0x7f;
  }
  for (std::size_t i = std::max<std::size_t>(checked_, 1); i < head.size(); ++i) {
    found |= (head[i] == '\n') != (head[i - 1] == '\r');
  }
  checked_ = head.size();
  return found != 0;
}

}  // namespace promfleet::http

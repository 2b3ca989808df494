// Finds the end of a message's head and refuses, as soon as it arrives, what no head may hold: control characters, line
// feeds or carriage returns alone, folded lines (RFC 9112 sections 2.2 and 5.2). Parsers disagree about those, which is
// what request smuggling lives on.
#pragma once

#include <cstddef>
#include <expected>
#include <string_view>

namespace promfleet::http {

// Why a message is refused: the status that says so to a client, and a sentence.
struct Rejection {
  int status;
  std::string_view reason;
};

class HeadScanner {
 public:
  // `unread` is everything from the same first byte on, longer with each call. Returns the bytes up to the end of the
  // empty line, 0 while that has not arrived.
  std::expected<std::size_t, Rejection> scan(std::string_view unread);

  // Empty lines before the first line belong to no message.
  std::size_t head_start() const { return head_start_; }
  bool is_in_first_line() const { return line_start_ == head_start_; }

 private:
  std::expected<std::size_t, Rejection> find_end(std::string_view unread);
  bool has_bad_character(std::string_view head);

  std::size_t head_start_ = 0;
  std::size_t line_start_ = 0;
  std::size_t searched_ = 0;  // for line feeds
  std::size_t checked_ = 0;   // for bad characters
};

}  // namespace promfleet::http

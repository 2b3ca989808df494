// Runs a parser over bytes that arrive in steps: for tests and fuzzers.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "net/http/parser.h"

namespace promfleet::http {

template <class Message>
struct Parsed {
  Message message;
  std::string body;
  bool is_done = false;  // at the end of the input, which is the end of the connection
  bool keeps_alive = false;
  Framing framing;
  std::string rest;  // behind the message
  std::optional<Rejection> rejection;
};

template <class Message>
Parsed<Message> parse(std::string_view input, std::size_t step, BodyRule rule = BodyRule::as_told,
                      HeadLimits limits = {}) {
  Parsed<Message> parsed;
  Parser<Message> parser(limits);
  parser.start(rule);
  std::string unread;
  bool has_head = false;
  while (true) {
    std::size_t consumed = 0;
    if (!has_head) {
      const auto head = parser.parse_head(unread, parsed.message);
      if (!head) {
        parsed.rejection = head.error();
        return parsed;
      }
      has_head = *head > 0;
      consumed = *head;
    } else if (!parser.is_done()) {
      const auto body = parser.parse_body(unread);
      if (!body) {
        parsed.rejection = body.error();
        return parsed;
      }
      parsed.body.append(body->piece);
      consumed = body->consumed;
    }
    unread.erase(0, consumed);
    if (has_head && parser.is_done()) break;
    if (consumed > 0) continue;
    if (input.empty()) break;
    unread.append(input.substr(0, step));
    input.remove_prefix(std::min(step, input.size()));
  }
  if (!has_head) return parsed;
  parsed.framing = parser.framing();
  parsed.is_done = parser.is_done() || parser.finish();
  parsed.keeps_alive = parser.keeps_alive();
  parsed.rest = unread + std::string(input);
  return parsed;
}

}  // namespace promfleet::http

// Bytes into messages: HTTP/1.1 as it arrives, without knowing where from.
//
//   parser.start(BodyRule::as_told);
//   parse_head() with ever more bytes until it has consumed some; then parse_body() until is_done().
//
// Boost.Beast's parser does the grammar; what it lets through although recipients disagree about it is refused on top
// (docs/adr/0003-http-codec.md). Bodies are passed on as views of the bytes given, never copied.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string_view>

#include "net/http/framing.h"
#include "net/http/head_scanner.h"
#include "net/http/message.h"

namespace promfleet::http {

struct HeadLimits {
  std::size_t head_bytes_max = 64 * 1024;
  std::size_t target_bytes_max = 64 * 1024;
};

// An answer to HEAD has no body whatever its fields say.
enum class BodyRule : std::uint8_t { as_told, never };

template <class Message>  // Request or Response
class Parser {
 public:
  explicit Parser(HeadLimits limits);
  ~Parser();

  std::size_t head_bytes_max() const { return limits_.head_bytes_max; }

  // Makes ready for the next message.
  void start(BodyRule body_rule);

  // `unread` is everything from the message's first byte on. Returns the bytes of the head and fills `message`, or
  // returns 0 while the head is incomplete. After a rejection only start() may follow.
  std::expected<std::size_t, Rejection> parse_head(std::string_view unread, Message& message);

  // What the head said.
  Framing framing() const;
  bool is_http_1_1() const;
  bool keeps_alive() const;       // the connection may carry another message after this one
  bool expects_continue() const;  // Expect: 100-continue

  struct BodyStep {
    std::size_t consumed = 0;
    std::string_view piece;  // of the body, within what was consumed
  };
  // The next piece of the body from the front of `unread`. Without a piece and not done, more bytes are needed: then
  // `unread`, less what was consumed, comes again with more behind it.
  std::expected<BodyStep, Rejection> parse_body(std::string_view unread);

  // The connection has ended: whether the message has, too.
  bool finish();

  // The message has been parsed to its end.
  bool is_done() const;

 private:
  class Grammar;

  std::expected<std::size_t, Rejection> find_head(std::string_view unread);

  HeadLimits limits_;
  HeadScanner scanner_;
  std::unique_ptr<Grammar> grammar_;
};

using RequestParser = Parser<Request>;
using ResponseParser = Parser<Response>;

}  // namespace promfleet::http

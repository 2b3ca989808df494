#include "net/http/parser.h"

#include <algorithm>
#include <optional>
#include <type_traits>

#include <boost/beast/http/basic_parser.hpp>

#include "net/http/head_checks.h"

namespace promfleet::http {

namespace {

namespace beast = boost::beast::http;
using ErrorCode = boost::beast::error_code;

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

std::optional<CheckedField> checked_field(beast::field id) {
  switch (id) {
    case beast::field::host: return CheckedField::host;
    case beast::field::content_length: return CheckedField::content_length;
    case beast::field::transfer_encoding: return CheckedField::transfer_encoding;
    case beast::field::expect: return CheckedField::expect;
    default: return std::nullopt;
  }
}

Rejection rejection_of(const ErrorCode& error) {
  if (error == beast::error::bad_version) return {400, "neither HTTP/1.1 nor HTTP/1.0"};
  if (error == beast::error::bad_method) return {400, "malformed method"};
  if (error == beast::error::bad_target) return {400, "malformed request target"};
  if (error == beast::error::bad_status || error == beast::error::bad_reason) return {400, "malformed status line"};
  if (error == beast::error::bad_field) return {400, "malformed field name"};
  if (error == beast::error::bad_value) return {400, "malformed field value"};
  if (error == beast::error::bad_content_length || error == beast::error::multiple_content_length) {
    return {400, "wrong or contradictory Content-Length"};
  }
  if (error == beast::error::bad_transfer_encoding) return {400, "contradictory Transfer-Encoding"};
  return {400, "malformed chunked body"};
}

}  // namespace

// Beast calls back with each part; here they are stored.
template <class Message>
class Parser<Message>::Grammar {
 public:
  static constexpr bool kIsRequest = std::is_same_v<Message, Request>;

  void start(BodyRule body_rule) {
    beast_.emplace();
    beast_->body_limit(boost::none);
    beast_->header_limit(std::numeric_limits<std::uint32_t>::max());
    beast_->skip(body_rule == BodyRule::never);
  }

  std::optional<Rejection> parse_head(std::string_view head, Message& message) {
    message.fields.clear();
    message.body.clear();
    beast_->message = &message;
    ErrorCode error;
    beast_->put({head.data(), head.size()}, error);
    beast_->message = nullptr;
    if (error && !beast_->checks.rejection()) return rejection_of(error);
    return beast_->checks.rejection();
  }

  std::expected<BodyStep, Rejection> parse_body(std::string_view unread) {
    BodyStep step;
    beast_->piece = {};
    while (step.consumed < unread.size() && beast_->piece.empty() && !beast_->is_done()) {
      ErrorCode error;
      const std::size_t bytes = beast_->put({unread.data() + step.consumed, unread.size() - step.consumed}, error);
      step.consumed += bytes;
      if (error == beast::error::need_more) break;
      if (error) return std::unexpected(rejection_of(error));
    }
    step.piece = view(beast_->piece);
    return step;
  }

  struct Beast final : beast::basic_parser<kIsRequest> {
    void on_request_impl(beast::verb, boost::beast::string_view method, boost::beast::string_view target, int version,
                         ErrorCode& error) override {
      if constexpr (kIsRequest) {
        message->method.assign(method.data(), method.size());
        message->target.assign(target.data(), target.size());
        checks.start_line(*message, version);
        report(error);
      }
    }
    void on_response_impl(int status, boost::beast::string_view, int version, ErrorCode& error) override {
      if constexpr (!kIsRequest) {
        message->status = status;
        checks.start_line(*message, version);
        report(error);
      }
    }
    void on_field_impl(beast::field id, boost::beast::string_view name, boost::beast::string_view value,
                       ErrorCode& error) override {
      if (message == nullptr) return;  // a trailer: nobody here wants one
      if (const auto checked = checked_field(id)) checks.field(*checked, view(value));
      report(error);
      message->fields.add(view(name), view(value));
    }
    void on_header_impl(ErrorCode& error) override {
      checks.end_of_head(*message);
      report(error);
    }
    void on_body_init_impl(const boost::optional<std::uint64_t>&, ErrorCode&) override {}
    std::size_t on_body_impl(boost::beast::string_view body, ErrorCode&) override {
      piece = body;
      return body.size();
    }
    void on_chunk_header_impl(std::uint64_t, boost::beast::string_view, ErrorCode&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, boost::beast::string_view body, ErrorCode&) override {
      piece = body;
      return body.size();
    }
    void on_finish_impl(ErrorCode&) override {}

    void report(ErrorCode& error) const {
      if (checks.rejection()) error = beast::error::bad_value;
    }

    Message* message = nullptr;
    HeadChecks<Message> checks;
    boost::beast::string_view piece;
  };

  Beast& beast() { return *beast_; }

 private:
  std::optional<Beast> beast_;
};

template <class Message>
Parser<Message>::Parser(HeadLimits limits) : limits_(limits), grammar_(std::make_unique<Grammar>()) {}

template <class Message>
Parser<Message>::~Parser() = default;

template <class Message>
void Parser<Message>::start(BodyRule body_rule) {
  scanner_ = {};
  grammar_->start(body_rule);
}

template <class Message>
std::expected<std::size_t, Rejection> Parser<Message>::parse_head(std::string_view unread, Message& message) {
  const auto end = find_head(unread);
  if (!end || *end == 0) return end;
  const std::string_view head = unread.substr(scanner_.head_start(), *end - scanner_.head_start());
  if (const std::optional<Rejection> rejection = grammar_->parse_head(head, message)) {
    return std::unexpected(*rejection);
  }
  if constexpr (std::is_same_v<Message, Request>) {
    if (message.target.size() > limits_.target_bytes_max) return std::unexpected(Rejection{414, "the URI is too long"});
  }
  return end;
}

template <class Message>
std::expected<std::size_t, Rejection> Parser<Message>::find_head(std::string_view unread) {
  const auto end = scanner_.scan(unread);
  if (!end) return end;
  const std::size_t bytes = *end == 0 ? unread.size() : *end;
  const bool is_first_line = *end == 0 && scanner_.is_in_first_line();
  if (bytes <= limits_.head_bytes_max) return end;
  if (is_first_line) return std::unexpected(Rejection{414, "the URI is too long"});
  return std::unexpected(Rejection{431, "the head is too long"});
}

template <class Message>
Framing Parser<Message>::framing() const {
  const auto& beast = grammar_->beast();
  if (beast.chunked()) return {.body = Framing::Body::chunked};
  if (beast.need_eof()) return {.body = Framing::Body::until_close};
  if (const auto bytes = beast.content_length()) return {.body = Framing::Body::sized, .bytes = *bytes};
  return {};
}

template <class Message>
bool Parser<Message>::is_http_1_1() const {
  return grammar_->beast().checks.is_http_1_1();
}

template <class Message>
bool Parser<Message>::keeps_alive() const {
  return grammar_->beast().keep_alive();
}

template <class Message>
bool Parser<Message>::expects_continue() const {
  return grammar_->beast().checks.expects_continue();
}

template <class Message>
auto Parser<Message>::parse_body(std::string_view unread) -> std::expected<BodyStep, Rejection> {
  return grammar_->parse_body(unread);
}

template <class Message>
bool Parser<Message>::finish() {
  if (!is_done() && grammar_->beast().got_some()) {
    ErrorCode error;
    grammar_->beast().put_eof(error);
  }
  return is_done();
}

template <class Message>
bool Parser<Message>::is_done() const {
  return grammar_->beast().is_done();
}

template class Parser<Request>;
template class Parser<Response>;

}  // namespace promfleet::http

// What a head must and must not say so that nobody can disagree about where its message ends (RFC 9112 sections 3.2,
// 6.1, 6.3). These checks stand on top of the parser's grammar, which knows nothing of Host and lets unknown transfer
// encodings pass.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/http/head_scanner.h"
#include "net/http/message.h"

namespace promfleet::http {

enum class CheckedField : std::uint8_t { host, content_length, transfer_encoding, expect };

// Called with the parts of a head in their order; after the first rejection the rest does not matter.
template <class Message>  // Request or Response
class HeadChecks {
 public:
  // `version`: 11 for HTTP/1.1. Brings a request's target into origin form.
  void start_line(Message& message, int version);
  void field(CheckedField field, std::string_view value);
  void end_of_head(Message& message);

  const std::optional<Rejection>& rejection() const { return rejection_; }
  bool is_http_1_1() const { return is_http_1_1_; }
  bool expects_continue() const { return expects_continue_; }

 private:
  void reject(int status, std::string_view reason);
  void host(std::string_view value);
  void content_length(std::string_view value);
  void transfer_encoding(std::string_view value);
  void expect(std::string_view value);
  void take_apart(Request& request, std::string_view absolute);

  std::optional<Rejection> rejection_;
  std::string authority_;  // of an absolute target, in place of Host
  bool is_http_1_1_ = false;
  bool has_host_ = false;
  bool has_content_length_ = false;
  bool has_transfer_encoding_ = false;
  bool expects_continue_ = false;
};

}  // namespace promfleet::http

// Why etcd's gateway did not do what was asked: gRPC's code in the body, words, and what we make of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "net/http/words.h"

namespace promfleet::election::etcd {

struct Refusal {
  int http_status = 0;
  int code = -1;  // of gRPC; -1: the body names none, so it was not etcd that answered
  std::string message;
};

Refusal read_refusal(int http_status, std::string_view body);

// A login ended, or is needed now: logging in and asking again may help. The call was not carried out.
bool wants_login(const Refusal& refusal);

enum class CallKind : std::uint8_t { read, write };

// `user`: as whom we asked, or empty. Errc::unauthorized, forbidden, unavailable ("not now"), unreachable (the server
// failed over a write, which it may have stored), protocol. The message is bounded and does not tell `secrets`.
Error to_error(const Refusal& refusal, CallKind kind, std::string_view user, const http::Secrets& secrets);

}  // namespace promfleet::election::etcd

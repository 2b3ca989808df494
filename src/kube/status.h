// What the API server says when it does not do what was asked: a Status object, told to a person and to the program.
#pragma once

#include <string>
#include <string_view>

#include "codec/json/value.h"
#include "core/base/error.h"
#include "kube/resource.h"
#include "net/http/words.h"

namespace promfleet::kube {

struct Status {
  int code = 0;         // as the HTTP status
  std::string reason;   // one word: NotFound, AlreadyExists, Expired; empty if the answer is no Status object
  std::string message;  // a sentence, in whatever form the answer had one, bounded
  std::string kind;     // of the object that it is about, in the plural: leases, namespaces
  std::string name;     // of that object
};

// Takes whatever came: proxies answer in plain text or HTML. The message does not tell `secrets`.
Status read_status(int http_status, std::string_view body, const http::Secrets& secrets);
Status read_status(const json::Object& object, const http::Secrets& secrets);

// 410: the resourceVersion is too old to go on from; list again.
inline constexpr int kExpired = 410;

// The verbs as RBAC names them.
enum class Verb : std::uint8_t { get, list, watch, create, update };
std::string_view to_string(Verb verb);

// Why `verb` on `object` failed. Errc::not_found is about exactly this object; forbidden names the permission that is
// missing; unreachable: the server failed over a write, which it may have stored; unavailable: "not now".
Error to_error(Verb verb, const ObjectName& object, const Status& status);

}  // namespace promfleet::kube

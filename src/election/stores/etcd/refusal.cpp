#include "election/stores/etcd/refusal.h"

#include "codec/json/value.h"
#include "net/http/message.h"

namespace promfleet::election::etcd {
namespace {

// https://grpc.io/docs/guides/status-codes/
constexpr int kUnknown = 2;
constexpr int kDeadlineExceeded = 4;
constexpr int kPermissionDenied = 7;
constexpr int kResourceExhausted = 8;
constexpr int kInternal = 13;
constexpr int kUnavailable = 14;
constexpr int kUnauthenticated = 16;

constexpr std::string_view kUserIsEmpty = "user name is empty";
constexpr std::string_view kWrongPassword = "authentication failed";
constexpr std::string_view kOldAuthRevision = "revision of auth store is old";

Errc code_of(const Refusal& refusal, CallKind kind) {
  switch (refusal.code) {
    case kUnauthenticated: return Errc::unauthorized;
    case kPermissionDenied: return Errc::forbidden;
    case kResourceExhausted: return Errc::unavailable;
    case kUnknown:
    case kDeadlineExceeded:
    case kInternal:
    case kUnavailable: return kind == CallKind::write ? Errc::unreachable : Errc::unavailable;
    default: break;
  }
  const bool is_about_login = refusal.message.contains(kUserIsEmpty) || refusal.message.contains(kWrongPassword);
  if (is_about_login || refusal.http_status == 401) return Errc::unauthorized;
  if (refusal.http_status < 500) return Errc::protocol;
  return kind == CallKind::write ? Errc::unreachable : Errc::unavailable;
}

std::string explain(const Refusal& refusal, std::string_view user) {
  if (refusal.message.contains(kUserIsEmpty) && user.empty()) {
    return "etcd asks for a user: give -etcd-user and -etcd-password-file";
  }
  if (refusal.code == kPermissionDenied) {
    return fmt::format("etcd denies it to the user {}: its role needs the permission readwrite on this key", user);
  }
  if (refusal.http_status == 404) return "no JSON gateway of etcd 3.4 or newer: " + refusal.message;
  return refusal.message;
}

}  // namespace

Refusal read_refusal(int http_status, std::string_view body) {
  Refusal refusal{.http_status = http_status, .code = -1, .message = ""};
  const Result<json::Value> value = json::parse(body);
  if (const json::Object* object = value ? value->if_object() : nullptr) {
    refusal.code = static_cast<int>(json::find_integer(*object, "code").value_or(std::nullopt).value_or(-1));
    refusal.message = json::find_string(*object, "message").value_or(std::nullopt).value_or("");
  }
  if (refusal.message.empty()) {
    const std::string_view line = body.substr(0, body.find_first_of("\r\n"));
    refusal.message = fmt::format("{} {} {}", http_status, http::reason_phrase(http_status), line);
  }
  return refusal;
}

bool wants_login(const Refusal& refusal) {
  return refusal.code == kUnauthenticated || refusal.message.contains(kUserIsEmpty) ||
         refusal.message.contains(kOldAuthRevision);
}

Error to_error(const Refusal& refusal, CallKind kind, std::string_view user, const http::Secrets& secrets) {
  return Error(code_of(refusal, kind), http::shown_words(explain(refusal, user), secrets));
}

}  // namespace promfleet::election::etcd

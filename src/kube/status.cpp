#include "kube/status.h"

#include "net/http/message.h"

namespace promfleet::kube {
namespace {

std::string text_of(const json::Object& object, std::string_view key) {
  return std::string(json::find_string(object, key).value_or(std::nullopt).value_or(""));
}

// The first line of a text that is not JSON.
std::string shown(int http_status, std::string_view body, const http::Secrets& secrets) {
  const std::string line = http::shown_words(body.substr(0, body.find_first_of("\r\n")), secrets);
  return fmt::format("{} {}{}{}", http_status, http::reason_phrase(http_status), line.empty() ? "" : ": ", line);
}

// RBAC's refusal says: User "system:serviceaccount:infra:elector" cannot get resource "leases" ...
std::string refused_user(std::string_view message) {
  constexpr std::string_view kBefore = "User \"";
  constexpr std::string_view kAfter = "\" cannot ";
  const std::size_t begin = message.find(kBefore);
  const std::size_t end = message.find(kAfter);
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) return "";
  return std::string(message.substr(begin + kBefore.size(), end - begin - kBefore.size()));
}

std::string explain_forbidden(Verb verb, const ObjectName& object, const Status& status) {
  const std::string user = refused_user(status.message);
  if (user.empty()) return status.message;
  return fmt::format("RBAC denies it to {}; its Role needs the verb {} on {} of {} (all that is used: {})", user,
                     to_string(verb), object.type.plural, object.type.group, object.type.verbs);
}

// A server in trouble is known by its status; a message of its own need not have it.
std::string explain_trouble(const Status& status) {
  const std::string code = std::to_string(status.code);
  return status.message.starts_with(code) ? status.message : fmt::format("{}: {}", code, status.message);
}

Errc code_of(Verb verb, const ObjectName& object, const Status& status) {
  switch (status.code) {
    case 401: return Errc::unauthorized;
    case 403: return Errc::forbidden;
    case 404: {
      const bool is_this =
          status.reason == "NotFound" && status.kind == object.type.plural && status.name == object.name;
      return is_this ? Errc::not_found : Errc::protocol;
    }
    case 409: return Errc::conflict;
    case 400:
    case 422: return Errc::invalid_input;
    case 429: return Errc::unavailable;
    default: break;
  }
  if (status.code < 500) return Errc::protocol;
  const bool is_write = verb == Verb::create || verb == Verb::update;
  return is_write ? Errc::unreachable : Errc::unavailable;
}

}  // namespace

Status read_status(const json::Object& object, const http::Secrets& secrets) {
  Status status;
  status.code = static_cast<int>(json::find_integer(object, "code").value_or(std::nullopt).value_or(0));
  status.reason = text_of(object, "reason");
  status.message = http::shown_words(text_of(object, "message"), secrets);
  if (const json::Object* details = json::find_object(object, "details").value_or(nullptr)) {
    status.kind = text_of(*details, "kind");
    status.name = text_of(*details, "name");
  }
  return status;
}

Status read_status(int http_status, std::string_view body, const http::Secrets& secrets) {
  Status status;
  const Result<json::Value> value = json::parse(body);
  const json::Object* object = value ? value->if_object() : nullptr;
  if (object != nullptr && text_of(*object, "kind") == "Status") status = read_status(*object, secrets);
  status.code = http_status;
  if (status.message.empty()) status.message = shown(http_status, body, secrets);
  return status;
}

std::string_view to_string(Verb verb) {
  switch (verb) {
    case Verb::get: return "get";
    case Verb::list: return "list";
    case Verb::watch: return "watch";
    case Verb::create: return "create";
    case Verb::update: return "update";
  }
  return "";
}

Error to_error(Verb verb, const ObjectName& object, const Status& status) {
  const Errc code = code_of(verb, object, status);
  const std::string why = code == Errc::forbidden      ? explain_forbidden(verb, object, status)
                          : code == Errc::unauthorized ? "the API server refuses our credentials: " + status.message
                          : status.code >= 429         ? explain_trouble(status)
                                                       : status.message;
  return Error(code, fmt::format("{} {}: {}", to_string(verb), to_string(object), why));
}

}  // namespace promfleet::kube

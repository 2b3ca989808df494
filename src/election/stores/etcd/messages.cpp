#include "election/stores/etcd/messages.h"

#include <charconv>
#include <vector>

#include "codec/base64/base64.h"
#include "codec/json/writer.h"
#include "core/base/try.h"

namespace promfleet::election::etcd {
namespace {

template <class T>
Result<T> as_protocol(Result<T> read) {
  if (read) return read;
  return fail(Errc::protocol, "etcd's answer: {}", read.error().message());
}

Result<std::uint64_t> find_number(const json::Object& object, std::string_view key) {
  TRY_ASSIGN(const std::optional<std::string_view> text, json::find_string(object, key));
  if (!text) return 0;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc() || end != text->data() + text->size()) {
    return fail(Errc::protocol, "{} is \"{}\", not a number", key, *text);
  }
  return number;
}

Result<std::uint64_t> store_revision(const json::Object& answer) {
  TRY_ASSIGN(const json::Object* header, json::require_object(answer, "header"));
  return find_number(*header, "revision");
}

Result<KeyValue> read_key_value(const json::Object& object) {
  TRY_ASSIGN(const std::uint64_t revision, find_number(object, "mod_revision"));
  TRY_ASSIGN(const std::optional<std::string_view> text, json::find_string(object, "value"));
  TRY_ASSIGN(std::string value, base64::decode(text.value_or("")));
  return KeyValue{.value = std::move(value), .mod_revision = LeaseRevision(revision)};
}

// The one key of a range answer.
Result<std::optional<KeyValue>> only_key(const json::Object& range) {
  TRY_ASSIGN(const json::Array* found, json::find_array(range, "kvs"));
  if (found == nullptr || found->empty()) return std::nullopt;
  TRY_ASSIGN(const json::Object* object, json::as_object(found->front()));
  TRY_ASSIGN(KeyValue key_value, read_key_value(*object));
  return key_value;
}

std::string txn_request(std::string_view key, std::string_view value, std::string_view target,
                        std::string_view compared, std::uint64_t revision) {
  const std::string encoded_key = base64::encode(key);
  std::string text;
  json::Writer out(text);
  out.begin_object().key("compare").begin_array().begin_object();
  out.member("key", encoded_key).member("target", target).member(compared, std::to_string(revision));
  out.end_object().end_array();
  out.key("success").begin_array().begin_object().key("request_put").begin_object();
  out.member("key", encoded_key).member("value", base64::encode(value));
  out.end_object().end_object().end_array();
  out.key("failure").begin_array().begin_object().key("request_range").begin_object();
  out.member("key", encoded_key);
  out.end_object().end_object().end_array().end_object();
  return text;
}

Result<TxnAnswer> read_txn_answer(const json::Object& answer) {
  TRY_ASSIGN(const std::uint64_t revision, store_revision(answer));
  TRY_ASSIGN(const std::optional<bool> succeeded, json::find_boolean(answer, "succeeded"));
  TxnAnswer txn{.store_revision = revision, .succeeded = succeeded.value_or(false), .found = std::nullopt};
  if (txn.succeeded) return txn;
  TRY_ASSIGN(const json::Array* responses, json::find_array(answer, "responses"));
  if (responses == nullptr || responses->empty()) return fail(Errc::protocol, "responses is missing");
  TRY_ASSIGN(const json::Object* response, json::as_object(responses->front()));
  TRY_ASSIGN(const json::Object* range, json::require_object(*response, "response_range"));
  TRY_ASSIGN(txn.found, only_key(*range));
  return txn;
}

Result<WatchChange> read_change(const json::Value& event) {
  TRY_ASSIGN(const json::Object* object, json::as_object(event));
  TRY_ASSIGN(const std::optional<std::string_view> type, json::find_string(*object, "type"));
  if (type == "DELETE") return WatchChange{};
  TRY_ASSIGN(const json::Object* key_value, json::require_object(*object, "kv"));
  TRY_ASSIGN(KeyValue now, read_key_value(*key_value));
  return WatchChange{.now = std::move(now)};
}

// The gateway wraps what it streams: {"result": {...}} or {"error": {"message": ...}}.
Result<WatchMessage> read_watch_line(const json::Object& line) {
  WatchMessage message;
  TRY_ASSIGN(const json::Object* error, json::find_object(line, "error"));
  if (error != nullptr) {
    TRY_ASSIGN(const std::optional<std::string_view> why, json::find_string(*error, "message"));
    message.canceled = why.value_or("for no reason given");
    return message;
  }
  TRY_ASSIGN(const json::Object* result, json::require_object(line, "result"));
  TRY_ASSIGN(const std::optional<bool> canceled, json::find_boolean(*result, "canceled"));
  if (canceled.value_or(false)) {
    TRY_ASSIGN(const std::optional<std::string_view> why, json::find_string(*result, "cancel_reason"));
    message.canceled = why.value_or("the revision to watch from was compacted");
    return message;
  }
  TRY_ASSIGN(const json::Array* events, json::find_array(*result, "events"));
  if (events == nullptr) return message;
  for (const json::Value& event : *events) {
    TRY_ASSIGN(WatchChange change, read_change(event));
    message.changes.push_back(std::move(change));
  }
  return message;
}

}  // namespace

std::string range_request(std::string_view key) {
  std::string text;
  json::Writer(text).begin_object().member("key", base64::encode(key)).end_object();
  return text;
}

std::string create_request(std::string_view key, std::string_view value) {
  return txn_request(key, value, "CREATE", "create_revision", 0);
}

std::string update_request(std::string_view key, std::string_view value, LeaseRevision expected) {
  return txn_request(key, value, "MOD", "mod_revision", expected.value());
}

std::string watch_request(std::string_view key, std::uint64_t start_revision) {
  std::string text;
  json::Writer out(text);
  out.begin_object().key("create_request").begin_object();
  out.member("key", base64::encode(key)).member("start_revision", std::to_string(start_revision));
  out.end_object().end_object();
  return text;
}

std::string login_request(std::string_view user, std::string_view password) {
  std::string text;
  json::Writer(text).begin_object().member("name", user).member("password", password).end_object();
  return text;
}

Result<RangeAnswer> read_range(const json::Object& answer) {
  TRY_ASSIGN(const std::uint64_t revision, as_protocol(store_revision(answer)));
  TRY_ASSIGN(std::optional<KeyValue> found, as_protocol(only_key(answer)));
  return RangeAnswer{.store_revision = revision, .found = std::move(found)};
}

Result<TxnAnswer> read_txn(const json::Object& answer) {
  return as_protocol(read_txn_answer(answer));
}

Result<WatchMessage> read_watch(const json::Object& line) {
  return as_protocol(read_watch_line(line));
}

Result<std::string> read_token(const json::Object& answer) {
  TRY_ASSIGN(const std::string_view token, as_protocol(json::require_string(answer, "token")));
  return std::string(token);
}

}  // namespace promfleet::election::etcd

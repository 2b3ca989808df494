#include "codec/json/value.h"

#include <algorithm>

#include <boost/json/parser.hpp>

#include "core/base/try.h"

namespace promfleet::json {
namespace {

std::string position(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t line_start = before.rfind('\n');
  const std::size_t column = line_start == std::string_view::npos ? offset + 1 : offset - line_start;
  return fmt::format("line {}, column {}", line, column);
}

std::unexpected<Error> wrong_kind(std::string_view key, const Value& found, std::string_view wanted) {
  return fail(Errc::invalid_input, "{} is {}, not {}", key, describe_kind(found), wanted);
}

std::unexpected<Error> missing(std::string_view key) {
  return fail(Errc::invalid_input, "{} is missing", key);
}

// nullptr where the member is absent or null.
const Value* find(const Object& object, std::string_view key) {
  const Value* member = object.if_contains(key);
  return member == nullptr || member->is_null() ? nullptr : member;
}

}  // namespace

Result<Value> parse(std::string_view text, ParseLimits limits) {
  if (text.size() > limits.bytes_max) {
    return fail(Errc::limit_exceeded, "{} bytes of JSON, more than the {} allowed", text.size(), limits.bytes_max);
  }
  boost::json::parse_options options;
  options.max_depth = limits.depth_max;
  boost::json::parser parser({}, options);
  boost::json::error_code error;
  const std::size_t consumed = parser.write(text.data(), text.size(), error);
  if (error == boost::json::error::too_deep) {
    return fail(Errc::limit_exceeded, "{}: nested deeper than {}", position(text, consumed), limits.depth_max);
  }
  if (error == boost::json::error::incomplete) return fail(Errc::invalid_input, "the JSON ends too early");
  if (error) return fail(Errc::invalid_input, "{}: {}", position(text, consumed), error.message());
  return parser.release();
}

Result<const Object*> as_object(const Value& value) {
  if (const Object* object = value.if_object()) return object;
  return fail(Errc::invalid_input, "the JSON is {}, not an object", describe_kind(value));
}

Result<const Object*> find_object(const Object& object, std::string_view key) {
  const Value* member = find(object, key);
  if (member != nullptr && !member->is_object()) return wrong_kind(key, *member, "an object");
  return member == nullptr ? nullptr : member->if_object();
}

Result<const Array*> find_array(const Object& object, std::string_view key) {
  const Value* member = find(object, key);
  if (member != nullptr && !member->is_array()) return wrong_kind(key, *member, "an array");
  return member == nullptr ? nullptr : member->if_array();
}

Result<std::optional<std::string_view>> find_string(const Object& object, std::string_view key) {
  const Value* member = find(object, key);
  if (member == nullptr) return std::nullopt;
  if (!member->is_string()) return wrong_kind(key, *member, "a string");
  return std::string_view(member->get_string());
}

Result<std::optional<bool>> find_boolean(const Object& object, std::string_view key) {
  const Value* member = find(object, key);
  if (member == nullptr) return std::nullopt;
  if (!member->is_bool()) return wrong_kind(key, *member, "true or false");
  return member->get_bool();
}

Result<std::optional<std::int64_t>> find_integer(const Object& object, std::string_view key) {
  const Value* member = find(object, key);
  if (member == nullptr) return std::nullopt;
  if (!member->is_number()) return wrong_kind(key, *member, "a whole number");
  boost::json::error_code inexact;
  const auto number = member->to_number<std::int64_t>(inexact);
  if (inexact) return fail(Errc::invalid_input, "{} is not a whole number of 64 bits", key);
  return number;
}

Result<const Object*> require_object(const Object& object, std::string_view key) {
  TRY_ASSIGN(const Object* found, find_object(object, key));
  if (found == nullptr) return missing(key);
  return found;
}

Result<std::string_view> require_string(const Object& object, std::string_view key) {
  TRY_ASSIGN(const std::optional<std::string_view> found, find_string(object, key));
  if (!found) return missing(key);
  return *found;
}

std::string_view describe_kind(const Value& value) {
  switch (value.kind()) {
    case boost::json::kind::null: return "null";
    case boost::json::kind::bool_: return "a boolean";
    case boost::json::kind::int64:
    case boost::json::kind::uint64:
    case boost::json::kind::double_: return "a number";
    case boost::json::kind::string: return "a string";
    case boost::json::kind::array: return "an array";
    case boost::json::kind::object: return "an object";
  }
  return "unknown";
}

}  // namespace promfleet::json

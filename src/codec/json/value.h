// JSON text as a tree, and its members with the type that the reader expects.
//
//   TRY_ASSIGN(const json::Value document, json::parse(body));
//   TRY_ASSIGN(const json::Object* root, json::as_object(document));
//   TRY_ASSIGN(const std::optional<std::string_view> holder, json::find_string(*root, "holderIdentity"));
//
// The tree is Boost.JSON's. Of members with the same name the last counts. A floating-point number may differ from its
// text in the last of 17 digits.
//
// Every failure is Errc::invalid_input, or limit_exceeded, and says where: the line and column of the text, or the name
// of the member; the caller puts the name of the document before it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "core/base/error.h"

namespace promfleet::json {

using Value = boost::json::value;
using Object = boost::json::object;
using Array = boost::json::array;

struct ParseLimits {
  std::size_t bytes_max = 16 * 1024 * 1024;
  std::size_t depth_max = 64;
};

// The one value that `text` holds.
Result<Value> parse(std::string_view text, ParseLimits limits = {});

Result<const Object*> as_object(const Value& value);

// A member of `object`; nothing where it is absent or null. What they return points into `object`.
Result<const Object*> find_object(const Object& object, std::string_view key);
Result<const Array*> find_array(const Object& object, std::string_view key);
Result<std::optional<std::string_view>> find_string(const Object& object, std::string_view key);
Result<std::optional<bool>> find_boolean(const Object& object, std::string_view key);
// A whole number that an int64 holds.
Result<std::optional<std::int64_t>> find_integer(const Object& object, std::string_view key);

// The same for members that must be there.
Result<const Object*> require_object(const Object& object, std::string_view key);
Result<std::string_view> require_string(const Object& object, std::string_view key);

// "a string", "an object": how a value is named in a message.
std::string_view describe_kind(const Value& value);

}  // namespace promfleet::json

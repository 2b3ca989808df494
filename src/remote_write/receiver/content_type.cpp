#include "remote_write/receiver/content_type.h"

#include <algorithm>
#include <optional>
#include <string>

#include "core/base/try.h"
#include "net/http/message.h"

namespace promfleet::remote_write {
namespace {

constexpr std::string_view kMediaType = "application/x-protobuf";
constexpr std::string_view kMessageV1 = "prometheus.WriteRequest";
constexpr std::string_view kMessageV2 = "io.prometheus.write.v2.Request";

constexpr std::string_view kBlanks = " \t";
constexpr std::string_view kTokenCharacters =
    "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

struct Parameter {
  std::string_view name;
  std::string value;
};

void skip_blanks(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
}

// What `text` begins with; may be empty.
std::string_view take_token(std::string_view& text) {
  const std::string_view token = text.substr(0, text.find_first_not_of(kTokenCharacters));
  text.remove_prefix(token.size());
  return token;
}

// What the string that `text` begins with has between its quotes; nothing where it does not end.
std::optional<std::string> take_quoted(std::string_view& text) {
  std::string value;
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] == '"') {
      text.remove_prefix(at + 1);
      return value;
    }
    if (text[at] == '\\' && ++at == text.size()) break;
    value += text[at];
  }
  return std::nullopt;
}

std::optional<Parameter> take_parameter(std::string_view& text) {
  Parameter parameter{.name = take_token(text), .value = {}};
  if (parameter.name.empty() || !text.starts_with('=')) return std::nullopt;
  text.remove_prefix(1);
  if (text.starts_with('"')) {
    std::optional<std::string> value = take_quoted(text);
    if (!value) return std::nullopt;
    parameter.value = *std::move(value);
  } else {
    parameter.value = take_token(text);
    if (parameter.value.empty()) return std::nullopt;
  }
  return parameter;
}

Result<Version> version_of(std::string_view message) {
  if (message == kMessageV1) return Version::v1;
  if (message == kMessageV2) return Version::v2;
  return fail(Errc::invalid_input, "the content type's proto is neither {} nor {}", kMessageV1, kMessageV2);
}

}  // namespace

Result<Version> parse_content_type(std::string_view field) {
  const std::string_view type = field.substr(0, field.find_first_of("; \t"));
  if (!http::equal_ignoring_case(type, kMediaType)) {
    return fail(Errc::invalid_input, "the content type is not {}", kMediaType);
  }
  std::optional<Version> version;
  std::string_view rest = field.substr(type.size());
  while (true) {
    skip_blanks(rest);
    if (rest.empty()) return version.value_or(Version::v1);
    if (!rest.starts_with(';')) break;
    rest.remove_prefix(1);
    skip_blanks(rest);
    if (rest.empty() || rest.starts_with(';')) continue;  // section 5.6.6 allows for it
    const std::optional<Parameter> parameter = take_parameter(rest);
    if (!parameter) break;
    if (!http::equal_ignoring_case(parameter->name, "proto")) continue;
    if (version) return fail(Errc::invalid_input, "the content type has a second proto");
    TRY_ASSIGN(version, version_of(parameter->value));
  }
  return fail(Errc::invalid_input, "a parameter of the content type is malformed");
}

std::string_view content_type_of(Version version) {
  return version == Version::v1 ? kMediaType : "application/x-protobuf;proto=io.prometheus.write.v2.Request";
}

}  // namespace promfleet::remote_write

#include "remote_write/fence/headers.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "codec/json/value.h"
#include "codec/json/writer.h"
#include "core/base/try.h"

namespace promfleet::remote_write {
namespace {

constexpr std::string_view kHexDigits = "0123456789ABCDEF";

struct RefusalText {
  Refusal refusal;
  int status;
  std::string_view code;
  std::string_view sentence;
};

constexpr std::array kRefusals = {
    RefusalText{Refusal::fenced, 412, "fenced", "another leader has fenced the group; nothing was stored"},
    RefusalText{Refusal::fence_first, 428, "fence_first", "fence the group with this token before writing"},
    RefusalText{Refusal::too_many_streams, 429, "too_many_streams", "the group has as many streams as are allowed"},
    RefusalText{Refusal::too_many_series, 429, "too_many_series", "the group has as many series as are allowed"},
};

const RefusalText& text_of(Refusal refusal) {
  return *std::ranges::find(kRefusals, refusal, &RefusalText::refusal);
}

bool is_printable(char c) {
  return c >= ' ' && c <= '~';
}

bool is_unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

// The value of two digits; nothing where they are none.
std::optional<char> from_hex(std::string_view digits) {
  unsigned int value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (digits.size() != 2 || error != std::errc() || end != digits.data() + 2) return std::nullopt;
  return static_cast<char>(value);
}

Result<> check_name(std::string_view name) {
  if (name.empty()) return fail(Errc::invalid_input, "the name is empty");
  if (name.size() > kFenceNameBytesMax) {
    return fail(Errc::limit_exceeded, "the name has {} characters, at most {}", name.size(), kFenceNameBytesMax);
  }
  if (!std::ranges::all_of(name, is_printable)) {
    return fail(Errc::invalid_input, "the name has a character that is not printable ASCII");
  }
  return {};
}

Result<FencingToken> check_token(std::uint64_t number) {
  if (number == 0 || number > kFencingTokenMax) {
    return fail(Errc::invalid_input, "the token {} is not between 1 and {}", number, kFencingTokenMax);
  }
  return FencingToken(number);
}

// nullopt: it is no decimal number of 64 bits.
std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Result<FencingToken> parse_token(std::string_view text) {
  const std::optional<std::uint64_t> number = parse_number(text);
  if (!number) return fail(Errc::invalid_input, "the token is not a decimal number of 64 bits");
  return check_token(*number);
}

Result<std::optional<FencingToken>> find_token(const json::Object& object) {
  TRY_ASSIGN(const std::optional<std::int64_t> number, json::find_integer(object, "token"));
  if (!number) return std::nullopt;
  if (*number < 1) return fail(Errc::invalid_input, "the token {} is not between 1 and {}", *number, kFencingTokenMax);
  return FencingToken(static_cast<std::uint64_t>(*number));
}

Result<FencingToken> require_token(const json::Object& object) {
  TRY_ASSIGN(const std::optional<FencingToken> token, find_token(object));
  if (!token) return fail(Errc::invalid_input, "there is no token");
  return *token;
}

Result<json::Value> parse_body(std::string_view body) {
  TRY_ASSIGN(json::Value document, json::parse(body, {.bytes_max = kFenceBodyBytesMax, .depth_max = 8}));
  TRY(json::as_object(document));
  return document;
}

void write_token(json::Writer& out, const std::optional<FencingToken>& token) {
  out.key("token");
  if (token) {
    out.value(token->value());
  } else {
    out.value(nullptr);
  }
}

}  // namespace

FencingFields format_fields(const WriteFencing& fencing) {
  return {encode_name(fencing.group), std::to_string(fencing.token.value()), encode_name(fencing.stream)};
}

Result<std::optional<WriteFencing>> parse_fields(const ReceivedFencingFields& fields) {
  if (!fields.group && !fields.token && !fields.stream) return std::nullopt;
  if (!fields.group || !fields.token || !fields.stream) {
    return fail(Errc::invalid_input, "a fenced write has all of {}, {} and {}", kGroupField, kTokenField, kStreamField);
  }
  TRY_ASSIGN(std::string group, with_context(decode_name(*fields.group), kGroupField));
  TRY_ASSIGN(const FencingToken token, with_context(parse_token(*fields.token), kTokenField));
  TRY_ASSIGN(std::string stream, with_context(decode_name(*fields.stream), kStreamField));
  return WriteFencing{std::move(group), token, std::move(stream)};
}

std::optional<LeftOut> parse_left_out(std::optional<std::string_view> covered,
                                      std::optional<std::string_view> duplicates) {
  if (!covered && !duplicates) return std::nullopt;
  return LeftOut{.covered = parse_number(covered.value_or("")).value_or(0),
                 .duplicates = parse_number(duplicates.value_or("")).value_or(0)};
}

std::string encode_name(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (is_unreserved(c)) {
      text += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      text += {'%', kHexDigits[byte >> 4], kHexDigits[byte & 15]};
    }
  }
  return text;
}

Result<std::string> decode_name(std::string_view text) {
  if (text.size() > kEncodedFenceNameBytesMax) {
    return fail(Errc::limit_exceeded, "the name has {} bytes, at most {}", text.size(), kEncodedFenceNameBytesMax);
  }
  std::string name;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == ' ') return fail(Errc::invalid_input, "a blank in a name is to be written %20");
    if (text[at] != '%') {
      name += text[at];
      continue;
    }
    const std::optional<char> decoded = from_hex(text.substr(at + 1, 2));
    if (!decoded) return fail(Errc::invalid_input, "after % two hexadecimal digits are expected");
    name += *decoded;
    at += 2;
  }
  TRY(check_name(name));
  return name;
}

std::string format_fence_request(const FenceRequest& request) {
  std::string body;
  json::Writer out(body);
  out.begin_object().member("token", request.token.value());
  if (!request.source.empty()) out.member("source", request.source);
  out.end_object();
  return body;
}

Result<FenceRequest> parse_fence_request(std::string_view body) {
  TRY_ASSIGN(const json::Value document, parse_body(body));
  TRY_ASSIGN(const FencingToken token, require_token(document.get_object()));
  TRY_ASSIGN(const std::optional<std::string_view> source, json::find_string(document.get_object(), "source"));
  if (source) TRY(with_context(check_name(*source), "the source"));
  return FenceRequest{token, std::string(source.value_or(""))};
}

std::string format_group(const GroupRecord& record) {
  std::string body;
  json::Writer out(body);
  out.begin_object();
  write_token(out, record.token);
  out.key("watermarks").begin_object();
  for (const auto& [stream, watermark_ms] : record.watermarks) out.member(stream, watermark_ms);
  out.end_object().end_object();
  return body;
}

Result<FenceAnswer> parse_fence_answer(std::string_view body) {
  TRY_ASSIGN(const json::Value document, parse_body(body));
  TRY_ASSIGN(const FencingToken token, require_token(document.get_object()));
  TRY_ASSIGN(const json::Object* watermarks, json::require_object(document.get_object(), "watermarks"));
  FenceAnswer answer{token, {}};
  for (const auto& [stream, unused] : *watermarks) {
    TRY(with_context(check_name(stream), "a stream"));
    TRY_ASSIGN(const std::optional<std::int64_t> watermark_ms, json::find_integer(*watermarks, stream));
    if (!watermark_ms) return fail(Errc::invalid_input, "the watermark of {} is null", std::string_view(stream));
    answer.watermarks.emplace(stream, *watermark_ms);
  }
  return answer;
}

std::string_view to_string(Refusal refusal) {
  return text_of(refusal).code;
}

int http_status(Refusal refusal) {
  return text_of(refusal).status;
}

std::string format_refusal(const RefusalAnswer& answer) {
  const RefusalText& text = text_of(answer.code);
  std::string body;
  json::Writer out(body);
  out.begin_object().member("code", text.code);
  write_token(out, answer.token);
  out.member("error", text.sentence).end_object();
  return body;
}

Result<RefusalAnswer> parse_refusal(std::string_view body) {
  TRY_ASSIGN(const json::Value document, parse_body(body));
  TRY_ASSIGN(const std::string_view code, json::require_string(document.get_object(), "code"));
  const auto text = std::ranges::find(kRefusals, code, &RefusalText::code);
  if (text == kRefusals.end()) return fail(Errc::invalid_input, "{} is no refusal of a fence", code);
  TRY_ASSIGN(const std::optional<FencingToken> token, find_token(document.get_object()));
  return RefusalAnswer{text->refusal, token};
}

}  // namespace promfleet::remote_write

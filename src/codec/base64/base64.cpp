#include "codec/base64/base64.h"

#include <cstdint>

namespace promfleet::base64 {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::uint32_t byte_at(std::string_view bytes, std::size_t at) {
  return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0;
}

}  // namespace

std::string encode(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::uint32_t group = byte_at(bytes, at) << 16 | byte_at(bytes, at + 1) << 8 | byte_at(bytes, at + 2);
    for (const int shift : {18, 12, 6, 0}) text += kAlphabet[group >> shift & 63];
  }
  const std::size_t padding = (3 - bytes.size() % 3) % 3;
  text.replace(text.size() - padding, padding, padding, '=');
  return text;
}

Result<std::string> decode(std::string_view text) {
  std::string bytes;
  std::uint32_t group = 0;
  std::size_t characters = 0;
  std::size_t padding = 0;
  for (const char character : text) {
    if (character == '\n' || character == '\r') continue;
    const std::size_t value = kAlphabet.find(character);
    const bool is_padding = character == '=';
    if (is_padding ? ++padding > 2 : value == std::string_view::npos || padding > 0) {
      return fail(Errc::invalid_input, "not base64: a character that does not belong there");
    }
    group = group << 6 | static_cast<std::uint32_t>(is_padding ? 0 : value);
    if (++characters % 4 != 0) continue;
    for (const int shift : {16, 8, 0}) bytes += static_cast<char>(group >> shift & 255);
    group = 0;
  }
  if (characters % 4 != 0) return fail(Errc::invalid_input, "not base64: it ends too early");
  bytes.resize(bytes.size() - padding);
  return bytes;
}

}  // namespace promfleet::base64

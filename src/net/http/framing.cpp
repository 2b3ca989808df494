#include "net/http/framing.h"

#include <charconv>

namespace promfleet::http {

Framing announced_framing(const Fields& fields) {
  const std::optional<std::string_view> text = fields.find("Content-Length");
  std::uint64_t bytes = 0;
  if (!text) return {};
  const char* const text_end = text->data() + text->size();
  const auto [end, error] = std::from_chars(text->data(), text_end, bytes);
  if (error != std::errc() || end != text_end) return {};
  return {.body = Framing::Body::sized, .bytes = bytes};
}

}  // namespace promfleet::http

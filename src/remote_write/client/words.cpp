#include "remote_write/client/words.h"

#include "core/base/utf8.h"

namespace promfleet::remote_write {
namespace {

constexpr std::string_view kHidden = "<secret>";

std::string without(std::string_view secret, std::string_view text) {
  if (secret.empty()) return std::string(text);
  std::string shown;
  while (true) {
    const std::size_t found = text.find(secret);
    shown.append(text.substr(0, found));
    if (found == std::string_view::npos) return shown;
    shown.append(kHidden);
    text.remove_prefix(found + secret.size());
  }
}

std::string on_one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > ' ' && byte != 0x7f) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  return line;
}

}  // namespace

std::string shown_words(std::string_view text, std::string_view secret) {
  std::string line = on_one_line(without(secret, text));
  line.resize(utf8_prefix(line, kWordsBytesMax).size());
  if (line.ends_with(' ')) line.pop_back();
  return line;
}

}  // namespace promfleet::remote_write

#include "net/http/words.h"

#include "core/base/utf8.h"

namespace promfleet::http {
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

Secrets credentials_of(const Fields& sent) {
  const std::string_view field = sent.find("Authorization").value_or("");
  const std::size_t scheme_end = field.find(' ');
  return {std::string(scheme_end == std::string_view::npos ? field : field.substr(scheme_end + 1))};
}

std::string without_secrets(std::string_view text, const Secrets& secrets) {
  std::string shown(text);
  for (const std::string& secret : secrets) shown = without(secret, shown);
  return shown;
}

std::string shown_words(std::string_view text, const Secrets& secrets) {
  std::string line = on_one_line(without_secrets(text, secrets));
  line.resize(utf8_prefix(line, kWordsBytesMax).size());
  if (line.ends_with(' ')) line.pop_back();
  return line;
}

}  // namespace promfleet::http

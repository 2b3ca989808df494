#include "elector/config/url_secrets.h"

#include <algorithm>

namespace promfleet::elector {

namespace {

constexpr std::string_view kAfterScheme = "://";
constexpr std::string_view kQuotes = "\"'`";
constexpr std::string_view kEndsUrl = " \t\r\n\"'`";

std::size_t end_of_quoted(std::string_view text, std::size_t begin, char quote) {
  for (std::size_t i = begin; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      return i;
    }
  }
  return text.size();
}

// `begin`: where the scheme begins.
std::size_t end_of_url(std::string_view text, std::size_t begin) {
  if (begin > 0 && kQuotes.contains(text[begin - 1])) return end_of_quoted(text, begin, text[begin - 1]);
  return std::min(text.find_first_of(kEndsUrl, begin), text.size());
}

}  // namespace

std::string without_url_secrets(std::string_view value) {
  const std::size_t scheme = value.find(kAfterScheme);
  if (scheme == std::string_view::npos) return std::string(value);
  std::string out(value.substr(0, scheme + kAfterScheme.size()));
  std::string_view rest = value.substr(out.size());
  if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) {
    out += kHidden;
    rest.remove_prefix(at);
  }
  const std::size_t query = rest.find('?');
  out += rest.substr(0, query);
  if (query != std::string_view::npos) out.append("?").append(kHidden);
  return out;
}

std::string without_secrets_of_urls(std::string_view sentence) {
  std::string out;
  while (true) {
    const std::size_t scheme = sentence.find(kAfterScheme);
    if (scheme == std::string_view::npos) return out.append(sentence);
    const std::size_t before = sentence.find_last_of(kEndsUrl, scheme);
    const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
    const std::size_t end = end_of_url(sentence, begin);
    out.append(sentence.substr(0, begin)).append(without_url_secrets(sentence.substr(begin, end - begin)));
    sentence.remove_prefix(end);
  }
}

}  // namespace promfleet::elector

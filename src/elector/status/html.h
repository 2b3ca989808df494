// HTML that what it shows cannot break: text gets into markup only escaped.
//
//   Html row = html("<tr><td>{}</td><td>{}</td></tr>", member.name, note_of(member));
//
// Arguments that are Html are taken as they are, numbers too; any other text is escaped, for content and for quoted
// attributes.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace promfleet::elector {

class Html {
 public:
  Html() = default;
  // Markup of our own, braces and all: a style sheet.
  static Html verbatim(std::string markup) {
    Html html;
    html.markup_ = std::move(markup);
    return html;
  }

  Html& operator+=(const Html& more) {
    markup_ += more.markup_;
    return *this;
  }

  const std::string& markup() const { return markup_; }

 private:
  std::string markup_;
};

std::string as_markup(std::string_view text);
inline const std::string& as_markup(const Html& part) {
  return part.markup();
}
template <std::integral N>
N as_markup(N number) {
  return number;
}

template <class... Args>
Html html(fmt::format_string<decltype(as_markup(std::declval<const Args&>()))...> format, const Args&... args) {
  return Html::verbatim(fmt::format(format, as_markup(args)...));
}

}  // namespace promfleet::elector

// A run in words, one line a happening, for --trace.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "election/commands.h"
#include "tests/sim/timeline.h"

namespace promfleet::sim {

std::string describe(const election::Event& event);
std::string describe(const election::Command& command);

class Trace {
 public:
  enum class Output : std::uint8_t { none, printed };

  Trace(const Timeline& timeline, Output output) : timeline_(timeline), output_(output) {}

  bool is_on() const { return output_ != Output::none; }
  void line(std::string_view who, std::string_view what) const;
  // These put it into words only if someone reads it.
  template <class... Parts>
  void line(std::string_view who, fmt::format_string<Parts...> words, Parts&&... parts) const
    requires(sizeof...(Parts) > 0)
  {
    if (is_on()) line(who, std::string_view(fmt::format(words, std::forward<Parts>(parts)...)));
  }
  template <class Happening>
  void happens(std::string_view who, std::string_view arrow, const Happening& happening) const {
    if (is_on()) line(who, std::string_view(std::string(arrow) + describe(happening)));
  }

 private:
  const Timeline& timeline_;
  Output output_;
};

}  // namespace promfleet::sim

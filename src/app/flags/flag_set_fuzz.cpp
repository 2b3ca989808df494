// Any words: no crash; a duration that is read is written back to the same value.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "app/flags/flag_set.h"
#include "app/flags/go_value.h"
#include "core/base/assert.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace promfleet;
  const std::string input(reinterpret_cast<const char*>(bytes), size);
  std::vector<std::string> words(1);
  for (const char c : input) {
    if (c == '\n') {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  std::string text;
  bool truth = false;
  int number = 0;
  std::uint16_t port = 0;
  Duration duration{};
  FlagSet flags;
  flags.add("s", text, "");
  flags.add("b", truth, "");
  flags.add("n", number, "");
  flags.add("p", port, "");
  flags.add("d", duration, "");
  const bool parsed = flags.parse(words).has_value();
  if (parsed) ASSERT(parse_go_duration(format_go_duration(duration)) == duration);
  return 0;
}

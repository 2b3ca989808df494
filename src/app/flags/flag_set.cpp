#include "app/flags/flag_set.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <numeric>
#include <optional>

#include "app/flags/go_value.h"
#include "core/base/assert.h"
#include "core/base/try.h"

namespace promfleet {

// A command line word that is a flag: "--name=value" taken apart.
struct FlagSet::Word {
  std::string name;
  std::optional<std::string> value;
};

namespace {

// How many letters have to change to make `b` of `a` (Levenshtein).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0u);
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = std::exchange(row[j + 1], std::min({row[j] + 1, row[j + 1] + 1, replaced}));
    }
  }
  return row.back();
}

}  // namespace

void FlagSet::insert(std::string_view name, Flag flag) {
  const bool is_new = flags_.emplace(name, std::move(flag)).second;
  ASSERT(is_new);
}

void FlagSet::add(std::string_view name, std::string& target, std::string_view help) {
  insert(name, {.type = "string",
                .default_text = target.empty() ? "" : fmt::format("\"{}\"", target),
                .help = std::string(help),
                .set = [&target](const std::string& text) -> Result<> {
                  target = text;
                  return {};
                }});
}

void FlagSet::add(std::string_view name, bool& target, std::string_view help) {
  insert(name, {.type = "",
                .default_text = target ? "true" : "",
                .help = std::string(help),
                .set = [&target](const std::string& text) -> Result<> {
                  TRY_ASSIGN(target, parse_go_bool(text));
                  return {};
                }});
}

void FlagSet::add(std::string_view name, int& target, std::string_view help) {
  insert(name, {.type = "int",
                .default_text = target == 0 ? "" : std::to_string(target),
                .help = std::string(help),
                .set = [&target](const std::string& text) -> Result<> {
                  TRY_ASSIGN(const std::int64_t value, parse_go_int(text));
                  if (value < std::numeric_limits<int>::min() || value > std::numeric_limits<int>::max()) {
                    return fail(Errc::invalid_input, "{} is out of range", text);
                  }
                  target = static_cast<int>(value);
                  return {};
                }});
}

void FlagSet::add(std::string_view name, std::uint16_t& target, std::string_view help) {
  insert(name, {.type = "uint",
                .default_text = target == 0 ? "" : std::to_string(target),
                .help = std::string(help),
                .set = [&target](const std::string& text) -> Result<> {
                  TRY_ASSIGN(const std::int64_t value, parse_go_int(text));
                  if (value < 1 || value > 65535) {
                    return fail(Errc::invalid_input, "{} is not a port: use a number from 1 to 65535", text);
                  }
                  target = static_cast<std::uint16_t>(value);
                  return {};
                }});
}

void FlagSet::add(std::string_view name, Duration& target, std::string_view help) {
  insert(name, {.type = "duration",
                .default_text = target == Duration(0) ? "" : format_go_duration(target),
                .help = std::string(help),
                .set = [&target](const std::string& text) -> Result<> {
                  TRY_ASSIGN(target, parse_go_duration(text));
                  return {};
                }});
}

void FlagSet::add(std::string_view name, std::vector<std::string>& target, std::string_view help) {
  insert(name, {.type = "string",
                .default_text = "",
                .help = std::string(help),
                .set = [&target](const std::string& text) -> Result<> {
                  target.push_back(text);
                  return {};
                }});
}

Result<FlagSet::Parsed> FlagSet::parse(std::span<const std::string> arguments) const {
  Parsed parsed;
  while (!arguments.empty()) {
    const std::string& argument = arguments.front();
    if (argument.size() < 2 || argument[0] != '-') break;
    arguments = arguments.subspan(1);
    if (argument == "--") break;
    const std::size_t dashes = argument[1] == '-' ? 2 : 1;
    const std::size_t equals = argument.find('=', dashes);
    Word word{.name = argument.substr(dashes, equals - dashes), .value = std::nullopt};
    if (equals != std::string::npos) word.value = argument.substr(equals + 1);
    if (word.name.empty() || word.name[0] == '-') {
      return fail(Errc::invalid_input, "\"{}\" is not a flag: write -name=value", argument);
    }
    if ((word.name == "h" || word.name == "help") && !flags_.contains(word.name)) {
      parsed.help_requested = true;
      return parsed;
    }
    TRY(set_flag(word, arguments));
    parsed.given.insert(word.name);
  }
  parsed.rest.assign(arguments.begin(), arguments.end());
  return parsed;
}

// Takes the value from the word, or else off the front of `arguments`.
Result<> FlagSet::set_flag(const Word& word, std::span<const std::string>& arguments) const {
  const auto flag = flags_.find(word.name);
  if (flag == flags_.end()) return fail(Errc::invalid_input, "unknown flag -{}{}", word.name, suggest(word.name));
  std::string value = word.value.value_or("true");
  if (!word.value && !flag->second.type.empty()) {
    if (arguments.empty()) {
      return fail(Errc::invalid_input, "flag -{} needs a value: -{}={}", word.name, word.name, flag->second.type);
    }
    value = arguments.front();
    arguments = arguments.subspan(1);
  }
  return with_context(flag->second.set(value), fmt::format("flag -{}", word.name));
}

std::string FlagSet::suggest(std::string_view unknown) const {
  std::string_view nearest;
  std::size_t distance = 4;  // more changed letters than this is another word
  for (const auto& [name, flag] : flags_) {
    const std::size_t changed = edit_distance(unknown, name);
    if (changed < distance) {
      nearest = name;
      distance = changed;
    }
  }
  return nearest.empty() ? "" : fmt::format("; did you mean -{}?", nearest);
}

std::string FlagSet::help() const {
  std::string out;
  for (const auto& [name, flag] : flags_) {
    fmt::format_to(std::back_inserter(out), "  -{}{}{}\n        {}", name, flag.type.empty() ? "" : " ", flag.type,
                   flag.help);
    if (!flag.default_text.empty()) fmt::format_to(std::back_inserter(out), " (default {})", flag.default_text);
    out += '\n';
  }
  return out;
}

}  // namespace promfleet

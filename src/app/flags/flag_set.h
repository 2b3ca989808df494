// Command line flags in Go's syntax: -f v, -f=v, --f v, --f=v; booleans -f or -f=true. Parsing stops at the first word
// that is no flag, or after "--".
//
//   FlagSet flags;
//   flags.add("lease-name", options.lease_name, "Name of lease resource");      // the default is what stands there
//   TRY_ASSIGN(const FlagSet::Parsed parsed, flags.parse(arguments));
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/time.h"

namespace promfleet {

class FlagSet {
 public:
  struct Parsed {
    bool help_requested = false;    // -h or -help came before anything wrong
    std::set<std::string> given;    // names of the flags that were on the command line
    std::vector<std::string> rest;  // what follows the flags
  };

  // `target` holds the default, receives the value and outlives parse().
  void add(std::string_view name, std::string& target, std::string_view help);
  void add(std::string_view name, bool& target, std::string_view help);
  void add(std::string_view name, int& target, std::string_view help);
  void add(std::string_view name, std::uint16_t& target, std::string_view help);  // a port: "uint" in the help
  void add(std::string_view name, Duration& target, std::string_view help);
  // May be given several times.
  void add(std::string_view name, std::vector<std::string>& target, std::string_view help);

  // Errc::invalid_input: one sentence that names the flag, what is wrong and what would be right. Targets of flags
  // before it may have changed.
  Result<Parsed> parse(std::span<const std::string> arguments) const;

  // The flags by name, in the layout of Go's flag package.
  std::string help() const;

 private:
  struct Flag {
    std::string type;          // empty for a boolean
    std::string default_text;  // empty: not worth showing
    std::string help;
    std::function<Result<>(const std::string&)> set;
  };

  struct Word;
  void insert(std::string_view name, Flag flag);
  Result<> set_flag(const Word& word, std::span<const std::string>& arguments) const;
  std::string suggest(std::string_view unknown) const;

  std::map<std::string, Flag, std::less<>> flags_;
};

}  // namespace promfleet

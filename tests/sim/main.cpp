// sim_election: plays seeded runs of the election and looks for a violation.
//
//   sim_election [--first=S] [--seeds=N]            N runs from seed S on (1, 10000)
//   sim_election --seed=S --trace                   one run, told line by line
//   sim_election --mutant=NAME [--first=] [--seeds=] the same with a planted fault, which must be found
//   sim_election --all-mutants [--first=] [--seeds=] each fault in turn
//
// Exit code 0: nothing was violated, or each planted fault was found. 1: otherwise. 2: wrong usage.
#include <charconv>
#include <cstdio>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "tests/sim/run.h"

namespace promfleet::sim {
namespace {

struct Options {
  std::uint64_t first = 1;
  std::uint64_t seeds = 10'000;
  std::vector<Fault> faults;
  Trace::Output trace = Trace::Output::none;
};

bool parse_number(std::string_view text, std::uint64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

bool parse_fault(std::string_view text, std::vector<Fault>& faults) {
  for (const Fault fault : all_faults()) {
    if (to_string(fault) == text) faults.push_back(fault);
  }
  return !faults.empty();
}

bool parse_option(std::string_view option, Options& options) {
  const auto value_of = [&](std::string_view name) -> std::optional<std::string_view> {
    return option.starts_with(name) ? std::optional(option.substr(name.size())) : std::nullopt;
  };
  if (const auto value = value_of("--first=")) return parse_number(*value, options.first);
  if (const auto value = value_of("--seeds=")) return parse_number(*value, options.seeds);
  if (const auto value = value_of("--seed=")) {
    options.seeds = 1;
    return parse_number(*value, options.first);
  }
  if (const auto value = value_of("--mutant=")) return parse_fault(*value, options.faults);
  if (option == "--trace") {
    options.trace = Trace::Output::printed;
    return true;
  }
  if (option == "--all-mutants") {
    options.faults.assign(all_faults().begin(), all_faults().end());
    return true;
  }
  return false;
}

// Plays until the first violation. The number of the seed that shows it.
std::optional<std::uint64_t> find_violation(const Options& options, Fault fault) {
  std::int64_t terms = 0;
  for (std::uint64_t seed = options.first; seed < options.first + options.seeds; ++seed) {
    const Verdict verdict = run(seed, fault, options.trace);
    terms += verdict.terms;
    if (!verdict.violation) continue;
    fmt::print("{}: seed {} after {:.3f} s: {}\n", to_string(fault), seed, to_seconds(verdict.ended_at),
               *verdict.violation);
    return seed;
  }
  fmt::print("{}: no violation in {} runs from seed {} on, with {} terms\n", to_string(fault), options.seeds,
             options.first, terms);
  return std::nullopt;
}

int play(const Options& options) {
  if (options.faults.empty()) {
    const std::optional<std::uint64_t> seed = find_violation(options, Fault::none);
    if (seed) fmt::print("replay with: sim_election --seed={} --trace\n", *seed);
    return seed ? 1 : 0;
  }
  int missed = 0;
  for (const Fault fault : options.faults) missed += find_violation(options, fault) ? 0 : 1;
  if (missed > 0) fmt::print("{} planted faults were not found\n", missed);
  return missed > 0 ? 1 : 0;
}

}  // namespace
}  // namespace promfleet::sim

int main(int argc, char** argv) {
  promfleet::sim::Options options;
  for (const char* argument : std::span(argv, static_cast<std::size_t>(argc)).subspan(1)) {
    if (!promfleet::sim::parse_option(argument, options)) {
      fmt::print(stderr, "sim_election: {} is not understood; see the head of tests/sim/main.cpp\n", argument);
      return 2;
    }
  }
  return promfleet::sim::play(options);
}

#include "tests/sim/program.h"

#include <charconv>
#include <cstdio>
#include <vector>

#include <fmt/format.h>

namespace promfleet::sim {
namespace {

constexpr std::size_t kNoFault = 0;

struct Options {
  std::uint64_t first = 1;
  std::uint64_t seeds = 10'000;
  std::vector<std::size_t> faults;
  Trace::Output trace = Trace::Output::none;
};

bool parse_number(std::string_view text, std::uint64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

bool parse_option(std::string_view option, const Simulation& simulation, Options& options) {
  const auto value_of = [&](std::string_view name) -> std::optional<std::string_view> {
    return option.starts_with(name) ? std::optional(option.substr(name.size())) : std::nullopt;
  };
  if (const auto value = value_of("--first=")) return parse_number(*value, options.first);
  if (const auto value = value_of("--seeds=")) return parse_number(*value, options.seeds);
  if (const auto value = value_of("--seed=")) {
    options.seeds = 1;
    return parse_number(*value, options.first);
  }
  if (option == "--trace") {
    options.trace = Trace::Output::printed;
    return true;
  }
  const std::optional<std::string_view> wanted = value_of("--mutant=");
  for (std::size_t fault = kNoFault + 1; fault < simulation.faults.size(); ++fault) {
    if (option == "--all-mutants" || wanted == simulation.faults[fault]) options.faults.push_back(fault);
  }
  return !options.faults.empty();
}

std::string words(const Counts& counts) {
  std::string text;
  for (const auto& [name, count] : counts) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, name);
  return text;
}

// Plays until the first violation, and tells of it. Whether there was one.
bool finds_violation(const Simulation& simulation, const Options& options, std::size_t fault) {
  Counts counts;
  for (std::uint64_t seed = options.first; seed < options.first + options.seeds; ++seed) {
    const Verdict verdict = simulation.run(seed, fault, options.trace);
    for (const auto& [name, count] : verdict.counts) counts[name] += count;
    if (!verdict.violation) continue;
    fmt::print("{}: seed {} after {:.3f} s: {}\n", simulation.faults[fault], seed, to_seconds(verdict.ended_at),
               *verdict.violation);
    if (fault == kNoFault) fmt::print("replay with: {} --seed={} --trace\n", simulation.name, seed);
    return true;
  }
  fmt::print("{}: no violation in {} runs from seed {} on, with {}\n", simulation.faults[fault], options.seeds,
             options.first, words(counts));
  const std::optional<std::string> excess = simulation.excess ? simulation.excess(counts) : std::nullopt;
  if (excess) fmt::print("{}: {}\n", simulation.faults[fault], *excess);
  return excess.has_value();
}

}  // namespace

int play(const Simulation& simulation, int argc, char** argv) {
  Options options;
  for (const char* argument : std::span(argv, static_cast<std::size_t>(argc)).subspan(1)) {
    if (!parse_option(argument, simulation, options)) {
      fmt::print(stderr, "{}: {} is not understood; see tests/sim/program.h\n", simulation.name, argument);
      return 2;
    }
  }
  if (options.faults.empty()) return finds_violation(simulation, options, kNoFault) ? 1 : 0;
  int missed = 0;
  for (const std::size_t fault : options.faults) missed += finds_violation(simulation, options, fault) ? 0 : 1;
  if (missed > 0) fmt::print("{} planted faults were not found\n", missed);
  return missed > 0 ? 1 : 0;
}

}  // namespace promfleet::sim

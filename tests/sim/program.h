// The command line of a simulation: plays seeded runs and looks for a violation.
//
//   sim_X [--first=S] [--seeds=N]            N runs from seed S on (1, 10000)
//   sim_X --seed=S --trace                   one run, told line by line
//   sim_X --mutant=NAME [--first=] [--seeds=] the same with a planted fault, which must be found
//   sim_X --all-mutants [--first=] [--seeds=] each fault in turn
//
// Exit code 0: nothing was violated, or each planted fault was found. 1: otherwise. 2: wrong usage.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "tests/sim/trace.h"

namespace promfleet::sim {

// What happened how often, by name: in one run or in many.
using Counts = std::map<std::string, std::int64_t, std::less<>>;

struct Verdict {
  std::optional<std::string> violation;
  Instant ended_at{0};
  Counts counts;
};

struct Simulation {
  std::string_view name;  // of the program
  // Names of the faults that can be planted. Number 0 is none.
  std::span<const std::string_view> faults;
  // The same seed and fault give the same run.
  std::function<Verdict(std::uint64_t seed, std::size_t fault, Trace::Output trace)> run;
  // What is too much over all runs, if anything; empty: nothing can be.
  std::function<std::optional<std::string>(const Counts&)> excess;
};

// For main() to return.
int play(const Simulation& simulation, int argc, char** argv);

}  // namespace promfleet::sim

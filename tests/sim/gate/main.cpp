// sim_gate: plays seeded runs of groups of gates and looks for a violation. Its command line: ../program.h.
#include <array>
#include <vector>

#include <fmt/format.h>

#include "tests/sim/gate/fault.h"
#include "tests/sim/gate/run.h"
#include "tests/sim/program.h"

namespace promfleet::sim::gate {
namespace {

// Losses that are known and cannot be avoided altogether: in how many terms one is allowed. Why so many: README.md.
struct Allowance {
  std::string_view what;
  std::int64_t terms;
};
constexpr std::array kAllowances{
    Allowance{"gaps of a candidate", 500},
    Allowance{"gaps of one that could not lead", 10},
    Allowance{"late stale markers", 100},
    Allowance{"samples beside a reset", 1'000},
};

// Over fewer terms numbers say nothing.
constexpr std::int64_t kTermsMin = 1'000;

std::optional<std::string> excess(const Counts& counts) {
  const auto number_of = [&](std::string_view what) {
    const auto count = counts.find(what);
    return count == counts.end() ? 0 : count->second;
  };
  if (number_of("terms") < kTermsMin) return std::nullopt;
  for (const Allowance& allowance : kAllowances) {
    if (number_of(allowance.what) <= number_of("terms") / allowance.terms) continue;
    return fmt::format("more {} than one in {} terms", allowance.what, allowance.terms);
  }
  return std::nullopt;
}

Verdict run_number(std::uint64_t seed, std::size_t fault, Trace::Output trace) {
  return run(seed, faults()[fault], trace);
}

}  // namespace
}  // namespace promfleet::sim::gate

int main(int argc, char** argv) {
  using namespace promfleet::sim;
  std::vector<std::string_view> names;
  for (const gate::Fault fault : gate::faults()) names.push_back(to_string(fault));
  return play({.name = "sim_gate", .faults = names, .run = gate::run_number, .excess = gate::excess}, argc, argv);
}

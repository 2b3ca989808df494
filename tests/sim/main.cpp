// sim_election: plays seeded runs of the election and looks for a violation. Its command line: program.h.
#include <string_view>
#include <vector>

#include "tests/sim/program.h"
#include "tests/sim/run.h"

int main(int argc, char** argv) {
  using namespace promfleet::sim;
  std::vector<std::string_view> names{to_string(Fault::none)};
  for (const Fault fault : all_faults()) names.push_back(to_string(fault));
  const auto run_it = [](std::uint64_t seed, std::size_t fault, Trace::Output trace) {
    return run(seed, fault == 0 ? Fault::none : all_faults()[fault - 1], trace);
  };
  return play({.name = "sim_election", .faults = names, .run = run_it, .excess = {}}, argc, argv);
}

// promfleet: one binary, several roles. Called by the name of what it replaces, it is the elector at once.
#include <unistd.h>

#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/descriptors.h"
#include "app/elector_role.h"
#include "app/lease_command.h"
#include "app/operator_patch_command.h"
#include "app/version.h"

namespace {

constexpr std::string_view kHelp =
    "Usage: promfleet COMMAND [flags]\n\n"
    "Runs a fleet of Prometheus servers as one.\n\n"
    "  elector          sidecar of a Prometheus replica: leader election, the leader's configuration, a proxy to the "
    "leader\n"
    "  lease            asks a running elector who leads, and tells it to step down, switch over, pause or resume\n"
    "  operator-patch   puts an elector beside the Prometheus of an object of the Prometheus Operator\n"
    "  version          prints the version\n\n"
    "`promfleet COMMAND --help` explains each. Called as prometheus-elector or elector-cmd it is the elector.\n";

bool is_elector_name(std::string_view program) {
  const std::string_view name = program.substr(program.rfind('/') + 1);
  return name == "prometheus-elector" || name == "elector-cmd";
}

int run(std::string_view command, std::span<const std::string> arguments) {
  if (command == "elector") return promfleet::run_elector(arguments, environ);
  if (command == "lease") return promfleet::run_lease_command(arguments);
  if (command == "operator-patch") return promfleet::run_operator_patch(arguments);
  if (command == "version" || command == "--version" || command == "-version") {
    std::printf("promfleet %s\n", promfleet::kVersion);
    return 0;
  }
  if (command == "help" || command == "--help" || command == "-help" || command == "-h") {
    std::fwrite(kHelp.data(), 1, kHelp.size(), stdout);
    return 0;
  }
  std::fprintf(stderr,
               "promfleet: \"%s\" is not a command: use elector, lease, operator-patch or version (promfleet --help)\n",
               std::string(command).c_str());
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  promfleet::open_standard_descriptors();
  const std::vector<std::string> words(argv, argv + argc);
  const std::span<const std::string> arguments = std::span(words).subspan(words.empty() ? 0 : 1);
  if (!words.empty() && is_elector_name(words[0])) return run("elector", arguments);
  if (arguments.empty()) {
    std::fwrite(kHelp.data(), 1, kHelp.size(), stderr);
    return 2;
  }
  return run(arguments[0], arguments.subspan(1));
}

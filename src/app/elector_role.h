// `promfleet elector`.
#pragma once

#include <span>
#include <string>

namespace promfleet {

// The whole life of the process: 0 after an orderly end, 1 when it cannot start or go on, 2 for a wrong command line.
// `environment` is the process' environ.
int run_elector(std::span<const std::string> arguments, char** environment);

}  // namespace promfleet

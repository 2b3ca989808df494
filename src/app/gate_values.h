// `promfleet elector gate-values`: prints what Prometheus' configuration needs so that it writes to its gate.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "app/environment.h"
#include "core/base/error.h"
#include "core/os/file_system.h"

namespace promfleet {

struct GateValuesOptions {
  std::string gate_config;
  std::string gate_listen_address = "127.0.0.1:9096";
  std::string web_config_file;  // empty: there is none
};

// The text of `promfleet elector gate-values --help`.
std::string gate_values_help();

// nullopt: help was asked for. Errc::invalid_input: what is wrong, and what would be right.
Result<std::optional<GateValuesOptions>> parse_gate_values_options(std::span<const std::string> arguments);

// The section. Errors name the file and the position.
Result<std::string> gate_values(const GateValuesOptions& options, FileSystem& files,
                                const ProcessEnvironment& environment);

// 0, or 2 for a wrong command line or file.
int run_gate_values(std::span<const std::string> arguments, char** environment);

}  // namespace promfleet

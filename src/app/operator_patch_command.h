// `promfleet operator-patch`: prints an object of the Prometheus Operator with an elector put beside its Prometheus.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "app/operator_patch/elector.h"
#include "core/base/error.h"

namespace promfleet {

struct OperatorPatchCommand {
  std::string file;  // "-": standard input
  operator_patch::Options options;
};

// The text of `promfleet operator-patch --help`.
std::string operator_patch_help();

// nullopt: help was asked for. Errc::invalid_input: what is wrong, and what would be right.
Result<std::optional<OperatorPatchCommand>> parse_operator_patch_command(std::span<const std::string> arguments);

// 0, or 2 for a wrong command line or an object that cannot be patched. What the author should know goes to standard
// error.
int run_operator_patch(std::span<const std::string> arguments);

}  // namespace promfleet

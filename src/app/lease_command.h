// `promfleet lease`: asks a running elector who leads, and tells it what to do.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/async/task.h"
#include "core/base/error.h"
#include "core/os/clock.h"
#include "net/http/message.h"
#include "net/http/origin.h"
#include "net/stream/dialer.h"

namespace promfleet {

// The command line, read.
struct LeaseCommand {
  std::string address = "http://127.0.0.1:9095";
  std::string user;
  std::string password_file;
  std::string ca_file;
  bool insecure_skip_verify = false;
  std::string to;

  std::string action;  // "status"
  http::Origin elector;
  http::Request request;
};

// The text of `promfleet lease --help`.
std::string lease_help();

// nullopt: help was asked for. Errc::invalid_input: what is wrong, and what would be right.
Result<std::optional<LeaseCommand>> parse_lease_command(std::span<const std::string> arguments);

// Asks the elector; what to print. The error says what to do about it.
Task<Result<std::string>> perform(const LeaseCommand& command, net::Dialer& dialer, Clock& clock);

// 0 when it was done, 1 when the elector did not answer or refused, 2 for a wrong command line.
int run_lease_command(std::span<const std::string> arguments);

}  // namespace promfleet

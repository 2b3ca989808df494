// Tells the service manager that has started this process how it is doing: when it is ready, who leads, what does not
// work, that it ends, and, where it is asked to, that its io thread still runs. systemd(1) is such a manager; where
// there is none, there is no report.
//
// Thread safety: none; lives on one io thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "app/environment.h"
#include "core/os/clock.h"
#include "core/os/notify_socket.h"
#include "core/telemetry/log.h"
#include "elector/status/view.h"

namespace promfleet {

// What to tell. An elector that serves its API is ready once it has a configuration that its Prometheus can run.
struct ServiceState {
  bool is_ready = false;
  std::string status;  // one line

  bool operator==(const ServiceState&) const = default;
};

// Who leads, and what does not work, in one line.
std::string service_status(const elector::StatusView& view);

// How long the manager waits for a sign of life, from $WATCHDOG_USEC; nullopt: it does not, or waits for another
// process'.
Result<std::optional<Duration>> watchdog_timeout(const ProcessEnvironment& environment, int pid);

class ServiceReport {
 public:
  // Null where nobody listens ($NOTIFY_SOCKET is not set). `clock` outlives it.
  static Result<std::unique_ptr<ServiceReport>> create(Executor executor, Clock& clock, Log log,
                                                       const ProcessEnvironment& environment, int pid);

  // Tells what `look` says, whenever that has changed, until it is cancelled.
  Task<> follow(std::function<ServiceState()> look);
  // From now on this process ends: of what follow() sees nothing more is told.
  void stopping();

 private:
  ServiceReport(NotifySocket socket, Clock& clock, Log log, std::optional<Duration> watchdog)
      : socket_(std::move(socket)), clock_(clock), log_(std::move(log)), watchdog_(watchdog) {}

  void tell(const ServiceState& state);
  Result<> send(const std::string& message);

  NotifySocket socket_;
  Clock& clock_;
  Log log_;
  std::optional<Duration> watchdog_;
  bool is_stopping_ = false;
  ServiceState told_;
  std::string error_;  // of the last message; empty: it was taken
};

}  // namespace promfleet

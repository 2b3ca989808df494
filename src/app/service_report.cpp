#include "app/service_report.h"

#include <algorithm>
#include <charconv>

#include "core/base/try.h"

namespace promfleet {

namespace {

constexpr Duration kPeriod = 1s;

}  // namespace

std::string service_status(const elector::StatusView& view) {
  std::string status = view.election.has_authority    ? "leads"
                       : view.election.leader.empty() ? "waits for a leader"
                                                      : "follows " + view.election.leader;
  for (const elector::Problem& problem : elector::problems(view)) status += "; " + problem.what;
  std::ranges::replace(status, '\n', ' ');  // a newline begins the next assignment
  return status;
}

Result<std::optional<Duration>> watchdog_timeout(const ProcessEnvironment& environment, int pid) {
  const std::string text = environment.get("WATCHDOG_USEC");
  if (text.empty()) return std::nullopt;
  const std::optional<std::string> owner = environment.find("WATCHDOG_PID");
  if (owner && *owner != std::to_string(pid)) return std::nullopt;
  std::int64_t microseconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), microseconds);
  const bool is_number = error == std::errc() && end == text.data() + text.size();
  if (!is_number || microseconds <= 0 || microseconds > std::chrono::microseconds(24h).count()) {
    return fail(Errc::invalid_input, "WATCHDOG_USEC={}: no number of microseconds up to a day", text);
  }
  return std::chrono::microseconds(microseconds);
}

Result<std::unique_ptr<ServiceReport>> ServiceReport::create(Executor executor, Clock& clock, Log log,
                                                             const ProcessEnvironment& environment, int pid) {
  const std::string address = environment.get("NOTIFY_SOCKET");
  if (address.empty()) return nullptr;
  TRY_ASSIGN(NotifySocket socket, NotifySocket::open(executor, address));
  TRY_ASSIGN(const std::optional<Duration> watchdog, watchdog_timeout(environment, pid));
  return std::unique_ptr<ServiceReport>(new ServiceReport(std::move(socket), clock, std::move(log), watchdog));
}

Task<> ServiceReport::follow(std::function<ServiceState()> look) {
  const Duration period = watchdog_ ? std::min(kPeriod, *watchdog_ / 2) : kPeriod;
  do {
    if (!is_stopping_) tell(look());
    if (watchdog_) [[maybe_unused]]
      const Result<> sent = send("WATCHDOG=1");
  } while (co_await sleep_for(clock_, period));
}

void ServiceReport::stopping() {
  is_stopping_ = true;
  [[maybe_unused]] const Result<> sent = send("STOPPING=1\nSTATUS=demotes, then releases the lease");
}

void ServiceReport::tell(const ServiceState& state) {
  std::string message;
  // Readiness is told once: what comes later is in the status.
  const ServiceState now{.is_ready = told_.is_ready || state.is_ready, .status = state.status};
  if (now == told_) return;
  if (now.is_ready && !told_.is_ready) message = "READY=1\n";
  if (send(message + "STATUS=" + now.status)) told_ = now;
}

Result<> ServiceReport::send(const std::string& message) {
  const Result<> sent = socket_.send(message);
  const std::string error = sent ? "" : sent.error().message();
  if (error != error_ && !sent) log_.warn("the service manager does not hear us; it is tried again", {{"err", error}});
  error_ = error;
  return sent;
}

}  // namespace promfleet

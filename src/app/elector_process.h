// One running elector: constructs its parts from the command line, connects them, and ends them in order.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/signal_set.hpp>

#include "app/elector_options.h"
#include "app/environment.h"
#include "app/gate_wiring.h"
#include "app/leader_lookup.h"
#include "app/lease_backends.h"
#include "app/runtime.h"
#include "app/service_report.h"
#include "election/state_file.h"
#include "elector/prometheus/http_prometheus.h"
#include "elector/proxy/proxy.h"
#include "elector/proxy/service_addresses.h"
#include "elector/sidecar.h"
#include "elector/status/api.h"
#include "net/auth/followed_config.h"
#include "net/auth/guard.h"
#include "net/auth/http_client_config.h"
#include "net/auth/web_config.h"
#include "net/http/router.h"
#include "net/http/server.h"

namespace promfleet {

class ElectorProcess {
 public:
  // Everything that can be wrong with flags and the files that they name is found here, before anything is touched.
  static Result<std::unique_ptr<ElectorProcess>> create(const ElectorOptions& options,
                                                        const ProcessEnvironment& environment);

  // Until SIGTERM, SIGINT or SIGHUP, and then until this member has demoted and released. A second signal does not wait
  // for that. What cannot be ended then, such as the reading of a file that hangs, is left where it is: the process
  // exits from here.
  Result<> run();

 private:
  ElectorProcess(const ElectorOptions& options, LogFormat format, LogLevel level);

  // In the order of construction; each uses what came before.
  Result<> open_files(const ProcessEnvironment& environment);
  Result<> connect_prometheus(const ProcessEnvironment& environment);
  Result<> join_parts(const ProcessEnvironment& environment);
  Result<> build_api();
  http::Handler protect(http::Handler handler);
  void renew_tls();

  Task<Result<>> serve();
  // `left`: what the process ends with.
  Task<> close(const Result<>& left);
  // Unless the process has ended by then.
  void exit_after(Duration time, const Result<>& left);
  [[noreturn]] void exit_now(std::string_view why, const Result<>& left);
  elector::StatusView view() const;
  ServiceState service_state() const;
  bool may_operate(const http::Exchange& exchange) const;

  ElectorOptions options_;
  Runtime runtime_;
  std::string member_;
  std::unique_ptr<InotifyWatcher> watcher_;
  std::unique_ptr<election::StateFile> term_file_;
  std::unique_ptr<auth::FollowedConfig<auth::WebConfig>> web_config_;
  std::unique_ptr<auth::FollowedConfig<auth::HttpClientConfig>> credentials_;
  std::optional<net::NetworkDialer> prometheus_dialer_;
  std::optional<net::NetworkDialer> fleet_dialer_;
  std::unique_ptr<elector::HttpPrometheus> prometheus_;
  std::unique_ptr<LeaseBackendHandle> lease_;
  std::unique_ptr<GateWiring> gate_wiring_;  // null: there is no gate
  std::unique_ptr<elector::Sidecar> sidecar_;
  std::optional<LeaderLookup> leaders_;
  std::optional<elector::Proxy> proxy_;
  std::optional<elector::ServiceAddresses> service_;
  std::optional<elector::Api> api_;
  http::Router router_;
  std::optional<auth::Guard> guard_;
  std::optional<http::Server> server_;
  std::optional<http::Server> gate_server_;
  std::unique_ptr<ServiceReport> service_report_;  // null: no service manager has started us
  TaskScope tasks_;
  Timer exit_;  // since the end of what hangs is not awaited for ever
};

}  // namespace promfleet

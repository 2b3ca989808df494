#include "app/elector_process.h"

#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include <boost/asio/co_spawn.hpp>

#include "app/descriptors.h"
#include "app/version.h"
#include "core/base/try.h"
#include "core/telemetry/process_metrics.h"

namespace promfleet {

namespace {

std::string host_name() {
  char name[256] = {};
  return gethostname(name, sizeof name - 1) == 0 ? name : "";
}

Result<std::string> member_id(const ProcessEnvironment& environment) {
  std::string id = environment.get("POD_NAME");
  if (id.empty()) id = host_name();
  if (id.empty()) return fail(Errc::invalid_input, "this member has no name: set POD_NAME");
  return id;
}

Result<std::optional<http::Url>> optional_url(const std::string& text) {
  if (text.empty()) return std::nullopt;
  TRY_ASSIGN(http::Url url, http::parse_url(text));
  return url;
}

// TLS where any of them asks for it: one dialer reaches all of them.
net::Transport transport_of(const elector::PrometheusUrls& urls) {
  const auto is_tls = [](const std::optional<http::Url>& url) { return url && url->origin.is_tls; };
  const bool any = is_tls(urls.reload) || is_tls(urls.ready) || is_tls(urls.healthy);
  return any ? net::Transport::tls : net::Transport::tcp;
}

elector::SidecarOptions sidecar_options(const ElectorOptions& options, std::string member,
                                        election::ProcessNumber process, election::Timing timing,
                                        elector::ConfigFiles config) {
  using Health = elector::HealthMonitorOptions;
  return {
      .member = std::move(member),
      .process = process,
      .timing = timing,
      .config = std::move(config),
      .reconciler = {.output = options.output,
                     .rounds = {.attempts = options.notify_retry_max_attempts,
                                .retry_delay = options.notify_retry_delay,
                                .round_delay_max = 60s,
                                .leader_round_max = timing.lease_duration},
                     .notify_timeout = options.notify_timeout,
                     .readiness_poll_period = std::min<Duration>(options.readiness_poll_period, 1s)},
      .health = {.readiness =
                     options.readiness_http_url.empty() ? Health::Readiness::assumed : Health::Readiness::awaited,
                 .checks = options.healthcheck_http_url.empty() ? Health::Checks::off : Health::Checks::on,
                 .readiness_poll_period = options.readiness_poll_period,
                 .check_period = options.healthcheck_period,
                 .successes_needed = options.healthcheck_success_threshold,
                 .failures_needed = options.healthcheck_failure_threshold},
      .watched_folders = options.watch_dirs,
  };
}

// Of the gate: one Prometheus, with one connection for each of its queues.
constexpr std::size_t kWritersMax = 256;
// A request of it takes milliseconds to come, on the same machine.
constexpr Duration kWriteTimeMax = 10s;

// What closes when nothing hangs is closed by then.
constexpr Duration kCloseTimeMax = 2s;

// As nohup has it for SIGHUP, which a terminal sends when it is closed.
bool is_ignored(int signal) {
  struct sigaction present = {};
  return sigaction(signal, nullptr, &present) == 0 && present.sa_handler == SIG_IGN;
}

bool is_loopback(std::string_view address) {
  return address == "::1" || address.starts_with("127.") || address.starts_with("::ffff:127.");
}

}  // namespace

Result<std::unique_ptr<ElectorProcess>> ElectorProcess::create(const ElectorOptions& options,
                                                               const ProcessEnvironment& environment) {
  TRY_ASSIGN(const LogFormat format, parse_log_format(options.log_format));
  TRY_ASSIGN(const LogLevel level, parse_log_level(options.log_level));
  std::unique_ptr<ElectorProcess> process(new ElectorProcess(options, format, level));
  TRY_ASSIGN(process->member_, member_id(environment));
  TRY(process->connect_prometheus(environment));
  TRY(process->open_files(environment));
  TRY(process->join_parts(environment));
  TRY(process->build_api());
  TRY_ASSIGN(process->service_report_,
             ServiceReport::create(process->runtime_.io.get_executor(), process->runtime_.clock,
                                   process->runtime_.log.component("service"), environment, getpid()));
  return process;
}

ElectorProcess::ElectorProcess(const ElectorOptions& options, LogFormat format, LogLevel level)
    : options_(options), runtime_(format, level), tasks_(runtime_.io.get_executor()) {
  register_process_metrics(runtime_.metrics, runtime_.clock);
  Counter& lost = runtime_.metrics.counter("promfleet_log_lines_lost_total", "Lines that standard error did not take.");
  runtime_.metrics.before_render(
      [this, &lost] { lost.increment(static_cast<double>(runtime_.sink.lost()) - lost.value()); });
  runtime_.metrics
      .gauge("promfleet_build_info", "Always 1; the labels tell which build this is.", {{"version", kVersion}})
      .set(1);
}

Result<> ElectorProcess::connect_prometheus(const ProcessEnvironment& environment) {
  elector::PrometheusUrls urls;
  TRY_ASSIGN(urls.reload, http::parse_url(options_.notify_http_url));
  urls.reload_method = options_.notify_http_method;
  TRY_ASSIGN(urls.ready, optional_url(options_.readiness_http_url));
  TRY_ASSIGN(urls.healthy, optional_url(options_.healthcheck_http_url));
  const net::Transport transport = transport_of(urls);
  const net::SystemRoots roots = system_roots(environment);
  if (!options_.prometheus_http_config.empty()) {
    TRY_ASSIGN(credentials_, auth::FollowedConfig<auth::HttpClientConfig>::create(
                                 {.executor = runtime_.io.get_executor(),
                                  .files = runtime_.files,
                                  .pool = runtime_.reading_pool,
                                  .clock = runtime_.clock,
                                  .metrics = runtime_.metrics,
                                  .log = runtime_.log.component("http-config")},
                                 options_.prometheus_http_config,
                                 [path = options_.prometheus_http_config, transport, roots](auth::Sources& sources) {
                                   return auth::load_http_client_config(sources, path, transport, roots);
                                 }));
  }
  std::optional<net::TlsContext> tls;
  if (credentials_) {
    tls = credentials_->current()->tls;
  } else if (transport == net::Transport::tls) {
    TRY_ASSIGN(tls, net::TlsContext::client({}, roots));
  }
  prometheus_dialer_.emplace(runtime_.clock, runtime_.vital_resolver, tls);
  fleet_dialer_.emplace(runtime_.clock, runtime_.resolver, tls);
  if (credentials_) {
    credentials_->on_change([this] {
      if (!credentials_->current()->tls) return;
      prometheus_dialer_->use_tls(*credentials_->current()->tls);
      fleet_dialer_->use_tls(*credentials_->current()->tls);
    });
  }
  const auto authorize = [this](http::Request& request) -> Result<> {
    if (credentials_) credentials_->current()->apply_to(request);
    return {};
  };
  prometheus_ = std::make_unique<elector::HttpPrometheus>(
      elector::HttpPrometheus::Parts{.dialer = *prometheus_dialer_, .clock = runtime_.clock, .authorize = authorize},
      urls,
      elector::HttpPrometheus::Timeouts{.ready = options_.readiness_timeout, .healthy = options_.healthcheck_timeout});
  return {};
}

Result<> ElectorProcess::open_files(const ProcessEnvironment& environment) {
  TRY_ASSIGN(watcher_, InotifyWatcher::create(runtime_.io));
  if (!options_.web_config_file.empty()) {
    TRY_ASSIGN(web_config_, auth::FollowedConfig<auth::WebConfig>::create(
                                {.executor = runtime_.io.get_executor(),
                                 .files = runtime_.files,
                                 .pool = runtime_.reading_pool,
                                 .clock = runtime_.clock,
                                 .metrics = runtime_.metrics,
                                 .log = runtime_.log.component("web-config")},
                                options_.web_config_file, [path = options_.web_config_file](auth::Sources& sources) {
                                  return auth::load_web_config(sources, path);
                                }));
  }
  if (!options_.gate_config.empty()) {
    TRY_ASSIGN(gate_wiring_, GateWiring::create(runtime_, options_,
                                                web_config_ ? web_config_->current().get() : nullptr, environment));
  }
  return {};
}

Result<> ElectorProcess::join_parts(const ProcessEnvironment& environment) {
  TRY_ASSIGN(
      const election::Timing timing,
      election::Timing::create(options_.lease_duration, options_.lease_renew_deadline, options_.lease_retry_period));
  TRY_ASSIGN(lease_, make_lease_backend(runtime_, *watcher_, options_, environment));
  TRY_ASSIGN(term_file_, election::StateFile::open(runtime_.files, runtime_.pool, options_.output + ".elector-state",
                                                   describe_lease(options_)));
  elector::ConfigFiles config{.config = options_.config, .leader_config = options_.leader_config};
  if (options_.config_envsubst) {
    config.environment = [environment](std::string_view name) { return environment.find(name); };
  }
  const election::ProcessNumber process(runtime_.random.next() >> 1);
  std::optional<elector::GateSetup> gate_setup;
  if (gate_wiring_) gate_setup.emplace(gate_wiring_->setup());
  sidecar_ = std::make_unique<elector::Sidecar>(elector::Sidecar::Parts{.io = runtime_.io,
                                                                        .clock = runtime_.clock,
                                                                        .files = runtime_.files,
                                                                        .watcher = *watcher_,
                                                                        .pool = runtime_.pool,
                                                                        .reading_pool = runtime_.reading_pool,
                                                                        .prometheus = *prometheus_,
                                                                        .store = lease_->store(),
                                                                        .term_file = *term_file_,
                                                                        .metrics = runtime_.metrics,
                                                                        .log = runtime_.log,
                                                                        .gate = gate_setup},
                                                sidecar_options(options_, member_, process, timing, std::move(config)));
  return {};
}

Result<> ElectorProcess::build_api() {
  leaders_.emplace(member_, sidecar_->election());
  api_.emplace(
      elector::Api::Parts{.sidecar = *sidecar_,
                          .metrics = runtime_.metrics,
                          .view = [this] { return view(); },
                          .may_operate = [this](const http::Exchange& exchange) { return may_operate(exchange); }});
  api_->add_routes(router_);
  if (options_.api_proxy_enabled) {
    TRY_ASSIGN(const http::Url reload, http::parse_url(options_.notify_http_url));
    proxy_.emplace(elector::Proxy::Parts{.clock = runtime_.clock,
                                         .dialer = *fleet_dialer_,
                                         .leaders = *leaders_,
                                         .metrics = runtime_.metrics,
                                         .credentials = credentials_.get()},
                   elector::ProxyOptions{
                       .member = member_,
                       .upstreams = {.local_port = options_.api_proxy_prometheus_local_port,
                                     .remote_port = options_.api_proxy_prometheus_remote_port,
                                     .service_name = options_.api_proxy_prometheus_service_name,
                                     .transport = reload.origin.is_tls ? net::Transport::tls : net::Transport::tcp},
                       .admin_access = options_.api_proxy_allow_admin ? elector::AdminAccess::allowed
                                                                      : elector::AdminAccess::refused,
                       .failover_wait = options_.api_proxy_failover_wait});
    router_.add_prefix("/", proxy_->handler());
    service_.emplace(runtime_.clock, runtime_.resolver, options_.api_proxy_prometheus_service_name);
  } else {
    router_.add_prefix("/", [](http::Exchange& exchange) -> Task<> {
      [[maybe_unused]] const Result<> sent = co_await exchange.respond(http::text_response(
          404, "nothing is here: the status page is at /_elector/, and -api-proxy-enabled passes on to the leader"));
    });
  }
  if (web_config_) guard_.emplace(runtime_.io.get_executor(), *web_config_, runtime_.pool, runtime_.random);
  server_.emplace(runtime_.io.get_executor(), runtime_.clock, runtime_.log.component("api"), protect(router_.handler()),
                  http::ServerLimits{.connections_max = client_connections_max(descriptor_limit())});
  if (gate_wiring_) {
    gate_server_.emplace(runtime_.io.get_executor(), runtime_.clock, runtime_.log.component("gate"),
                         protect(sidecar_->gate()->handler()),
                         http::ServerLimits{.connections_max = kWritersMax, .body_time_max = kWriteTimeMax});
  }
  if (web_config_) {
    renew_tls();
    web_config_->on_change([this] { renew_tls(); });
  }
  return {};
}

http::Handler ElectorProcess::protect(http::Handler handler) {
  return guard_ ? guard_->protect(std::move(handler)) : handler;
}

void ElectorProcess::renew_tls() {
  server_->use_tls(web_config_->current()->tls);
  if (gate_server_) gate_server_->use_tls(web_config_->current()->tls);
}

Result<> ElectorProcess::run() {
  Result<> result;
  asio::co_spawn(
      runtime_.io.get_executor(), [this, &result]() -> Task<> { result = co_await serve(); },
      [](std::exception_ptr thrown) {
        if (thrown) std::rethrow_exception(thrown);
      });
  runtime_.io.run();
  return result;
}

Task<Result<>> ElectorProcess::serve() {
  auto listeners = co_await net::listen(options_.api_listen_address, runtime_.vital_resolver, runtime_.clock,
                                        runtime_.log.component("api"));
  if (!listeners) {
    const Result<> failed = std::unexpected(std::move(listeners).error());
    co_await close(failed);
    co_return failed;
  }
  runtime_.log.info("promfleet elector starts", {{"version", kVersion},
                                                 {"member", member_},
                                                 {"lease", describe_lease(options_)},
                                                 {"port", listeners->front()->port()}});
  server_->serve(*std::move(listeners));
  if (gate_server_) {
    auto gate_listeners = co_await net::listen(options_.gate_listen_address, runtime_.vital_resolver, runtime_.clock,
                                               runtime_.log.component("gate"));
    if (!gate_listeners) {
      const Result<> failed = std::unexpected(std::move(gate_listeners).error());
      co_await close(failed);
      co_return failed;
    }
    runtime_.log.info("the gate listens", {{"port", gate_listeners->front()->port()}});
    gate_server_->serve(*std::move(gate_listeners));
    tasks_.spawn(gate_wiring_->config().follow(*watcher_));
  }
  if (web_config_) tasks_.spawn(web_config_->follow(*watcher_));
  if (credentials_) tasks_.spawn(credentials_->follow(*watcher_));
  if (service_) tasks_.spawn(service_->follow());
  sidecar_->start();
  if (service_report_) tasks_.spawn(service_report_->follow([this] { return service_state(); }));

  asio::basic_signal_set<Executor> signals(runtime_.io.get_executor(), SIGINT, SIGTERM);
  if (!is_ignored(SIGHUP)) signals.add(SIGHUP);
  co_await signals.async_wait(kAwait);
  runtime_.log.info("asked to end: demotes, then releases the lease");
  if (service_report_) service_report_->stopping();
  api_->leave();
  TaskScope leaving(runtime_.io.get_executor());
  Result<> left;
  leaving.spawn([](ElectorProcess& process, auto& pending, Result<>& result) -> Task<> {
    result = co_await process.sidecar_->leave();
    pending.cancel();
  }(*this, signals, left));
  const auto [second, number] = co_await signals.async_wait(kAwait);
  if (!second) {
    runtime_.log.warn("asked again: ends without waiting for the demotion; the lease stays until it expires");
    left = fail(Errc::cancelled, "ended by a second signal before the lease was released: it stays until it expires");
  }
  const Result<> outcome = left;
  if (!second) exit_after(kCloseTimeMax, outcome);
  co_await leaving.close();
  signals.async_wait([this, &outcome](boost::system::error_code error, int) {
    if (!error) exit_now("asked again: ends without closing what is open", outcome);
  });
  co_await close(outcome);
  co_return outcome;
}

void ElectorProcess::exit_after(Duration time, const Result<>& left) {
  exit_ = runtime_.clock.call_at(runtime_.clock.now() + time, [this, &left] {
    exit_now("ends without waiting for what does not: a file that hangs while it is read, for example", left);
  });
}

void ElectorProcess::exit_now(std::string_view why, const Result<>& left) {
  runtime_.log.warn(why);
  if (!left) runtime_.log.error("ended", {{"err", left.error()}});
  runtime_.sink.close();
  std::_Exit(left ? EXIT_SUCCESS : EXIT_FAILURE);
}

Task<> ElectorProcess::close(const Result<>& left) {
  TaskScope stopping(runtime_.io.get_executor());
  if (gate_server_) {
    sidecar_->gate()->stop();
    stopping.spawn(gate_server_->stop(options_.api_shutdown_grace_delay));
  }
  stopping.spawn(server_->stop(options_.api_shutdown_grace_delay));
  co_await stopping.join();
  exit_after(kCloseTimeMax, left);
  co_await tasks_.close();
  co_await sidecar_->close();
  co_await runtime_.vital_resolver.close();
  co_await runtime_.resolver.close();
  runtime_.io.stop();
}

bool ElectorProcess::may_operate(const http::Exchange& exchange) const {
  return is_loopback(exchange.peer_address()) || (web_config_ && web_config_->current()->authenticates);
}

ServiceState ElectorProcess::service_state() const {
  return {.is_ready = sidecar_->config().current().has_value(), .status = service_status(view())};
}

elector::StatusView ElectorProcess::view() const {
  elector::StatusView view{.now = runtime_.clock.wall_now(),
                           .boot_now = runtime_.clock.now(),
                           .version = kVersion,
                           .lease = describe_lease(options_),
                           .election = sidecar_->election().status(),
                           .history = sidecar_->election().history().transitions(),
                           .reconciler = sidecar_->reconciler().status(),
                           .findings = sidecar_->preflight().findings(),
                           .config_error = sidecar_->config().error(),
                           .health = sidecar_->health().verdict(),
                           .health_error = sidecar_->health().error()};
  if (sidecar_->config().current()) view.leader_additions = sidecar_->config().current()->leader_additions;
  if (web_config_ && web_config_->error()) view.web_config_error = web_config_->error()->message();
  if (credentials_ && credentials_->error()) view.http_config_error = credentials_->error()->message();
  if (gate_wiring_) {
    view.gate = sidecar_->gate()->status();
    if (gate_wiring_->config().error()) view.gate_config_error = gate_wiring_->config().error()->message();
  }
  if (service_) {
    view.service = service_->service();
    view.service_addresses = service_->addresses();
  }
  return view;
}

}  // namespace promfleet

#include "app/gate_wiring.h"

#include <optional>
#include <string>
#include <utility>

#include "app/lease_backends.h"
#include "core/base/try.h"

namespace promfleet {

namespace {

// Loads the configuration again and again; what would need another gate than the one that runs is refused.
class GateConfigLoader {
 public:
  GateConfigLoader(std::string path, std::string group, net::SystemRoots roots)
      : path_(std::move(path)), group_(std::move(group)), roots_(std::move(roots)) {}

  Result<elector::GateConfig> operator()(auth::Sources& sources) {
    TRY_ASSIGN(elector::GateConfig config, elector::load_gate_config(sources, path_, group_, roots_));
    if (!first_) first_ = config;
    if (!elector::has_same_streams(*first_, config)) {
      return fail(Errc::invalid_input,
                  "{}: another name, path, url, group or lateness, or another number of entries, takes effect when the "
                  "elector is started again",
                  path_);
    }
    return config;
  }

 private:
  std::string path_;
  std::string group_;
  net::SystemRoots roots_;
  std::optional<elector::GateConfig> first_;
};

}  // namespace

elector::GateProtection protection_by(const auth::WebConfig* web_config) {
  if (web_config == nullptr) return {};
  return {.transport = web_config->tls ? net::Transport::tls : net::Transport::tcp,
          .authenticates = web_config->authenticates};
}

Result<std::unique_ptr<GateWiring>> GateWiring::create(Runtime& runtime, const ElectorOptions& options,
                                                       const auth::WebConfig* web_config,
                                                       const ProcessEnvironment& environment) {
  std::unique_ptr<GateWiring> wiring(new GateWiring(runtime, options, web_config));
  TRY_ASSIGN(wiring->config_, auth::FollowedConfig<elector::GateConfig>::create(
                                  {.executor = runtime.io.get_executor(),
                                   .files = runtime.files,
                                   .pool = runtime.reading_pool,
                                   .clock = runtime.clock,
                                   .metrics = runtime.metrics,
                                   .log = runtime.log.component("gate-config")},
                                  options.gate_config,
                                  GateConfigLoader(options.gate_config, group_of(options), system_roots(environment))));
  for (const elector::GateEntry& entry : wiring->config_->current()->entries) {
    wiring->dialers_.push_back(std::make_unique<net::NetworkDialer>(runtime.clock, runtime.resolver, entry.client.tls));
  }
  wiring->config_->on_change([renewed = wiring.get()] { renewed->renew_certificates(); });
  return wiring;
}

GateWiring::GateWiring(Runtime& runtime, const ElectorOptions& options, const auth::WebConfig* web_config)
    : address_(options.gate_listen_address, protection_by(web_config)),
      origin_file_(runtime.files, runtime.pool, options.output + ".gate-state") {}

elector::GateSetup GateWiring::setup() {
  elector::GateSetup setup{.config = *config_, .dialers = {}, .origin_file = origin_file_, .address = address_};
  for (const auto& dialer : dialers_) setup.dialers.push_back(dialer.get());
  return setup;
}

void GateWiring::renew_certificates() {
  const std::vector<elector::GateEntry>& entries = config_->current()->entries;
  for (std::size_t number = 0; number < entries.size(); ++number) {
    if (entries[number].client.tls) dialers_[number]->use_tls(*entries[number].client.tls);
  }
}

}  // namespace promfleet

// What the elector's process gives to its gate: the followed configuration, and a dialer for each of its entries.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/elector_options.h"
#include "app/environment.h"
#include "app/runtime.h"
#include "elector/gate/gate_config.h"
#include "elector/gate/origin_file.h"
#include "elector/sidecar.h"
#include "net/auth/followed_config.h"
#include "net/auth/web_config.h"
#include "net/stream/dialer.h"

namespace promfleet {

// Null: nobody is kept out.
elector::GateProtection protection_by(const auth::WebConfig* web_config);

class GateWiring {
 public:
  // Errors say what is wrong with the gate's configuration. `runtime` outlives the wiring. `web_config`: null if there
  // is none.
  static Result<std::unique_ptr<GateWiring>> create(Runtime& runtime, const ElectorOptions& options,
                                                    const auth::WebConfig* web_config,
                                                    const ProcessEnvironment& environment);

  elector::GateSetup setup();
  auth::FollowedConfig<elector::GateConfig>& config() { return *config_; }

 private:
  GateWiring(Runtime& runtime, const ElectorOptions& options, const auth::WebConfig* web_config);

  void renew_certificates();

  elector::GateAddress address_;
  elector::OriginFile origin_file_;
  std::unique_ptr<auth::FollowedConfig<elector::GateConfig>> config_;
  std::vector<std::unique_ptr<net::NetworkDialer>> dialers_;
};

}  // namespace promfleet

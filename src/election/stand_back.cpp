#include "election/stand_back.h"

#include <algorithm>

namespace promfleet::election {

void StandBack::load_failed(ConfigHash config, BootTime now, Duration first) {
  const bool again = failed_ && failed_->config == config;
  const Duration back_off = std::min(again ? failed_->back_off * 2 : first, kStandBackMax);
  failed_ = FailedLoad{config, back_off, now + back_off};
}

void StandBack::config_changed(ConfigHash config) {
  if (failed_ && failed_->config != config) failed_.reset();
}

}  // namespace promfleet::election

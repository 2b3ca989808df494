// Turns single probes into a verdict that does not flap: it changes after enough results of the other kind in a row.
#pragma once

#include <cstdint>

namespace promfleet::elector {

enum class Health : std::uint8_t { healthy, unhealthy };

class HealthThreshold {
 public:
  // Starts with the verdict healthy; both counts are at least 1.
  HealthThreshold(int successes_needed, int failures_needed)
      : successes_needed_(successes_needed), failures_needed_(failures_needed) {}

  // The verdict after one more probe.
  Health add(Health probe) {
    in_a_row_ = probe == verdict_ ? 0 : in_a_row_ + 1;
    const int needed = verdict_ == Health::healthy ? failures_needed_ : successes_needed_;
    if (in_a_row_ >= needed) {
      verdict_ = probe;
      in_a_row_ = 0;
    }
    return verdict_;
  }

  Health verdict() const { return verdict_; }

 private:
  int successes_needed_;
  int failures_needed_;
  Health verdict_ = Health::healthy;
  int in_a_row_ = 0;  // probes against the verdict
};

}  // namespace promfleet::elector

#include "election/timing.h"

namespace promfleet::election {

namespace {

std::string in_words(Duration duration) {
  return fmt::format("{:g}s", to_seconds(duration));
}

}  // namespace

Result<Timing> Timing::create(Duration lease_duration, Duration renew_deadline, Duration retry_period) {
  if (lease_duration % 1s != Duration::zero()) {
    return fail(Errc::invalid_input, "the lease duration must be in whole seconds, as the lease stores it, not {}",
                in_words(lease_duration));
  }
  if (lease_duration < kLeaseDurationMin || lease_duration > kLeaseDurationMax) {
    return fail(Errc::invalid_input, "the lease duration must be between 1s and 1h, not {}", in_words(lease_duration));
  }
  if (retry_period <= Duration::zero()) {
    return fail(Errc::invalid_input, "the retry period must be greater than zero, not {}", in_words(retry_period));
  }
  if (renew_deadline >= lease_duration) {
    return fail(Errc::invalid_input,
                "the renew deadline ({}) must be less than the lease duration ({}): the difference is the time that a "
                "demotion has",
                in_words(renew_deadline), in_words(lease_duration));
  }
  // client-go asks for the same, since it waits up to 1.2 retry periods more between two attempts.
  if (renew_deadline * 10 <= retry_period * 12) {
    return fail(Errc::invalid_input, "the renew deadline ({}) must be more than 1.2 times the retry period ({})",
                in_words(renew_deadline), in_words(retry_period));
  }
  return Timing{std::chrono::duration_cast<std::chrono::seconds>(lease_duration), renew_deadline, retry_period};
}

}  // namespace promfleet::election

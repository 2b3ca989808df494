#include "tests/sim/prometheus.h"

namespace promfleet::sim {

void Prometheus::load(Configuration wanted, std::function<void(LoadResult)> answered) {
  wanted_ = wanted;
  answered_ = std::move(answered);
  const Duration longest = chance_.happens(0.1) ? Duration(4s) : Duration(300ms);
  try_again(++wishes_, chance_.between(1ms, longest));
}

void Prometheus::try_again(int wish, Duration delay) {
  timeline_.after(delay, [this, wish] {
    if (wish == wishes_) try_load(wish);
  });
}

void Prometheus::try_load(int wish) {
  if (timeline_.now() < hangs_until_) return try_again(wish, 500ms);
  if (timeline_.now() < fails_until_) {
    if (wanted_ == Configuration::leader) return answered_(LoadResult::failed);
    return try_again(wish, 1s);
  }
  loaded_ = wanted_;
  answered_(LoadResult::loaded);
}

}  // namespace promfleet::sim

#include "tests/sim/network.h"

namespace promfleet::sim {

void Link::send(std::function<void()> arrives, std::function<void()> failed) {
  if (is_cut() && cut_ == Cut::refused) return timeline_.after(1ms, std::move(failed));
  if (const std::optional<Duration> there = travel()) timeline_.after(*there, std::move(arrives));
}

void Link::request(std::function<void()> arrives, std::function<void()> answered, std::function<void()> failed) {
  send(
      [this, arrives = std::move(arrives), answered = std::move(answered), failed] {
        arrives();
        send(answered, failed);
      },
      failed);
}

void Link::push(const std::function<void()>& shown) {
  const int copies = chance_.happens(weather_.doubled) ? 2 : 1;
  for (int copy = 0; copy < copies; ++copy) {
    if (const std::optional<Duration> there = travel()) timeline_.after(*there, shown);
  }
}

void Link::cut(Cut how, Duration how_long) {
  cut_ = how;
  cut_until_ = timeline_.now() + how_long;
}

std::optional<Duration> Link::travel() {
  if (is_cut() || chance_.happens(weather_.lost)) return std::nullopt;
  if (chance_.happens(weather_.slow)) return chance_.between(20ms, weather_.delay_max);
  return chance_.between(Duration(200us), 20ms);
}

}  // namespace promfleet::sim

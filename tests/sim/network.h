// What happens to messages between a process and the lease store.
#pragma once

#include <functional>
#include <optional>

#include "tests/sim/chance.h"
#include "tests/sim/timeline.h"

namespace promfleet::sim {

// How bad the network is at present, for all alike.
struct Weather {
  double lost = 0;     // of requests, of answers and of watch events
  double slow = 0;     // messages that take up to `delay_max`
  double doubled = 0;  // watch events that come twice, at different times
  Duration delay_max{0};
};

// What a call meets when its process is cut off.
enum class Cut : std::uint8_t {
  black_hole,  // no answer, ever
  refused,     // an error at once
};

class Link {
 public:
  Link(Timeline& timeline, Chance& chance, const Weather& weather)
      : timeline_(timeline), chance_(chance), weather_(weather) {}

  // One message: `arrives` happens later, or `failed` here, or nothing.
  void send(std::function<void()> arrives, std::function<void()> failed);

  // Sends a request: `arrives` happens at the store and `answered` back at the process, or `failed` there, or
  // `arrives` alone (its answer is lost), or nothing.
  void request(std::function<void()> arrives, std::function<void()> answered, std::function<void()> failed);

  // A watch event: `shown` happens never, once or twice, later, and perhaps after a younger one's.
  void push(const std::function<void()>& shown);

  void cut(Cut how, Duration how_long);
  void heal() { cut_until_ = Instant::zero(); }
  bool is_cut() const { return timeline_.now() < cut_until_; }

 private:
  std::optional<Duration> travel();

  Timeline& timeline_;
  Chance& chance_;
  const Weather& weather_;
  Cut cut_ = Cut::black_hole;
  Instant cut_until_{0};
};

}  // namespace promfleet::sim

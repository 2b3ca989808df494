// A deadline that is moved for every message and hardly ever met.
//
// Moving it later, the usual case, costs a store: the timer behind it stays armed for an earlier time and is armed
// anew when it fires too early. It counts only while somebody waits.
#pragma once

#include <functional>
#include <utility>

#include "core/base/time.h"
#include "core/os/clock.h"

namespace promfleet::net {

class Deadline {
 public:
  // `on_expiry` ends the waits under way. It is called at most once for each move.
  Deadline(Clock& clock, std::function<void()> on_expiry) : clock_(clock), on_expiry_(std::move(on_expiry)) {}

  void move_to(BootTime at);

  // Whether it passed during a wait and was not moved since.
  bool expired() const { return expired_; }

  // A wait under way, for as long as it lives.
  class [[nodiscard]] Wait {
   public:
    explicit Wait(Deadline& deadline) : deadline_(deadline) {
      ++deadline_.waits_;
      deadline_.arm();
    }
    Wait(const Wait&) = delete;
    Wait& operator=(const Wait&) = delete;
    ~Wait() { --deadline_.waits_; }

   private:
    Deadline& deadline_;
  };

 private:
  void arm();
  void fire();

  Clock& clock_;
  std::function<void()> on_expiry_;
  BootTime at_ = kNever;
  BootTime armed_for_ = kNever;
  Timer timer_;
  int waits_ = 0;
  bool expired_ = false;
};

}  // namespace promfleet::net

#include "net/stream/deadline.h"

namespace promfleet::net {

void Deadline::move_to(BootTime at) {
  at_ = at;
  expired_ = false;
  if (waits_ > 0) arm();
}

void Deadline::arm() {
  if (at_ >= armed_for_) return;
  armed_for_ = at_;
  timer_ = clock_.call_at(at_, [this] { fire(); });
}

void Deadline::fire() {
  armed_for_ = kNever;
  if (waits_ == 0 || expired_) return;
  if (at_ > clock_.now()) return arm();
  expired_ = true;
  on_expiry_();
}

}  // namespace promfleet::net

#include "tests/sim/gate/passage.h"

#include <algorithm>
#include <utility>

#include "tests/sim/gate/simulated_gate.h"

namespace promfleet::sim::gate {

namespace {

using Verdict = elector::DestinationGate::Verdict;

constexpr Duration kHold = 25s;
constexpr Duration kSourceRetry = 200ms;

}  // namespace

Passage::Passage(SimulatedGate& gate, PostPtr post)
    : gate_(gate),
      post_(std::move(post)),
      times_(*elector::BatchTimes::of(post_->batch->request, gate.host_.wall_ms())),
      until_(gate.host_.now() + kHold) {
  gate_.host_.at(until_, [&gate] { gate.changed(); });
}

void Passage::client_left() {
  is_client_gone_ = true;
}

void Passage::go_on() {
  if (is_over_ || wait_ == Wait::call) return;
  const BootTime now = gate_.host_.now();
  if (wait_ == Wait::pause && now < again_at_ && !is_client_gone_) return;
  wait_ = Wait::change;
  if (now >= until_ || is_client_gone_) return end(503);
  if (!gate_.source_.knows(post_->connection)) return check_source();
  decide();
}

void Passage::check_source() {
  wait_ = Wait::call;
  gate_.check_source(post_->connection, [this](bool is_known) {
    wait_ = Wait::change;
    if (is_known && is_client_gone_) return end(503);
    if (is_known) return decide();
    wait_ = Wait::pause;
    again_at_ = gate_.host_.now() + kSourceRetry;
    gate_.host_.at(again_at_, [&gate = gate_] { gate.changed(); });
  });
}

void Passage::decide() {
  if (!std::exchange(has_arrived_, true)) gate_.arrived(post_->batch->stream, times_);
  if (is_over_) return;  // by a planted fault
  switch (gate_.judge(times_)) {
    case Verdict::acknowledge: return end(204);
    case Verdict::pass_on: return pass_on();
    case Verdict::hold: return;
  }
}

void Passage::pass_on() {
  const std::size_t stream = post_->batch->stream;
  if (gate_.is_passing_on_[stream] && !holds_turn_) return;
  gate_.is_passing_on_[stream] = holds_turn_ = true;
  wait_ = Wait::call;
  gate_.send(post_->batch, [this](std::optional<Receiver::Answer> answer) { answered(answer); });
}

void Passage::answered(std::optional<Receiver::Answer> answer) {
  wait_ = Wait::change;
  if (!answer) return go_on();
  switch (*answer) {
    case Receiver::Answer::done: gate_.stored(*post_->batch, times_); return end(204);
    case Receiver::Answer::fenced: gate_.shut_out(); return go_on();
    case Receiver::Answer::fence_first: gate_.fence_again(); return go_on();
    case Receiver::Answer::unavailable: return pause();
  }
}

void Passage::pause() {
  wait_ = Wait::pause;
  again_at_ = std::min(until_, gate_.host_.now() + backoff_.next(std::nullopt));
  gate_.host_.at(again_at_, [&gate = gate_] { gate.changed(); });
}

void Passage::drop() {
  if (!is_over_ && wait_ != Wait::call) end(204);
}

void Passage::end(int status) {
  is_over_ = true;
  if (is_client_gone_) gate_.source_lost();
  if (holds_turn_) gate_.is_passing_on_[post_->batch->stream] = false;
  if (!is_client_gone_) post_->answer(status);
  gate_.changed();
}

}  // namespace promfleet::sim::gate

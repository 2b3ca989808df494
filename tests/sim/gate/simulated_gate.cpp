#include "tests/sim/gate/simulated_gate.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/base/assert.h"
#include "elector/gate/progress_text.h"

namespace promfleet::sim::gate {

namespace {

using election::Reason;
using State = elector::DestinationGate::State;

constexpr Duration kAbortAfter = 1s;
constexpr Duration kFenceTimeMax = 5s;
constexpr Duration kRemoteTimeout = 30s;

}  // namespace

SimulatedGate::SimulatedGate(const World& world, GateHost& host)
    : world_(world), host_(host), gate_(world.streams, world.profile.lateness), is_passing_on_(world.streams) {}

void SimulatedGate::start() {
  tell_handicap();
}

void SimulatedGate::take(const PostPtr& post) {
  passages_.emplace_back(*this, post).go_on();
}

void SimulatedGate::client_left(const PostPtr& post) {
  const auto passage = std::ranges::find(passages_, post, &Passage::post);
  if (passage == passages_.end()) return;
  passage->client_left();
  changed();
}

// Those who wait are woken after what happens now, as by a Signal.
void SimulatedGate::changed() {
  tell_handicap();
  if (std::exchange(looks_soon_, true)) return;
  host_.at(host_.now(), [this] {
    looks_soon_ = false;
    if (is_being_fenced_ && !fence_attempt_) fence_until_known();
    for (Passage& passage : passages_) passage.go_on();
    passages_.remove_if([](const Passage& passage) { return passage.is_over(); });
  });
}

void SimulatedGate::open(const election::Term& term, Reason reason) {
  const std::optional<elector::TermOrigin>& saved = host_.origin_file();
  term_ = term;
  term_started_at_ = source_.started_at();
  if (reason == Reason::resumed) {
    if (!saved || saved->token != term.token) return yield(Reason::source_restarted);
    term_started_at_ = saved->started_at;
    const bool is_other = !source_.started_at().empty() && source_.started_at() != term_started_at_;
    if (is_other) return yield(Reason::source_restarted);
  }
  if (!term_started_at_.empty()) bind_term();
  gate_.begin_term();
  fence();
  changed();
}

void SimulatedGate::close(Reason reason) {
  gate_.end_term();
  term_.reset();
  is_closing_ = true;
  if (world_.fault == Fault::held_dropped) {
    for (Passage& passage : passages_) passage.drop();
  }
  if (reason == Reason::authority_lost) {
    abort_sends();
  } else {
    host_.at(host_.now() + kAbortAfter, [this, closing = ++closings_] {
      if (is_closing_ && closing == closings_) abort_sends();
    });
  }
  changed();
  sent();
}

void SimulatedGate::abort_sends() {
  for (const auto& [number, answered] : std::exchange(sends_, {})) answered(std::nullopt);
  sent();
}

void SimulatedGate::sent() {
  if (!is_closing_ || !sends_.empty()) return;
  is_closing_ = false;
  host_.gate_closed();
}

void SimulatedGate::send(const BatchPtr& batch, SendAnswered answered) {
  if (!term_ || !host_.has_authority()) return answered(std::nullopt);
  const std::uint64_t number = ++numbers_;
  sends_.emplace(number, std::move(answered));
  world_.trace.line(host_.name_in_trace(), "sends [{}] {} samples of process {}", number, batch->samples.size(),
                    batch->source);
  host_.write(term_->token.value(), batch,
              [this, number](Receiver::Answer answer, const Receiver::Watermarks&) { end_send(number, answer); });
  host_.at(host_.now() + kRemoteTimeout, [this, number] { end_send(number, Receiver::Answer::unavailable); });
}

void SimulatedGate::end_send(std::uint64_t number, std::optional<Receiver::Answer> answer) {
  const auto send = sends_.find(number);
  if (send == sends_.end()) return;
  const SendAnswered answered = std::move(send->second);
  sends_.erase(send);
  world_.trace.line(host_.name_in_trace(), "sent [{}]: {}", number, static_cast<int>(*answer));
  answered(answer);
  sent();
}

void SimulatedGate::fence() {
  if (is_being_fenced_ || !term_) return;
  is_being_fenced_ = true;
  fence_pause_ = {};
  fence_paused_in_.reset();
  fence_until_known();
}

// The loop of Gate::fence_until_known, from one wait to the next.
void SimulatedGate::fence_until_known() {
  if (!term_ || gate_.state() != State::fencing) {
    is_being_fenced_ = false;
    return;
  }
  if (fence_paused_in_ == term_ && host_.now() < fence_again_at_) return;
  const std::uint64_t attempt = ++numbers_;
  fence_attempt_ = attempt;
  world_.trace.line(host_.name_in_trace(), "fences [{}] with token {}", attempt, term_->token.value());
  const auto answered = [this, attempt, term = *term_](Receiver::Answer answer, const Receiver::Watermarks& marks) {
    if (fence_attempt_ != attempt) return;
    fence_attempt_.reset();
    if (term_ == term) take_fence_answer(term, answer, marks);
    fence_until_known();
  };
  host_.fence({remote_write::FencingToken(term_->token.value()), term_started_at_}, answered);
  host_.at(host_.now() + kFenceTimeMax, [answered] { answered(Receiver::Answer::unavailable, {}); });
}

void SimulatedGate::take_fence_answer(const election::Term& term, Receiver::Answer answer,
                                      const Receiver::Watermarks& watermarks) {
  world_.trace.line(host_.name_in_trace(), "fence with token {}: {}", term.token.value(), static_cast<int>(answer));
  switch (answer) {
    case Receiver::Answer::done:
      for (std::size_t stream = 0; stream < world_.streams; ++stream) {
        const auto watermark = watermarks.find(Receiver::stream_name(stream));
        if (watermark != watermarks.end()) gate_.heard(stream, watermark->second);
      }
      gate_.open();
      break;
    case Receiver::Answer::fenced: shut_out(); break;
    case Receiver::Answer::fence_first:
    case Receiver::Answer::unavailable:
      fence_paused_in_ = term_;
      fence_again_at_ = host_.now() + fence_pause_.next(std::nullopt);
      host_.at(fence_again_at_, [this] { changed(); });
  }
  changed();
}

void SimulatedGate::fence_again() {
  gate_.fence_again();
  fence();
}

void SimulatedGate::shut_out() {
  if (term_) gate_.shut_out();
}

void SimulatedGate::check_source(http::ConnectionNumber connection, std::function<void(bool is_known)> checked) {
  const auto asked = std::make_shared<std::function<void(bool)>>(std::move(checked));
  const auto answered = [this, connection, asked](const std::optional<std::string>& started_at) {
    const std::function<void(bool)> call_back = std::exchange(*asked, nullptr);
    if (!call_back) return;
    if (started_at && first_started_at_.empty()) first_started_at_ = *started_at;
    if (started_at) learn(connection, world_.fault == Fault::start_unchecked ? first_started_at_ : *started_at);
    call_back(started_at.has_value());
  };
  host_.ask_start_time(answered);
  host_.at(host_.now() + kFenceTimeMax, [answered] { answered(std::nullopt); });
}

void SimulatedGate::learn(http::ConnectionNumber connection, std::string started_at) {
  if (source_.learn(connection, std::move(started_at)) == elector::SourceCheck::Finding::restarted) {
    gate_.source_restarted();
  }
  if (term_ && term_started_at_.empty()) {
    term_started_at_ = source_.started_at();
    bind_term();
  }
  if (term_ && term_started_at_ != source_.started_at()) yield(Reason::source_restarted);
  changed();
}

void SimulatedGate::bind_term() {
  host_.origin_file() = elector::TermOrigin{.token = term_->token, .started_at = term_started_at_};
}

void SimulatedGate::source_lost() {
  source_.lost();
  gate_.source_restarted();
  changed();
}

void SimulatedGate::arrived(std::size_t stream, const elector::BatchTimes& times) {
  const bool has_jumped = gate_.arrived(stream, times, host_.wall_ms());
  if (has_jumped && term_) yield(Reason::source_jumped);
  tell_handicap();
}

elector::DestinationGate::Verdict SimulatedGate::judge(const elector::BatchTimes& times) {
  using Verdict = elector::DestinationGate::Verdict;
  const Verdict verdict = gate_.judge(times, authority(), host_.wall_ms());
  if (world_.fault != Fault::lateness_ignored || verdict != Verdict::hold) return verdict;
  const std::optional<std::int64_t> watermark_ms = gate_.watermark_ms(0);
  return watermark_ms && times.reach_ms(host_.wall_ms()) <= watermark_ms ? Verdict::acknowledge : verdict;
}

void SimulatedGate::stored(const Batch& batch, const elector::BatchTimes& times) {
  if (world_.fault != Fault::highest_watermark) return gate_.stored(batch.stream, times, host_.wall_ms());
  remote_write::WriteRequest highest;
  highest.begin_series({});
  highest.add_sample({.timestamp_ms = batch.request.time_range()->highest_ms});
  gate_.stored(batch.stream, *elector::BatchTimes::of(highest, host_.wall_ms()), host_.wall_ms());
}

void SimulatedGate::yield(Reason reason) {
  gate_.end_term();
  term_.reset();
  host_.gate_yields(reason);
}

std::optional<std::string> SimulatedGate::to_tell() const {
  elector::GateProgress progress{.sent_ms = host_.wall_ms(), .watermarks_ms = {}};
  for (std::size_t stream = 0; stream < world_.streams; ++stream) {
    if (const auto watermark = gate_.watermark_ms(stream)) {
      progress.watermarks_ms[Receiver::stream_name(stream)] = *watermark;
    }
  }
  if (progress.watermarks_ms.empty()) return std::nullopt;
  return format_progress(progress);
}

void SimulatedGate::heard(const std::string& told) {
  const Result<elector::GateProgress> progress = elector::parse_progress(told);
  ASSERT(progress);
  for (std::size_t stream = 0; stream < world_.streams; ++stream) {
    const auto watermark = progress->watermarks_ms.find(Receiver::stream_name(stream));
    if (watermark != progress->watermarks_ms.end()) gate_.heard(stream, std::min(watermark->second, host_.wall_ms()));
  }
  changed();
}

void SimulatedGate::tell_handicap() {
  const Duration handicap = gate_.handicap(world_.profile.timing.lease_duration);
  if (handicap == std::exchange(handicap_, handicap) || world_.fault == Fault::handicap_untold) return;
  host_.handicap_changed(handicap);
}

}  // namespace promfleet::sim::gate

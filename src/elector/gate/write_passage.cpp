#include "elector/gate/write_passage.h"

#include <utility>

#include "elector/gate/narrowing.h"
#include "remote_write/receiver/receive.h"

namespace promfleet::elector {

namespace {

using remote_write::Version;
using remote_write::WriteAnswer;
using Verdict = DestinationGate::Verdict;

constexpr remote_write::ReceiveLimits kLimits;

// After a Prometheus that did not say when it was started.
constexpr Duration kSourceRetry = 200ms;

// Thanos answers 409, and a receiver of 2.0 tells how much, when they have stored what was right with a batch.
bool has_taken_the_rest(const WriteAnswer& answer) {
  return answer.status == 409 || (answer.status == 400 && answer.counts);
}

http::Response not_now(std::string_view why) {
  return http::text_response(503, why);
}

http::Response too_much() {
  return not_now(
      "too much is held already (max_held_bytes): one request at a time is expected, with max_shards: 1 in Prometheus' "
      "queue_config");
}

http::Response too_large() {
  return http::text_response(413, fmt::format("a request may have at most {} bytes", kLimits.body_bytes_max));
}

}  // namespace

WritePassage::WritePassage(Gate& gate, Outlet& outlet, http::Exchange& exchange)
    : gate_(gate), outlet_(outlet), exchange_(exchange), until_(gate.parts_.clock.now() + outlet.entry().hold) {
  ++outlet_.held_requests;
}

WritePassage::~WritePassage() {
  --outlet_.held_requests;
  outlet_.held_bytes -= held_bytes_;
  if (holds_turn_) outlet_.is_passing_on = false;
  gate_.changed_.notify();
}

Task<> WritePassage::run() {
  std::expected<Version, http::Response> version = remote_write::announced_version(exchange_.request());
  std::optional<http::Response> answer;
  if (!version) {
    answer = std::move(version).error();
  } else {
    answer = co_await take_in(*version);
  }
  exchange_.when_gone([this] {
    is_client_gone_ = true;
    gate_.changed_.notify();
  });
  if (!answer && !is_client_gone_) answer = co_await outcome();
  if (is_client_gone_ && !gate_.is_stopped_) gate_.source_lost();
  if (answer) static_cast<void>(co_await exchange_.respond(*std::move(answer)));
}

Task<std::optional<http::Response>> WritePassage::take_in(Version version) {
  batch_.version = version;
  if (std::optional<http::Response> refusal = co_await read_body()) co_return refusal;
  const Result<remote_write::WriteRequest*> request = gate_.decoder_.decode(version, batch_.body);
  if (!request) co_return remote_write::refusal(request.error());
  batch_.times = BatchTimes::of(**request, gate_.wall_ms());
  batch_.counts = all_of(**request);
  gate_.decoder_.trim();
  co_return std::nullopt;
}

// What has come counts as held, not what is announced: whoever says much and sends nothing keeps nobody out.
Task<std::optional<http::Response>> WritePassage::read_body() {
  const std::uint64_t announced = exchange_.body_bytes().value_or(0);
  if (announced > kLimits.body_bytes_max) co_return too_large();
  if (!has_room_for(announced)) co_return too_much();
  for (;;) {
    const Result<std::string_view> piece = co_await exchange_.read_some();
    if (!piece) co_return remote_write::refusal(piece.error());
    if (piece->empty()) co_return std::nullopt;
    if (batch_.body.size() + piece->size() > kLimits.body_bytes_max) co_return too_large();
    if (!has_room_for(piece->size())) co_return too_much();
    batch_.body.append(*piece);
    held_bytes_ += piece->size();
    outlet_.held_bytes += piece->size();
  }
}

bool WritePassage::has_room_for(std::uint64_t bytes) const {
  return outlet_.held_bytes + bytes <= outlet_.entry().held_bytes_max;
}

bool WritePassage::may_go_on() const {
  return gate_.parts_.clock.now() < until_ && !gate_.is_stopped_ && !is_client_gone_;
}

Task<http::Response> WritePassage::outcome() {
  Clock& clock = gate_.parts_.clock;
  bool has_arrived = false;
  while (may_go_on()) {
    if (const Result<> known = co_await gate_.check_source(exchange_.connection()); !known) {
      why_held_ = fmt::format("Prometheus does not tell when it was started: {}", known.error().message());
      if (!co_await sleep_for(clock, kSourceRetry)) break;
      continue;
    }
    if (is_client_gone_) break;  // it may be another process that has answered
    if (!std::exchange(has_arrived, true)) gate_.arrived(outlet_, batch_);
    switch (verdict()) {
      case Verdict::acknowledge: co_return acknowledged();
      case Verdict::pass_on:
        if (std::optional<http::Response> answer = co_await pass_on()) co_return *std::move(answer);
        break;
      case Verdict::hold:
        if (!co_await wait_until(gate_.changed_, clock, until_)) co_return not_now("the elector ends");
    }
  }
  co_return not_now(gate_.is_stopped_ ? "the elector ends" : gate_.why_held(outlet_, why_held_));
}

// Metadata and exemplars are not held: the leader's Prometheus has its own.
Verdict WritePassage::verdict() {
  if (batch_.times) return outlet_.gate().judge(*batch_.times, gate_.authority(), gate_.wall_ms());
  const bool passes = outlet_.gate().state() == DestinationGate::State::open && gate_.parts_.has_authority();
  return passes ? Verdict::pass_on : Verdict::acknowledge;
}

http::Response WritePassage::acknowledged() {
  outlet_.metrics().acknowledged_samples.increment(
      static_cast<double>(batch_.counts.samples + batch_.counts.histograms));
  return remote_write::stored(batch_.version, batch_.counts);
}

Task<std::optional<http::Response>> WritePassage::pass_on() {
  if (outlet_.is_passing_on && !holds_turn_) {
    why_held_ = "another request of this entry is on its way: one at a time is expected, with max_shards: 1";
    static_cast<void>(co_await wait_until(gate_.changed_, gate_.parts_.clock, until_));
    co_return std::nullopt;
  }
  if (!std::exchange(holds_turn_, true)) why_held_.clear();
  outlet_.is_passing_on = true;
  if (const Result<> shaped = shape(); !shaped) co_return remote_write::refusal(shaped.error());
  const std::string& body = shaped_ ? *shaped_ : batch_.body;
  const Version version = outlet_.version_for(batch_);
  if (outlet_.narrowing && outlet_.narrowing->is_of(version, body)) co_return co_await narrow_on();
  if (batch_.times) outlet_.narrowing.reset();
  const std::optional<WriteAnswer> answer = co_await gate_.send(outlet_, version, body);
  if (!answer) co_return std::nullopt;
  co_return co_await answered(*answer);
}

Result<> WritePassage::shape() {
  if (shaped_ || outlet_.takes_as_it_is(batch_)) return {};
  Result<std::string> body = outlet_.shape(batch_);
  if (!body) return std::unexpected(std::move(body).error());
  shaped_ = *std::move(body);
  return {};
}

Task<std::optional<http::Response>> WritePassage::answered(const WriteAnswer& answer) {
  using Kind = WriteAnswer::Kind;
  outlet_.problem = answer.kind == Kind::stored ? "" : answer.message;
  switch (answer.kind) {
    case Kind::stored:
      count_passed_on(batch_.counts);
      settle();
      co_return remote_write::stored(batch_.version, answer.counts.value_or(batch_.counts));
    case Kind::refused: {
      if (!has_taken_the_rest(answer)) co_return co_await narrow_down(answer);
      const remote_write::WrittenCounts written = answer.counts.value_or(remote_write::WrittenCounts());
      count_passed_on(written);
      outlet_.count_refused(answer.status, refused_samples(answer));
      co_return refused(answer, written);
    }
    case Kind::fenced: gate_.shut_out(outlet_, answer.message); co_return std::nullopt;
    case Kind::fence_first: gate_.fence_again(outlet_); break;
    case Kind::unknown_version:
      if (outlet_.version_for(batch_) == Version::v2) {
        outlet_.fall_back_to_v1();
        shaped_.reset();
        co_return std::nullopt;
      }
      break;
    case Kind::again: break;
  }
  co_await pause(answer);
  co_return std::nullopt;
}

Task<std::optional<http::Response>> WritePassage::narrow_down(const WriteAnswer& refusal) {
  auto narrowing = Narrowing::of(outlet_.version_for(batch_), shaped_ ? *shaped_ : batch_.body);
  if (!narrowing) co_return remote_write::refusal(narrowing.error());
  outlet_.count_refused(refusal.status, (*narrowing)->refused(refusal));
  outlet_.narrowing = *std::move(narrowing);
  co_return co_await narrow_on();
}

// Where it ends early it goes on when Prometheus sends the same bytes again.
Task<std::optional<http::Response>> WritePassage::narrow_on() {
  Narrowing& narrowing = *outlet_.narrowing;
  while (!narrowing.is_done()) {
    if (!may_go_on()) co_return std::nullopt;
    const Result<std::string> part = narrowing.next_part();
    if (!part) co_return remote_write::refusal(part.error());
    const std::optional<WriteAnswer> answer = co_await gate_.send(outlet_, outlet_.version_for(batch_), *part);
    if (!answer) co_return std::nullopt;
    if (answer->kind == WriteAnswer::Kind::stored) {
      count_passed_on(narrowing.stored());
    } else if (answer->kind == WriteAnswer::Kind::refused) {
      outlet_.count_refused(answer->status, narrowing.refused(*answer));
    } else {
      co_return co_await answered(*answer);
    }
  }
  if (narrowing.refusal()) co_return refused(*narrowing.refusal(), narrowing.written());
  outlet_.problem.clear();
  settle();
  co_return remote_write::stored(batch_.version, batch_.counts);
}

// Of a batch of which the rest was taken. How many they were, 409 does not tell: one at least.
std::size_t WritePassage::refused_samples(const WriteAnswer& answer) const {
  if (!answer.counts) return 1;
  const std::size_t written = answer.counts->samples + answer.counts->histograms;
  return std::max<std::size_t>(batch_.counts.samples + batch_.counts.histograms, written) - written;
}

void WritePassage::settle() {
  if (batch_.times) outlet_.gate().stored(outlet_.stream(), *batch_.times, gate_.wall_ms());
}

void WritePassage::count_passed_on(const remote_write::WrittenCounts& written) {
  outlet_.metrics().passed_on_samples.increment(static_cast<double>(written.samples + written.histograms));
}

// As the destination answered, so that Prometheus shows what it would show without a gate.
http::Response WritePassage::refused(const WriteAnswer& refusal, const remote_write::WrittenCounts& written) {
  settle();
  http::Response answer = http::text_response(refusal.status, refusal.message);
  if (batch_.version == Version::v2) remote_write::add_counts(written, answer.fields);
  return answer;
}

Task<> WritePassage::pause(const WriteAnswer& answer) {
  why_held_ = answer.message;
  outlet_.metrics().retries.increment();
  const BootTime again_at = std::min(until_, gate_.parts_.clock.now() + backoff_.next(answer.retry_after));
  while (gate_.parts_.clock.now() < again_at && may_go_on()) {
    if (!co_await wait_until(gate_.changed_, gate_.parts_.clock, again_at)) co_return;
  }
}

}  // namespace promfleet::elector

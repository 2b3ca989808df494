#include "tests/sim/gate/receiver.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

namespace promfleet::sim::gate {

namespace {

using namespace remote_write;

constexpr WallTime kEpoch = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);
// Of so many commits one writes the watermarks, too.
constexpr int kCommitsBetweenRecords = 8;

Receiver::Answer answer_for(Refusal refusal) {
  switch (refusal) {
    case Refusal::fenced: return Receiver::Answer::fenced;
    case Refusal::fence_first: return Receiver::Answer::fence_first;
    case Refusal::too_many_streams:
    case Refusal::too_many_series: break;
  }
  return Receiver::Answer::unavailable;
}

}  // namespace

Receiver::Receiver(const World& world, Duration clock_offset)
    : world_(world), clock_offset_(clock_offset), process_(world.timeline) {
  disk_.newest.resize(world.targets.series().size());
}

std::string Receiver::stream_name(std::size_t stream) {
  return fmt::format("stream{}", stream);
}

void Receiver::start() {
  process_.begin_life();
  GroupSnapshot found{disk_.record, {}};
  std::ranges::remove_copy_if(disk_.newest, std::back_inserter(found.series), &SeriesEntry::is_free);
  if (world_.fault == Fault::token_forgotten) found.record.token.reset();
  if (world_.fault == Fault::sources_forgotten) found.record.sources.clear();
  group_.emplace(found);
  world_.trace.line("recv", "starts with {} series", found.series.size());
}

// What was being written may be on the disk, or not.
void Receiver::kill() {
  world_.trace.line("recv", "killed");
  if (running_ && world_.chance.happens(0.5)) store();
  process_.begin_life();
  running_.reset();
  waiting_.clear();
  group_.reset();
}

void Receiver::write(FencingToken token, const BatchPtr& batch, Answered answered) {
  arrive({token, batch, "", std::move(answered), false});
}

void Receiver::fence(const FenceRequest& request, Answered answered) {
  arrive({request.token, nullptr, request.source, std::move(answered), false});
}

void Receiver::arrive(Operation operation) {
  if (!lives()) return operation.answered(Answer::unavailable, {});
  process_.guarded([this, operation = std::move(operation)] {
    waiting_.push_back(operation);
    waiting_.back().passed_before_lock = group_->record().token == operation.token;
    next();
  })();
}

void Receiver::next() {
  while (!running_ && !waiting_.empty()) {
    const Operation operation = std::move(waiting_.front());
    waiting_.pop_front();
    if (const std::optional<Answer> refusal = begin(operation)) operation.answered(*refusal, {});
  }
}

// nullopt: it has the lock now.
std::optional<Receiver::Answer> Receiver::begin(Operation operation) {
  Running running{std::move(operation), std::nullopt, {}};
  if (running.operation.batch) {
    auto admission = group_->admit(running.operation.batch->request, token_to_check(running.operation),
                                   stream_name(running.operation.batch->stream));
    if (!admission) return answer_for(admission.error());
    running_.emplace(std::move(running));
    running_->admission.emplace(std::move(*admission));
  } else {
    FenceRequest request{running.operation.token, running.operation.source};
    if (world_.fault == Fault::processes_taken_for_one) request.source = "anyone";
    auto fenced = group_->fence(request);
    if (!fenced) return answer_for(fenced.error());
    running.fenced = *std::move(fenced);
    running_.emplace(std::move(running));
  }
  const bool is_slow = world_.timeline.now() < slow_until_;
  world_.timeline.after(world_.chance.between(1ms, is_slow ? Duration(3s) : Duration(10ms)), process_.guarded([this] {
    store();
    finish();
    next();
  }));
  return std::nullopt;
}

FencingToken Receiver::token_to_check(const Operation& operation) const {
  const bool is_believed = world_.fault == Fault::token_before_lock && operation.passed_before_lock;
  return is_believed ? *group_->record().token : operation.token;
}

// It is durable now.
void Receiver::store() {
  const Operation& operation = running_->operation;
  if (!operation.batch) {
    disk_.record = running_->fenced;
    cut_ms_ = 0;
    for (const SeriesEntry& entry : disk_.newest) cut_ms_ = std::max(cut_ms_, entry.state.timestamp_ms);
    world_.trace.line("recv", "is fenced with token {}", operation.token.value());
    return world_.judge.fenced(operation.token.value(), operation.source);
  }
  const WriteRequest& request = kept();
  world_.trace.line("recv", "stores {} of {} samples with token {}", request.samples().size(),
                    operation.batch->samples.size(), operation.token.value());
  world_.judge.arrives(operation.token.value(), *operation.batch);
  for (const remote_write::Series& series : request.series()) {
    const SeriesNumber number = number_of(request.labels(series).front().value);
    for (const Sample& sample : request.samples(series)) {
      disk_.newest[number] = {
          series_key(request.labels(series)),
          {sample.timestamp_ms, sample.value, group_->term().token, group_->term().generation, ValueKind::number}};
      world_.judge.stored(number, sample.timestamp_ms);
    }
  }
}

void Receiver::finish() {
  Running ended = *std::exchange(running_, std::nullopt);
  if (ended.admission) {
    ended.admission->commit(wall());
    if (++commits_ % kCommitsBetweenRecords == 0) disk_.record.watermarks = group_->record().watermarks;
  } else {
    group_->adopt(ended.fenced);
  }
  ended.operation.answered(Answer::done, group_->record().watermarks);
}

const WriteRequest& Receiver::kept() {
  if (world_.fault != Fault::one_cut) return running_->admission->kept();
  const FencingToken token = running_->operation.token;
  behind_cut_.clear();
  for (const Measurement& sample : running_->operation.batch->samples) {
    const SeriesState& last = disk_.newest[sample.series].state;
    const bool goes_on = last.kind != ValueKind::none && last.token == token;
    if (sample.time_ms <= (goes_on ? last.timestamp_ms : cut_ms_)) continue;
    behind_cut_.begin_series(world_.targets.labels(sample.series));
    behind_cut_.add_sample({.timestamp_ms = sample.time_ms, .value = sample.value});
  }
  return behind_cut_;
}

SeriesNumber Receiver::number_of(std::string_view name) const {
  SeriesNumber number = 0;
  std::from_chars(name.data() + 1, name.data() + name.size(), number);
  return number;
}

WallTime Receiver::wall() const {
  return kEpoch + world_.timeline.now() + clock_offset_;
}

}  // namespace promfleet::sim::gate

#include "tests/sim/gate/writer.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

namespace promfleet::sim::gate {

namespace {

constexpr Duration kRemoteTimeout = 30s;
constexpr Duration kBackoffMin = 30ms;
constexpr Duration kBackoffMax = 5s;
constexpr Duration kFlushDeadline = 20s;
constexpr Duration kLoopbackMin{100us};
constexpr Duration kLoopbackMax{2ms};

}  // namespace

Writer::Writer(Setup setup, const World& world, const MemberClock& clock)
    : setup_(std::move(setup)),
      world_(world),
      process_(world.timeline),
      scraper_(setup_.replica, world, clock, process_, [this](const Measurement& sample) { append(sample); }) {}

void Writer::start() {
  process_.begin_life();
  source_ = world_.judge.process_begins();
  world_.trace.line(setup_.name, "starts as process {}", *source_);
  is_ending_ = false;
  newest_ms_.assign(world_.targets.series().size(), std::numeric_limits<std::int64_t>::min());
  queues_.clear();
  for (std::size_t number = 0; number < setup_.queues; ++number) {
    queues_.push_back({.stream = number % world_.streams, .sent_at = world_.timeline.now(), .backoff = kBackoffMin});
  }
  scraper_.start();
}

void Writer::kill() {
  world_.trace.line(setup_.name, "killed");
  end();
}

void Writer::end() {
  process_.begin_life();
  if (source_) world_.judge.process_ends(*source_);
  source_.reset();
  for (Queue& queue : queues_) {
    if (queue.post) gate_->leave(queue.post);
    queue.post.reset();
  }
}

void Writer::terminate() {
  if (!lives()) return;
  world_.trace.line(setup_.name, "is told to end");
  scraper_.stop();
  is_ending_ = true;
  end_if_flushed();
  world_.timeline.after(kFlushDeadline, process_.guarded([this] {
    if (lives()) end();
  }));
}

void Writer::end_if_flushed() {
  if (!is_ending_ || waits_since()) return;
  world_.trace.line(setup_.name, "ended");
  end();
}

std::optional<Instant> Writer::waits_since() const {
  std::optional<Instant> since;
  const auto waits = [&](const Measurement& sample) {
    since = std::min(since.value_or(sample.appended_at), sample.appended_at);
  };
  for (const Queue& queue : queues_) {
    if (queue.batch) {
      waits(queue.batch->samples.back());
    } else if (!queue.pending.empty()) {
      waits(queue.pending.front());
    }
  }
  return since;
}

void Writer::ask(std::function<void(std::optional<std::string> started_at)> answered) {
  const Duration there = world_.chance.between(kLoopbackMin, kLoopbackMax);
  if (!lives()) return world_.timeline.after(there, [answered = std::move(answered)] { answered(std::nullopt); });
  world_.timeline.after(there, process_.guarded([answered = std::move(answered), source = *source_] {
    answered(fmt::format("{}", source));
  }));
}

// The TSDB takes no sample that is not later than the series' last.
void Writer::append(Measurement sample) {
  std::int64_t& newest_ms = newest_ms_[sample.series];
  if (sample.time_ms <= newest_ms) return;
  newest_ms = sample.time_ms;
  sample.appended_at = world_.timeline.now();
  world_.judge.appended(*source_, sample);
  Queue& queue = queues_[sample.series % queues_.size()];
  queue.pending.push_back(sample);
  consider(queue);
}

// Full batches leave at once; what is less waits for the deadline.
void Writer::consider(Queue& queue) {
  if (queue.batch || queue.pending.empty()) return;
  const Instant deadline = queue.sent_at + world_.profile.batch_deadline;
  const bool is_full = queue.pending.size() >= setup_.batch_samples_max;
  if (is_full || is_ending_ || world_.timeline.now() >= deadline) return begin_batch(queue);
  world_.timeline.at(deadline, process_.guarded([this, &queue, timer = ++queue.timers] {
    if (timer == queue.timers) consider(queue);
  }));
}

void Writer::begin_batch(Queue& queue) {
  const auto batch = std::make_shared<Batch>();
  batch->source = *source_;
  batch->stream = queue.stream;
  while (!queue.pending.empty() && batch->samples.size() < setup_.batch_samples_max) {
    const Measurement& sample = batch->samples.emplace_back(queue.pending.front());
    batch->request.begin_series(world_.targets.labels(sample.series));
    batch->request.add_sample({.timestamp_ms = sample.time_ms, .value = sample.value});
    queue.pending.pop_front();
  }
  ++queue.timers;
  queue.batch = batch;
  queue.backoff = kBackoffMin;
  send(queue);
}

void Writer::send(Queue& queue) {
  queue.connection = gate_->connect(queue.connection);
  const auto post = std::make_shared<Post>(*queue.connection, queue.batch, nullptr);
  const std::weak_ptr<Post> weak = post;
  post->answer = [this, &queue, weak, life = process_.life()](int status) {
    if (life != process_.life()) return;
    world_.timeline.after(world_.chance.between(kLoopbackMin, kLoopbackMax),
                          process_.guarded([this, &queue, weak, status] {
                            if (const PostPtr answered_post = weak.lock()) answered(queue, answered_post, status);
                          }));
  };
  queue.post = post;
  gate_->post(post);
  world_.timeline.after(kRemoteTimeout, process_.guarded([this, &queue, weak] {
    if (const PostPtr late = weak.lock()) timed_out(queue, late);
  }));
}

void Writer::timed_out(Queue& queue, const PostPtr& post) {
  if (queue.post != post) return;
  gate_->leave(post);
  answered(queue, post, 0);
}

void Writer::answered(Queue& queue, const PostPtr& post, int status) {
  if (queue.post != post) return;
  world_.trace.line(setup_.name, "{} samples: {}", post->batch->samples.size(), status);
  queue.post.reset();
  if (status == 0) queue.connection.reset();
  if (status == 0 || status >= 500) return send_again(queue);
  if (status >= 300) world_.judge.dropped(setup_.name, status);
  queue.batch.reset();
  queue.sent_at = world_.timeline.now();
  consider(queue);
  end_if_flushed();
}

void Writer::send_again(Queue& queue) {
  const Duration pause = std::exchange(queue.backoff, std::min(queue.backoff * 2, kBackoffMax));
  world_.timeline.after(pause, process_.guarded([this, &queue] { send(queue); }));
}

}  // namespace promfleet::sim::gate

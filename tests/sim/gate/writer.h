// A Prometheus that scrapes and writes to its gate, as 3.15 does (storage/remote/queue_manager.go, wlog/watcher.go).
//
// What is scraped goes into a WAL, and from there into batches: when there is enough for one, or when its deadline has
// come. Of each queue one batch is on its way; it is sent again for ever while the answer is 5xx or none, and dropped
// at any other 4xx. A new process begins with what it scrapes from then on.
//
// A queue here is what Prometheus calls a shard: those of several remote_write entries write to streams of their own,
// those of one entry share its stream.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "tests/sim/gate/post.h"
#include "tests/sim/gate/scraper.h"

namespace promfleet::sim::gate {

class Writer final : public StartTime {
 public:
  struct Setup {
    std::string name;
    Replica replica;
    std::size_t queues;
    std::size_t batch_samples_max;
  };

  Writer(Setup setup, const World& world, const MemberClock& clock);

  void write_to(PostBox& gate) { gate_ = &gate; }

  void start();
  void kill();
  // As by SIGTERM: scrapes no more, and flushes what it has for a while.
  void terminate();
  bool lives() const { return source_.has_value(); }
  // Was told to end, and has not yet.
  bool is_ending() const { return lives() && is_ending_; }
  Process& process() { return process_; }
  const std::string& name() const { return setup_.name; }
  // Of the process that runs.
  std::optional<ProcessNumber> source() const { return source_; }
  // Since when there is all of what waits to be acknowledged next.
  std::optional<Instant> waits_since() const;

  void ask(std::function<void(std::optional<std::string> started_at)> answered) override;

 private:
  struct Queue {
    std::size_t stream;
    std::deque<Measurement> pending;
    BatchPtr batch;  // on its way, or waiting to be sent again
    PostPtr post;    // on its way
    std::optional<http::ConnectionNumber> connection;
    Instant sent_at{0};  // the batch before
    Duration backoff;
    int timers = 0;
  };

  void append(Measurement sample);
  void consider(Queue& queue);
  void begin_batch(Queue& queue);
  void send(Queue& queue);
  void answered(Queue& queue, const PostPtr& post, int status);
  void timed_out(Queue& queue, const PostPtr& post);
  void send_again(Queue& queue);
  void end();
  void end_if_flushed();

  Setup setup_;
  World world_;
  Process process_;
  Scraper scraper_;
  PostBox* gate_ = nullptr;
  std::optional<ProcessNumber> source_;
  std::vector<Queue> queues_;
  std::vector<std::int64_t> newest_ms_;  // of each series
  bool is_ending_ = false;
};

}  // namespace promfleet::sim::gate

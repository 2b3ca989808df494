// A Prometheus that a test plays, in simulated time. It answers as the test says, and remembers what it was asked to
// load.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/async/signal.h"
#include "core/os/clock.h"
#include "core/os/file_system.h"
#include "elector/prometheus/prometheus.h"

namespace promfleet::elector {

class SimulatedPrometheus final : public Prometheus {
 public:
  // `config_file` is read from `files` at each reload.
  SimulatedPrometheus(asio::io_context& io, Clock& clock, FileSystem& files, std::string config_file)
      : released_(io.get_executor()), clock_(clock), files_(files), config_file_(std::move(config_file)) {}

  Task<ReloadAnswer> reload() override {
    const std::string loaded = files_.read(config_file_, kConfigBytesMax).value_or("nothing");
    loads.push_back(loaded);
    while (hold) {
      if (!co_await released_.wait()) co_return gave_up();
    }
    if (takes > Duration(0) && !co_await sleep_for(clock_, takes)) co_return gave_up();
    const bool is_good = loaded == accepts || (answer == ReloadAnswer::Kind::applied && !is_disliked(loaded));
    if (is_good) running = loaded;
    if (is_good) co_return ReloadAnswer();
    const bool is_rejected = answer == ReloadAnswer::Kind::applied;
    co_return ReloadAnswer{.kind = is_rejected ? ReloadAnswer::Kind::rejected : answer, .detail = "bad rule file"};
  }
  Task<Readiness> readiness() override {
    ++readiness_asked;
    if (readiness_takes > Duration(0) && !co_await sleep_for(clock_, readiness_takes)) co_return Readiness::not_ready;
    co_return ready;
  }
  Task<Result<>> health() override {
    ++health_asked;
    if (sick) co_return std::unexpected(*sick);
    co_return Result<>();
  }
  Task<Result<PrometheusFlags>> flags() override {
    ++flags_asked;
    co_return started_with;
  }
  Task<Result<std::string>> config_yaml() override {
    ++config_asked;
    co_return config;
  }
  Task<Result<std::string>> started_at() override {
    if (start_time_takes > Duration(0)) co_await sleep_for(clock_, start_time_takes);
    co_return start_time;
  }
  Task<Result<std::vector<RunningQueue>>> remote_write_queues() override { co_return queues; }

  // Lets a reload that is held go on.
  void release() {
    hold = false;
    released_.notify();
  }

  // How it answers a reload: a text that is `accepts` is applied in any case, one that contains `dislikes` is rejected.
  ReloadAnswer::Kind answer = ReloadAnswer::Kind::applied;
  std::string accepts;
  std::string dislikes;
  Duration takes{};
  bool hold = false;

  // How it answers everything else.
  Readiness ready = Readiness::ready;
  Duration readiness_takes{};
  std::optional<Error> sick;
  Result<PrometheusFlags> started_with = PrometheusFlags();
  std::vector<RunningQueue> queues;
  Result<std::string> config = std::string();
  Result<std::string> start_time = std::string("2026-01-01T00:00:00Z");
  Duration start_time_takes{};

  // What the file held at each reload, and which of it is in force.
  std::vector<std::string> loads;
  std::string running;
  int readiness_asked = 0;
  int health_asked = 0;
  int flags_asked = 0;
  int config_asked = 0;

 private:
  static constexpr std::size_t kConfigBytesMax = 64 * 1024 * 1024;

  static ReloadAnswer gave_up() { return {.kind = ReloadAnswer::Kind::unanswered, .detail = "cancelled"}; }
  bool is_disliked(const std::string& text) const { return !dislikes.empty() && text.contains(dislikes); }

  Signal released_;
  Clock& clock_;
  FileSystem& files_;
  std::string config_file_;
};

}  // namespace promfleet::elector

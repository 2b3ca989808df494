// What the fence costs a sample: a request of 2,000 series of a node_exporter, one sample each, in turn for as many
// series as the group has.
#include "remote_write/fence/group.h"

#include <array>

#include <benchmark/benchmark.h>

namespace promfleet::remote_write {
namespace {

constexpr std::size_t kSeriesOfARequest = 2'000;
constexpr std::int64_t kStart = 1'795'180'839'552;
constexpr FencingToken kToken(7);

// As it comes from the decoder: its arrays are the same ones each time.
void fill(WriteRequest& request, std::int64_t timestamp_ms, std::span<const std::string> instances) {
  request.clear();
  for (const std::string& instance : instances) {
    request.begin_series(std::array<Label, 7>{{{"__name__", "node_cpu_seconds_total"},
                                               {"cpu", "13"},
                                               {"env", "production"},
                                               {"instance", instance},
                                               {"job", "node-exporter"},
                                               {"mode", "softirq"},
                                               {"region", "eu-west-1"}}});
    request.add_sample({timestamp_ms, 1234.567});
  }
}

// Every sample is new: its time is one later than a round ago.
void admit_and_commit(benchmark::State& state) {
  std::vector<std::string> instances;
  for (std::int64_t number = 0; number < state.range(0); ++number) {
    instances.push_back("10.42." + std::to_string(number) + ":9100");
  }
  FenceGroup group;
  group.adopt({.token = kToken});
  WriteRequest request;
  std::int64_t now_ms = kStart;
  std::size_t next = 0;
  for (auto _ : state) {
    state.PauseTiming();
    fill(request, now_ms, std::span(instances).subspan(next, kSeriesOfARequest));
    next += kSeriesOfARequest;
    state.ResumeTiming();
    std::expected<Admission, Refusal> admission = group.admit(request, kToken, "stream");
    benchmark::DoNotOptimize(admission->kept());
    admission->commit(WallTime(std::chrono::milliseconds(now_ms)));
    if (next < instances.size()) continue;
    next = 0;
    ++now_ms;
  }
  state.counters["per_sample"] = benchmark::Counter(
      kSeriesOfARequest, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
BENCHMARK(admit_and_commit)->Arg(2'000)->Arg(100'000)->Arg(1'000'000);

}  // namespace
}  // namespace promfleet::remote_write

BENCHMARK_MAIN();

// What a request costs that Prometheus sends with its defaults: 2,000 series of a node_exporter, one sample each.
// Beside Prometheus' and VictoriaMetrics' decoders: bench/remote_write/run.
#include "codec/remote_write/decode.h"

#include <array>

#include <benchmark/benchmark.h>

#include "codec/remote_write/encode.h"
#include "codec/snappy/block.h"

namespace promfleet::remote_write {
namespace {

constexpr int kSeries = 2000;
constexpr std::array kModes = {"idle", "iowait", "irq", "nice", "softirq", "steal", "system", "user"};

// Strings that a request refers to.
struct Text {
  std::vector<std::string> numbers;
  std::vector<std::string> instances;

  Text() {
    for (int number = 0; number < 64; ++number) {
      numbers.push_back(std::to_string(number));
      instances.push_back("10.42." + std::to_string(number) + ".17:9100");
    }
  }
};

WriteRequest node_exporter(const Text& text) {
  WriteRequest request;
  for (int number = 0; number < kSeries; ++number) {
    const auto at = static_cast<std::size_t>(number);
    request.begin_series(std::vector<Label>{{"__name__", "node_cpu_seconds_total"},
                                            {"cpu", text.numbers[at / 8 % 16]},
                                            {"env", "production"},
                                            {"instance", text.instances[at / 128]},
                                            {"job", "node-exporter"},
                                            {"mode", kModes[at % 8]},
                                            {"region", "eu-west-1"}});
    request.add_sample({1'795'180'839'552 + number % 3, number * 1234.567});
  }
  return request;
}

using Decode = Result<void>(std::string_view, WriteRequest&);
using Encode = Result<void>(const WriteRequest&, std::string&, EncodeLimits);

std::string encoded(const WriteRequest& request, Encode* encode) {
  std::string body;
  const bool is_encoded = encode(request, body, {}).has_value();
  benchmark::DoNotOptimize(is_encoded);
  return body;
}

void count_samples(benchmark::State& state) {
  state.counters["per_sample"] =
      benchmark::Counter(kSeries, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void decode_blocks(benchmark::State& state, Decode* decode, Encode* encode) {
  std::string block;
  snappy::compress(encoded(node_exporter(Text()), encode), block);
  std::string body;
  WriteRequest request;
  for (auto _ : state) {
    benchmark::DoNotOptimize(snappy::decompress(block, 1 << 24, body));
    benchmark::DoNotOptimize(decode(body, request));
  }
  count_samples(state);
}

void decode_bodies(benchmark::State& state, Decode* decode, Encode* encode) {
  const std::string body = encoded(node_exporter(Text()), encode);
  WriteRequest request;
  for (auto _ : state) benchmark::DoNotOptimize(decode(body, request));
  count_samples(state);
}

void encode_bodies(benchmark::State& state, Encode* encode) {
  const Text text;
  const WriteRequest request = node_exporter(text);
  std::string body;
  for (auto _ : state) benchmark::DoNotOptimize(encode(request, body, {}));
  count_samples(state);
}

BENCHMARK_CAPTURE(decode_blocks, v1, decode_v1, encode_v1);
BENCHMARK_CAPTURE(decode_blocks, v2, decode_v2, encode_v2);
BENCHMARK_CAPTURE(decode_bodies, v1, decode_v1, encode_v1);
BENCHMARK_CAPTURE(decode_bodies, v2, decode_v2, encode_v2);
BENCHMARK_CAPTURE(encode_bodies, v1, encode_v1);
BENCHMARK_CAPTURE(encode_bodies, v2, encode_v2);

void compress_bodies(benchmark::State& state) {
  const std::string body = encoded(node_exporter(Text()), encode_v1);
  std::string block;
  for (auto _ : state) {
    snappy::compress(body, block);
    benchmark::DoNotOptimize(block.data());
  }
  count_samples(state);
}
BENCHMARK(compress_bodies);

}  // namespace
}  // namespace promfleet::remote_write

BENCHMARK_MAIN();

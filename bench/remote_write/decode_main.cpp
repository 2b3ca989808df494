// Decompresses and decodes a block of remote write 1.0 again and again, as a receiver does, and prints the nanoseconds
// that a sample takes.
//
//   bench_remote_write SECONDS FILE
#include <charconv>
#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>

#include "codec/remote_write/decode.h"
#include "codec/snappy/block.h"
#include "core/base/try.h"

namespace promfleet {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kBytesMax = 64 << 20;

struct Receiver {
  std::string body;
  remote_write::WriteRequest request;

  Result<std::size_t> decode(std::string_view block) {
    TRY(snappy::decompress(block, kBytesMax, body));
    TRY(remote_write::decode_v1(body, request));
    return request.samples().size();
  }
};

Result<double> nanoseconds_a_sample(std::string_view block, Clock::duration duration) {
  Receiver receiver;
  TRY(receiver.decode(block));  // warms up
  std::size_t samples = 0;
  const Clock::time_point began = Clock::now();
  while (Clock::now() - began < duration) {
    for (int round = 0; round < 20; ++round) {
      TRY_ASSIGN(const std::size_t count, receiver.decode(block));
      samples += count;
    }
  }
  return std::chrono::duration<double, std::nano>(Clock::now() - began).count() / static_cast<double>(samples);
}

}  // namespace
}  // namespace promfleet

int main(int count, char** arguments) {
  double seconds = 0;
  const std::string_view text = count == 3 ? arguments[1] : "";
  if (std::from_chars(text.data(), text.data() + text.size(), seconds).ec != std::errc()) {
    std::cerr << "usage: bench_remote_write SECONDS FILE\n";
    return 2;
  }
  std::ifstream file(arguments[2], std::ios::binary);
  const std::string block{std::istreambuf_iterator<char>(file), {}};
  const auto duration = std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(seconds));
  const auto cost = promfleet::nanoseconds_a_sample(block, duration);
  if (!cost) {
    std::cerr << to_string(cost.error()) << '\n';
    return 1;
  }
  std::cout << *cost << '\n';
  return 0;
}

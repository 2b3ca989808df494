// Sends one thing to a receiver, and tells what the answer means as a line of JSON.
//
//   remote_write_client URL write 1 0       a sample of now, in remote write 1.0: promfleet_test{version="1"} 42
//   remote_write_client URL write 2 86400   a sample of yesterday, in 2.0
//   remote_write_client URL fence           the group infra/prometheus, with the token 7
#include <cstdlib>
#include <iostream>
#include <span>
#include <string>
#include <string_view>

#include "codec/json/writer.h"
#include "codec/remote_write/encode.h"
#include "codec/snappy/block.h"
#include "core/async/task_scope.h"
#include "core/base/try.h"
#include "core/os/system_clock.h"
#include "net/resolver/host_lookup.h"
#include "net/resolver/resolver.h"
#include "net/stream/dialer.h"
#include "remote_write/client/destination.h"

namespace promfleet::remote_write {
namespace {

constexpr Duration kPatience = 10s;

// What the machine gives to a client.
struct Machine {
  asio::io_context io;
  SystemClock clock{io};
  net::SystemHostLookup lookup{1};
  net::Resolver resolver{io.get_executor(), clock, lookup};
  net::NetworkDialer dialer{clock, resolver};
};

struct Order {
  http::Url url;
  std::string_view action;
  Version version = Version::v1;
  std::chrono::seconds age{0};
};

std::string_view to_string(WriteAnswer::Kind kind) {
  switch (kind) {
    case WriteAnswer::Kind::stored: return "stored";
    case WriteAnswer::Kind::refused: return "refused";
    case WriteAnswer::Kind::again: return "again";
    case WriteAnswer::Kind::unknown_version: return "unknown_version";
    case WriteAnswer::Kind::fenced: return "fenced";
    case WriteAnswer::Kind::fence_first: return "fence_first";
  }
  std::abort();
}

std::string_view to_string(FenceAttempt::Kind kind) {
  switch (kind) {
    case FenceAttempt::Kind::done: return "done";
    case FenceAttempt::Kind::fenced: return "fenced";
    case FenceAttempt::Kind::foreign: return "foreign";
    case FenceAttempt::Kind::again: return "again";
  }
  std::abort();
}

Result<std::string> body_of(Version version, WallTime at) {
  WriteRequest request;
  request.begin_series(
      std::vector<Label>{{"__name__", "promfleet_test"}, {"version", version == Version::v1 ? "1" : "2"}});
  const auto since_epoch = std::chrono::floor<std::chrono::milliseconds>(at.time_since_epoch());
  request.add_sample({.timestamp_ms = since_epoch.count(), .value = 42});
  std::string body;
  TRY(version == Version::v1 ? encode_v1(request, body) : encode_v2(request, body));
  std::string block;
  snappy::compress(body, block);
  return block;
}

Task<Result<std::string>> write(Destination& destination, Clock& clock, const Order& order) {
  CO_TRY_ASSIGN(const std::string body, body_of(order.version, clock.wall_now() - order.age));
  CO_TRY_ASSIGN(const WriteAnswer answer,
                co_await destination.write({.version = order.version, .body = body}, clock.now() + kPatience));
  std::string line;
  json::Writer out(line);
  out.begin_object().member("kind", to_string(answer.kind)).member("status", answer.status);
  if (answer.counts) out.member("samples", answer.counts->samples);
  out.member("message", answer.message).end_object();
  co_return line;
}

Task<Result<std::string>> fence(Destination& destination, Clock& clock) {
  CO_TRY_ASSIGN(const FenceAttempt attempt,
                co_await destination.fence("infra/prometheus", {FencingToken(7), ""}, clock.now() + kPatience));
  std::string line;
  json::Writer out(line);
  out.begin_object().member("kind", to_string(attempt.kind)).member("message", attempt.message).end_object();
  co_return line;
}

Result<std::string> carry_out(const Order& order) {
  Machine machine;
  Result<std::string> line = fail(Errc::cancelled, "nothing was sent");
  {
    Destination destination({.dialer = machine.dialer, .clock = machine.clock}, order.url, "promfleet/test");
    TaskScope tasks(machine.io.get_executor());
    const auto run = [&]() -> Task<> {
      line = order.action == "fence" ? co_await fence(destination, machine.clock)
                                     : co_await write(destination, machine.clock, order);
      co_await machine.resolver.close();
      machine.io.stop();  // the clock's timer would keep it running
    };
    tasks.spawn(run());
    machine.io.run();
  }
  return line;
}

Result<Order> read_order(std::span<char*> arguments) {
  const std::size_t count = arguments.size();
  const bool is_fence = count == 3 && arguments[2] == std::string_view("fence");
  const bool is_write = count == 5 && arguments[2] == std::string_view("write");
  if (!is_fence && !is_write) return fail(Errc::invalid_input, "usage: remote_write_client URL fence|write 1|2 AGE_S");
  Order order{.action = arguments[2]};
  TRY_ASSIGN(order.url, http::parse_url(arguments[1]));
  if (is_fence) return order;
  order.version = arguments[3] == std::string_view("1") ? Version::v1 : Version::v2;
  order.age = std::chrono::seconds(std::atoi(arguments[4]));
  return order;
}

}  // namespace
}  // namespace promfleet::remote_write

int main(int count, char** arguments) {
  using namespace promfleet;
  const auto told = [&]() -> Result<std::string> {
    TRY_ASSIGN(const remote_write::Order order, remote_write::read_order(std::span(arguments, count)));
    return remote_write::carry_out(order);
  }();
  if (!told) {
    std::cerr << to_string(told.error()) << '\n';
    return 1;
  }
  std::cout << *told << '\n';
  return 0;
}

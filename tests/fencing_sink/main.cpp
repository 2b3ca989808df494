// The fencing sink as a process: README.md.
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "app/flags/flag_set.h"
#include "core/base/try.h"
#include "core/os/real_file_system.h"
#include "net/http/router.h"
#include "net/service/http_service.h"
#include "tests/fencing_sink/account_json.h"
#include "tests/fencing_sink/sink.h"

namespace promfleet::remote_write {
namespace {

constexpr std::string_view kFleet = "/api/v1/fleet/";

struct Options {
  std::string listen = "127.0.0.1:0";
  std::string folder;
};

class Process {
 public:
  // Serves until SIGINT or SIGTERM.
  Result<> run(const Options& options) {
    TRY_ASSIGN(const std::unique_ptr<FileLock> lock, files_.try_lock(options.folder + "/lock"));
    TRY_ASSIGN(sink_, Sink::open(options.folder + "/journal", service_.log()));
    router_.add_prefix("/api/v1/write", [this](http::Exchange& exchange) { return take_write(exchange); });
    router_.add_prefix(kFleet, [this](http::Exchange& exchange) { return speak_of_fleet(exchange); });
    router_.add("GET", "/account", [this](http::Exchange& exchange) { return show(exchange, format_account); });
    router_.add("GET", "/account/totals", [this](http::Exchange& exchange) { return show(exchange, format_totals); });
    return service_.run(options.listen, router_.handler(), [](std::uint16_t port) {
      std::printf("{\"port\":%u}\n", port);
      std::fflush(stdout);
    });
  }

 private:
  Task<> take_write(http::Exchange& exchange) {
    const http::Request& head = exchange.request();
    const std::expected<Version, http::Response> version = announced_version(head);
    if (!version) co_return co_await respond(exchange, sink_->refuse(version.error(), service_.clock().wall_now()));
    const Result<std::string> body = co_await exchange.read_body(ReceiveLimits{}.body_bytes_max);
    if (!body && body.error().code() != Errc::limit_exceeded) co_return;  // the sender has gone
    if (!body) co_return co_await respond(exchange, sink_->refuse(refusal(body.error()), service_.clock().wall_now()));
    const Sink::Write write{.version = *version,
                            .fields = {.group = head.fields.find(kGroupField),
                                       .token = head.fields.find(kTokenField),
                                       .stream = head.fields.find(kStreamField)},
                            .body = *body};
    co_await respond(exchange, sink_->write(write, service_.clock().wall_now()));
  }

  // GROUP, GROUP/fence or GROUP/fence-reset.
  Task<> speak_of_fleet(http::Exchange& exchange) {
    std::string_view path = http::path_of(exchange.request().target).substr(kFleet.size());
    const std::string_view verb = path.substr(std::min(path.size(), path.find('/')));
    path.remove_suffix(verb.size());
    const Result<std::string> group = decode_name(path);
    if (!group) co_return co_await respond(exchange, http::text_response(400, group.error().message()));
    const std::string_view wanted = verb.empty() ? "GET" : "POST";
    if (exchange.request().method != wanted) co_return co_await respond(exchange, http::text_response(405, wanted));
    const Result<std::string> body = co_await exchange.read_body(kFenceBodyBytesMax);
    if (!body) co_return co_await respond(exchange, http::text_response(400, body.error().message()));
    if (verb.empty()) {
      co_await respond(exchange, sink_->show(*group));
    } else if (verb == "/fence") {
      co_await respond(exchange, sink_->fence(*group, *body, service_.clock().wall_now()));
    } else if (verb == "/fence-reset") {
      co_await respond(exchange, sink_->reset(*group, service_.clock().wall_now()));
    } else {
      co_await respond(exchange, http::text_response(404, "fence and fence-reset are here"));
    }
  }

  Task<> show(http::Exchange& exchange, std::string (&format)(const Account&)) {
    http::Response response{.body = format(sink_->account())};
    response.fields.set("Content-Type", "application/json");
    co_await respond(exchange, std::move(response));
  }

  // A client that has gone does not hear it; the account has it all the same.
  static Task<> respond(http::Exchange& exchange, http::Response response) {
    [[maybe_unused]] const Result<> sent = co_await exchange.respond(std::move(response));
  }

  net::HttpService service_;
  RealFileSystem files_;
  std::unique_ptr<Sink> sink_;
  http::Router router_;
};

}  // namespace
}  // namespace promfleet::remote_write

int main(int argc, char** argv) {
  promfleet::remote_write::Options options;
  promfleet::FlagSet flags;
  flags.add("listen", options.listen, "HTTP listen address");
  flags.add("folder", options.folder, "Folder that holds the account");
  const auto parsed = flags.parse(std::vector<std::string>(argv + 1, argv + argc));
  if (!parsed || options.folder.empty()) {
    std::fprintf(stderr, "fencing_sink: %s\n", parsed ? "-folder is missing" : parsed.error().message().c_str());
    return 2;
  }
  const promfleet::Result<> served = promfleet::remote_write::Process().run(options);
  if (served) return 0;
  std::fprintf(stderr, "fencing_sink: %s\n", served.error().message().c_str());
  return 1;
}

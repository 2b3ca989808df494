#include "codec/json/line_reader.h"
#include "core/base/try.h"
#include "kube/client.h"
#include "kube/watch_event.h"

namespace promfleet::kube {
namespace {

// How long one watch request lasts before the server ends it, and we take it up again.
constexpr std::chrono::seconds kRequestSpan{240};
// The server sends a bookmark a minute.
constexpr Duration kSilenceMax = 90s;
constexpr Duration kListTime = 30s;
// Whoever comes back sooner than this would do so at once again: that is left to the caller's back-off.
constexpr Duration kSpanMin = 1s;

constexpr std::size_t kRefusalBytesMax = 64 * 1024;
// etcd takes no request beyond 1.5 MiB; JSON may be somewhat longer than what is stored.
constexpr std::size_t kEventBytesMax = 4 * 1024 * 1024;

Result<std::string> version_of(const json::Object& object) {
  TRY_ASSIGN(const json::Object* metadata, json::require_object(object, "metadata"));
  TRY_ASSIGN(const std::string_view version, json::require_string(*metadata, "resourceVersion"));
  return std::string(version);
}

}  // namespace

struct Client::Watch {
  const ObjectName& object;
  const OnObject& on_object;
  std::string version;  // the place from which to go on

  std::string target() const {
    return fmt::format("{}?fieldSelector=metadata.name%3D{}", collection_path(object), percent_encoded(object.name));
  }

  Result<> on_list(const json::Object& list) {
    TRY_ASSIGN(version, version_of(list));
    TRY_ASSIGN(const json::Array* items, json::find_array(list, "items"));
    const bool is_there = items != nullptr && !items->empty();
    if (is_there && !items->front().is_object()) return fail(Errc::protocol, "an item of the list is no object");
    return on_object(is_there ? &items->front().get_object() : nullptr);
  }

  Result<> on_event(const WatchEvent& event) {
    TRY_ASSIGN(version, version_of(event.object));
    if (event.type == EventType::bookmark) return {};
    return on_object(event.type == EventType::deleted ? nullptr : &event.object);
  }
};

// What came back to one watch request.
struct Client::WatchAnswer {
  int status = 0;
  http::Secrets secrets;  // that were sent
  std::string refusal;    // the body of anything but a 200
  std::optional<Duration> retry_after;
  std::optional<Status> error_event;  // with which the server ended the watch
  json::LineReader lines{kEventBytesMax};

  Result<> take(std::string_view piece, Watch& watch) {
    if (status != 200) {
      refusal.append(piece.substr(0, kRefusalBytesMax - std::min(refusal.size(), kRefusalBytesMax)));
      return {};
    }
    return lines.take(piece, [&](const json::Object& line) -> Result<> {
      TRY_ASSIGN(const WatchEvent event, read_event(line));
      if (event.type != EventType::error) return watch.on_event(event);
      error_event = read_status(event.object, secrets);
      return fail(Errc::closed, "the watch ended with an error");
    });
  }

  Status refusal_status() const { return read_status(status, refusal, secrets); }

  Result<WatchEnd> end(Result<> received, const ObjectName& object) const {
    if (status == kExpired || (error_event && error_event->code == kExpired)) return WatchEnd::expired;
    if (error_event) return std::unexpected(to_error(Verb::watch, object, *error_event));
    if (!received) return std::unexpected(std::move(received).error().with_context("watch " + to_string(object)));
    if (status != 200) return std::unexpected(to_error(Verb::watch, object, refusal_status()));
    return WatchEnd::orderly;
  }
};

Task<Result<>> Client::watch(const ObjectName& object, OnObject on_object) {
  Watch watch{.object = object, .on_object = on_object, .version = ""};
  while (true) {
    const BootTime listed_at = clock_.now();
    CO_TRY(co_await list(watch));
    WatchEnd end = WatchEnd::orderly;
    while (end == WatchEnd::orderly) {
      const BootTime begun_at = clock_.now();
      CO_TRY_ASSIGN(end, co_await follow(watch));
      if (end == WatchEnd::orderly && clock_.now() - begun_at < kSpanMin) {
        co_return fail(Errc::unavailable, "watch {}: the server ended it at once", to_string(object));
      }
    }
    if (clock_.now() - listed_at < kSpanMin) {
      co_return fail(Errc::unavailable, "watch {}: the server forgot the list at once", to_string(object));
    }
  }
}

Task<Result<>> Client::list(Watch& watch) {
  http::Request get = request("GET", watch.target());
  CO_TRY_ASSIGN(const json::Object list,
                co_await exchange(Verb::list, watch.object, std::move(get), clock_.now() + kListTime));
  co_return watch.on_list(list);
}

Task<Result<Client::WatchEnd>> Client::follow(Watch& watch) {
  http::Request get =
      request("GET", fmt::format("{}&watch=true&allowWatchBookmarks=true&timeoutSeconds={}&resourceVersion={}",
                                 watch.target(), kRequestSpan.count(), percent_encoded(watch.version)));
  for (int attempt = 1;; ++attempt) {
    CO_TRY(check_may_send(Verb::watch, watch.object));
    CO_TRY(authorize(get));
    WatchAnswer answer{.secrets = http::credentials_of(get.fields)};
    const auto on_head = [&](const http::Response& head) -> Result<> {
      answer.status = head.status;
      answer.retry_after = retry_after(head);
      return {};
    };
    const auto on_data = [&](std::string_view piece) { return answer.take(piece, watch); };
    Result<> received = co_await http_.receive(get, on_head, on_data, kSilenceMax);
    if (answer.status == 401 && attempt == 1 && authorization_.may_have_changed()) continue;
    leave_alone(Verb::watch, answer.refusal_status(), answer.retry_after, kNever);
    co_return answer.end(std::move(received), watch.object);
  }
}

}  // namespace promfleet::kube

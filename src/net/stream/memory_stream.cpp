#include "net/stream/memory_stream.h"

#include <algorithm>
#include <cstring>
#include <string>

#include <boost/asio/post.hpp>

#include "core/async/signal.h"
#include "core/base/try.h"
#include "net/stream/deadline.h"

namespace promfleet::net {

namespace {

// What one side has written and the other has not read yet.
struct Pipe {
  Pipe(Executor executor, std::size_t capacity) : bytes_max(capacity), changed(executor) {}

  bool has_news() const { return !bytes.empty() || ended; }

  void change() {
    changed.notify();
    if (on_news && has_news()) on_news();
  }

  std::string bytes;
  std::size_t bytes_max;
  bool ended = false;  // by either side
  Signal changed;
  std::function<void()> on_news;
};

class MemoryStream final : public Stream {
 public:
  MemoryStream(Executor executor, Clock& clock, std::shared_ptr<Pipe> in, std::shared_ptr<Pipe> out)
      : executor_(executor), in_(std::move(in)), out_(std::move(out)), deadline_(clock, [this] {
          in_->changed.notify();
          out_->changed.notify();
        }) {}

  ~MemoryStream() override { close(); }

  Result<std::size_t> try_read(std::span<char> into) override {
    if (is_closed_) return fail(Errc::unreachable, "the connection was closed on our side");
    if (in_->bytes.empty() && in_->ended) return fail(Errc::closed, "the peer has closed the connection");
    const std::size_t bytes = std::min(into.size(), in_->bytes.size());
    std::memcpy(into.data(), in_->bytes.data(), bytes);
    in_->bytes.erase(0, bytes);
    if (bytes > 0) in_->changed.notify();
    return bytes;
  }

  Result<std::size_t> try_write(std::span<const asio::const_buffer> buffers) override {
    if (is_closed_) return fail(Errc::unreachable, "the connection was closed on our side");
    if (out_->ended) return fail(Errc::unreachable, "the peer has reset the connection");
    std::size_t written = 0;
    for (const asio::const_buffer& buffer : buffers) {
      const std::size_t bytes = std::min(buffer.size(), out_->bytes_max - out_->bytes.size());
      out_->bytes.append(static_cast<const char*>(buffer.data()), bytes);
      written += bytes;
    }
    if (written > 0) out_->change();
    return written;
  }

  Task<Result<>> readable() override {
    return wait(*in_, [](const Pipe& pipe) { return pipe.has_news(); });
  }

  Task<Result<>> writable() override {
    return wait(*out_, [](const Pipe& pipe) { return pipe.ended || pipe.bytes.size() < pipe.bytes_max; });
  }

  void expires_at(BootTime deadline) override { deadline_.move_to(deadline); }

  void watch(std::function<void(PeerEvent)> on_event) override {
    on_event_ = std::move(on_event);
    in_->on_news = nullptr;
    if (!on_event_) return;
    in_->on_news = [this] {
      asio::post(executor_, [alive = std::weak_ptr(alive_), this] {
        if (alive.lock()) tell();
      });
    };
    if (in_->has_news()) in_->on_news();
  }

  Task<Result<>> shutdown() override {
    out_->ended = true;
    out_->change();
    co_return Result<>();
  }

  void close() override {
    if (is_closed_) return;
    is_closed_ = true;
    in_->on_news = nullptr;
    in_->ended = true;
    out_->ended = true;
    in_->changed.notify();
    out_->change();
  }

  std::string peer() const override { return "memory:0"; }
  std::string peer_address() const override { return "memory"; }

 private:
  template <class Condition>
  Task<Result<>> wait(Pipe& pipe, Condition is_met) {
    const Deadline::Wait waiting(deadline_);
    while (!is_closed_ && !is_met(pipe)) {
      if (deadline_.expired()) co_return fail(Errc::timed_out, "no answer from {} in time", peer());
      CO_TRY(co_await pipe.changed.wait());
    }
    if (is_closed_) co_return fail(Errc::unreachable, "the connection was closed on our side");
    co_return Result<>();
  }

  void tell() {
    if (!on_event_ || !in_->has_news()) return;
    in_->on_news = nullptr;
    const auto on_event = std::exchange(on_event_, nullptr);
    on_event(in_->bytes.empty() ? PeerEvent::left : PeerEvent::sent_data);
  }

  Executor executor_;
  std::shared_ptr<Pipe> in_;
  std::shared_ptr<Pipe> out_;
  Deadline deadline_;
  std::function<void(PeerEvent)> on_event_;
  std::shared_ptr<int> alive_ = std::make_shared<int>();
  bool is_closed_ = false;
};

}  // namespace

std::pair<std::unique_ptr<Stream>, std::unique_ptr<Stream>> memory_stream_pair(Executor executor, Clock& clock,
                                                                               std::size_t bytes_max) {
  const auto there = std::make_shared<Pipe>(executor, bytes_max);
  const auto back = std::make_shared<Pipe>(executor, bytes_max);
  return {std::make_unique<MemoryStream>(executor, clock, there, back),
          std::make_unique<MemoryStream>(executor, clock, back, there)};
}

Task<Result<std::unique_ptr<Stream>>> MemoryDialer::dial(const Endpoint&, BootTime) {
  auto [near, far] = memory_stream_pair(co_await asio::this_coro::executor, clock_);
  accept_(std::move(far));
  co_return std::move(near);
}

}  // namespace promfleet::net

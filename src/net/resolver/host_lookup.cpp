#include "net/resolver/host_lookup.h"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <boost/asio/post.hpp>

#include "core/async/signal.h"

namespace promfleet::net {

namespace {

asio::ip::address address_of(const addrinfo& info) {
  if (info.ai_family == AF_INET) {
    const auto* ip4 = reinterpret_cast<const sockaddr_in*>(info.ai_addr);
    return asio::ip::address_v4(ntohl(ip4->sin_addr.s_addr));
  }
  const auto* ip6 = reinterpret_cast<const sockaddr_in6*>(info.ai_addr);
  asio::ip::address_v6::bytes_type bytes;
  std::memcpy(bytes.data(), &ip6->sin6_addr, bytes.size());
  return asio::ip::address_v6(bytes, ip6->sin6_scope_id);
}

Errc errc_of(int code) {
  return code == EAI_NONAME || code == EAI_NODATA ? Errc::not_found : Errc::unreachable;
}

// Who waits for an answer, on its io thread.
struct Waiter {
  explicit Waiter(Executor io) : executor(io), answered(io) {}

  Executor executor;
  Signal answered;
  std::optional<Result<Addresses>> answer;
};

// Shared by the one who asks and the thread that finds the answer; both may leave first.
class Question {
 public:
  Question(std::string host, Waiter& waiter) : host_(std::move(host)), waiter_(&waiter) {}

  const std::string& host() const { return host_; }

  // On the io thread: nobody waits any more.
  void withdraw() {
    const std::scoped_lock lock(mutex_);
    waiter_ = nullptr;
  }

  bool is_withdrawn() {
    const std::scoped_lock lock(mutex_);
    return waiter_ == nullptr;
  }

  // The io thread lives as long as somebody waits on it, and nobody stops waiting while the lock is held.
  static void answer(const std::shared_ptr<Question>& question, Result<Addresses> addresses) {
    const std::scoped_lock lock(question->mutex_);
    if (question->waiter_ == nullptr) return;
    asio::post(question->waiter_->executor, [question, addresses = std::move(addresses)]() mutable {
      Waiter* waiter = question->waiter_;
      if (waiter == nullptr) return;
      waiter->answer = std::move(addresses);
      waiter->answered.notify();
    });
  }

 private:
  std::string host_;
  std::mutex mutex_;
  Waiter* waiter_;  // the io thread's alone to change
};

}  // namespace

Result<Addresses> ask_system(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* answer = nullptr;
  const int code = getaddrinfo(host.c_str(), nullptr, &hints, &answer);
  if (code != 0) return fail(errc_of(code), "resolving {}: {}", host, gai_strerror(code));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(answer, &freeaddrinfo);
  Addresses addresses;
  for (const addrinfo* info = answer; info != nullptr; info = info->ai_next) {
    if (info->ai_family != AF_INET && info->ai_family != AF_INET6) continue;
    const asio::ip::address address = address_of(*info);
    if (std::ranges::find(addresses, address) == addresses.end()) addresses.push_back(address);
  }
  if (addresses.empty()) return fail(Errc::not_found, "resolving {}: it has no address", host);
  return addresses;
}

// The questions that wait, and the threads that take them.
class SystemHostLookup::Desk {
 public:
  explicit Desk(Ask ask) : ask_(std::move(ask)) {}

  void put(std::shared_ptr<Question> question) {
    const std::scoped_lock lock(mutex_);
    questions_.push_back(std::move(question));
    changed_.notify_one();
  }

  void close() {
    const std::scoped_lock lock(mutex_);
    is_closed_ = true;
    changed_.notify_all();
  }

  // What a thread does until the desk is closed.
  void serve() {
    while (const std::shared_ptr<Question> question = take()) {
      if (!question->is_withdrawn()) Question::answer(question, ask_(question->host()));
    }
  }

 private:
  // Null: the desk is closed.
  std::shared_ptr<Question> take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return is_closed_ || !questions_.empty(); });
    if (is_closed_) return nullptr;
    std::shared_ptr<Question> first = std::move(questions_.front());
    questions_.pop_front();
    return first;
  }

  Ask ask_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::shared_ptr<Question>> questions_;
  bool is_closed_ = false;
};

SystemHostLookup::SystemHostLookup(std::size_t threads, Ask ask) : desk_(std::make_shared<Desk>(std::move(ask))) {
  for (std::size_t i = 0; i < threads; ++i) std::thread([desk = desk_] { desk->serve(); }).detach();
}

SystemHostLookup::~SystemHostLookup() {
  desk_->close();
}

Task<Result<Addresses>> SystemHostLookup::look_up(std::string host) {
  Waiter waiter(co_await asio::this_coro::executor);
  const auto question = std::make_shared<Question>(std::move(host), waiter);
  desk_->put(question);
  Result<> waited;
  while (waited && !waiter.answer) waited = co_await waiter.answered.wait();
  question->withdraw();
  if (!waited) co_return std::unexpected(std::move(waited).error());
  co_return *std::move(waiter.answer);
}

}  // namespace promfleet::net

#include "net/stream/tls_stream.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <utility>

#include "core/base/try.h"
#include "net/tls/session.h"

namespace promfleet::net {

namespace {

// The plain text of one record at most; small pieces are put together so that they leave in one.
constexpr std::size_t kRecordBytesMax = 16 * 1024;

class TlsStream final : public Stream {
 public:
  TlsStream(std::unique_ptr<Stream> below, std::unique_ptr<TlsSession> session);

  Task<Result<>> handshake();

  Result<std::size_t> try_read(std::span<char> into) override;
  Result<std::size_t> try_write(std::span<const asio::const_buffer> buffers) override;
  Task<Result<>> readable() override;
  Task<Result<>> writable() override {
    return writing_lacks_ == Lacks::input ? below_->readable() : below_->writable();
  }
  void expires_at(BootTime deadline) override { below_->expires_at(deadline); }
  void watch(std::function<void(PeerEvent)> on_event) override;
  Task<Result<>> shutdown() override;
  void close() override { below_->close(); }
  std::string peer() const override { return below_->peer(); }
  std::string peer_address() const override { return below_->peer_address(); }

  // For the BIO: bytes, or -1 with or without BIO_should_retry.
  int read_below(BIO* bio, char* into, int size);
  int write_below(BIO* bio, const char* from, int size);

 private:
  SSL* ssl() const { return session_->native(); }
  // What a direction waits for below before another call of OpenSSL makes sense.
  enum class Lacks : std::uint8_t { nothing, input, output };

  // After a call of OpenSSL that returned `code`, not 1: 0 if it `lacks` something, else why it failed.
  Result<std::size_t> outcome(int code, Lacks& lacks);
  void look_at_peer(PeerEvent event);

  std::unique_ptr<Stream> below_;
  std::unique_ptr<TlsSession> session_;
  std::optional<Error> below_error_;
  std::function<void(PeerEvent)> on_event_;
  Lacks reading_lacks_ = Lacks::nothing;
  Lacks writing_lacks_ = Lacks::nothing;
};

TlsStream* stream_of(BIO* bio) {
  return static_cast<TlsStream*>(BIO_get_data(bio));
}

int bio_read(BIO* bio, char* into, int size) {
  return stream_of(bio)->read_below(bio, into, size);
}
int bio_write(BIO* bio, const char* from, int size) {
  return stream_of(bio)->write_below(bio, from, size);
}
long bio_control(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}
int bio_create(BIO* bio) {
  BIO_set_init(bio, 1);
  return 1;
}

BIO* make_bio(TlsStream* stream) {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "stream");
    BIO_meth_set_read(made, bio_read);
    BIO_meth_set_write(made, bio_write);
    BIO_meth_set_ctrl(made, bio_control);
    BIO_meth_set_create(made, bio_create);
    return made;
  }();
  BIO* bio = BIO_new(method);
  BIO_set_data(bio, stream);
  return bio;
}

TlsStream::TlsStream(std::unique_ptr<Stream> below, std::unique_ptr<TlsSession> session)
    : below_(std::move(below)), session_(std::move(session)) {
  BIO* bio = make_bio(this);
  SSL_set_bio(ssl(), bio, bio);
}

int TlsStream::read_below(BIO* bio, char* into, int size) {
  BIO_clear_retry_flags(bio);
  Result<std::size_t> bytes = below_->try_read({into, static_cast<std::size_t>(size)});
  if (!bytes) {
    // Without close_notify before it, the end may be an attacker's.
    const bool has_ended = bytes.error().code() == Errc::closed;
    below_error_ = has_ended ? Error(Errc::unreachable, "the peer has cut off the TLS connection") : bytes.error();
    return -1;
  }
  if (*bytes > 0) return static_cast<int>(*bytes);
  BIO_set_retry_read(bio);
  return -1;
}

int TlsStream::write_below(BIO* bio, const char* from, int size) {
  BIO_clear_retry_flags(bio);
  const std::array buffers{asio::const_buffer(from, static_cast<std::size_t>(size))};
  Result<std::size_t> bytes = below_->try_write(buffers);
  if (!bytes) {
    below_error_ = std::move(bytes).error();
    return -1;
  }
  if (*bytes > 0) return static_cast<int>(*bytes);
  BIO_set_retry_write(bio);
  return -1;
}

Result<std::size_t> TlsStream::outcome(int code, Lacks& lacks) {
  const int reason = SSL_get_error(ssl(), code);
  lacks = Lacks::nothing;
  if (reason == SSL_ERROR_WANT_READ) lacks = Lacks::input;
  if (reason == SSL_ERROR_WANT_WRITE) lacks = Lacks::output;
  if (lacks != Lacks::nothing) return 0;
  if (reason == SSL_ERROR_ZERO_RETURN) return fail(Errc::closed, "the peer has closed the connection");
  if (reason == SSL_ERROR_SYSCALL && below_error_) return std::unexpected(*below_error_);
  return std::unexpected(session_->take_error());
}

Task<Result<>> TlsStream::handshake() {
  while (true) {
    ERR_clear_error();
    const int code = SSL_do_handshake(ssl());
    if (code == 1) co_return session_->check_peer();
    CO_TRY(outcome(code, writing_lacks_));
    CO_TRY(co_await writable());
  }
}

Result<std::size_t> TlsStream::try_read(std::span<char> into) {
  ERR_clear_error();
  std::size_t bytes = 0;
  const int code = SSL_read_ex(ssl(), into.data(), into.size(), &bytes);
  reading_lacks_ = Lacks::nothing;
  return code == 1 ? Result<std::size_t>(bytes) : outcome(code, reading_lacks_);
}

Result<std::size_t> TlsStream::try_write(std::span<const asio::const_buffer> buffers) {
  while (!buffers.empty() && buffers.front().size() == 0) buffers = buffers.subspan(1);
  if (buffers.empty()) return 0;
  asio::const_buffer piece = buffers.front();
  std::array<char, kRecordBytesMax> together;
  if (buffers.size() > 1 && piece.size() < kRecordBytesMax) {
    std::size_t size = 0;
    for (const asio::const_buffer& buffer : buffers) {
      const std::size_t part = std::min(buffer.size(), together.size() - size);
      if (part > 0) std::memcpy(together.data() + size, buffer.data(), part);
      size += part;
    }
    piece = {together.data(), size};
  }
  ERR_clear_error();
  std::size_t bytes = 0;
  const int code = SSL_write_ex(ssl(), piece.data(), piece.size(), &bytes);
  return code == 1 ? Result<std::size_t>(bytes) : outcome(code, writing_lacks_);
}

Task<Result<>> TlsStream::readable() {
  if (reading_lacks_ == Lacks::nothing && SSL_has_pending(ssl()) == 1) co_return Result<>();
  if (std::exchange(reading_lacks_, Lacks::nothing) == Lacks::output) co_return co_await below_->writable();
  co_return co_await below_->readable();
}

void TlsStream::watch(std::function<void(PeerEvent)> on_event) {
  on_event_ = std::move(on_event);
  if (!on_event_) return below_->watch(nullptr);
  below_->watch([this](PeerEvent event) { look_at_peer(event); });
}

// What arrives below need not be data: a session ticket, a key update, the end.
void TlsStream::look_at_peer(PeerEvent event) {
  if (event == PeerEvent::sent_data) {
    char byte = 0;
    std::size_t bytes = 0;
    ERR_clear_error();
    const int code = SSL_peek_ex(ssl(), &byte, 1, &bytes);
    reading_lacks_ = Lacks::nothing;
    if (code != 1 && outcome(code, reading_lacks_))
      return below_->watch([this](PeerEvent next) { look_at_peer(next); });
    if (code != 1) event = PeerEvent::left;
  }
  const auto tell = std::exchange(on_event_, nullptr);
  tell(event);
}

Task<Result<>> TlsStream::shutdown() {
  ERR_clear_error();
  // Not waited for: whoever shuts down has nothing more to say, and the peer's answer tells nothing new.
  SSL_shutdown(ssl());
  ERR_clear_error();
  co_return co_await below_->shutdown();
}

}  // namespace

Task<Result<std::unique_ptr<Stream>>> tls_connect(std::unique_ptr<Stream> below, TlsContext context,
                                                  const std::string& host) {
  auto stream = std::make_unique<TlsStream>(std::move(below), TlsSession::client(std::move(context), host));
  CO_TRY(co_await stream->handshake());
  co_return stream;
}

Task<Result<>> tls_accept(std::unique_ptr<Stream>& stream, TlsContext context) {
  auto secured = std::make_unique<TlsStream>(std::move(stream), TlsSession::server(std::move(context)));
  TlsStream& shaking_hands = *secured;
  stream = std::move(secured);
  return shaking_hands.handshake();
}

}  // namespace promfleet::net

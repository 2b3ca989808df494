#include "net/http/body_writer.h"

#include <charconv>
#include <utility>

#include "core/base/try.h"

namespace promfleet::http {

namespace {

constexpr std::string_view kChunkEnd = "\r\n";
constexpr std::string_view kLastChunk = "0\r\n\r\n";

asio::const_buffer buffer_of(std::string_view text) {
  return {text.data(), text.size()};
}

void append_chunk_size(std::string& out, std::size_t bytes) {
  std::array<char, 16> digits;
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), bytes, 16);
  out.append(digits.data(), end).append("\r\n");
}

}  // namespace

std::string& BodyWriter::start(Framing framing) {
  framing_ = framing;
  bytes_ = 0;
  is_before_sent_ = false;
  before_.clear();
  return before_;
}

Result<BodyWriter::Buffers> BodyWriter::piece(std::string_view piece) {
  return buffers(piece, {});
}

Result<BodyWriter::Buffers> BodyWriter::last(std::string_view piece) {
  TRY_ASSIGN(const Buffers all,
             buffers(piece, framing_.body == Framing::Body::chunked ? kLastChunk : std::string_view()));
  if (framing_.body == Framing::Body::sized && bytes_ != framing_.bytes) {
    return fail(Errc::invalid_input, "the body has {} bytes instead of {}", bytes_, framing_.bytes);
  }
  return all;
}

Result<BodyWriter::Buffers> BodyWriter::buffers(std::string_view piece, std::string_view after) {
  if (framing_.body == Framing::Body::none) piece = {};
  bytes_ += piece.size();
  if (framing_.body == Framing::Body::sized && bytes_ > framing_.bytes) {
    return fail(Errc::invalid_input, "the body is longer than its {} bytes", framing_.bytes);
  }
  if (std::exchange(is_before_sent_, true)) before_.clear();
  const bool is_chunk = framing_.body == Framing::Body::chunked && !piece.empty();
  if (is_chunk) append_chunk_size(before_, piece.size());
  return Buffers{buffer_of(before_), buffer_of(piece), buffer_of(is_chunk ? kChunkEnd : std::string_view()),
                 buffer_of(after)};
}

}  // namespace promfleet::http

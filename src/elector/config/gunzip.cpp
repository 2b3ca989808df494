#include "elector/config/gunzip.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

#include <zlib.h>

#include "core/base/assert.h"

namespace promfleet::elector {
namespace {

constexpr std::string_view kMagic = "\x1F\x8B";

class Inflater {
 public:
  explicit Inflater(std::string_view bytes) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // zlib only reads it
    stream_.avail_in = static_cast<uInt>(bytes.size());
    constexpr int kGzipOnly = 16;
    ASSERT(inflateInit2(&stream_, MAX_WBITS + kGzipOnly) == Z_OK);  // fails only without memory
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  std::string_view rest() const { return {reinterpret_cast<const char*>(stream_.next_in), stream_.avail_in}; }

  // Appends what one member holds.
  Result<> member(std::string& out, std::size_t bytes_max) {
    inflateReset(&stream_);
    std::array<char, 64 << 10> buffer;
    while (true) {
      stream_.next_out = reinterpret_cast<Bytef*>(buffer.data());
      stream_.avail_out = buffer.size();
      const int status = inflate(&stream_, Z_NO_FLUSH);
      const std::size_t written = buffer.size() - stream_.avail_out;
      if (out.size() + written > bytes_max) {
        return fail(Errc::limit_exceeded, "more than {} bytes when decompressed", bytes_max);
      }
      out.append(buffer.data(), written);
      if (status == Z_STREAM_END) return {};
      if (status == Z_BUF_ERROR) return fail(Errc::invalid_input, "the gzip data ends early");
      if (status != Z_OK) {
        return fail(Errc::invalid_input, "the gzip data is damaged: {}", stream_.msg ? stream_.msg : "no reason given");
      }
    }
  }

 private:
  z_stream stream_{};
};

}  // namespace

Result<std::string> gunzip_if_gzipped(std::string bytes, std::size_t bytes_max) {
  if (!bytes.starts_with(kMagic)) return bytes;
  if (bytes.size() > std::min<std::size_t>(bytes_max, std::numeric_limits<uInt>::max())) {
    return fail(Errc::limit_exceeded, "{} bytes of gzip data (limit {})", bytes.size(), bytes_max);
  }
  std::string out;
  Inflater inflater(bytes);
  while (inflater.rest().starts_with(kMagic)) {
    if (Result<> member = inflater.member(out, bytes_max); !member) return std::unexpected(member.error());
  }
  if (!inflater.rest().empty()) {
    return fail(Errc::invalid_input, "{} bytes that are not gzip follow the gzip data", inflater.rest().size());
  }
  return out;
}

}  // namespace promfleet::elector

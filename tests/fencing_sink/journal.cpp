#include "tests/fencing_sink/journal.h"

#include <unistd.h>

#include <bit>
#include <cerrno>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "core/base/try.h"

namespace promfleet::remote_write {
namespace {

struct Frame {
  std::uint32_t head_bytes = 0;
  std::uint32_t body_bytes = 0;
  std::uint64_t hash = 0;
};
static_assert(sizeof(Frame) == 16 && std::endian::native == std::endian::little);

std::uint64_t hash_of(std::string_view head, std::string_view body) {
  return XXH3_64bits_withSeed(body.data(), body.size(), XXH3_64bits(head.data(), head.size()));
}

// False: the file ends before.
bool read_exactly(std::FILE* file, void* into, std::size_t bytes) {
  return std::fread(into, 1, bytes, file) == bytes;
}

enum class Found : std::uint8_t { record, end, cut_off, damage };

// `bytes_left`: of the file, from here.
Found read_record(std::FILE* file, std::int64_t bytes_left, JournalRecord& record) {
  Frame frame;
  if (bytes_left == 0) return Found::end;
  if (!read_exactly(file, &frame, sizeof frame)) return Found::cut_off;
  const std::int64_t bytes = std::int64_t{sizeof frame} + frame.head_bytes + frame.body_bytes;
  if (bytes > bytes_left) return Found::cut_off;
  record.head.resize(frame.head_bytes);
  record.body.resize(frame.body_bytes);
  const bool is_read = read_exactly(file, record.head.data(), frame.head_bytes) &&
                       read_exactly(file, record.body.data(), frame.body_bytes);
  if (!is_read || hash_of(record.head, record.body) != frame.hash) return Found::damage;
  return Found::record;
}

}  // namespace

Result<Journal> Journal::open(const std::string& path, const OnRecord& on_record) {
  File file(std::fopen(path.c_str(), "a+be"), &std::fclose);
  if (!file) return fail_errno("opening " + path, errno);
  Journal journal(std::move(file), path);
  TRY(with_context(journal.read_all(on_record), path));
  if (std::fseek(journal.file_.get(), 0, SEEK_END) != 0) return fail_errno("seeking in " + path, errno);
  return journal;
}

Result<> Journal::read_all(const OnRecord& on_record) {
  if (std::fseek(file_.get(), 0, SEEK_END) != 0) return fail_errno("seeking", errno);
  const std::int64_t end = std::ftell(file_.get());
  std::rewind(file_.get());
  JournalRecord record;
  while (true) {
    const std::int64_t at = std::ftell(file_.get());
    switch (read_record(file_.get(), end - at, record)) {
      case Found::record: TRY(with_context(on_record(record), fmt::format("the record at {}", at))); break;
      case Found::end: return {};
      case Found::cut_off: return cut_off(at);
      case Found::damage: return fail(Errc::invalid_input, "the record at {} is damaged", at);
    }
  }
}

Result<> Journal::cut_off(std::int64_t at) {
  if (::ftruncate(::fileno(file_.get()), at) != 0) return fail_errno("truncating", errno);
  return {};
}

Result<> Journal::append(std::string_view head, std::string_view body) {
  const Frame frame{.head_bytes = static_cast<std::uint32_t>(head.size()),
                    .body_bytes = static_cast<std::uint32_t>(body.size()),
                    .hash = hash_of(head, body)};
  std::FILE* const file = file_.get();
  const bool is_written = std::fwrite(&frame, sizeof frame, 1, file) == 1 &&
                          std::fwrite(head.data(), 1, head.size(), file) == head.size() &&
                          std::fwrite(body.data(), 1, body.size(), file) == body.size() && std::fflush(file) == 0;
  if (!is_written || ::fdatasync(::fileno(file)) != 0) return fail_errno("appending to " + path_, errno);
  return {};
}

}  // namespace promfleet::remote_write

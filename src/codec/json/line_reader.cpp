#include "codec/json/line_reader.h"

#include <algorithm>
#include <utility>

#include "core/base/try.h"

namespace promfleet::json {

Result<> LineReader::take(std::string_view piece, const OnObject& on_object) {
  while (true) {
    const std::size_t end = piece.find('\n');
    if (line_.size() + std::min(end, piece.size()) > line_bytes_max_) {
      return fail(Errc::limit_exceeded, "a line is longer than {} bytes", line_bytes_max_);
    }
    line_.append(piece.substr(0, end));
    if (end == std::string_view::npos) return {};
    piece.remove_prefix(end + 1);
    const std::string line = std::exchange(line_, {});
    if (line.find_first_not_of(" \r") == std::string::npos) continue;
    const Result<Value> value = parse(line);
    if (!value) return fail(Errc::protocol, "a line is no JSON: {}", value.error().message());
    if (!value->is_object()) return fail(Errc::protocol, "a line is {}, not an object", describe_kind(*value));
    TRY(on_object(value->get_object()));
  }
}

}  // namespace promfleet::json

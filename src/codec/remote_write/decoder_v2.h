// io.prometheus.write.v2.Request, the message of remote write 2.0: strings stand once in a table of symbols, and
// everything else refers to them by number.
#pragma once

#include <cstdint>
#include <string_view>

#include "codec/remote_write/wire.h"
#include "codec/remote_write/write_request.h"

namespace promfleet::remote_write {

// Each function puts what its message says behind what `columns` hold, and returns false if it is damaged, or, where no
// damage is noted, there are more values than a request may have.
class DecoderV2 {
 public:
  DecoderV2(Columns& columns, Damage& damage) : columns_(columns), damage_(damage) {}

  bool read_request(std::string_view message);

 private:
  class Labels;

  // Symbols are read before all series, wherever they stand.
  bool read_symbols(std::string_view request);
  bool read_all_series(std::string_view request);
  bool read_series(std::string_view message);
  bool read_exemplar(std::string_view message);
  bool read_metadata(std::string_view message, Metadata& metadata);
  bool read_symbol(const Field& reference, std::string_view& symbol);
  // Its number in Series; 0 for what says nothing.
  std::uint32_t add(const Metadata& metadata);

  Columns& columns_;
  Damage& damage_;
};

}  // namespace promfleet::remote_write

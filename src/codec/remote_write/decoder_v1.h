// prometheus.WriteRequest, the message of remote write 1.0.
#pragma once

#include <string_view>

#include "codec/remote_write/wire.h"
#include "codec/remote_write/write_request.h"

namespace promfleet::remote_write {

// Each function puts what its message says behind what `columns` hold, and returns false if it is damaged, or, where no
// damage is noted, there are more values than a request may have.
class DecoderV1 {
 public:
  DecoderV1(Columns& columns, Damage& damage) : columns_(columns), damage_(damage) {}

  bool read_request(std::string_view message);

 private:
  bool read_request_field(const Field& field);
  bool read_series(std::string_view message);
  bool read_label(std::string_view message, Label& label);
  bool read_exemplar(std::string_view message);
  bool read_family(std::string_view message);

  Columns& columns_;
  Damage& damage_;
};

}  // namespace promfleet::remote_write

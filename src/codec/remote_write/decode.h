// A remote write body, decompressed, as a value. One walk over the bytes builds no string and no message.
//
// As protobuf has it, fields may come in any order, unknown ones are skipped, of a field that comes twice the last
// counts, and repeated numbers are packed or not. What is accepted here is what Prometheus' own decoder accepts, but
// for groups and numbers that do not fit, which no sender writes.
//
// Memory: an empty message of two bytes becomes a series of forty, so bytes of the body say little of what a request
// takes. Its values are limited instead, to kValuesBytesMax; while arrays grow they take up to two and a half times as
// much.
#pragma once

#include <string_view>

#include "codec/remote_write/write_request.h"
#include "core/base/error.h"

namespace promfleet::remote_write {

// Puts what `body` says in the place of what `request` held; its strings are views into `body`.
// Errc::invalid_input: damaged, with the offset of the message or field; the request is empty then.
// Errc::limit_exceeded: larger than 1 GiB, or values of more than kValuesBytesMax.
Result<void> decode_v1(std::string_view body, WriteRequest& request);

// The same of version 2.0. The start timestamp of a sample or histogram is its own, or the created_timestamp of its
// series, where senders of before Prometheus 3.8 put it.
Result<void> decode_v2(std::string_view body, WriteRequest& request);

}  // namespace promfleet::remote_write

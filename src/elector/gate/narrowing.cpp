#include "elector/gate/narrowing.h"

#include <algorithm>
#include <utility>

#include "codec/remote_write/encode.h"
#include "codec/snappy/block.h"
#include "core/base/try.h"

namespace promfleet::elector {

using remote_write::WriteAnswer;
using remote_write::WriteRequest;

Result<std::string> encode_body(remote_write::Version version, const WriteRequest& request) {
  std::string plain;
  if (version == remote_write::Version::v1) {
    TRY(encode_v1(request, plain));
  } else {
    TRY(encode_v2(request, plain));
  }
  std::string body;
  snappy::compress(plain, body);
  return body;
}

Task<Result<>> Narrowing::run(const WriteRequest& request, WriteAnswer refusal) {
  if (piece_count(request) < 2) {
    outcome_.refused_samples += request.samples().size() + request.histograms().size();
    outcome_.last_refusal = std::move(refusal);
    co_return Result<>();
  }
  WriteRequest first;
  WriteRequest second;
  split(request, first, second);
  CO_TRY(co_await send_part(first));
  if (!is_interrupted_) CO_TRY(co_await send_part(second));
  co_return Result<>();
}

Task<Result<>> Narrowing::send_part(const WriteRequest& part) {
  CO_TRY_ASSIGN(const std::string body, encode_body(version_, part));
  std::optional<WriteAnswer> answer = co_await send_(body);
  if (answer && answer->kind == WriteAnswer::Kind::stored) co_return Result<>();
  if (answer && answer->kind == WriteAnswer::Kind::refused) co_return co_await run(part, *std::move(answer));
  is_interrupted_ = true;
  interruption_ = std::move(answer);
  co_return Result<>();
}

}  // namespace promfleet::elector

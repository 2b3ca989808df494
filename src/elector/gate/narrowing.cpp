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

Result<std::unique_ptr<Narrowing>> Narrowing::of(remote_write::Version version, std::string body) {
  std::unique_ptr<Narrowing> narrowing(new Narrowing(version, std::move(body)));
  TRY_ASSIGN(narrowing->request_, narrowing->decoder_.decode(version, narrowing->body_));
  narrowing->pieces_ = narrowing->count_ = static_cast<std::uint32_t>(piece_count(*narrowing->request_));
  copy_pieces(*narrowing->request_, {0, narrowing->pieces_}, narrowing->part_);
  return narrowing;
}

Result<std::string> Narrowing::next_part() {
  copy_pieces(*request_, {begin_, count_}, part_);
  return encode_body(version_, part_);
}

remote_write::WrittenCounts Narrowing::stored() {
  const remote_write::WrittenCounts counts = all_of(part_);
  written_.samples += counts.samples;
  written_.histograms += counts.histograms;
  written_.exemplars += counts.exemplars;
  begin_ += count_;
  count_ = std::min(count_ * 2, pieces_ - begin_);
  return counts;
}

std::size_t Narrowing::refused(WriteAnswer refusal) {
  if (count_ > 1) {
    count_ = (count_ + 1) / 2;
    return 0;
  }
  refusal_ = std::move(refusal);
  begin_ += count_;
  count_ = std::min<std::uint32_t>(1, pieces_ - begin_);
  return part_.samples().size() + part_.histograms().size();
}

}  // namespace promfleet::elector

// A lease as JSON, in the shape of Kubernetes' Lease object, whatever store holds it:
//
//   {"metadata": {"annotations": {"promfleet.io/acquired-by": "2305843009213693951"}},
//    "spec": {"holderIdentity": "a", "leaseDurationSeconds": 15, "acquireTime": ..., "renewTime": ...,
//             "leaseTransitions": 1}}
//
// The object belongs to others too: a store keeps it as it came and lays our fields over it, so that fields, labels and
// annotations that we do not know survive our renewals.
#pragma once

#include "codec/json/value.h"
#include "core/base/error.h"
#include "election/lease.h"

namespace promfleet::election {

inline constexpr std::string_view kAcquiredByAnnotation = "promfleet.io/acquired-by";
inline constexpr std::string_view kReleasedTermAnnotation = "promfleet.io/released-term";
inline constexpr std::string_view kNextHolderAnnotation = "promfleet.io/next-holder";
inline constexpr std::string_view kProgressAnnotation = "promfleet.io/progress";

// Larger ones are refused: Kubernetes' etcd takes no request beyond 1.5 MiB.
inline constexpr std::size_t kLeaseBytesMax = 2 * 1024 * 1024;

// An object out of `text`, not yet known to be a lease. Errc::protocol.
Result<json::Object> parse_document(std::string_view text);

// Our fields. A duration or a count is taken as it stands, however strange, or as the nearest int32 (what Kubernetes
// keeps); an annotation of ours that cannot be read counts as absent, since anybody may write annotations.
// Errc::protocol: a field of the spec is of the wrong type.
Result<LeaseRecord> read_record(const json::Object& document);

// metadata.resourceVersion as a number. Errc::protocol.
Result<LeaseRevision> read_revision(const json::Object& document);

Result<StoredLease> read_stored(const json::Object& document);

// Lays `record` over `document`. What the record does not have is removed: an empty holder, an absent time or note.
// The strategy is others' and stays.
void write_record(const LeaseRecord& record, json::Object& document);

void write_revision(LeaseRevision revision, json::Object& document);

}  // namespace promfleet::election

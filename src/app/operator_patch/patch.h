// Puts an elector beside the Prometheus of an object of the Prometheus Operator: text to text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/operator_patch/elector.h"

namespace promfleet::operator_patch {

struct Patched {
  // The object with everything added, then what the elector needs beside it, as YAML documents. What the object's
  // author wrote is still there; comments, anchors and the layout are not, nor what the cluster noted in it, such as
  // its status.
  std::string text;
  // What its author should know or do, a sentence each.
  std::vector<std::string> notes;
};

// `text` is one Prometheus or PrometheusAgent. The first document of what comes out, patched with the same options,
// gives the same again. Errors as those of read_object() and yaml::parse().
Result<Patched> patch(std::string_view text, const Options& options);

}  // namespace promfleet::operator_patch

// Reads a configuration file field by field: kubeconfig, web and client configuration. Every error names the position.
//
//   TRY_ASSIGN(const yaml::Fields tls, root.fields("tls_config"));
//   TRY(tls.only({"ca_file", "server_name", "insecure_skip_verify"}));
//   TRY_ASSIGN(config.ca_file, tls.string("ca_file"));             // std::optional<std::string>
//   TRY_ASSIGN(const std::optional<bool> insecure, tls.boolean("insecure_skip_verify"));
//
// A field that is absent or null has not been set: nullopt, nullptr, no fields, no items. Scalars are read as Go's
// yaml.v2 reads them into a string or bool, which is what Prometheus and its tools use: any untagged scalar is a string
// by its text; a bool is one of y yes true on n no false off, as written here, capitalised or in capitals, without
// quotes.
#pragma once

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "codec/yaml/node.h"

namespace promfleet::yaml {

Result<std::string> as_string(const Node& node);
Result<bool> as_bool(const Node& node);
Result<std::span<const Node>> as_sequence(const Node& node);  // null: no items

// The fields of one mapping. Borrows the node.
class Fields {
 public:
  // Of a mapping, or of null, which has no fields.
  static Result<Fields> of(const Node& node);

  // Fails on the first key that is not among `known`: line 3, column 1: unknown key "x"; known are a, b.
  Result<> only(std::initializer_list<std::string_view> known) const;

  const Node* find(std::string_view key) const;
  Result<std::optional<std::string>> string(std::string_view key) const;
  Result<std::optional<bool>> boolean(std::string_view key) const;
  Result<std::vector<std::string>> strings(std::string_view key) const;
  Result<std::span<const Node>> sequence(std::string_view key) const;
  Result<Fields> fields(std::string_view key) const;

  // All of them, those that are null too.
  std::span<const Entry> entries() const { return entries_; }

  // Where the mapping begins.
  Mark mark() const { return mark_; }

 private:
  Fields(std::span<const Entry> entries, Mark mark) : entries_(entries), mark_(mark) {}

  std::span<const Entry> entries_;
  Mark mark_;
};

}  // namespace promfleet::yaml

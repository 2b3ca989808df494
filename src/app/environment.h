// The process' environment, as a value.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "net/tls/context.h"

namespace promfleet {

class ProcessEnvironment {
 public:
  // `variables` is environ: "NAME=value" each, ended by a null pointer.
  explicit ProcessEnvironment(char** variables) {
    for (; variables != nullptr && *variables != nullptr; ++variables) {
      const std::string_view variable = *variables;
      const std::size_t equals = variable.find('=');
      if (equals != std::string_view::npos) values_.emplace(variable.substr(0, equals), variable.substr(equals + 1));
    }
  }

  std::optional<std::string> find(std::string_view name) const {
    const auto value = values_.find(name);
    if (value == values_.end()) return std::nullopt;
    return value->second;
  }
  // Empty where the variable is not set.
  std::string get(std::string_view name) const { return find(name).value_or(""); }

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

// Where OpenSSL's users say that their roots are.
inline net::SystemRoots system_roots(const ProcessEnvironment& environment) {
  return {.cert_file = environment.get("SSL_CERT_FILE"), .cert_dir = environment.get("SSL_CERT_DIR")};
}

}  // namespace promfleet

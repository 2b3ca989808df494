// libyaml's event parser with owners and errors of ours. For parse.cpp alone.
#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include <yaml.h>

#include "codec/yaml/node.h"

namespace promfleet::yaml {

class Event {
 public:
  Event() = default;
  Event(Event&& other) noexcept : raw_(std::exchange(other.raw_, {})) {}
  Event& operator=(Event&& other) noexcept {
    std::swap(raw_, other.raw_);
    return *this;
  }
  ~Event() { yaml_event_delete(&raw_); }

  yaml_event_type_t type() const { return raw_.type; }
  Mark mark() const;

  // Empty where the event has none.
  std::string_view anchor() const;
  std::string_view tag() const;

  const yaml_event_t& raw() const { return raw_; }

 private:
  friend class EventReader;
  yaml_event_t raw_{};
};

// The events of one text, which must outlive the reader.
class EventReader {
 public:
  explicit EventReader(std::string_view text);

  // The next event. After STREAM-END or an error it is not called again.
  Result<Event> next();

 private:
  std::unexpected<Error> failure() const;

  struct Deleter {
    void operator()(yaml_parser_t* parser) const {
      yaml_parser_delete(parser);
      delete parser;
    }
  };

  std::string_view text_;
  std::unique_ptr<yaml_parser_t, Deleter> parser_;
};

}  // namespace promfleet::yaml

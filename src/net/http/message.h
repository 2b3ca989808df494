// HTTP/1.1 messages as values (RFC 9110, 9112).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace promfleet::http {

struct Field {
  std::string_view name;
  std::string_view value;
};

// Header fields in the order of arrival; names compare without case.
//
//   for (const Field field : request.fields) ...
//
// All text lies in one block, so that a message costs two allocations however many fields it has, and none if it is
// reused. Views of names and values are valid until the fields change.
class Fields {
 public:
  class Iterator;

  void add(std::string_view name, std::string_view value);
  // Replaces every field of that name.
  void set(std::string_view name, std::string_view value);
  void remove(std::string_view name);
  // Removes those for which `is_unwanted(field)` is true.
  template <class Predicate>
  void remove_if(Predicate is_unwanted) {
    std::erase_if(entries_, [&](const Entry& entry) { return is_unwanted(field_of(entry)); });
  }
  // Forgets all, keeps the memory.
  void clear();

  // The first of that name.
  std::optional<std::string_view> find(std::string_view name) const;
  // Whether any field of that name has `token` in its comma-separated list (Connection: keep-alive, Upgrade).
  bool has_token(std::string_view name, std::string_view token) const;

  // Whether a name or a value holds a carriage return, line feed or NUL, and so would end its line or worse.
  bool has_line_break() const;

  std::size_t size() const { return entries_.size(); }
  // Of memory, used or kept.
  std::size_t capacity_bytes() const { return text_.capacity() + entries_.capacity() * sizeof(Entry); }
  Field operator[](std::size_t index) const;
  Iterator begin() const;
  Iterator end() const;

 private:
  struct Entry {  // the value follows the name in text_
    std::uint32_t at;
    std::uint32_t name_bytes;
    std::uint32_t value_bytes;
  };

  Field field_of(const Entry& entry) const {
    const std::string_view text(text_);
    return {.name = text.substr(entry.at, entry.name_bytes),
            .value = text.substr(entry.at + entry.name_bytes, entry.value_bytes)};
  }

  std::string text_;
  std::vector<Entry> entries_;
};

class Fields::Iterator {
 public:
  using value_type = Field;
  using difference_type = std::ptrdiff_t;

  Iterator() = default;
  Iterator(const Fields* fields, std::size_t index) : fields_(fields), index_(index) {}

  Field operator*() const { return (*fields_)[index_]; }
  Iterator& operator++() {
    ++index_;
    return *this;
  }
  Iterator operator++(int) { return {fields_, index_++}; }
  bool operator==(const Iterator&) const = default;

 private:
  const Fields* fields_ = nullptr;
  std::size_t index_ = 0;
};

inline Fields::Iterator Fields::begin() const {
  return {this, 0};
}
inline Fields::Iterator Fields::end() const {
  return {this, entries_.size()};
}

bool has_line_break(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b);

struct Request {
  std::string method = "GET";
  std::string target = "/";  // origin form: path and query, as on the wire; "*" for OPTIONS
  Fields fields;
  std::string body;  // whole; large bodies are streamed instead (server.h, client.h)
};

struct Response {
  int status = 200;
  Fields fields;
  std::string body;
};

// The target up to the query.
std::string_view path_of(std::string_view target);

// "Not Found" for 404; "" for what RFC 9110 does not name.
std::string_view reason_phrase(int status);

// An answer in plain text, as our own endpoints give it; a newline is added.
Response text_response(int status, std::string_view text);

}  // namespace promfleet::http

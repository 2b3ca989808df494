#include "codec/yaml/emit.h"

#include "codec/yaml/style.h"

namespace promfleet::yaml {
namespace {

constexpr std::size_t kIndent = 2;
// Readers give up on `key:` after 1024 characters from its beginning; a longer key is written as `? key`.
constexpr std::size_t kKeyBytesMax = 1000;

std::string one_line(const Scalar& scalar) {
  switch (writable_style(scalar.style, scalar.text)) {
    case Style::plain: return scalar.text;
    case Style::single_quoted: return single_quoted(scalar.text);
    case Style::literal:
    case Style::double_quoted: break;
  }
  return double_quoted(scalar.text);
}

bool is_literal(const Scalar& scalar) {
  return writable_style(scalar.style, scalar.text) == Style::literal;
}

bool is_empty_collection(const Node& node) {
  return (node.sequence() != nullptr && node.sequence()->empty()) ||
         (node.mapping() != nullptr && node.mapping()->empty());
}

class Writer {
 public:
  std::string document(const Node& root) {
    if (!is_empty_collection(root) && root.scalar() == nullptr) {
      if (!root.tag.empty()) out_ += root.tag + "\n";
      items(root, 0);
    } else {
      inline_value(root, "", 0);
    }
    return std::move(out_);
  }

 private:
  // The items of a collection, each on lines indented by `indent`; the first where the output stands now.
  void items(const Node& collection, std::size_t indent) {
    const std::size_t start = out_.size();
    const auto begin_line = [&] {
      if (out_.size() != start) out_.append(indent, ' ');
    };
    if (const Sequence* sequence = collection.sequence()) {
      for (const Node& item : *sequence) {
        begin_line();
        out_ += '-';
        value(item, indent, Collections::on_the_same_line);
      }
      return;
    }
    for (const Entry& entry : *collection.mapping()) {
      begin_line();
      key(entry.key, indent);
      value(entry.value, indent, Collections::on_the_next_line);
    }
  }

  void key(const Node& node, std::size_t indent) {
    const Scalar& scalar = *node.scalar();
    const std::string text = one_line(scalar);
    if (!is_literal(scalar) && !text.empty() && text.size() + node.tag.size() <= kKeyBytesMax) {
      if (!node.tag.empty()) out_ += node.tag + " ";
      out_ += text + ":";
      return;
    }
    out_ += '?';
    inline_value(node, " ", indent);
    out_.append(indent, ' ') += ':';
  }

  enum class Collections { on_the_same_line, on_the_next_line };

  // What follows "key:" or "-" of a collection indented by `indent`, to the end of its last line.
  void value(const Node& node, std::size_t indent, Collections collections) {
    if (node.scalar() != nullptr || is_empty_collection(node)) return inline_value(node, " ", indent);
    if (!node.tag.empty()) out_ += " " + node.tag;
    if (node.tag.empty() && collections == Collections::on_the_same_line) {
      out_ += ' ';
    } else {
      out_ += '\n';
      out_.append(indent + kIndent, ' ');
    }
    items(node, indent + kIndent);
  }

  // A scalar or an empty collection, after `lead`, whose parent is indented by `indent`.
  void inline_value(const Node& node, std::string_view lead, std::size_t indent) {
    if (!node.tag.empty()) {
      out_.append(lead).append(node.tag);
      lead = " ";
    }
    const Scalar* scalar = node.scalar();
    if (scalar != nullptr && is_literal(*scalar)) {
      out_.append(lead) += literal_block(scalar->text, indent + kIndent);
      return;
    }
    const std::string text = scalar != nullptr ? one_line(*scalar) : node.sequence() != nullptr ? "[]" : "{}";
    if (!text.empty()) out_.append(lead) += text;
    out_ += '\n';
  }

  std::string out_;
};

}  // namespace

std::string emit(const Node& root) {
  return Writer().document(root);
}

}  // namespace promfleet::yaml

#include "framework/weights/pickle_names.h"

#include "framework/base/text.h"
#include "framework/weights/byte_reader.h"
#include "framework/weights/mapped_file.h"

#include <algorithm>
#include <optional>
#include <set>

namespace weft::weights {
namespace {

using Ref = Pickle::Ref;
using Kind = Pickle::Kind;

// A short pickle can hold each of its lists in the next one twice, so that walking it would never end.
constexpr size_t kMostSteps = 4'000'000;
constexpr size_t kVisitsOfAnItem = 8;  // what torch.save writes has few things twice
constexpr size_t kFewSteps = 1000;     // which no pickle is too small for
constexpr size_t kNameOfAStep = 32;    // bytes
constexpr size_t kMostTensors = 200'000;
constexpr size_t kDeepest = 64;
constexpr size_t kLongestName = 1024;

/// The words on the way to an item; each lies on the stack of the walk.
struct Way {
  const Way* before;
  std::string word;
  size_t depth;
};

class Walk {
 public:
  Walk(const std::string& path, const Pickle& pickle) : path_(path), pickle_(pickle) {}

  std::vector<std::pair<std::string, size_t>> run() {
    if (pickle_.top().kind == Kind::Tensor) {
      throw Error(Exit::Data, Place{path_}, "holds one tensor without a name")
          .hint(
              "in Python, save it under the name that the network has for it: torch.save({\"weight\": "
              "tensor}, file)");
    }
    visit(pickle_.root, nullptr);
    if (found_.empty()) throw Error(Exit::Data, Place{path_}, "holds no tensors");
    return std::move(found_);
  }

 private:
  void spend(size_t steps) {
    steps_ += steps;
    if (steps_ > most_) throw damaged(path_, "its pickle expands without limit");
  }

  void visit(Ref ref, const Way* way) {
    spend(1);
    const Pickle::Item& item = pickle_.items[ref];
    if (item.kind == Kind::Tensor) return found(static_cast<size_t>(item.number), way);
    const bool is_list = item.kind == Kind::List || item.kind == Kind::Tuple;
    if (!is_list && item.kind != Kind::Dict) return;
    const size_t depth = way ? way->depth + 1 : 0, stride = is_list ? 1 : 2;
    if (depth > kDeepest) throw damaged(path_, text("its pickle is nested more than ", kDeepest, " deep"));
    for (size_t i = 0; i < item.parts.size(); i += stride) {
      std::optional<std::string> word = is_list ? std::to_string(i) : word_of(pickle_.items[item.parts[i]]);
      if (!word) continue;
      const Way next{way, std::move(*word), depth};
      visit(item.parts[i + stride - 1], &next);
    }
  }

  static std::optional<std::string> word_of(const Pickle::Item& key) {
    if (key.kind == Kind::Integer) return std::to_string(key.number);
    if (key.kind == Kind::Text) return std::string(key.text.substr(0, kLongestName + 1));
    return {};
  }

  void found(size_t tensor, const Way* way) {
    std::string name = way->word;
    for (way = way->before; way; way = way->before) name = text(way->word, '.', name);
    const bool is_plain = std::none_of(name.begin(), name.end(), [](unsigned char c) { return c < ' ' || c == 127; });
    if (name.size() > kLongestName || !is_plain) {
      throw damaged(path_, text("\"", shown_name(name), "\" cannot be the name of a tensor"));
    }
    spend(name.size() / kNameOfAStep);
    if (!names_.insert(name).second) {
      throw damaged(path_, text("two tensors are called \"", shown_name(name), '"'));
    }
    if (names_.size() > kMostTensors) {
      throw damaged(path_, text("it has more than ", kMostTensors, " tensors"));
    }
    found_.emplace_back(std::move(name), tensor);
  }

  const std::string& path_;
  const Pickle& pickle_;
  std::vector<std::pair<std::string, size_t>> found_;
  std::set<std::string> names_;
  size_t most_ = std::min(kMostSteps, kFewSteps + kVisitsOfAnItem * pickle_.items.size());
  size_t steps_ = 0;
};

}  // namespace

std::vector<std::pair<std::string, size_t>> tensor_names(const std::string& path, const Pickle& pickle) {
  return Walk(path, pickle).run();
}

}  // namespace weft::weights

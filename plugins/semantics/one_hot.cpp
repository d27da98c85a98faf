#include <weft/nn.h>
#include <weft/node.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/_unique.h>
#include <ATen/ops/aminmax.h>

#include <algorithm>
#include <utility>

namespace weft::semantics {
namespace {

/// The ids as text, shortened for a message.
std::string list_text(const at::Tensor& ids) {
  constexpr int64_t kMost = 8;
  const at::Tensor on_host = ids.cpu();
  std::vector<std::string> words;
  for (int64_t i = 0; i < std::min(on_host.numel(), kMost); ++i) {
    words.push_back(text(on_host[i].item<int64_t>()));
  }
  return join(words) + (on_host.numel() > kMost ? ", …" : "");
}

constexpr int64_t kMostClasses = 1024;

/// Labels as one channel a class.
///
/// The result keeps the labels: the map is made where a node wants more than ids. It is channels last in memory, the layout
/// of the convolutions. On a GPU only the first frame is looked at, since a look waits for the GPU; pixels of later
/// frames whose id is an error have no class.
struct OneHot {
  static constexpr auto about =
      "One-hot semantic map from a label map: one channel for each class, 1 where the label is that class, else 0; the "
      "result has the number type of the networks";

  enum class Outside { Error, Drop };

  int64_t classes = 1;
  std::vector<int64_t> ignore;
  Outside outside = Outside::Error;

  void params(Params& p) {
    p("classes", classes, "number of classes; labels go from 0 to this - 1").min(1).max(kMostClasses).required();
    p("ignore", ignore, "label ids without a class, such as 255: their pixels are 0 in all channels");
    p("outside", outside, "any other id is an error, or its pixels are 0 in all channels, as with `ignore`",
      {{"error", Outside::Error}, {"drop", Outside::Drop}});
  }

  Out<"semantics", "semantics[B,classes,H,W]"> run(In<"labels", "labels[B,1,H,W]"> labels, Context& context) {
    // On a GPU this waits for the labels: the price of saying which id is wrong. A wrong table shows in the first frame.
    const bool is_looked_at = labels->is_cpu() || !std::exchange(has_looked_, true);
    const bool all_are_classes = is_looked_at && are_classes(*labels);
    at::Tensor ids = *labels;
    if (!all_are_classes || ignores_a_class()) {
      at::Tensor has_class = (*labels >= 0).logical_and_(*labels < classes);
      at::Tensor is_unknown = has_class.logical_not();
      for (const int64_t id : ignore) {
        is_unknown.logical_and_(*labels != id);
        has_class.logical_and_(*labels != id);
      }
      if (is_looked_at && !all_are_classes && outside == Outside::Error) check(*labels, is_unknown);
      ids = labels->masked_fill(~has_class, classes);
    }
    return nn::one_hot(ids.to(at::kShort), {classes}, context.precision());
  }

 private:
  bool are_classes(const at::Tensor& labels) const {
    const auto [smallest, largest] = at::aminmax(labels);
    return smallest.item<int64_t>() >= 0 && largest.item<int64_t>() < classes;
  }

  bool ignores_a_class() const {
    return std::any_of(ignore.begin(), ignore.end(), [&](int64_t id) { return id >= 0 && id < classes; });
  }

  /// @throws Error  when an id is neither a class nor ignored
  void check(const at::Tensor& labels, const at::Tensor& is_unknown) const {
    const at::Tensor unknown = labels.masked_select(is_unknown);
    if (unknown.numel() == 0) return;
    const at::Tensor ids = std::get<0>(at::_unique(unknown));
    throw Error(Exit::Data, text(ids.numel() == 1 ? "the label id " : "the label ids ", list_text(ids),
                                 ids.numel() == 1 ? " is" : " are", " none of the ", classes, " classes (0 to ",
                                 classes - 1, "), in ", count_text(unknown.numel(), "pixel"), " of this frame"))
        .hint("semantics.remap in front of it converts ids")
        .hint(text("`ignore = [", list_text(ids), "]` or `outside = \"drop\"` sets such pixels to 0 in all channels"));
  }

  bool has_looked_ = false;  // at the first frame; no state of a sequence
};

}  // namespace

void add_one_hot(Registry& registry) {
  registry.add<OneHot>("semantics.one_hot");
}

}  // namespace weft::semantics

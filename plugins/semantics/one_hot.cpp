#include <weft/node.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/_unique.h>
#include <ATen/ops/aminmax.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <limits>
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
/// The result is channels last in memory, the layout of the convolutions. On a GPU only the first frame of a sequence is
/// looked at, since a look waits for the GPU: pixels of later frames whose id is an error are NaN, which losses and writers
/// refuse.
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
    at::Tensor rows = *labels;
    if (!is_looked_at || !are_classes(*labels) || ignores_a_class()) {
      const at::Tensor has_class = (*labels >= 0).logical_and_(*labels < classes);
      at::Tensor is_ignored = at::zeros_like(has_class);
      for (const int64_t id : ignore) is_ignored.logical_or_(*labels == id);
      const at::Tensor is_unknown = has_class.logical_or(is_ignored).logical_not_();
      if (is_looked_at && outside == Outside::Error) check(*labels, is_unknown);
      rows = labels->masked_fill(is_ignored.logical_or_(is_unknown), classes);
      if (outside == Outside::Error) rows.masked_fill_(is_unknown, classes + 1);
    }
    // Copying rows of a unit matrix writes the result once; scattering ones into zeros is several times
    // slower.
    const at::Tensor table = at::eye(classes + 2, classes, labels->options().dtype(context.precision()));
    table.select(0, classes + 1).fill_(std::numeric_limits<double>::quiet_NaN());
    return table.index_select(0, rows.flatten())
        .view({labels->size(0), labels->size(2), labels->size(3), classes})
        .permute({0, 3, 1, 2});
  }

  void reset() { has_looked_ = false; }

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

  bool has_looked_ = false;  // at the first frame of the sequence
};

}  // namespace

void add_one_hot(Registry& registry) {
  registry.add<OneHot>("semantics.one_hot");
}

}  // namespace weft::semantics

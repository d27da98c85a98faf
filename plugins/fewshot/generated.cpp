#include "plugins/fewshot/generated.h"

#include <algorithm>
#include <utility>

namespace weft::fewshot {
namespace {

/// Takes kernels off a vector, one after the other.
class Cutter {
 public:
  explicit Cutter(at::Tensor vector) : vector_(std::move(vector)) {}  // [B, n]

  SampleKernels take(int64_t out, int64_t in, int64_t kernel) {
    const at::Tensor weight = next(out * in * kernel * kernel).view({-1, out, in, kernel, kernel});
    return {weight, next(out)};
  }
  at::Tensor next(int64_t count) {
    const at::Tensor part = vector_.narrow(1, place_, count);
    place_ += count;
    return part.contiguous();
  }

 private:
  at::Tensor vector_;
  int64_t place_ = 0;
};

Modulation modulation(Cutter cutter, int64_t out, int64_t in, int64_t kernel) {
  SampleKernels gamma = cutter.take(out, in, kernel);
  return {std::move(gamma), cutter.take(out, in, kernel)};
}

constexpr int64_t kBlockKernel = 3;

}  // namespace

void declare_labels(Params& p, ExampleLabels& labels) {
  p("labels", labels,
    "how an example's label map joins its image: \"product\" of both features, with the softmax of the labels'; "
    "\"concat\", as more channels of the image; \"pooled\", likewise, and each generator sees the average over all "
    "pixels "
    "(the paper's form: its last layers are far larger)",
    {{"product", ExampleLabels::Product}, {"concat", ExampleLabels::Concatenation}, {"pooled", ExampleLabels::Pooled}});
}

void GeneratedOptions::declare(Params& p) {
  p("spade", spade, "generates the kernels of the norms for the label map, which else are learnt");
  p("conv", conv, "generates the convolutions of the finest blocks too; not with labels = \"product\"");
  p("embedding", embedding, "generates the finest layers of the label embedder too");
  p("layers", layers, "number of finest layers whose kernels are generated; -1: all").min(-1).max(10);
  p("map_kernel", map_kernel, "side of the kernels on the maps in the norms, odd").min(1).max(31);
  p("embedding_kernel", embedding_kernel, "side of the generated kernels of the label embedder, odd").min(1).max(31);
  declare_labels(p, labels);
}

void GeneratedOptions::check(const std::string& node) const {
  if (map_kernel % 2 == 0 || embedding_kernel % 2 == 0)
    throw Error(Exit::Graph, node + ": `map_kernel` and `embedding_kernel` must be odd");
  if (conv && labels == ExampleLabels::Product) {
    throw Error(Exit::Graph, node + ": `conv` cannot be generated from a product of features, whose rows are too short")
        .hint("set `labels = \"concat\"`, or `conv = false`");
  }
}

GeneratedLayout::GeneratedLayout(const GeneratedOptions& options) : options_(options) {
  const int64_t area = options.map_kernel * options.map_kernel;
  const int64_t of_embedding = options.embedding_kernel * options.embedding_kernel;
  const int64_t of_block = kBlockKernel * kBlockKernel;
  for (int64_t i = 0; i < options.finest(); ++i) {
    const int64_t fine = options.pyramid.channels(i), coarse = options.pyramid.channels(i + 1);
    if (options.spade) {
      // The hidden maps of the labels have as many channels as the block's output.
      add("fc_spade_0", i, i + 1, coarse, 2 * (fine * area + 1));
      add("fc_spade_1", i, i + 1, coarse, (fine == coarse ? 2 : 1) * (fine * area + 1));
      add("fc_spade_s", i, i + 1, coarse, 2 * (fine * area + 1));
    }
    if (options.spade && options.embedding) add("fc_spade_e", i, i + 1, coarse, fine * of_embedding + 1);
    if (!options.conv) continue;
    add("fc_conv_0", i, i, fine, coarse * of_block + 1);
    add("fc_conv_1", i, i, fine, fine * of_block + 1);
    add("fc_conv_s", i, i, fine, coarse + 1);
  }
}

void GeneratedLayout::add(const std::string& name, int64_t layer, int64_t level, int64_t rows, int64_t out) {
  const bool is_one_row = options_.labels == ExampleLabels::Pooled;
  parts_.push_back({text(name, '_', layer), level, is_one_row ? 1 : rows, is_one_row ? rows * out : out,
                    options_.pyramid.channels(layer + 1), numbers()});
}

at::Tensor GeneratedLayout::vector(const at::Tensor& all, const std::string& name, int64_t layer) const {
  const std::string whole = text(name, '_', layer);
  const auto part = std::find_if(parts_.begin(), parts_.end(), [&](const Part& one) { return one.name == whole; });
  return all.narrow(1, part->begin, part->numbers());
}

BlockKernels GeneratedLayout::block(const at::Tensor& all, int64_t level) const {
  BlockKernels kernels;
  const int64_t fine = options_.pyramid.channels(level), coarse = options_.pyramid.channels(level + 1);
  const auto cut = [&](const char* name) { return Cutter(vector(all, name, level)); };
  if (options_.spade) {
    kernels.norm_0 = modulation(cut("fc_spade_0"), coarse, fine, options_.map_kernel);
    kernels.norm_1 = modulation(cut("fc_spade_1"), fine, fine, options_.map_kernel);
    kernels.norm_s = modulation(cut("fc_spade_s"), coarse, fine, options_.map_kernel);
  }
  if (options_.conv) {
    kernels.conv_0 = cut("fc_conv_0").take(fine, coarse, kBlockKernel);
    kernels.conv_1 = cut("fc_conv_1").take(fine, fine, kBlockKernel);
    kernels.conv_s = cut("fc_conv_s").take(fine, coarse, 1);
  }
  return kernels;
}

std::vector<SampleKernels> GeneratedLayout::embedder(const at::Tensor& all) const {
  std::vector<SampleKernels> kernels;
  for (int64_t i = 0; i < options_.in_embedder(); ++i) {
    const int64_t fine = options_.pyramid.channels(i), coarse = options_.pyramid.channels(i + 1);
    const int64_t kernel = options_.embedding_kernel;
    // The last numbers are dropped, and of what is left the last ones are the bias: none where nothing is left.
    Cutter cutter(vector(all, "fc_spade_e", i));
    const at::Tensor weight = cutter.next(fine * coarse * kernel * kernel).view({-1, fine, coarse, kernel, kernel});
    kernels.push_back({weight, fine == coarse ? at::Tensor() : cutter.next(fine)});
  }
  return kernels;
}

}  // namespace weft::fewshot

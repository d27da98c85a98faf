#pragma once

#include "plugins/fewshot/spade_block.h"

#include <string>
#include <vector>

namespace weft::fewshot {

/// How an example's label map joins its image.
enum class ExampleLabels {
  Product,        ///< features of the image times the softmax of features of the label map, summed over all pixels
  Concatenation,  ///< the label map is more channels of the image
  Pooled          ///< likewise, and the features are averaged over all pixels, as the paper says
};

/// Declares `labels`, which the nodes that see an example have in common.
void declare_labels(Params& p, ExampleLabels& labels);

/// Which layers get generated kernels.
struct GeneratedOptions {
  Pyramid pyramid;
  ExampleLabels labels = ExampleLabels::Product;
  bool spade = true;             ///< the convolutions on the labels' maps in the norms of the finest blocks
  bool conv = false;             ///< the convolutions of these blocks (not with Product)
  bool embedding = true;         ///< the finest layers of the label embedder, where `spade` holds
  int64_t layers = 4;            ///< how many of the finest; -1: all
  int64_t map_kernel = 1;        ///< of the norms, odd
  int64_t embedding_kernel = 1;  ///< of the label embedder, odd

  int64_t finest() const { return layers < 0 ? pyramid.down : std::min(layers, pyramid.down); }
  int64_t in_blocks() const { return spade || conv ? finest() : 0; }
  int64_t in_embedder() const { return spade && embedding ? finest() : 0; }
  void declare(Params& p);
  /// Refuses what the original cannot compute. @throws Error
  void check(const std::string& node) const;
};

/// The order of all generated numbers of a sample.
///
/// Each generator gives one vector; all vectors stand one after the other. A vector has `rows` parts of `out` numbers, one
/// for each row of the encoded example, but it is cut without regard to these parts, as in the original. Pooled features are
/// one row, which gives all numbers.
class GeneratedLayout {
 public:
  explicit GeneratedLayout(const GeneratedOptions& options);

  struct Part {
    std::string name;  ///< of the generator: "fc_spade_0_2"
    int64_t level;     ///< of the encoded example that it reads
    int64_t rows, out;
    int64_t hidden;  ///< channels of its inner layers
    int64_t begin;   ///< the place of its vector
    int64_t numbers() const { return rows * out; }
  };
  const std::vector<Part>& parts() const { return parts_; }
  int64_t numbers() const { return parts_.empty() ? 0 : parts_.back().begin + parts_.back().numbers(); }

  /// The kernels of block `level` from all numbers [B, numbers()].
  BlockKernels block(const at::Tensor& all, int64_t level) const;
  /// The kernels of the label embedder, finest first.
  std::vector<SampleKernels> embedder(const at::Tensor& all) const;

 private:
  void add(const std::string& name, int64_t layer, int64_t level, int64_t rows, int64_t out);
  at::Tensor vector(const at::Tensor& all, const std::string& name, int64_t layer) const;

  GeneratedOptions options_;
  std::vector<Part> parts_;
};

}  // namespace weft::fewshot

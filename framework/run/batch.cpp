#include "framework/run/batch.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/weights/shape_text.h"

#include <ATen/ops/cat.h>

namespace weft::run {

at::Tensor join_tensors(const std::vector<at::Tensor>& parts) {
  const at::Tensor& first = parts.front();
  if (first.dim() == 0) {
    throw Error(Exit::Graph, "a scalar has no batch dimension, so several cannot form a batch")
        .hint("a folded node reads maps; combine scalars outside of it");
  }
  for (const at::Tensor& part : parts) {
    if (part.dim() == first.dim() && part.sizes().slice(1) == first.sizes().slice(1)) continue;
    throw Error(Exit::Data, text("values of one batch differ in size: ", weights::shape_text(first), " and ",
                                 weights::shape_text(part)))
        .hint("set `size` on their source to resize all, or run.batch = 1 to allow different sizes");
  }
  return parts.size() == 1 ? first : at::cat(parts, 0);
}

namespace {

/// `part` of each value, joined.
template <typename Part>
at::Tensor join_parts(const std::vector<const Value*>& values, const Part& part) {
  std::vector<at::Tensor> parts;
  parts.reserve(values.size());
  for (const Value* value : values) parts.push_back(part(*value));
  return join_tensors(parts);
}

std::vector<Verdict> join_verdicts(const std::vector<const std::vector<Verdict>*>& all) {
  std::vector<Verdict> joined = *all.front();
  const auto join_of = [&](const auto& part) {
    std::vector<at::Tensor> parts;
    for (const std::vector<Verdict>* one : all) parts.push_back(part(*one));
    return join_tensors(parts);
  };
  for (size_t scale = 0; scale < joined.size(); ++scale) {
    for (size_t layer = 0; layer < joined[scale].features.size(); ++layer) {
      joined[scale].features[layer] =
          join_of([&](const std::vector<Verdict>& one) { return one[scale].features[layer]; });
    }
    joined[scale].score = join_of([&](const std::vector<Verdict>& one) { return one[scale].score; });
  }
  return joined;
}

Value join_judgements(const std::vector<const Value*>& values) {
  Judgement joined;
  const auto verdicts_of = [&](const auto& part) {
    std::vector<const std::vector<Verdict>*> all;
    for (const Value* value : values) all.push_back(&part(value->judgement()));
    return join_verdicts(all);
  };
  joined.real = verdicts_of([](const Judgement& one) -> const std::vector<Verdict>& { return one.real; });
  for (size_t fake = 0; fake < values.front()->judgement().fakes.size(); ++fake) {
    joined.fakes.push_back(
        verdicts_of([&](const Judgement& one) -> const std::vector<Verdict>& { return one.fakes[fake]; }));
  }
  return joined;
}

}  // namespace

Value join_batch(const std::vector<const Value*>& values) {
  const Value& first = *values.front();
  if (first.is_judgement()) return join_judgements(values);
  if (first.is_text()) throw Error(Exit::Graph, "texts cannot form a batch");
  if (!first.is_window()) return join_parts(values, [](const Value& value) { return value.tensor(); });
  std::vector<std::vector<at::Tensor>> frames;
  for (const Value* value : values) frames.push_back(value->frames());
  std::vector<at::Tensor> joined;
  for (size_t frame = 0; frame < frames.front().size(); ++frame) {
    std::vector<at::Tensor> parts;
    for (const auto& one : frames) parts.push_back(one[frame]);
    joined.push_back(join_tensors(parts));
  }
  return joined;
}

std::vector<Value> deal_batch(const Value& value, size_t count) {
  // All parts of a tensor are made in one step, so that gradients come back in one.
  std::vector<std::vector<at::Tensor>> parts;
  const auto split = [&](const at::Tensor& tensor) {
    if (tensor.dim() == 0) {
      parts.emplace_back(count, tensor);
      return tensor;
    }
    if (tensor.size(0) % static_cast<int64_t>(count) != 0) {
      throw Error(Exit::Graph,
                  text("a value ", weights::shape_text(tensor), " cannot be split into ", count, " frames"));
    }
    parts.push_back(tensor.split(tensor.size(0) / static_cast<int64_t>(count), 0));
    return tensor;
  };
  if (count == 1) return {value};
  value.map(split);
  std::vector<Value> dealt;
  for (size_t index = 0; index < count; ++index) {
    size_t at = 0;
    dealt.push_back(value.map([&](const at::Tensor&) { return parts[at++][index]; }));
  }
  return dealt;
}

}  // namespace weft::run

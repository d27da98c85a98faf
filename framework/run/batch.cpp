#include "framework/run/batch.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/weights/shape_text.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>

#include <algorithm>
#include <numeric>

namespace weft::run {

namespace {

using Tensors = std::vector<at::Tensor>;

/// Points [B, K, 3] as [B, count, 3].
at::Tensor filled_up(const at::Tensor& points, int64_t count) {
  return at::constant_pad_nd(points, {0, 0, 0, count - points.size(1)});
}

Tensors filled_up(const Tensors& parts) {
  int64_t count = 0;
  for (const at::Tensor& part : parts) {
    if (part.dim() != 3) return parts;
    count = std::max(count, part.size(1));
  }
  Tensors filled;
  for (const at::Tensor& part : parts) filled.push_back(part.size(1) == count ? part : filled_up(part, count));
  return filled;
}

at::Tensor join_tensors(const Tensors& parts) {
  const at::Tensor& first = parts.front();
  if (first.dim() == 0) {
    throw Error(Exit::Graph, "a scalar has no batch dimension, so several cannot form a batch")
        .hint(
            "a folded node reads maps, combine scalars outside of it; sequences that give scalars want run.batch = 1");
  }
  for (const at::Tensor& part : parts) {
    if (part.dim() == first.dim() && part.sizes().slice(1) == first.sizes().slice(1)) continue;
    throw Error(Exit::Data, text("values of one batch differ in size: ", weights::shape_text(first), " and ",
                                 weights::shape_text(part)))
        .hint("set `size` on their source to resize all, or run.batch = 1 to allow different sizes");
  }
  return parts.size() == 1 ? first : at::cat(parts, 0);
}

/// The value with the map in the place of ids.
Value with_map(const Value& value) {
  if (value.is_one_hot()) return value.tensor();
  return value.is_window() ? Value(value.frames()) : value;
}

/// Whether values are joined by their ids: all of them have ids, of the same classes.
bool are_by_ids(const std::vector<const Value*>& values) {
  const auto one_hots = [](const Value& value) {
    std::vector<const nn::OneHot*> all;
    if (value.is_one_hot()) all.push_back(value.one_hot().get());
    if (!value.is_window()) return all;
    for (const nn::MapOrIds& entry : value.kept()) all.push_back(entry.is_one_hot() ? entry.one_hot().get() : nullptr);
    return all;
  };
  const std::vector<const nn::OneHot*> first = one_hots(*values.front());
  return !first.empty() && std::all_of(values.begin(), values.end(), [&](const Value* value) {
    const std::vector<const nn::OneHot*> others = one_hots(*value);
    return std::equal(first.begin(), first.end(), others.begin(), others.end(),
                      [](const nn::OneHot* a, const nn::OneHot* b) { return a && b && a->is_like(*b); });
  });
}

/// The tensors of a value, in the form of another one: a stacked tensor may stand beside windows.
Tensors tensors_as(const Value& form, const Value& value) {
  if (form.is_window() && !value.is_window()) return value.frames();
  if (form.is_window() || form.is_one_hot()) {
    Tensors tensors;
    value.visit([&](const std::string&, const at::Tensor& tensor) { tensors.push_back(tensor); });
    return tensors;
  }
  if (!form.is_record()) return {value.tensor()};
  Tensors tensors;
  bool is_alike = value.record().tensors().size() == form.record().tensors().size();
  for (const auto& [path, unused] : form.record().tensors()) {
    const auto found = value.record().tensors().find(path);
    is_alike = is_alike && found != value.record().tensors().end();
    if (is_alike) tensors.push_back(found->second);
  }
  if (is_alike) return tensors;
  throw Error(Exit::Data,
              text("values of one batch have different fields: ", form.describe(), ", and ", value.describe()));
}

/// The counts of several records, one after the other.
Record::Counts joined_counts(const std::vector<const Value*>& values) {
  Record::Counts joined;
  for (const Value* value : values) {
    for (const auto& [letter, counts] : value->record().counts())
      joined[letter].insert(joined[letter].end(), counts.begin(), counts.end());
  }
  return joined;
}

[[noreturn]] void fail_to_split(const at::Tensor& tensor, size_t parts) {
  throw Error(Exit::Graph, text("a value ", weights::shape_text(tensor), " cannot be split into ", parts, " frames"));
}

/// The samples of part `index` of `parts`.
std::vector<int64_t> counts_of_part(const std::vector<int64_t>& counts, size_t index, size_t parts) {
  const auto samples = static_cast<std::ptrdiff_t>(counts.size() / parts);
  const auto first = counts.begin() + static_cast<std::ptrdiff_t>(index) * samples;
  return {first, first + samples};
}

/// All parts of a tensor, made in one step, so that gradients come back in one.
/// @param counts  the number of items of each sample; nullptr where the first dimension is the batch
Tensors split(const at::Tensor& tensor, const std::vector<int64_t>* counts, size_t parts) {
  if (tensor.dim() == 0) return Tensors(parts, tensor);
  const auto samples = counts ? counts->size() : static_cast<size_t>(tensor.size(0));
  if (samples % parts != 0) fail_to_split(tensor, parts);
  if (!counts) return tensor.split(static_cast<int64_t>(samples / parts), 0);
  std::vector<int64_t> lengths;
  for (size_t index = 0; index < parts; ++index) {
    const std::vector<int64_t> of_part = counts_of_part(*counts, index, parts);
    lengths.push_back(std::accumulate(of_part.begin(), of_part.end(), int64_t{0}));
  }
  return tensor.split_with_sizes(lengths, 0);
}

}  // namespace

Value join_batch(const std::vector<const Value*>& values, const Kind& kind) {
  if (values.front()->is_text()) throw Error(Exit::Graph, "texts cannot form a batch");
  const bool by_ids = are_by_ids(values);
  const Value first = by_ids ? *values.front() : with_map(*values.front());
  std::vector<Tensors> of_values;
  for (const Value* value : values) of_values.push_back(tensors_as(first, by_ids ? *value : with_map(*value)));
  size_t at = 0;
  const Value joined = first.map([&](const at::Tensor&) {
    Tensors parts;
    parts.reserve(of_values.size());
    for (const Tensors& tensors : of_values) parts.push_back(tensors[at]);
    ++at;
    return join_tensors(kind == Kind::Keypoints ? filled_up(parts) : parts);
  });
  return joined.is_record() ? Value(joined.record().with_counts(joined_counts(values))) : joined;
}

std::vector<Value> deal_batch(const Value& value, size_t count) {
  if (count == 1) return {value};
  std::vector<Tensors> parts;
  value.visit([&](const std::string& path, const at::Tensor& tensor) {
    parts.push_back(split(tensor, value.is_record() ? value.record().counts_of(path.substr(1)) : nullptr, count));
  });
  std::vector<Value> dealt;
  for (size_t index = 0; index < count; ++index) {
    size_t at = 0;
    Value part = value.map([&](const at::Tensor&) { return parts[at++][index]; });
    if (value.is_record()) {
      Record::Counts counts = value.record().counts();
      for (auto& [letter, of_samples] : counts) of_samples = counts_of_part(of_samples, index, count);
      part = part.record().with_counts(std::move(counts));
    }
    dealt.push_back(std::move(part));
  }
  return dealt;
}

}  // namespace weft::run

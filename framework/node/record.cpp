#include "framework/node/record.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/weights/shape_text.h"

#include <algorithm>
#include <numeric>

namespace weft {
namespace {

constexpr size_t kDescribed = 4;  // tensors that describe() lists

/// Compares the sizes of a record's tensors with their declarations and with each other.
class SizeCheck {
 public:
  SizeCheck(const RecordSpec& spec, const Record::Tensors& tensors) : spec_(spec), tensors_(tensors) {}

  void run(Record::Counts& counts) {
    for (const auto& [path, tensor] : tensors_) compare(path, tensor);
    for (const std::string& letter : spec_.varying_letters()) complete(letter, counts);
  }

 private:
  struct Known {
    int64_t size;
    std::string path;  ///< of the tensor that has it
  };

  template <typename... What>
  [[noreturn]] void fail(const What&... what) const {
    throw Error(Exit::Failed, text("record ", spec_.name, ": ", what...));
  }

  void compare(const std::string& path, const at::Tensor& tensor) {
    const PortSpec* field = spec_.find(path);
    if (!field) fail("it has a field `", path, "`, which is not declared");
    if (field->shape.any_rank) {
      if (tensor.dim() > 0) bind("B", tensor.size(0), path);
      return;
    }
    const auto& dims = field->shape.dims;
    bool fits = tensor.dim() == static_cast<int64_t>(dims.size());
    for (size_t i = 0; fits && i < dims.size(); ++i) {
      const int64_t size = tensor.size(static_cast<int64_t>(i));
      if (dims[i].form == DimSpec::Form::Number) fits = size == dims[i].number;
      if (dims[i].form == DimSpec::Form::Letter && size % dims[i].multiplier == 0)
        bind(dims[i].name, size * dims[i].divisor / dims[i].multiplier, path);
    }
    if (!fits)
      fail("its field `", path, "` is declared as ", field->declaration(), ", but is ", weights::shape_text(tensor));
  }

  void bind(const std::string& letter, int64_t size, const std::string& path) {
    const auto [known, is_new] = letters_.try_emplace(letter, Known{size, path});
    if (is_new || known->second.size == size) return;
    fail(letter, " is ", known->second.size, " in its field `", known->second.path, "`, but ", size, " in `", path,
         '`');
  }

  /// Fills the counts of a single sample, and compares those that are given.
  void complete(const std::string& letter, Record::Counts& counts) {
    const auto items = letters_.find(letter);
    if (items == letters_.end()) return;  // an optional field that is absent
    const std::vector<int64_t>& of_samples =
        counts.try_emplace(letter, std::vector<int64_t>{items->second.size}).first->second;
    const auto samples = static_cast<int64_t>(of_samples.size());
    const int64_t batch = letters_.try_emplace("B", Known{samples, ""}).first->second.size;
    if (batch != samples) fail("it has ", count_text(batch, "sample"), ", but counts of ", letter, " for ", samples);
    const bool has_negative = std::any_of(of_samples.begin(), of_samples.end(), [](int64_t one) { return one < 0; });
    const int64_t sum = has_negative ? -1 : std::accumulate(of_samples.begin(), of_samples.end(), int64_t{0});
    if (sum == items->second.size) return;
    std::vector<std::string> texts;
    for (const int64_t one : of_samples) texts.push_back(text(one));
    fail("the counts of ", letter, " are ", join(texts), ", but its field `", items->second.path, "` has ",
         count_text(items->second.size, "item"));
  }

  const RecordSpec& spec_;
  const Record::Tensors& tensors_;
  std::map<std::string, Known> letters_;
};

}  // namespace

Record::Record(std::shared_ptr<const RecordSpec> spec, Tensors tensors, Counts counts)
    : spec_(std::move(spec)), tensors_(std::move(tensors)), counts_(std::move(counts)) {
  SizeCheck(*spec_, tensors_).run(counts_);
}

const std::vector<int64_t>* Record::counts_of(const std::string& path) const {
  const PortSpec* field = spec_->find(path);
  const std::string letter = field ? varying_letter(*field) : "";
  const auto found = counts_.find(letter);
  return found == counts_.end() ? nullptr : &found->second;
}

int64_t Record::samples() const {
  if (!counts_.empty()) return static_cast<int64_t>(counts_.begin()->second.size());
  for (const auto& [path, tensor] : tensors_) {
    if (tensor.dim() > 0) return tensor.size(0);
  }
  return 0;
}

bool Record::is_left_out() const {
  const auto is_required = [](const PortSpec& field) {
    return field.arity != PortSpec::Arity::Optional && field.name.find('*') == std::string::npos;
  };
  return tensors_.empty() && std::any_of(spec_->fields.begin(), spec_->fields.end(), is_required);
}

Record Record::with_counts(Counts counts) const {
  Record changed = *this;
  changed.counts_ = std::move(counts);
  return changed;
}

std::string Record::describe() const {
  if (tensors_.empty() || tensors_.size() > kDescribed) return text("a ", spec_->name);
  std::vector<std::string> parts;
  for (const auto& [path, tensor] : tensors_) parts.push_back(text(path, ' ', weights::shape_text(tensor)));
  return text(spec_->name, " with ", join(parts));
}

}  // namespace weft

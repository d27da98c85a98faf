#pragma once

#include "framework/node/record_fields.h"
#include "framework/spec/record.h"

#include <ATen/core/Tensor.h>

#include <concepts>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace weft {

/// A struct that is a type of record:
///
///   struct Boxes {
///     static constexpr auto name = "boxes";                       // the kind of its ports
///     static constexpr auto about = "boxes found in a frame";
///     static constexpr auto show = "mylab.draw_boxes";            // may be left out: a node that draws it, for --peek
///     at::Tensor corners, scores;                                 // [N, 4] in pixels, [N] in [0, 1]
///     std::vector<int64_t> counts;                                // N of each sample of the batch
///     void visit(auto& field) {
///       field("corners", corners, "N,4");
///       field("scores", scores, "N");
///       field.counts("N", counts);
///     }
///   };
///
/// Fields whose first size is B hold the batch in that dimension. Every other letter in the first place is a number that may
/// differ in each frame and each sample: the samples of a batch lie one after the other, and `counts` has the number of each.
/// A node that makes one sample need not fill `counts`; a node that reads a record finds them filled.
template <typename T>
concept RecordType = requires(T record, RecordFields& field) {
  { T::name } -> std::convertible_to<std::string_view>;
  record.visit(field);
};

/// The value of a record: its type, its tensors by path ("corners", "real/0/score"), and the numbers that differ. A struct
/// is a typed view on it, so that plugins share no C++ type. It is never changed.
class Record {
 public:
  using Tensors = std::map<std::string, at::Tensor>;
  using Counts = std::map<std::string, std::vector<int64_t>>;  ///< by letter, of each sample

  /// @param counts  of a single sample they may be left out
  /// @throws Error  (Exit::Failed) when sizes do not fit the type or each other
  Record(std::shared_ptr<const RecordSpec> spec, Tensors tensors, Counts counts);
  /// @throws Error  (Exit::Failed) as above, and when a field that is not optional is undefined
  template <RecordType T>
  static Record of(const T& typed);
  /// @throws Error  (Exit::Failed) when this is another type of record, or a field is missing
  template <RecordType T>
  T as() const;

  const RecordSpec& spec() const { return *spec_; }
  const Tensors& tensors() const { return tensors_; }
  const Counts& counts() const { return counts_; }
  /// The number of items of each sample in a tensor; nullptr where its first dimension is the batch.
  const std::vector<int64_t>* counts_of(const std::string& path) const;
  /// The size of its batch; 0 where no tensor has one.
  int64_t samples() const;
  /// Whether it has fields, and not one of them is there: an output that a source leaves out.
  bool is_left_out() const;

  /// The same record with other tensors, in the order of tensors(), and with other counts; nothing is checked.
  template <typename Change>
  Record map(const Change& change) const;
  Record with_counts(Counts counts) const;

  /// "a judgement", or, of a few tensors, "boxes with corners [3, 4], scores [3]".
  std::string describe() const;

 private:
  Record() = default;

  std::shared_ptr<const RecordSpec> spec_;
  Tensors tensors_;
  Counts counts_;
};

/// What a struct says of itself.
/// @throws Error  (Exit::Plugin) for a faulty declaration
template <RecordType T>
const std::shared_ptr<const RecordSpec>& record_spec() {
  static const std::shared_ptr<const RecordSpec> spec = [] {
    RecordSpec described;
    described.name = T::name;
    if constexpr (requires { T::about; }) described.about = T::about;
    if constexpr (requires { T::show; }) described.show = T::show;
    DescribedFields fields(described);
    T record;
    record.visit(fields);
    return fields.finish();
  }();
  return spec;
}

template <RecordType T>
Record Record::of(const T& typed) {
  T record = typed;
  WrittenFields fields(*record_spec<T>());
  record.visit(fields);
  return Record(record_spec<T>(), fields.take_tensors(), fields.take_counts());
}

template <RecordType T>
T Record::as() const {
  T record;
  ReadFields fields(*this, *record_spec<T>());
  record.visit(fields);
  return record;
}

template <typename Change>
Record Record::map(const Change& change) const {
  Record changed = *this;
  for (auto& [path, tensor] : changed.tensors_) tensor = change(tensor);
  return changed;
}

}  // namespace weft

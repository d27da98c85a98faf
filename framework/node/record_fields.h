#pragma once

#include "framework/spec/record.h"

#include <ATen/core/Tensor.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace weft {

class Record;

/// The argument of a record's `visit`: `field("scores", scores, "N");` for each of its tensors. The same call describes the
/// type, takes the tensors out of the struct, and puts them into it.
class RecordFields {
 public:
  virtual ~RecordFields() = default;

  /// A tensor.
  /// @param declaration  its sizes, "N,4", or kind and sizes, "mask[N,1,H,W]"; "…?" where it may be undefined
  void operator()(std::string_view name, at::Tensor& tensor, std::string_view declaration);
  /// A list of tensors.
  void operator()(std::string_view name, std::vector<at::Tensor>& tensors, std::string_view declaration);
  /// A struct with a `visit` of its own, or a list of them, or of lists.
  template <typename Part>
  void operator()(std::string_view name, Part& part);
  template <typename Part>
  void operator()(std::string_view name, std::vector<Part>& parts);
  /// The number of items of each sample: what the letter stands for.
  virtual void counts(std::string_view letter, std::vector<int64_t>& counts) = 0;

 protected:
  virtual void take(const std::string& path, at::Tensor& tensor, std::string_view declaration) = 0;
  /// The length of the list at a path. @param given  its length in the struct
  virtual size_t length_at(const std::string& path, size_t given) = 0;
  virtual std::string index_text(size_t index) const;

 private:
  /// The path of a field or an item within the part that is being visited.
  class Below {
   public:
    Below(std::string& path, std::string_view name);
    ~Below() { path_.resize(length_); }
    Below(const Below&) = delete;
    Below& operator=(const Below&) = delete;

   private:
    std::string& path_;
    size_t length_;
  };

  std::string path_;
};

/// Collects the declarations.
class DescribedFields final : public RecordFields {
 public:
  explicit DescribedFields(RecordSpec spec) : spec_(std::move(spec)) {}
  void counts(std::string_view letter, std::vector<int64_t>& counts) override;
  /// @throws Error  (Exit::Plugin) when the name is no name, or a letter has no counts
  std::shared_ptr<const RecordSpec> finish();

 private:
  void take(const std::string& path, at::Tensor& tensor, std::string_view declaration) override;
  size_t length_at(const std::string&, size_t) override { return 1; }
  std::string index_text(size_t) const override { return "*"; }

  RecordSpec spec_;
  std::vector<std::string> counted_;
};

/// Collects the tensors of a struct.
class WrittenFields final : public RecordFields {
 public:
  explicit WrittenFields(const RecordSpec& spec) : spec_(spec) {}
  void counts(std::string_view letter, std::vector<int64_t>& counts) override;
  std::map<std::string, at::Tensor> take_tensors();
  std::map<std::string, std::vector<int64_t>> take_counts() { return std::move(counts_); }

 private:
  void take(const std::string& path, at::Tensor& tensor, std::string_view declaration) override;
  size_t length_at(const std::string&, size_t given) override { return given; }

  const RecordSpec& spec_;
  std::map<std::string, at::Tensor> tensors_;
  std::map<std::string, std::vector<int64_t>> counts_;
  std::string missing_;  ///< a field that is not optional, but undefined
};

/// Fills a struct with the tensors of a record.
class ReadFields final : public RecordFields {
 public:
  /// @throws Error  (Exit::Failed) when the record is of another type
  ReadFields(const Record& record, const RecordSpec& wanted);
  void counts(std::string_view letter, std::vector<int64_t>& counts) override;

 private:
  void take(const std::string& path, at::Tensor& tensor, std::string_view declaration) override;
  size_t length_at(const std::string& path, size_t given) override;

  const Record& record_;
};

template <typename Part>
void RecordFields::operator()(std::string_view name, Part& part) {
  const Below below(path_, name);
  part.visit(*this);
}

template <typename Part>
void RecordFields::operator()(std::string_view name, std::vector<Part>& parts) {
  const Below list(path_, name);
  parts.resize(length_at(path_, parts.size()));
  for (size_t index = 0; index < parts.size(); ++index) (*this)(index_text(index), parts[index]);
}

}  // namespace weft

#include "framework/node/record_fields.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/node/record.h"

#include <algorithm>

namespace weft {

RecordFields::Below::Below(std::string& path, std::string_view name) : path_(path), length_(path.size()) {
  if (!path_.empty()) path_ += '/';
  path_ += name;
}

std::string RecordFields::index_text(size_t index) const {
  return text(index);
}

void RecordFields::operator()(std::string_view name, at::Tensor& tensor, std::string_view declaration) {
  const Below below(path_, name);
  take(path_, tensor, declaration);
}

void RecordFields::operator()(std::string_view name, std::vector<at::Tensor>& tensors, std::string_view declaration) {
  const Below list(path_, name);
  tensors.resize(length_at(path_, tensors.size()));
  for (size_t index = 0; index < tensors.size(); ++index) (*this)(index_text(index), tensors[index], declaration);
}

void DescribedFields::take(const std::string& path, at::Tensor&, std::string_view declaration) {
  spec_.add(path, declaration);
}

void DescribedFields::counts(std::string_view letter, std::vector<int64_t>&) {
  counted_.emplace_back(letter);
}

std::shared_ptr<const RecordSpec> DescribedFields::finish() {
  std::string fault;
  const auto port = parse_port("", spec_.name, fault);
  if (!port || port->kind != Kind::Record) {
    throw Error(Exit::Plugin, text("\"", spec_.name, "\" is not a name for a record"))
        .hint("a name has small letters, digits and _, and is not nearly that of a kind in docs/kinds.md");
  }
  std::vector<std::string> letters = spec_.varying_letters();
  std::sort(letters.begin(), letters.end());
  std::sort(counted_.begin(), counted_.end());
  if (letters == counted_) return std::make_shared<const RecordSpec>(std::move(spec_));
  throw Error(Exit::Plugin, text("record ", spec_.name, ": the first sizes that are not B are ",
                                 letters.empty() ? "none" : quoted_list(letters, "and"), ", but the counts are of ",
                                 counted_.empty() ? "none" : quoted_list(counted_, "and")))
      .hint("declare the number of items of each sample: field.counts(\"N\", counts), a std::vector<int64_t>");
}

void WrittenFields::take(const std::string& path, at::Tensor& tensor, std::string_view) {
  if (tensor.defined()) {
    tensors_[path] = tensor;
  } else if (missing_.empty() && spec_.find(path)->arity != PortSpec::Arity::Optional) {
    missing_ = path;
  }
}

void WrittenFields::counts(std::string_view letter, std::vector<int64_t>& counts) {
  if (!counts.empty()) counts_[std::string(letter)] = counts;
}

std::map<std::string, at::Tensor> WrittenFields::take_tensors() {
  // Without any tensor it is an output that a source leaves out.
  if (!missing_.empty() && !tensors_.empty())
    throw Error(Exit::Failed, text("record ", spec_.name, ": its field `", missing_, "` is undefined"));
  return std::move(tensors_);
}

ReadFields::ReadFields(const Record& record, const RecordSpec& wanted) : record_(record) {
  if (record.spec().name == wanted.name) return;
  throw Error(Exit::Failed, text("a record ", wanted.name, " was expected, but this is ", record.describe()));
}

void ReadFields::take(const std::string& path, at::Tensor& tensor, std::string_view declaration) {
  const auto found = record_.tensors().find(path);
  if (found != record_.tensors().end()) {
    tensor = found->second;
  } else if (declaration.ends_with('?')) {
    tensor = at::Tensor();
  } else {
    throw Error(Exit::Failed, text("record ", record_.spec().name, ": it has no field `", path, '`'))
        .hint("two plugins declare this record with different fields");
  }
}

void ReadFields::counts(std::string_view letter, std::vector<int64_t>& counts) {
  const auto found = record_.counts().find(std::string(letter));
  counts = found == record_.counts().end() ? std::vector<int64_t>() : found->second;
}

size_t ReadFields::length_at(const std::string& path, size_t) {
  const auto has_item = [&](size_t index) {
    const std::string item = text(path, '/', index);
    const auto at = record_.tensors().lower_bound(item);
    // "real/1" itself, or what lies below it; "real/10" may come between the two.
    if (at != record_.tensors().end() && at->first == item) return true;
    const auto below = record_.tensors().lower_bound(item + '/');
    return below != record_.tensors().end() && below->first.starts_with(item + '/');
  };
  size_t length = 0;
  while (has_item(length)) ++length;
  return length;
}

}  // namespace weft

#pragma once

#include "framework/spec/port.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace weft {

/// A type of record: several named tensors that are one value. A plugin declares it as a struct (framework/node/record.h).
struct RecordSpec {
  std::string name;   ///< "judgement": the kind of its ports
  std::string about;  ///< may be empty
  std::string show;   ///< the node type that draws it, for `--peek`; empty when there is none
  /// The tensors. The name of a field is its path, "boxes" or "real/*/score", where a star is the index in a list. An
  /// optional field may be absent.
  std::vector<PortSpec> fields;

  /// The field at a path of a value, "real/0/score"; nullptr when there is none.
  const PortSpec* find(std::string_view path) const;
  /// The letters of the numbers that differ from sample to sample, in the order of the fields.
  std::vector<std::string> varying_letters() const;

  /// Adds a field, declared as `kind[sizes]`, or by its sizes alone, "N,4".
  /// @throws Error  (Exit::Plugin) for a declaration that is no such thing. The first size is B, or another letter that is
  ///   the number of items of a sample
  void add(const std::string& path, std::string_view declaration);
};

/// The letter of the number that differs from sample to sample, in the first dimension of a field; empty when that is the
/// batch.
std::string varying_letter(const PortSpec& field);

/// A record type of which only the name is known, as a graph file writes it.
Kind record_named(std::string_view name);

}  // namespace weft

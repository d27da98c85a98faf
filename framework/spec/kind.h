#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace weft {

struct RecordSpec;

/// The meaning of a value. A new kind needs a reason (docs/kinds.md); most maps are `feature` or `conditions`, and a value
/// of several tensors is a record.
class Kind {
 public:
  enum Code {
    Image,           ///< RGB in [-1, 1]
    Labels,          ///< class ids
    Instances,       ///< instance ids; only equality counts
    Semantics,       ///< one channel for each class, one-hot or soft
    Edges,           ///< 1 on borders between instances
    Conditions,      ///< the channels that a generator is conditioned on
    Flow,            ///< backward, x and y in pixels: displacement from p to its position in the previous frame
    Mask,            ///< [0, 1]; 1 = newly generated
    ForegroundMask,  ///< [0, 1]; 1 = foreground
    Depth,           ///< metres along the viewing axis
    Keypoints,       ///< points with x, y and confidence
    Feature,         ///< any map
    Record,          ///< several named tensors: a type that a plugin declares (framework/spec/record.h)
    Scalar,          ///< one number
    Text,            ///< a string
    Any,             ///< of ports only: accepts each kind that is a tensor
  };

  Kind(Code code) : code_(code) {}  // NOLINT: an enumerator is a kind
  explicit Kind(std::shared_ptr<const RecordSpec> record) : code_(Record), record_(std::move(record)) {}
  operator Code() const { return code_; }  // NOLINT: so that a switch takes it

  /// The type of a record; nothing for all other kinds.
  const std::shared_ptr<const RecordSpec>& record() const { return record_; }

  /// Records are equal when their names are.
  friend bool operator==(const Kind& a, const Kind& b);
  friend bool operator==(const Kind& a, Code b) { return a.code_ == b; }

 private:
  Code code_;
  std::shared_ptr<const RecordSpec> record_;
};

/// One row of the table of kinds in the docs.
struct KindInfo {
  Kind kind;
  std::string_view name;
  std::string_view shape;     ///< the usual shape of one frame
  std::string_view cpp_type;  ///< the type of `*port`
  std::string_view about;
};

const std::vector<KindInfo>& all_kinds();
const KindInfo& info(const Kind& kind);
/// "image"; of a record the name of its type.
std::string_view name_of(const Kind& kind);

/// Whether a port of kind `port` accepts a value of kind `value`. Records are accepted by name.
bool accepts(const Kind& port, const Kind& value);

/// Whether values of this kind are tensors (all but records and texts).
bool is_tensor(const Kind& kind);

}  // namespace weft

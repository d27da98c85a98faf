#pragma once

#include "framework/node/value.h"
#include "framework/spec/port.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <type_traits>

namespace weft {

/// `weft::record<Boxes>`: the declaration of a port whose values are records, which the node sees as this struct.
template <typename T>
struct RecordOf {};
template <RecordType T>
inline constexpr RecordOf<T> record;

/// A text as a template argument: the name or the declaration of a port. Of a record its struct stands beside it.
template <size_t N, typename Struct = void>
struct PortText {
  constexpr PortText(const char (&source)[N]) { std::copy_n(source, N, text); }  // NOLINT: written as a literal
  constexpr PortText(RecordOf<Struct>) {}                                        // NOLINT: weft::record<Struct>
  constexpr std::string_view view() const { return {text, N - 1}; }
  /// Whether the declaration is of this kind, whatever its sizes. By index: with sanitizers, g++ takes no
  /// pointer into a template parameter for constant.
  constexpr bool is_kind(std::string_view kind) const {
    if (kind.size() >= N) return false;
    for (size_t i = 0; i < kind.size(); ++i) {
      if (text[i] != kind[i]) return false;
    }
    return text[kind.size()] == '[' || text[kind.size()] == '\0';
  }
  char text[N] = {};
};
template <typename Struct>
PortText(RecordOf<Struct>) -> PortText<1, Struct>;

namespace detail {

template <size_t N, typename Struct>
Struct struct_of(const PortText<N, Struct>&);

template <PortText Declaration>
struct PortTypeOf {
  using Struct = decltype(struct_of(Declaration));
  using type = std::conditional_t<!std::is_void_v<Struct>, Struct,
                                  std::conditional_t<Declaration.is_kind("text"), std::string, at::Tensor>>;
};

}  // namespace detail

/// The C++ type of the values at a port (docs/kinds.md): a tensor, a text or the struct of a record.
template <PortText Declaration>
using PortType = typename detail::PortTypeOf<Declaration>::type;

/// The values at one port while a node runs: one (In), none or one (Opt), or several (Many).
struct PortInput {
  const Value* const* values = nullptr;
  size_t count = 0;
  const size_t* places = nullptr;  ///< of each value, its index among the wired ones
  size_t wired = 0;                ///< number of wired values, present or not
};

namespace detail {

/// The values of a port as nodes see them.
template <typename Held>
class PortValues {
 public:
  explicit PortValues(const PortInput& input) : values_(input.values) {}

  const Held& operator[](size_t index) const {
    if constexpr (std::is_same_v<Held, std::string>) {
      return values_[index]->text();
    } else {
      return values_[index]->tensor();
    }
  }

 private:
  const Value* const* values_;
};

/// Records as structs, which are filled once for each run of the node.
template <RecordType Held>
class PortValues<Held> {
 public:
  explicit PortValues(const PortInput& input) {
    for (size_t i = 0; i < input.count; ++i) structs_.push_back(input.values[i]->template as<Held>());
  }

  const Held& operator[](size_t index) const { return structs_[index]; }

 private:
  std::vector<Held> structs_;
};

/// The description of a port: that of its declaration, or of its struct.
/// @throws Error  (Exit::Plugin) for a faulty declaration
template <typename Port>
PortSpec port_of(PortSpec::Arity arity) {
  if constexpr (RecordType<typename Port::Held>) {
    PortSpec port;
    port.name = Port::kName;
    port.kind = Kind(record_spec<typename Port::Held>());
    port.arity = arity;
    return port;
  } else {
    return port_or_throw(Port::kName, Port::kDeclaration, arity);
  }
}

}  // namespace detail

/// A required input: `In<"image", "image[B,3,H,W]">`, or `In<"found", weft::record<Boxes>>`. A window has its time dimension after the batch: [B,T,C,H,W].
template <PortText Name, PortText Declaration>
class In {
 public:
  using Held = PortType<Declaration>;
  static constexpr std::string_view kName = Name.view();
  static constexpr std::string_view kDeclaration = Declaration.view();
  static constexpr auto kArity = PortSpec::Arity::One;

  explicit In(const PortInput& input) : value_(*input.values[0]), held_(input) {}

  const Held& operator*() const { return held_[0]; }
  const Held* operator->() const { return &**this; }
  /// The frames of a window, oldest first, without a copy.
  std::vector<at::Tensor> frames() const { return value_.frames(); }
  /// The frames of a window along the channels: [B, T*C, H, W].
  at::Tensor channels() const { return value_.channels(); }
  /// What the first convolution of a network takes: the map, or its ids; the frames of a window along the channels.
  nn::MapOrIds map_or_ids() const { return value_.map_or_ids(); }

 private:
  const Value& value_;
  detail::PortValues<Held> held_;
};

/// An optional input; false where nothing is wired or nothing is present.
template <PortText Name, PortText Declaration>
class Opt {
 public:
  using Held = PortType<Declaration>;
  static constexpr std::string_view kName = Name.view();
  static constexpr std::string_view kDeclaration = Declaration.view();
  static constexpr auto kArity = PortSpec::Arity::Optional;

  explicit Opt(const PortInput& input) : value_(input.count > 0 ? input.values[0] : nullptr), held_(input) {}

  explicit operator bool() const { return value_ != nullptr; }
  const Held& operator*() const { return held_[0]; }
  const Held* operator->() const { return &**this; }
  std::vector<at::Tensor> frames() const { return value_->frames(); }
  at::Tensor channels() const { return value_->channels(); }
  nn::MapOrIds map_or_ids() const { return value_->map_or_ids(); }

 private:
  const Value* value_;
  detail::PortValues<Held> held_;
};

/// A variadic input: the values that are present, at least one, in the order of the graph file.
template <PortText Name, PortText Declaration>
class Many {
 public:
  using Held = PortType<Declaration>;
  static constexpr std::string_view kName = Name.view();
  static constexpr std::string_view kDeclaration = Declaration.view();
  static constexpr auto kArity = PortSpec::Arity::Many;

  explicit Many(const PortInput& input) : input_(input), held_(input) {}

  size_t size() const { return input_.count; }
  /// The number of wired values. Not all of them are present at every time.
  size_t wired() const { return input_.wired; }
  /// The index among the wired values of the value at `index`.
  size_t place(size_t index) const { return input_.places[index]; }
  const Held& operator[](size_t index) const { return held_[index]; }
  nn::MapOrIds map_or_ids(size_t index) const { return input_.values[index]->map_or_ids(); }
  /// Copies of the tensor handles, for functions such as at::cat.
  std::vector<Held> all() const {
    std::vector<Held> all;
    for (size_t i = 0; i < size(); ++i) all.push_back((*this)[i]);
    return all;
  }

 private:
  PortInput input_;
  detail::PortValues<Held> held_;
};

/// An output, constructed from the computed value: `return warped;`.
template <PortText Name, PortText Declaration>
struct Out {
  using Held = PortType<Declaration>;
  static constexpr std::string_view kName = Name.view();
  static constexpr std::string_view kDeclaration = Declaration.view();

  Out(Held computed) : value(std::move(computed)) {}  // NOLINT: so that run() returns what it has
  Out(nn::MapOrIds computed) requires std::is_same_v<Held, at::Tensor> : value(std::move(computed)) {
  }  // NOLINT: a map that may be given by its ids

  Value value;
};

}  // namespace weft

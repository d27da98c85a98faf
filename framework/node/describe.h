#pragma once

#include "framework/node/hooks.h"
#include "framework/node/node.h"

#include <tuple>
#include <utility>

namespace weft {
namespace detail {

template <typename T>
struct IsOut : std::false_type {};
template <PortText Name, PortText Declaration>
struct IsOut<Out<Name, Declaration>> : std::true_type {};

template <typename T>
concept InputPort = requires {
  T::kArity;
  T::kDeclaration;
};

/// What a result type of run() says: which outputs there are, and whether the node is a source.
template <typename Result>
struct ResultTraits {
  static_assert(IsOut<Result>::value, "run() returns Out<>, std::tuple<Out<>...>, std::optional of these, or void");
  using Outputs = std::tuple<Result>;
  static constexpr bool kIsSource = false, kIsSink = false;
  static void store(Result&& result, std::span<Value> outputs) { outputs[0] = std::move(result.value); }
};
template <>
struct ResultTraits<void> {
  using Outputs = std::tuple<>;
  static constexpr bool kIsSource = false, kIsSink = true;
};
template <typename... Outs>
struct ResultTraits<std::tuple<Outs...>> {
  static_assert((IsOut<Outs>::value && ...), "run() returns a tuple of Out<> only");
  using Outputs = std::tuple<Outs...>;
  static constexpr bool kIsSource = false, kIsSink = false;
  static void store(std::tuple<Outs...>&& result, std::span<Value> outputs) {
    size_t index = 0;
    std::apply([&](auto&&... out) { ((outputs[index++] = std::move(out.value)), ...); }, std::move(result));
  }
};
template <typename Result>
struct ResultTraits<std::optional<Result>> : ResultTraits<Result> {
  static constexpr bool kIsSource = true;
};

template <typename Run>
struct RunTraits;
template <typename T, typename R, typename... A>
struct RunTraits<R (T::*)(A...)> {
  using Result = R;
  using Arguments = std::tuple<std::remove_cvref_t<A>...>;
};
template <typename T, typename R, typename... A>
struct RunTraits<R (T::*)(A...) const> : RunTraits<R (T::*)(A...)> {};

template <typename Arguments, size_t Index>
constexpr size_t inputs_before() {
  return []<size_t... I>(std::index_sequence<I...>) {
    return ((InputPort<std::tuple_element_t<I, Arguments>> ? size_t{1} : size_t{0}) + ... + size_t{0});
  }
  (std::make_index_sequence<Index>());
}

template <typename T>
constexpr bool is_trainable = std::is_base_of_v<nn::Module, T>;

}  // namespace detail

/// Everything a struct says about itself, as a spec.
template <typename T>
NodeSpec describe_node(std::string type) {
  using Run = detail::RunTraits<decltype(&T::run)>;
  using Result = detail::ResultTraits<typename Run::Result>;
  detail::check_hooks<T, Result::kIsSource, Result::kIsSink>();
  NodeSpec spec;
  spec.type = std::move(type);
  spec.about = T::about;
  spec.is_source = Result::kIsSource;
  spec.is_sink = Result::kIsSink;
  spec.is_trainable = detail::is_trainable<T>;
  spec.has_state = detail::has_reset<T>;
  if constexpr (requires { T::still; }) spec.is_still = T::still;
  if constexpr (requires { T::on_host; }) spec.on_host = T::on_host;
  if constexpr (requires { T::random; }) spec.is_random = T::random;
  if constexpr (requires { T::whole_batch; }) spec.takes_batch = T::whole_batch;
  if constexpr (requires { T::stops_gradients; }) spec.stops_gradients = T::stops_gradients;

  const auto add_input = [&]<typename Argument>(std::type_identity<Argument>) {
    if constexpr (detail::InputPort<Argument>) {
      spec.inputs.push_back(detail::port_of<Argument>(Argument::kArity));
    } else {
      static_assert(std::is_same_v<Argument, Context>, "run() takes In<>, Opt<>, Many<> and Context& only");
    }
  };
  [&]<typename... Arguments>(std::type_identity<std::tuple<Arguments...>>) {
    (add_input(std::type_identity<Arguments>()), ...);
  }(std::type_identity<typename Run::Arguments>());
  [&]<typename... Outs>(std::type_identity<std::tuple<Outs...>>) {
    (spec.outputs.push_back(detail::port_of<Outs>(PortSpec::Arity::One)), ...);
  }(std::type_identity<typename Result::Outputs>());

  if constexpr (requires { T::passes; }) spec.passes[spec.outputs.front().name] = T::passes;
  if constexpr (detail::has_params<T>) {
    Params params;
    T().params(params);
    spec.params = params.specs();
  }
  const auto configured = [](T& node, const ParamValues& values) {
    if constexpr (detail::has_params<T>) {
      Params params(values);
      node.params(params);
    }
  };
  if constexpr (detail::has_shape<T>) {
    spec.shape = [configured](const ParamValues& values, Shapes& shapes) {
      T node;
      configured(node, values);
      node.shape(shapes);
    };
  }
  if constexpr (detail::has_frame_count<T>) {
    spec.frame_count = [configured](const ParamValues& values) {
      T node;
      configured(node, values);
      return node.frame_count();
    };
  }
  return spec;
}

}  // namespace weft

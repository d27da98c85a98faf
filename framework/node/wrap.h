#pragma once

#include "framework/node/describe.h"

#include <array>
#include <tuple>
#include <utility>

namespace weft {
namespace detail {

/// What each node has of its struct T. Base: Node, Source or Sink
template <typename T, typename Base>
class Wrapped : public Base {
  using Run = RunTraits<decltype(&T::run)>;
  using Arguments = typename Run::Arguments;

 public:
  void configure(const ParamValues& values) override {
    if constexpr (has_params<T>) {
      Params params(values);
      node_.params(params);
    }
  }

  void build(const Shapes& shapes) override {
    if constexpr (has_build<T>) node_.build(shapes);
  }

  nn::Module* module() override {
    if constexpr (is_trainable<T>) return &node_;
    return nullptr;
  }

  bool run(std::span<const PortInput> inputs, std::span<Value> outputs, Context& context) override {
    if constexpr (is_trainable<T>) {
      if (node_.is_training() != context.is_training()) node_.train(context.is_training());
    }
    return run_with(inputs, outputs, context, std::make_index_sequence<std::tuple_size_v<Arguments>>());
  }

  void reset() override {
    if constexpr (has_reset<T>) node_.reset();
  }

  void state(Archive& archive) override {
    if constexpr (has_state<T>) node_.state(archive);
  }

 protected:
  using Result = ResultTraits<typename Run::Result>;
  T node_;

 private:
  template <size_t... I>
  bool run_with(std::span<const PortInput> inputs, std::span<Value> outputs, Context& context,
                std::index_sequence<I...>) {
    const auto call = [&]() -> decltype(auto) { return node_.run(argument<I>(inputs, context)...); };
    if constexpr (Result::kIsSink) {
      call();
    } else if constexpr (Result::kIsSource) {
      auto result = call();
      if (!result) return false;
      Result::store(std::move(*result), outputs);
    } else {
      Result::store(call(), outputs);
    }
    return true;
  }

  template <size_t Index>
  decltype(auto) argument(std::span<const PortInput> inputs, Context& context) {
    using Argument = std::tuple_element_t<Index, Arguments>;
    if constexpr (InputPort<Argument>) {
      return Argument(inputs[inputs_before<Arguments, Index>()]);
    } else {
      return static_cast<Context&>(context);
    }
  }
};

template <typename T>
class WrappedSource final : public Wrapped<T, Source> {
  using Wrapped<T, Source>::node_;

 public:
  std::optional<std::string> next_sequence(Context& context) override {
    if constexpr (has_next_sequence<T>) {
      return node_.next_sequence(context);
    } else {
      // Without next_sequence there is one sequence, without a name.
      return std::exchange(begun_, true) ? std::nullopt : std::optional<std::string>(std::in_place);
    }
  }

  bool skip_sequence(Context& context) override {
    if constexpr (has_skip_sequence<T>) {
      return node_.skip_sequence();
    } else {
      return next_sequence(context).has_value();
    }
  }

  std::optional<std::vector<std::string>> sequences() override {
    if constexpr (has_sequences<T>) return node_.sequences();
    return {};
  }

  std::optional<int64_t> frames() override {
    if constexpr (has_frames<T>) {
      return node_.frames();
    } else if constexpr (has_frame_count<T>) {
      return node_.frame_count();
    }
    return {};
  }

  std::vector<std::string> frame_names() override {
    if constexpr (has_frame_names<T>) return node_.frame_names();
    return {};
  }

  std::vector<std::vector<std::string>> drawn_from() override {
    if constexpr (has_drawn_from<T>) return node_.drawn_from();
    return {};
  }

  std::optional<Recording> recording() override {
    if constexpr (has_recording<T>) return node_.recording();
    return {};
  }

  bool skip(Context& context) override {
    if constexpr (has_skip<T>) {
      return node_.skip();
    } else {
      std::array<Value, std::tuple_size_v<typename Wrapped<T, Source>::Result::Outputs>> dropped;
      return this->run({}, dropped, context);
    }
  }

 private:
  bool begun_ = false;
};

template <typename T>
class WrappedSink final : public Wrapped<T, Sink> {
  using Wrapped<T, Sink>::node_;

 public:
  std::optional<Output> output(const std::string& sequence) override {
    if constexpr (has_output<T>) return node_.output(sequence);
    return {};
  }

  void finish(Context& context) override {
    if constexpr (has_finish<T>) node_.finish(context);
  }

  void complete(Context& context) override {
    if constexpr (has_complete<T>) node_.complete(context);
  }
};

template <typename T>
using ResultOf = ResultTraits<typename RunTraits<decltype(&T::run)>::Result>;

}  // namespace detail

/// The Node, Source or Sink of a struct that has what weft/node.h describes.
template <typename T>
using WrappedNode = std::conditional_t<
    detail::ResultOf<T>::kIsSource, detail::WrappedSource<T>,
    std::conditional_t<detail::ResultOf<T>::kIsSink, detail::WrappedSink<T>, detail::Wrapped<T, Node>>>;

}  // namespace weft

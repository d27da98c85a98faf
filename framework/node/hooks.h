#pragma once

#include "framework/node/node.h"

#include <concepts>
#include <type_traits>

/// Static checks of the hooks of a node. A function with the name of a hook but another signature would be ignored, so it
/// does not compile, and the message shows the right signature.

namespace weft::detail {

/// WEFT_NAMED(name): the concept `names_NAME<T>`: T has a function of this name, with any signature. The concept is true
/// when the name is ambiguous in a struct that derives from T and from a struct with a member of this name.
#define WEFT_NAMED(NAME)                                    \
  struct Named_##NAME {                                     \
    int NAME;                                               \
  };                                                        \
  template <typename T>                                     \
  struct Both_##NAME : T, Named_##NAME {};                  \
  template <typename T>                                     \
  concept is_value_##NAME = requires {                      \
    requires std::is_object_v<decltype(T::NAME)>;           \
  };                                                        \
  template <typename T>                                     \
  concept names_##NAME = !std::is_final_v<T> && !requires { \
    &Both_##NAME<T>::NAME;                                  \
  }                                                         \
  &&!is_value_##NAME<T>;

WEFT_NAMED(param)
WEFT_NAMED(parameters)
WEFT_NAMED(params)
WEFT_NAMED(shape)
WEFT_NAMED(build)
WEFT_NAMED(reset)
WEFT_NAMED(state)
WEFT_NAMED(frame_count)
WEFT_NAMED(next_sequence)
WEFT_NAMED(sequences)
WEFT_NAMED(skip_sequence)
WEFT_NAMED(frame_names)
WEFT_NAMED(drawn_from)
WEFT_NAMED(frames)
WEFT_NAMED(recording)
WEFT_NAMED(skip)
WEFT_NAMED(output)
WEFT_NAMED(finish)
WEFT_NAMED(complete)
#undef WEFT_NAMED

template <typename T>
concept has_about = requires {
  { T::about } -> std::convertible_to<std::string>;
};

template <typename T>
concept has_params = requires(T node, Params& params) {
  node.params(params);
};
template <typename T>
concept has_shape = requires(const T node, Shapes& shapes) {
  node.shape(shapes);
};
template <typename T>
concept has_build = std::is_base_of_v<nn::Module, T> && requires(T node, const Shapes& shapes) {
  node.build(shapes);
};
template <typename T>
concept has_reset = requires(T node) {
  node.reset();
};
template <typename T>
concept has_state = requires(T node, Archive& archive) {
  node.state(archive);
};
template <typename T>
concept has_frame_count = requires(const T node) {
  { node.frame_count() } -> std::convertible_to<std::optional<int64_t>>;
};
template <typename T>
concept has_next_sequence = requires(T node, Context& context) {
  { node.next_sequence(context) } -> std::convertible_to<std::optional<std::string>>;
};
template <typename T>
concept has_sequences = requires(T node) {
  { node.sequences() } -> std::convertible_to<std::optional<std::vector<std::string>>>;
};
template <typename T>
concept has_skip_sequence = requires(T node) {
  { node.skip_sequence() } -> std::convertible_to<bool>;
};
template <typename T>
concept has_frame_names = requires(T node) {
  { node.frame_names() } -> std::convertible_to<std::vector<std::string>>;
};
template <typename T>
concept has_drawn_from = requires(T node) {
  { node.drawn_from() } -> std::convertible_to<std::vector<std::vector<std::string>>>;
};
template <typename T>
concept has_recording = requires(T node) {
  { node.recording() } -> std::convertible_to<std::optional<Recording>>;
};
template <typename T>
concept has_frames = requires(T node) {
  { node.frames() } -> std::convertible_to<std::optional<int64_t>>;
};
template <typename T>
concept has_skip = requires(T node) {
  { node.skip() } -> std::convertible_to<bool>;
};
template <typename T>
concept has_output = requires(T node, const std::string& sequence) {
  { node.output(sequence) } -> std::convertible_to<std::optional<Output>>;
};
template <typename T>
concept has_finish = requires(T node, Context& context) {
  node.finish(context);
};
template <typename T>
concept has_complete = requires(T node, Context& context) {
  node.complete(context);
};

/// Refuses hooks that would be ignored. A private hook counts as missing.
template <typename T, bool IsSource, bool IsSink>
constexpr void check_hooks() {
  static_assert(has_about<T>, "a node says what it does: static constexpr auto about = \"…\";");
  static_assert(!names_param<T> && !names_parameters<T>, "parameters are declared by: void params(weft::Params& p)");
  static_assert(!names_params<T> || has_params<T>, "the signature is: void params(weft::Params& p)");
  static_assert(!names_shape<T> || has_shape<T>, "the signature is: void shape(weft::Shapes& shapes) const");
  static_assert(
      !names_build<T> || has_build<T>,
      "the signature is: void build(const weft::Shapes& shapes), of a struct that derives from weft::nn::Module");
  static_assert(!names_reset<T> || has_reset<T>, "the signature is: void reset()");
  static_assert(!names_state<T> || has_state<T>, "the signature is: void state(weft::Archive& archive)");
  static_assert(!names_frame_count<T> || has_frame_count<T>,
                "the signature is: std::optional<int64_t> frame_count() const");
  static_assert(!names_next_sequence<T> || has_next_sequence<T>,
                "the signature is: std::optional<std::string> next_sequence(weft::Context& context)");
  static_assert(!names_sequences<T> || has_sequences<T>, "the signature is: std::vector<std::string> sequences()");
  static_assert(!names_skip_sequence<T> || has_skip_sequence<T>, "the signature is: bool skip_sequence()");
  static_assert(!names_frame_names<T> || has_frame_names<T>,
                "the signature is: std::vector<std::string> frame_names()");
  static_assert(!names_drawn_from<T> || has_drawn_from<T>,
                "the signature is: std::vector<std::vector<std::string>> drawn_from()");
  static_assert(!names_recording<T> || has_recording<T>,
                "the signature is: std::optional<weft::Recording> recording()");
  static_assert(!names_frames<T> || has_frames<T>, "the signature is: std::optional<int64_t> frames()");
  static_assert(!names_skip<T> || has_skip<T>, "the signature is: bool skip()");
  static_assert(!names_output<T> || has_output<T>,
                "the signature is: std::optional<weft::Output> output(const std::string& sequence)");
  static_assert(!names_finish<T> || has_finish<T>, "the signature is: void finish(weft::Context& context)");
  static_assert(!names_complete<T> || has_complete<T>, "the signature is: void complete(weft::Context& context)");
  static_assert(IsSource || !(names_frame_count<T> || names_next_sequence<T> || names_sequences<T> ||
                              names_skip_sequence<T> || names_frame_names<T> || names_drawn_from<T> ||
                              names_frames<T> || names_recording<T> || names_skip<T>),
                "frame_count, next_sequence, sequences, skip_sequence, frame_names, drawn_from, frames, recording and "
                "skip are called "
                "for sources only: nodes whose run() returns std::optional");
  static_assert(IsSink || !(names_output<T> || names_finish<T> || names_complete<T>),
                "output, finish and complete are called for sinks only: nodes whose run() returns void");
}

}  // namespace weft::detail

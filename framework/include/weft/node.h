#pragma once

/// All that an author of nodes includes.
///
/// A node is a struct:
///
///   struct Charbonnier {
///     static constexpr auto about = "Robust L1 between two images: mean sqrt((a-b)^2 + eps^2)";
///     double eps = 1e-3;
///     void params(weft::Params& p) { p("eps", eps, "smoothing").above(0); }
///
///     weft::Out<"value", "scalar"> run(weft::In<"fake", "image[B,C,H,W]"> fake,
///                                      weft::In<"real", "image[B,C,H,W]"> real) {
///       return ((*fake - *real).square() + eps * eps).sqrt().mean();
///     }
///   };
///
///   WEFT_PLUGIN("mylab", "1.0.0", registry) { registry.add<Charbonnier>("loss.charbonnier"); }
///
/// The parameter and result types of `run` are the ports: In<>, Opt<> and Many<> come in, Out<> or a std::tuple of them
/// comes out, and a weft::Context& may be anywhere. A result of std::optional<> makes a source, void a sink.
///
/// A value of several tensors is a record: a struct with a `visit`, and ports such as weft::In<"found",
/// weft::record<Boxes>> (framework/node/record.h).
///
/// What a struct may have besides `about` and `run`:
///
///   void params(Params&)               parameters: declared once, with default, range and meaning
///   void shape(Shapes&) const          sizes of outputs that letters cannot say
///   void build(const Shapes&)          the layers, for a struct that derives from weft::nn::Module (a trainable node)
///   void reset()                       forgets what it remembers across frames
///   void state(Archive&)               names what it remembers, tensors, numbers and records, to be saved and restored
///   std::optional<int64_t> frame_count() const             sources: frames, where the parameters alone say so
///   std::optional<std::string> next_sequence(Context&)     sources: goes on to the next sequence
///   std::vector<std::string> sequences()                   sources: the names of all sequences
///   bool skip_sequence()               sources: skips the next sequence without reading it
///   std::vector<std::string> frame_names()                 sources: of the frames of the current sequence
///   std::vector<std::vector<std::string>> drawn_from()     sources: of the frames from which training draws random clips
///   std::optional<int64_t> frames()    sources: frames of the current sequence
///   std::optional<Recording> recording()   sources: rate and sound of the current sequence
///   bool skip()                        sources: skips a frame cheaply
///   std::optional<Output> output(const std::string& sequence)   sinks: the file that a sequence becomes
///   void finish(Context&)              sinks: the sequence is over, or broken off
///   void complete(Context&)            sinks: all sequences are over: for numbers of the whole set
///   static constexpr bool whole_batch  sinks: gets the sequences of a batch together, not one writer for each
///   static constexpr bool still        sources: one value for a sequence
///   static constexpr bool on_host      works on the CPU whatever the device
///   static constexpr bool random       takes random numbers from the context
///   static constexpr bool stops_gradients
///   static constexpr auto passes       the input that passes through when the node is bypassed

#include "framework/node/registry.h"
#include "framework/node/stamp.h"

#include <ATen/TensorOperators.h>

#define WEFT_EXPORT_SYMBOL __attribute__((visibility("default")))

namespace weft::detail {

/// Runs a plugin's registration; nothing is thrown across the border of the library.
/// @returns nullptr, or what went wrong (valid until the next call)
const char* register_safely(Registry& registry, void (*add_nodes)(Registry&)) noexcept;

}  // namespace weft::detail

/// Makes a shared library a plugin: `WEFT_PLUGIN("name", "version", registry) { registry.add<T>("family.type"); … }`.
#define WEFT_PLUGIN(name, version, registry)                                                   \
  extern "C" WEFT_EXPORT_SYMBOL const weft::Stamp weft_stamp;                                  \
  __attribute__((section(".weft_stamp"), used)) constinit const weft::Stamp weft_stamp =       \
      weft::make_stamp(name, version);                                                         \
  static void weft_add_nodes(weft::Registry& registry);                                        \
  extern "C" WEFT_EXPORT_SYMBOL const char* weft_register(weft::Registry& registry) noexcept { \
    return weft::detail::register_safely(registry, weft_add_nodes);                            \
  }                                                                                            \
  static void weft_add_nodes(weft::Registry& registry)

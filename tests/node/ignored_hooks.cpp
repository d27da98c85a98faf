// Nodes whose functions would be ignored. This file does not compile: `ignored_hooks` compares the messages.
#include <weft/node.h>

namespace {

using weft::In;
using weft::Out;

struct Passing {
  static constexpr auto about = "Passes an image on";
  Out<"out", "image[B,3,H,W]"> run(In<"in", "image[B,3,H,W]"> in) { return *in; }
};
struct Reading {
  static constexpr auto about = "Reads images";
  std::optional<Out<"out", "image[B,3,H,W]">> run() { return {}; }
};
struct Writing {
  static constexpr auto about = "Writes images";
  void run(In<"in", "image[B,3,H,W]">) {}
};

// Each is followed by a part of the message that it must give.
struct NoAbout {
  Out<"out", "image[B,3,H,W]"> run(In<"in", "image[B,3,H,W]"> in) { return *in; }
};  // EXPECT: static constexpr auto about
struct Param : Passing {
  double gain = 1;
  void param(weft::Params& p) { p("gain", gain, "factor"); }
};  // EXPECT: parameters are declared by: void params(weft::Params& p)
struct ConstParams : Passing {
  void params(const weft::Params&) const {}
  void params(int) {}
  int frames = 0;  // a parameter, not a hook
};
struct ParamsByNothing : Passing {
  void params() {}
};  // EXPECT: the signature is: void params(weft::Params& p)
struct ResetWithNumber : Passing {
  void reset(int) {}
};  // EXPECT: the signature is: void reset()
struct ConstShape : Passing {
  void shape(weft::Shapes&) {}
};  // EXPECT: the signature is: void shape(weft::Shapes& shapes) const
struct NoModule : Passing {
  void build(const weft::Shapes&) {}
};  // EXPECT: the signature is: void build(const weft::Shapes& shapes)
struct PrivateState : Passing {
 private:
  void state(weft::Archive&) {}
};  // EXPECT: the signature is: void state(weft::Archive& archive)
struct FinishWithoutContext : Writing {
  void finish() {}
};  // EXPECT: the signature is: void finish(weft::Context& context)
struct CompleteWithoutContext : Writing {
  void complete() {}
};  // EXPECT: the signature is: void complete(weft::Context& context)
struct FinishOfNoSink : Passing {
  void finish(weft::Context&) {}
};  // EXPECT: output, finish and complete are called for sinks only
struct FramesOfText : Reading {
  std::string frames() { return ""; }
};  // EXPECT: the signature is: std::optional<int64_t> frames()
struct RecordingOfTime : Reading {
  double recording() { return 25; }
};  // EXPECT: the signature is: std::optional<weft::Recording> recording()
struct SkipOfNoSource : Passing {
  bool skip() { return false; }
};  // EXPECT: are called for sources only
struct SequenceWithoutContext : Reading {
  std::optional<std::string> next_sequence() { return {}; }
};  // EXPECT: the signature is: std::optional<std::string> next_sequence(weft::Context& context)

template <typename... Nodes>
void describe() {
  (weft::describe_node<Nodes>("x"), ...);
}

}  // namespace

WEFT_PLUGIN("ignored", "1.0.0", registry) {
  describe<Passing, Reading, Writing, ConstParams>();
#ifndef WEFT_GOOD_ALONE
  describe<NoAbout, Param, ParamsByNothing, ResetWithNumber, ConstShape, NoModule, PrivateState, FinishWithoutContext,
           CompleteWithoutContext, FinishOfNoSink, FramesOfText, RecordingOfTime, SkipOfNoSource,
           SequenceWithoutContext>();
#endif
  (void)registry;
}

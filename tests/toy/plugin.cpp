// Nodes for tests of graphs and runs: small, exact, and some of them badly behaved.
#include "tests/toy/learning.h"
#include "tests/toy/waiting.h"
#include <weft/gan.h>
#include <weft/nn.h>
#include <weft/node.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/stack.h>

#include <chrono>
#include <fstream>
#include <stdexcept>
#include <thread>

namespace weft::toy {
namespace {

at::Tensor filled(double value, int64_t channels, const std::vector<int64_t>& size) {
  return at::full({1, channels, size[0], size[1]}, value, at::kFloat);
}

struct Counter {
  static constexpr auto about = "Images that are t everywhere";
  std::vector<int64_t> size = {2, 2};
  std::optional<int64_t> frames_given;
  int64_t sequences = 1, fails_at = -1, milliseconds = 0, waits_at = -1;
  std::string waits_for;
  void params(Params& p) {
    p("size", size, "height and width").count({2});
    p("frames", frames_given, "how many; endless without it");
    p("sequences", sequences, "how many");
    p("fails_at", fails_at, "the frame that cannot be read");
    p("milliseconds", milliseconds, "how long a frame takes");
    p("waits_at", waits_at, "the frame before which it waits; -2: before the first sequence");
    p("waits_for", waits_for, "the file that ends the wait");
  }
  void shape(Shapes& shapes) const {
    shapes.set('H', size[0]);
    shapes.set('W', size[1]);
  }
  std::optional<int64_t> frame_count() const { return frames_given; }
  std::optional<std::string> next_sequence(Context&) {
    next_ = 0;
    if (waits_at == -2) wait_for(waits_for);
    return begun_++ < sequences ? std::optional<std::string>("sequence " + std::to_string(begun_)) : std::nullopt;
  }
  std::optional<Out<"image", "image[B,3,H,W]">> run() {
    if (frames_given && next_ >= *frames_given) return {};
    if (next_ == fails_at) throw std::runtime_error("this frame is broken");
    if (milliseconds > 0) std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
    if (next_ == waits_at) wait_for(waits_for);
    return filled(static_cast<double>(next_++), 3, size);
  }

 private:
  int64_t next_ = 0, begun_ = 0;
};

/// A source whose length only the run knows.
struct Stream {
  static constexpr auto about = "Images that are 100 + t, for a number of frames that the check cannot know";
  int64_t length = 5;
  std::vector<int64_t> size = {2, 2};
  void params(Params& p) {
    p("length", length, "frames");
    p("size", size, "height and width").count({2});
  }
  std::optional<Out<"image", "image[B,3,H,W]">> run() {
    if (next_ >= length) return {};
    return filled(100 + static_cast<double>(next_++), 3, size);
  }

 private:
  int64_t next_ = 0;
};

struct Semantics {
  static constexpr auto about = "One-hot maps that are t in every channel";
  int64_t classes = 4, frames = 8;
  std::vector<int64_t> size = {8, 8};
  void params(Params& p) {
    p("classes", classes, "channels").min(1);
    p("frames", frames, "how many");
    p("size", size, "height and width").count({2});
  }
  void shape(Shapes& shapes) const {
    shapes.set('C', classes);
    shapes.set('H', size[0]);
    shapes.set('W', size[1]);
  }
  std::optional<int64_t> frame_count() const { return frames; }
  std::optional<Out<"semantics", "semantics[B,C,H,W]">> run() {
    if (next_ >= frames) return {};
    return filled(static_cast<double>(next_++), classes, size);
  }

 private:
  int64_t next_ = 0;
};

struct Labels {
  static constexpr auto about = "Label maps of zeros";
  std::optional<std::vector<int64_t>> size;
  void params(Params& p) { p("size", size, "height and width").count({2}); }
  void shape(Shapes& shapes) const {
    if (!size) return;
    shapes.set('H', (*size)[0]);
    shapes.set('W', (*size)[1]);
  }
  std::optional<Out<"labels", "labels[B,1,H,W]">> run() {
    if (next_++ >= 6) return {};
    return at::full({1, 1, size ? (*size)[0] : 6, size ? (*size)[1] : 6}, 0, at::kLong);
  }

 private:
  int64_t next_ = 0;
};

struct Still {
  static constexpr auto about = "An image that stays";
  static constexpr bool still = true;
  double value = 7;
  std::vector<int64_t> size = {2, 2};
  void params(Params& p) {
    p("value", value, "of all pixels");
    p("size", size, "height and width").count({2});
  }
  void shape(Shapes& shapes) const {
    shapes.set('H', size[0]);
    shapes.set('W', size[1]);
  }
  std::optional<Out<"image", "image[B,3,H,W]">> run() { return filled(value, 3, size); }
};

struct Add {
  static constexpr auto about = "The sum of all inputs, and a number";
  double plus = 0;
  void params(Params& p) { p("plus", plus, "what is added"); }
  Out<"sum", "like in[B,C,H,W]"> run(Many<"in", "any[B,C,H,W]"> in) {
    at::Tensor sum = in[0] + plus;
    for (size_t i = 1; i < in.size(); ++i) sum = sum + in[i];
    return sum;
  }
};

struct Mix {
  static constexpr auto about = "(1 - mask) under + mask over";
  static constexpr auto passes = "over";
  Out<"mixed", "like under[B,C,H,W]"> run(In<"under", "any[B,C,H,W]"> under, In<"over", "any[B,C,H,W]"> over,
                                          Opt<"mask", "mask[B,1,H,W]"> mask) {
    return mask ? (1 - *mask) * *under + *mask * *over : *over;
  }
};

struct Total {
  static constexpr auto about = "The sum of a window's frames";
  Out<"sum", "like in[B,C,H,W]"> run(In<"in", "image[B,T,C,H,W]"> in) { return in->sum(1); }
};

struct Half {
  static constexpr auto about = "Every second pixel";
  Out<"half", "like in[B,C,H/2,W/2]"> run(In<"in", "any[B,C,H,W]"> in) {
    return in->slice(2, 0, in->size(2), 2).slice(3, 0, in->size(3), 2);
  }
};

struct Split {
  static constexpr auto about = "An image and a mask";
  std::tuple<Out<"image", "image[B,3,H,W]">, Out<"mask", "mask[B,1,H,W]">> run(In<"in", "image[B,3,H,W]"> in) {
    return {*in, in->slice(1, 0, 1)};
  }
};

struct Sum {
  static constexpr auto about = "All frames so far, added up: a node with state";
  at::Tensor total;
  void reset() { total = at::Tensor(); }
  void state(Archive& archive) { archive("total", total); }
  Out<"sum", "like in[B,C,H,W]"> run(In<"in", "any[B,C,H,W]"> in) {
    total = total.defined() ? total + *in : in->clone();
    return total;
  }
};

struct Noise {
  static constexpr auto about = "Random images";
  static constexpr bool random = true;
  Out<"noise", "like in[B,C,H,W]"> run(In<"in", "any[B,C,H,W]"> in, Context& context) {
    return at::rand(in->sizes(), context.generator(in->device()), in->options());
  }
};

struct Fails {
  static constexpr auto about = "Passes its input on, until it throws";
  int64_t at_frame = 3;
  std::string how = "library";
  void params(Params& p) {
    p("at_frame", at_frame, "when");
    p("how", how, "what it throws").choice({"library", "error", "memory", "shapes", "waits"});
  }
  Out<"out", "like in[B,C,H,W]"> run(In<"in", "any[B,C,H,W]"> in, Context& context) {
    if (context.frame() != at_frame) return *in;
    if (how == "library") throw std::runtime_error("the library says no");
    if (how == "waits") wait_for("what never comes");
    if (how == "memory") throw std::bad_alloc();
    if (how == "shapes") return *in + at::full({1, 3, 77, 77}, 0, at::kFloat);
    throw Error(Exit::Data, "this value cannot be used").hint("use another");
  }
};

struct Detach {
  static constexpr auto about = "Gradients end here";
  static constexpr bool stops_gradients = true;
  Out<"out", "like in[...]"> run(In<"in", "any[...]"> in) { return in->detach(); }
};

struct Network : nn::Module {
  static constexpr auto about = "A convolution over conditions and, where they are wired, past frames";
  int64_t features = 3, rows = 0;
  void params(Params& p) {
    p("features", features, "channels of the result").min(1).max(64);
    p("rows", rows, "of a table that is made with it; LibTorch refuses those below 0, and the check those below -1");
  }
  void shape(Shapes&) const {
    if (rows < -1) at::full({rows}, 0.0);
  }
  void build(const Shapes& shapes) {
    at::full({rows}, 0.0);
    conv_.emplace(*this, "conv", nn::ConvOptions{.in = shapes.known("C"), .out = 3, .kernel = 3, .padding = 1});
  }
  Out<"image", "image[B,3,H,W]"> run(In<"s", "conditions[B,C,H,W]"> s, Opt<"x", "image[B,P,3,H,W]"> x) {
    const at::Tensor y = (*conv_)(*s);
    return x ? y + x->mean(1) : y;
  }

 private:
  std::optional<nn::Conv2d> conv_;
};

struct Judge : nn::Module {
  static constexpr auto about = "A discriminator of one convolution";
  void build(const Shapes& shapes) {
    conv_.emplace(*this, "conv", nn::ConvOptions{.in = shapes.known("C"), .out = 1, .kernel = 1});
  }
  Out<"judgement", record<gan::Judgement>> run(In<"real", "image[B,C,H,W]"> real, Many<"fake", "image[B,C,H,W]"> fake) {
    gan::Judgement judgement;
    judgement.real.push_back({{}, (*conv_)(*real)});
    for (const at::Tensor& one : fake.all()) judgement.fakes.push_back({{{}, (*conv_)(one)}});
    return judgement;
  }

 private:
  std::optional<nn::Conv2d> conv_;
};

struct Gan {
  static constexpr auto about = "Least squares losses of judgements";
  std::tuple<Out<"generator", "scalar">, Out<"discriminator", "scalar">> run(Many<"in", record<gan::Judgement>> in) {
    at::Tensor generator = at::full({}, 0.0), discriminator = at::full({}, 0.0);
    for (const gan::Judgement& one : in.all()) {
      generator = generator + (one.fakes.front().front().score - 1).square().mean();
      discriminator = discriminator + (one.real.front().score - 1).square().mean();
    }
    return {generator, discriminator};
  }
};

struct Distance {
  static constexpr auto about = "Mean absolute difference";
  Out<"value", "scalar"> run(In<"a", "any[B,C,H,W]"> a, In<"b", "any[B,C,H,W]"> b) { return (*a - *b).abs().mean(); }
};

/// Writes "frame value" lines, so that tests see what came and when.
struct Write {
  static constexpr auto about = "Writes the first number of every frame to a text file";
  Path path;
  bool appends = false;
  int64_t fails_at = -1;
  void params(Params& p) {
    p("path", path, "the file").required();
    p("appends", appends, "to what is there, so that the rows of a batch write one file");
    p("fails_at", fails_at, "the frame that cannot be written");
  }
  void run(In<"in", "any[B,C,H,W]"> in, Context& context) {
    if (context.frame() == fails_at) throw Error(Exit::Failed, "the disk is full");
    lines_ += text(context.sequence(), context.sequence().empty() ? "" : ": ", context.frame(), ' ',
                   in->flatten()[0].item<float>(), '\n');
  }
  void finish(Context&) {
    FILE* file = std::fopen(path.c_str(), appends ? "a" : "w");
    if (!file) throw Error(Exit::Failed, text(path, " cannot be written"));
    std::fputs(lines_.c_str(), file);
    std::fclose(file);
    if (appends) lines_.clear();
  }

 private:
  std::string lines_;
};

struct Tally {
  static constexpr auto about =
      "Writes, after the last sequence, how many rows of how many calls it got, and from what";
  static constexpr bool whole_batch = true;
  Path path;
  void params(Params& p) { p("path", path, "the file").required(); }
  void run(In<"in", "any[B,C,H,W]"> in) {
    rows_ += in->size(0);
    ++calls_;
  }
  void complete(Context& context) {
    std::ofstream(path) << rows_ << " rows in " << calls_ << " calls, from " << context.origin("in") << '\n';
  }

 private:
  int64_t rows_ = 0, calls_ = 0;
};

}  // namespace
}  // namespace weft::toy

WEFT_PLUGIN("toy", "1.0.0", registry) {
  using namespace weft::toy;
  registry.add<Add>("toy.add");
  registry.add<Counter>("toy.counter");
  registry.add<Detach>("toy.detach");
  registry.add<Distance>("toy.distance");
  registry.add<Fails>("toy.fails");
  registry.add<Gan>("toy.gan");
  registry.add<Half>("toy.half");
  registry.add<Judge>("toy.judge");
  registry.add<Labels>("toy.labels");
  registry.add<Mix>("toy.mix");
  registry.add<Network>("toy.network");
  registry.add<Noise>("toy.noise");
  registry.add<Semantics>("toy.semantics");
  registry.add<Split>("toy.split");
  registry.add<Still>("toy.still");
  registry.add<Stream>("toy.stream");
  registry.add<Sum>("toy.sum");
  registry.add<Tally>("toy.tally");
  registry.add<Total>("toy.total");
  registry.add<Write>("toy.write");
  add_learning_nodes(registry);
}

// Nodes each of which breaks one rule, for `weft plugin check`; and one that keeps all.
#include <weft/nn.h>
#include <weft/node.h>

#include <ATen/ops/full.h>
#include <ATen/ops/rand.h>

#include <optional>
#include <stdexcept>

namespace weft::faulty {
namespace {

using Image = In<"in", "image[B,3,H,W]">;
using Result = Out<"out", "image[B,3,H,W]">;

struct Good {
  static constexpr auto about = "Keeps all rules: a mean over frames, with noise and weights";
  static constexpr bool random = true;
  Result run(Image in, Context& context) {
    const at::Tensor noise = at::rand(in->sizes(), context.generator(in->device()), in->options());
    sum_ = sum_.defined() ? sum_ + *in : *in;
    return sum_ / static_cast<double>(++count_) + noise * 0.1;
  }
  void reset() { sum_.reset(), count_ = 0; }
  void state(Archive& archive) { archive("sum", sum_), archive("count", count_); }

 private:
  at::Tensor sum_;
  int64_t count_ = 0;
};

struct ChangesInput {
  static constexpr auto about = "Works in the place of its input";
  Result run(Image in) { return at::Tensor(*in).mul_(2); }
};

struct Remembers {
  static constexpr auto about = "Remembers the last frame and has no reset()";
  Result run(Image in) {
    const at::Tensor out = last_.defined() ? last_ + *in : *in;
    last_ = *in;
    return out;
  }

 private:
  at::Tensor last_;
};

struct ForgetsState {
  static constexpr auto about = "Names nothing in state()";
  Result run(Image in) { return *in * static_cast<double>(++count_); }
  void reset() { count_ = 0; }
  void state(Archive&) {}

 private:
  int64_t count_ = 0;
};

struct HiddenRandom {
  static constexpr auto about = "Does not say that it is random";
  Result run(Image in, Context& context) {
    return *in + at::rand(in->sizes(), context.generator(in->device()), in->options());
  }
};

struct GlobalRandom {
  static constexpr auto about = "Takes random numbers from elsewhere than the context";
  static constexpr bool random = true;
  Result run(Image in) { return *in + at::rand(in->sizes(), in->options()); }
};

struct WrongGradient {
  static constexpr auto about = "Half of the gradient is lost on the way";
  Result run(Image in) { return *in * in->detach(); }
};

struct LostGradient {
  static constexpr auto about = "One of its inputs gets no gradient";
  Result run(Image in, In<"gain", "scalar"> gain) { return *in * gain->detach(); }
};

struct Narrow {
  static constexpr auto about = "Gives float whatever it gets";
  Result run(Image in) { return in->to(at::kFloat) * 2; }
};

struct Rounds {
  static constexpr auto about = "Has no gradients: nothing is wrong with that";
  Out<"out", "labels[B,1,H,W]"> run(Image in) { return (in->sum(1, /*keepdim=*/true) > 0).to(at::kLong); }
};

struct WrongShape {
  static constexpr auto about = "Gives another width than it declares";
  Result run(Image in) { return in->narrow(3, 0, in->size(3) - 1); }
};

struct NotFinite {
  static constexpr auto about = "Divides by nothing";
  Result run(Image in) { return *in / (*in - *in); }
};

struct EvenOnly {
  static constexpr auto about = "Cannot take odd sizes and does not say so";
  Result run(Image in) {
    if (in->size(3) % 2 != 0) throw std::runtime_error("the width is odd");
    return *in * 2;
  }
};

struct EvenAndSaysSo {
  static constexpr auto about = "Cannot take odd sizes and says so";
  void shape(Shapes& shapes) const {
    if (shapes['W'].is_known() && shapes['W'].value() % 2 != 0) throw Error(Exit::Graph, "the width must be even");
  }
  Result run(Image in) { return *in * 2; }
};

struct WantsFile {
  static constexpr auto about = "Cannot be tried without a file";
  Path path;
  void params(Params& p) { p("path", path, "the file").required(); }
  Result run(Image in) { return *in; }
};

struct Network : nn::Module {
  static constexpr auto about = "A network with one layer too many channels for a quick trial";
  int64_t features = 64;
  void params(Params& p) { p("features", features, "channels").min(1); }
  void build(const Shapes&) { layer_.emplace(*this, "layer", nn::ConvOptions{.in = 3, .out = features}); }
  void shape(Shapes& shapes) const { shapes.set('F', features); }
  Out<"out", "feature[B,F,M,N]"> run(Image in, Context& context) {
    return (*layer_)(nn::enter(*in, context.precision()));
  }

 private:
  std::optional<nn::Conv2d> layer_;
};

}  // namespace
}  // namespace weft::faulty

WEFT_PLUGIN("faulty", "1.0.0", registry) {
  using namespace weft::faulty;
  registry.add<Good>("faulty.good");
  registry.add<ChangesInput>("faulty.changes_input");
  registry.add<Remembers>("faulty.remembers");
  registry.add<ForgetsState>("faulty.forgets_state");
  registry.add<HiddenRandom>("faulty.hidden_random");
  registry.add<GlobalRandom>("faulty.global_random");
  registry.add<WrongGradient>("faulty.wrong_gradient");
  registry.add<LostGradient>("faulty.lost_gradient");
  registry.add<Narrow>("faulty.narrow");
  registry.add<Rounds>("faulty.rounds");
  registry.add<WrongShape>("faulty.wrong_shape");
  registry.add<NotFinite>("faulty.not_finite");
  registry.add<EvenOnly>("faulty.even_only");
  registry.add<EvenAndSaysSo>("faulty.even_and_says_so");
  registry.add<WantsFile>("faulty.wants_file");
  registry.add<Network>("faulty.network");
}

#include "tests/toy/learning.h"

#include "tests/toy/waiting.h"
#include <weft/gan.h>
#include <weft/nn.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/rand.h>

#include <chrono>
#include <thread>

namespace weft::toy {
namespace {

/// A tensor of one number, named `w`.
nn::Init exactly(double value) {
  return nn::Init::normal(value, 0);
}

struct Ramp {
  static constexpr auto about = "Images that are 10 * sequence + t everywhere; sequences count from 0";
  int64_t length = 4, sequences = 1, milliseconds = 0, waits_at = -1;
  std::string waits_for;
  bool tells_length = true;
  void params(Params& p) {
    p("frames", length, "of a sequence").min(1);
    p("sequences", sequences, "how many").min(1);
    p("milliseconds", milliseconds, "how long a frame takes");
    p("waits_at", waits_at, "the value of the frame before which it waits; -10 waits for the first sequence");
    p("waits_for", waits_for, "the file that ends the wait");
    p("tells_length", tells_length, "whether it is known before the end how long a sequence is");
  }
  void shape(Shapes& shapes) const {
    shapes.set('H', 2);
    shapes.set('W', 2);
  }
  std::optional<int64_t> frames() { return tells_length ? std::optional<int64_t>(length) : std::nullopt; }
  std::optional<std::string> next_sequence(Context&) {
    next_ = 0;
    if (10 * sequence_ == waits_at) wait_for(waits_for);
    return ++sequence_ < sequences ? std::optional<std::string>(text("ramp ", sequence_)) : std::nullopt;
  }
  std::optional<Out<"image", "image[B,3,H,W]">> run() {
    if (next_ >= length) return {};
    if (milliseconds > 0) std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
    if (10 * sequence_ + next_ == waits_at) wait_for(waits_for);
    return at::full({1, 3, 2, 2}, static_cast<double>(10 * sequence_ + next_++), at::kFloat);
  }

 private:
  int64_t next_ = 0, sequence_ = -1;
};

/// Counts its calls in a statistic, so that tests see how often a network runs.
struct Scale : nn::Module {
  static constexpr auto about = "w * in, with one weight";
  double weight = 1;
  void params(Params& p) { p("weight", weight, "at the beginning"); }
  void build(const Shapes&) {
    w_.emplace(*this, "w", std::vector<int64_t>{1}, exactly(weight));
    calls_.emplace(*this, "calls", std::vector<int64_t>{}, nn::Init::zeros(), nn::Parameter::Role::Statistic);
  }
  Out<"scaled", "like in[B,C,H,W]"> run(In<"in", "any[B,C,H,W]"> in) {
    (*calls_)->add_(1);
    return **w_ * *in;
  }

 private:
  std::optional<nn::Parameter> w_, calls_;
};

/// With a statistic that follows what it sees, as those of a batch norm do.
struct Following : nn::Module {
  static constexpr auto about = "w * in, with one weight; half of the running mean of `in` is that of the frame";
  double weight = 1;
  void params(Params& p) { p("weight", weight, "at the beginning"); }
  void build(const Shapes&) {
    w_.emplace(*this, "w", std::vector<int64_t>{1}, exactly(weight));
    mean_.emplace(*this, "running_mean", std::vector<int64_t>{}, nn::Init::zeros(), nn::Parameter::Role::Statistic);
  }
  Out<"scaled", "like in[B,C,H,W]"> run(In<"in", "any[B,C,H,W]"> in) {
    (*mean_)->mul_(0.5).add_(in->detach().mean(), 0.5);
    return **w_ * *in;
  }

 private:
  std::optional<nn::Parameter> w_, mean_;
};

struct Critic : nn::Module {
  static constexpr auto about = "A discriminator of one weight: what it says of x is v * x";
  double weight = 1;
  void params(Params& p) { p("weight", weight, "at the beginning"); }
  void build(const Shapes&) {
    v_.emplace(*this, "v", std::vector<int64_t>{1}, exactly(weight));
    calls_.emplace(*this, "calls", std::vector<int64_t>{}, nn::Init::zeros(), nn::Parameter::Role::Statistic);
  }
  Out<"judgement", record<gan::Judgement>> run(In<"real", "any[B,C,H,W]"> real, Many<"fake", "any[B,C,H,W]"> fake) {
    (*calls_)->add_(1);
    gan::Judgement judgement;
    judgement.real.push_back({{**v_ * *real}, **v_ * *real});
    for (const at::Tensor& one : fake.all()) judgement.fakes.push_back({{{**v_ * one}, **v_ * one}});
    return judgement;
  }

 private:
  std::optional<nn::Parameter> v_, calls_;
};

struct LeastSquares {
  static constexpr auto about = "generator: mean (fake - 1)^2; discriminator: mean (real - 1)^2 + mean fake^2";
  std::tuple<Out<"generator", "scalar">, Out<"discriminator", "scalar">> run(In<"in", record<gan::Judgement>> in) {
    const at::Tensor real = in->real.front().score, fake = in->fakes.front().front().score;
    return {(fake - 1).square().mean(), (real - 1).square().mean() + fake.square().mean()};
  }
};

struct Mean {
  static constexpr auto about = "The mean of all numbers";
  Out<"value", "scalar"> run(In<"in", "any[...]"> in) { return in->mean(); }
};

template <bool kOnHost>
struct Plus {
  static constexpr auto about = "a + b, where both are";
  static constexpr bool on_host = kOnHost;
  Out<"sum", "like a[B,C,H,W]"> run(In<"a", "any[B,C,H,W]"> a, In<"b", "any[B,C,H,W]"> b) { return *a + *b; }
};

struct Squares {
  static constexpr auto about = "The mean square of the difference";
  Out<"value", "scalar"> run(In<"a", "any[B,C,H,W]"> a, In<"b", "any[B,C,H,W]"> b) { return (*a - *b).square().mean(); }
};

/// Its logarithm is the way to a loss that is not finite.
struct Logarithm {
  static constexpr auto about = "The logarithm of every number";
  Out<"log", "like in[B,C,H,W]"> run(In<"in", "any[B,C,H,W]"> in) { return in->log(); }
};

template <bool kOnHost>
struct Remembering {
  static constexpr auto about = "in + half of what it gave last, and a little noise: state and randomness";
  static constexpr bool on_host = kOnHost;
  static constexpr bool random = true;
  at::Tensor last;
  void reset() { last = at::Tensor(); }
  void state(Archive& archive) { archive("last", last); }
  Out<"out", "like in[B,C,H,W]"> run(In<"in", "any[B,C,H,W]"> in, Context& context) {
    const at::Tensor noise = at::rand(in->sizes(), context.generator(in->device()), in->options());
    const at::Tensor now = *in + noise / 10;
    last = last.defined() ? now + last / 2 : now;
    return last;
  }
};

}  // namespace

void add_learning_nodes(Registry& registry) {
  registry.add<Critic>("toy.critic");
  registry.add<LeastSquares>("toy.least_squares");
  registry.add<Logarithm>("toy.logarithm");
  registry.add<Mean>("toy.mean");
  registry.add<Plus<false>>("toy.plus");
  registry.add<Plus<true>>("toy.plus_on_host");
  registry.add<Ramp>("toy.ramp");
  registry.add<Remembering<false>>("toy.remembering");
  registry.add<Remembering<true>>("toy.remembering_on_host");
  registry.add<Scale>("toy.scale");
  registry.add<Following>("toy.following");
  registry.add<Squares>("toy.squares");
}

}  // namespace weft::toy

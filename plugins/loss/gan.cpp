#include "plugins/loss/masked.h"
#include <weft/gan.h>
#include <weft/node.h>

#include <ATen/ops/softplus.h>

namespace weft::loss {
namespace {

/// Adversarial losses of the generator and the discriminator.
///
///                   real (d)          fake (d)          generator (d)
///   least_squares   mean (d - 1)^2    mean d^2          mean (d - 1)^2
///   hinge           mean (1 - d)+     mean (1 + d)+     -mean d
///   vanilla         mean log(1+e^-d)  mean log(1+e^d)   mean log(1+e^-d)
///   wasserstein     -mean d           mean d            -mean d
///
/// for each scale's scores d, which are logits for "vanilla". Sources: Goodfellow et al. 2014; Mao et al. 2017, "Least
/// Squares Generative Adversarial Networks"; Lim and Ye 2017, "Geometric GAN"; Arjovsky et al. 2017, "Wasserstein GAN".
struct Gan {
  static constexpr auto about =
      "Adversarial (GAN) losses of all judgements together: minimising `generator` makes fakes score as real, "
      "minimising `discriminator` separates real from fake; each update takes gradients for its own networks only";

  enum class Form { LeastSquares, Hinge, Vanilla, Wasserstein };
  Form form = Form::LeastSquares;
  enum class Over { Sum, Mean };
  Over scales = Over::Sum;
  enum class Generator { Own, AsReal };
  Generator of_fakes = Generator::Own;
  enum class Real { EachFake, Once };
  Real real_counts = Real::EachFake;

  void params(Params& p) {
    p("kind", form,
      "form of the loss: least squares with targets 1 and 0 (LSGAN), hinge, logits (the first GAN), or Wasserstein",
      {{"least_squares", Form::LeastSquares},
       {"hinge", Form::Hinge},
       {"vanilla", Form::Vanilla},
       {"wasserstein", Form::Wasserstein}});
    p("scales", scales, "reduction over a discriminator's scales: vid2vid and pix2pixHD take the sum, SPADE the mean",
      {{"sum", Over::Sum}, {"mean", Over::Mean}});
    p("generator", of_fakes,
      "the generator's loss: its own, or the loss that the discriminator has for a real value, which differs for "
      "\"hinge\" "
      "alone: max(0, 1 - score), as in few-shot vid2vid's program",
      {{"own", Generator::Own}, {"as_real", Generator::AsReal}});
    p("real_counts", real_counts,
      "how often the loss of the real value counts when it is judged beside several fakes: once for each fake, as in "
      "vid2vid, or once",
      {{"each_fake", Real::EachFake}, {"once", Real::Once}});
  }

  std::tuple<Out<"generator", "scalar">, Out<"discriminator", "scalar">, Out<"real", "scalar">, Out<"fake", "scalar">>
  run(Many<"in", record<gan::Judgement>> in, Opt<"weight", "scalar"> weight) {
    at::Tensor generator, real, fake;
    for (size_t i = 0; i < in.size(); ++i) {
      const gan::Judgement& judgement = in[i];
      const double counts = real_counts == Real::Once ? 1 : static_cast<double>(judgement.fakes.size());
      add(real, over_scales(judgement.real, &Gan::of_real) * counts);
      for (const std::vector<gan::Verdict>& verdicts : judgement.fakes) {
        add(generator, over_scales(verdicts, of_fakes == Generator::AsReal ? &Gan::of_real : &Gan::of_generator));
        add(fake, over_scales(verdicts, &Gan::of_fake));
      }
    }
    if (weight) {
      for (at::Tensor* loss : {&generator, &real, &fake}) *loss = *loss * *weight;
    }
    return {generator, real + fake, real, fake};
  }

 private:
  static void add(at::Tensor& sum, const at::Tensor& term) { sum = sum.defined() ? sum + term : term; }

  using OfScores = at::Tensor (Gan::*)(const at::Tensor& scores) const;
  at::Tensor over_scales(const std::vector<gan::Verdict>& verdicts, OfScores loss) const {
    at::Tensor sum;
    for (const gan::Verdict& verdict : verdicts) add(sum, (this->*loss)(precise(verdict.score)));
    return scales == Over::Sum ? sum : sum / static_cast<double>(verdicts.size());
  }

  at::Tensor of_real(const at::Tensor& scores) const {
    return form == Form::Hinge ? (1 - scores).relu().mean() : of_generator(scores);
  }

  at::Tensor of_fake(const at::Tensor& scores) const {
    switch (form) {
      case Form::LeastSquares:
        return scores.square().mean();
      case Form::Hinge:
        return (1 + scores).relu().mean();
      case Form::Vanilla:
        return at::softplus(scores).mean();
      case Form::Wasserstein:
        break;
    }
    return scores.mean();
  }

  at::Tensor of_generator(const at::Tensor& scores) const {
    if (form == Form::LeastSquares) return (scores - 1).square().mean();
    if (form == Form::Vanilla) return at::softplus(-scores).mean();
    return -scores.mean();
  }
};

}  // namespace

void add_gan(Registry& registry) {
  registry.add<Gan>("loss.gan");
}

}  // namespace weft::loss

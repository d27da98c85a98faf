#include "framework/backbones/vgg19.h"
#include "framework/base/text.h"
#include "framework/gan/judgement.h"
#include "framework/nn/conv.h"
#include "framework/testing/node_runner.h"
#include "framework/vision/ssim.h"
#include "tests/conformance/cases.h"
#include "tests/conformance/fill.h"
#include "tests/conformance/rules.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/scalar_tensor.h>

#include <algorithm>
#include <cmath>

namespace weft::conformance {
namespace {

using gan::Judgement;
using gan::Verdict;
using nlohmann::json;
using testing::NodeRunner;

/// Sums of floats in another order: a share of the largest stored number. Gradients pass through the kinks of ReLU and of
/// absolute values: where a number is that near to a kink that rounding decides, as it does otherwise on another processor, a few
/// numbers around it are far off and all others are not. So they are compared in the mean, which is small if and only if
/// nearly all agree.
Tolerance tolerance_of_loss(const Fixture& fixture, const std::string& output) {
  const at::Tensor magnitude = fixture.stored(output).abs();
  const bool is_gradient = output.starts_with("dG.") || output.starts_with("dD.") || output.starts_with("grad_");
  if (is_gradient) return {Tolerance::Measure::Mean, 1e-4 * magnitude.mean().item<double>()};
  return {Tolerance::Measure::Largest, 1e-4 * magnitude.max().item<double>()};
}

at::Tensor number(const at::Tensor& scalar) {
  return scalar.reshape({1});
}

/// The predictions of a discriminator, by the rule of the fixture: scale i, layer j, the last of which is the score.
std::vector<Verdict> predictions(const Fixture& fixture, const std::string& name) {
  const json& config = fixture.config();
  const auto layers = config.at("outputs_per_scale").get<int64_t>();
  std::vector<Verdict> verdicts(config.at("num_D").get<size_t>());
  for (size_t scale = 0; scale < verdicts.size(); ++scale) {
    for (int64_t layer = 0; layer < layers; ++layer) {
      const at::Tensor values = fixture.input(text(name, '.', scale, '.', layer)) * 1.5;
      if (layer == layers - 1) {
        verdicts[scale].score = values;
      } else {
        verdicts[scale].features.push_back(values);
      }
    }
  }
  return verdicts;
}

void add_gan_losses(const Judgement& judgement, const std::string& prefix, const std::string& kind,
                    const std::string& scales, Tensors& outputs) {
  NodeRunner node("loss.gan");
  node.set("kind", kind).set("scales", scales).input("in", judgement).run();
  outputs[prefix + ".G"] = number(node.tensor("generator"));
  outputs[prefix + ".D_real"] = number(node.tensor("real"));
  outputs[prefix + ".D_fake"] = number(node.tensor("fake"));
}

Tensors compute_gan_losses(const Fixture& fixture) {
  const json& config = fixture.config();
  const Judgement judgement{predictions(fixture, "real"), {predictions(fixture, "fake")}};
  Tensors outputs;
  for (const auto& [name, kind] :
       {std::pair{"ls", "least_squares"}, {"hinge", "hinge"}, {"original", "vanilla"}, {"w", "wasserstein"}}) {
    add_gan_losses(judgement, name, kind, "mean", outputs);
  }
  add_gan_losses(judgement, "p2phd.lsgan", "least_squares", "sum", outputs);
  const double weight = config.at("lambda_feat").get<double>();
  const double of_layer = 4.0 / (config.at("p2phd_n_layers_D").get<double>() + 1);
  for (const auto& [name, layer_weight] : {std::pair{"feature_matching", 1.0}, {"p2phd.feature_matching", of_layer}}) {
    NodeRunner node("loss.feature_matching");
    node.set("layer_weight", layer_weight).input("in", judgement).run();
    outputs[name] = number(node.tensor("value")) * weight;
  }
  NodeRunner kl("loss.kl");
  kl.input("mean", fixture.input("mu")).input("log_variance", fixture.input("logvar")).run();
  outputs["kld"] = number(kl.tensor("value"));
  return outputs;
}

Tensors compute_padded_ssim(const Fixture& fixture) {
  const json& config = fixture.config();
  const auto size = config.at("window_size").get<int64_t>();
  const double range = std::sqrt(config.at("C1").get<double>()) / 0.01;
  if (config.value("sigma", 1.5) != 1.5) throw Error(Exit::Data, "loss.ssim has windows of deviation 1.5 alone");
  const at::Tensor a = fixture.input("a");
  const at::Tensor b = (a * factor_before(fixture, "b_rule", "inp(\"a\")") +
                        fixture.input("b") * factor_before(fixture, "b_rule", "inp(\"b\")"))
                           .requires_grad_();
  NodeRunner ssim("loss.ssim"), l2("loss.l2");
  ssim.set("window", "gaussian_padded").set("window_size", size).set("range", range).set("form", "negative");
  ssim.input("a", a).input("b", b).run();
  l2.input("a", a).input("b", b.detach()).run();
  ssim.tensor("value").backward();
  return {{"ssim", -number(ssim.tensor("value").detach())},
          {"ssim_per_image", vision::ssim(a, b.detach(), {vision::SsimWindow::GaussianPadded, size}, range)},
          {"grad_b_of_minus_ssim", b.grad()},
          {"mse", number(l2.tensor("value"))}};
}

/// Two calls in training: the second begins where the first left the vectors, and the first's gradients are not harmed.
Tensors compute_spectral_norm(const Fixture& fixture) {
  const json& config = fixture.config();
  nn::Module root;
  nn::Conv2d conv(root, "",
                  {.in = config.at("in_channels").get<int64_t>(),
                   .out = config.at("out_channels").get<int64_t>(),
                   .kernel = config.at("kernel_size").get<int64_t>(),
                   .padding = config.at("padding").get<int64_t>(),
                   .spectral_norm = true});
  Tensors params = fixture.params();
  const at::Tensor weight = params.at("weight_orig").requires_grad_(), bias = params.at("bias").requires_grad_();
  fill(root, params);
  root.train(true);
  const at::Tensor x = fixture.input("x");
  Tensors outputs;
  for (const char* call : {"call1", "call2"}) {
    const at::Tensor out = conv(x);
    outputs[text("out_", call)] = out.detach();
    outputs[text("u_", call)] = params.at("weight_u").clone();
    outputs[text("v_", call)] = params.at("weight_v").clone();
    if (call == std::string("call2")) (out * fixture.input("g")).sum().backward();
  }
  outputs["grad_bias"] = bias.grad();
  outputs["grad_weight_orig_call2"] = weight.grad();
  return outputs;
}

const char* const kTaps[] = {"relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"};

Tensors maps_of_vgg(const backbones::Vgg19& network, const at::Tensor& image) {
  const auto maps = network(image);
  Tensors outputs;
  for (size_t i = 0; i < maps.size(); ++i) outputs[kTaps[i]] = maps[i];
  return outputs;
}

Tensors compute_vgg_loss(const Fixture& fixture) {
  nn::Module root;
  const backbones::Vgg19 network(root, "", backbones::Vgg19::Keys::Slices);
  fill(root, fixture.params());
  Tensors outputs = maps_of_vgg(network, fixture.input("x"));
  NodeRunner loss("loss.vgg");
  loss.input("fake", fixture.input("x")).input("real", fixture.input("y"));
  fill(loss.module(), fixture.params());
  outputs["loss"] = number(loss.run().tensor("value"));
  return outputs;
}

Tensors compute_vgg_maps(const Fixture& fixture) {
  nn::Module root;
  const backbones::Vgg19 network(root, "", backbones::Vgg19::Keys::Features);
  fill(root, fixture.params());
  return maps_of_vgg(network, fixture.input("image"));
}

/// The discriminators' side of vid2vid's training, put together of nodes as a graph would be.
class Vid2VidLosses {
 public:
  explicit Vid2VidLosses(const Fixture& fixture) : fixture_(fixture), config_(fixture.config()) {
    for (at::Tensor* variable : {&fake_, &raw_, &clip_, &flow_}) variable->requires_grad_();
  }

  Tensors compute() {
    judge_frames();
    judge_clips();
    if (is_on("add_face_disc")) judge_faces();
    add_perceptual();
    add_flow_terms();
    add_totals();
    add_gradients();
    for (auto& [name, value] : outputs_) value = value.dim() == 0 ? number(value.detach()) : value;
    return std::move(outputs_);
  }

 private:
  bool is_on(const char* option) const { return config_.value(option, false); }
  double factor(const char* name) const { return config_.at(name).get<double>(); }
  bool has_features() const { return !is_on("no_ganFeat"); }
  int64_t scales() const { return config_.at("num_D").get<int64_t>(); }

  /// A discriminator with the fixture's parameters, which learn.
  Judgement judge(const std::string& net, int64_t scale_count, const at::Tensor& real,
                  const std::vector<at::Tensor>& fakes, const at::Tensor& conditions) {
    NodeRunner& node = *nodes_.emplace_back(std::make_unique<NodeRunner>("gan.patch_discriminator"));
    node.set("scales", scale_count).set("layers", config_.at("n_layers_D").get<int64_t>());
    node.set("features", config_.at("ndf").get<int64_t>()).set("feature_matching", has_features());
    node.input("real", real).input("conditions", conditions);
    for (const at::Tensor& fake : fakes) node.input("fake", fake);
    fill(node.module(), fixture_.params(net));
    for (const auto& [key, parameter] : node.module().tensors()) {
      if (parameter->role() == nn::Parameter::Role::Learnt) (*parameter)->requires_grad_();
      weights_[net + '.' + key] = **parameter;
    }
    return node.run().value("judgement").as<Judgement>();
  }

  /// The four losses of a judgement; the generator's are weighed, as in the faces' case.
  void add_losses(const Judgement& judgement, const std::string& prefix, const std::string& of, double weight = 1) {
    NodeRunner gan("loss.gan"), match("loss.feature_matching");
    gan.set("kind", kind_of_gan(config_)).input("in", judgement).run();
    outputs_[text(prefix, "G", of, "_GAN")] = gan.tensor("generator") * weight;
    outputs_[text(prefix, "G", of, "_GAN_Feat")] = at::scalar_tensor(0.0);
    if (has_features()) {
      match.set("scales", scales()).input("in", judgement).run();
      outputs_[text(prefix, "G", of, "_GAN_Feat")] = match.tensor("value") * (weight * factor("lambda_feat"));
    }
    outputs_[text(prefix, "D", of, "_real")] = gan.tensor("real");
    outputs_[text(prefix, "D", of, "_fake")] = gan.tensor("fake");
  }

  void judge_frames() { add_losses(judge("D", scales(), real_, {fake_, raw_}, conditions_), "L.", ""); }

  void judge_clips() {
    const at::Tensor flows = fixture_.input("T_flow_raw") * 6;
    add_losses(judge("D_T0", scales(), fixture_.input("T_real"), {clip_}, flows), "T.", "_T");
    outputs_["T.G_T_Warp"] = at::scalar_tensor(0.0);
  }

  void judge_faces() {
    const int64_t size = config_.at("fineSize").get<int64_t>() / 32 * 8;
    NodeRunner box("gan.face_box");
    box.set("map", is_on("openpose_only") ? "openpose" : "densepose").set("size", size).input("s", conditions_).run();
    const auto cut = [&](const at::Tensor& map) {
      NodeRunner node("image.cut");
      return node.set("size", std::vector<int64_t>{size, size})
          .input("map", map)
          .input("box", box.tensor("box"))
          .run()
          .tensor("part");
    };
    const int64_t of_faces = std::max<int64_t>(1, scales() - 2);
    add_losses(judge("D_f", of_faces, cut(real_), {cut(fake_)}, cut(conditions_)), "L.", "_f", 2);
  }

  void add_perceptual() {
    outputs_["L.G_VGG"] = at::scalar_tensor(0.0);
    if (is_on("no_vgg")) return;
    NodeRunner vgg("loss.vgg");
    vgg.input("fake", fake_).input("fake", raw_).input("real", real_);
    fill(vgg.module(), fixture_.params("vgg"));
    outputs_["L.G_VGG"] = vgg.run().tensor("value") * factor("lambda_feat");
  }

  void add_flow_terms() {
    const at::Tensor reference = fixture_.input("flow_ref_raw") * 6,
                     confidence = (fixture_.input("conf_raw") > 0).to(at::kFloat);
    const at::Tensor real_before = enlarge8(fixture_.input("real_B_prev")),
                     fake_before = enlarge8(fixture_.input("fake_B_prev"));
    const auto value = [&](NodeRunner& node) { return node.input("confidence", confidence).run().tensor("value"); };
    NodeRunner endpoint("loss.flow_endpoint"), real("loss.warp_real"), fake("loss.warp_fake"), mask("loss.mask");
    endpoint.input("flow", flow_).input("reference", reference);
    real.input("image", real_).input("previous", real_before).input("flow", flow_);
    fake.input("image", fake_).input("previous", fake_before).input("flow", reference);
    mask.input("mask", (fixture_.input("weight_raw") + 1) / 2);
    const double coarser = static_cast<double>(1 << (config_.at("n_scales_spatial").get<int64_t>() - 1));
    const double has_flow = is_on("no_flow") ? 0 : 1;
    outputs_["L.F_Flow"] = value(endpoint) * (has_flow * factor("lambda_F") / coarser);
    outputs_["L.F_Warp"] = value(real) * (has_flow * factor("lambda_T"));
    outputs_["L.G_Warp"] = value(fake) * factor("lambda_T");
    outputs_["L.W"] = value(mask) * (is_on("no_first_img") ? has_flow : 0);
  }

  void add_totals() {
    at::Tensor generator = at::scalar_tensor(0.0);
    for (const auto& [name, value] : outputs_) {
      if (name[2] != 'D') generator = generator + value;
    }
    outputs_["loss_G"] = generator;
    const auto discriminator = [&](const std::string& of) {
      return (outputs_.at(of + "_fake") + outputs_.at(of + "_real")) * 0.5;
    };
    outputs_["loss_D"] = discriminator("L.D");
    if (is_on("add_face_disc")) outputs_["loss_D"] = outputs_["loss_D"] + discriminator("L.D_f");
    outputs_["loss_D_T0"] = discriminator("T.D_T");
  }

  void add_gradients() {
    if (is_on("no_flow")) return;  // the flow has none, and the file holds none
    outputs_.at("loss_G").backward({}, /*retain_graph=*/true, /*create_graph=*/false,
                                   at::TensorList{fake_, raw_, clip_, flow_});
    outputs_["dG.fake_B"] = fake_.grad();
    outputs_["dG.fake_B_raw"] = raw_.grad();
    outputs_["dG.T_fake"] = clip_.grad();
    outputs_["dG.flow"] = flow_.grad();
    const std::string last = text("scale0_layer", config_.at("n_layers_D").get<int64_t>() + 1, ".0.weight");
    const at::Tensor first_weight = weights_.at("D.scale0_layer0.0.weight"), last_weight = weights_.at("D." + last);
    outputs_.at("loss_D").backward({}, true, false, at::TensorList{first_weight, last_weight});
    outputs_["dD.scale0_layer0.0.weight"] = first_weight.grad();
    outputs_["dD.scale0_layer_last.0.weight"] = last_weight.grad();
  }

  const Fixture& fixture_;
  const json& config_;
  at::Tensor real_ = fixture_.input("real_B"), fake_ = fixture_.input("fake_B"), raw_ = fixture_.input("fake_B_raw");
  at::Tensor conditions_ = fixture_.input("real_A"), clip_ = fixture_.input("T_fake");
  at::Tensor flow_ = (fixture_.input("flow_raw") * 6).detach();
  std::vector<std::unique_ptr<NodeRunner>> nodes_;
  Tensors weights_, outputs_;
};

Tensors compute_vid2vid_losses(const Fixture& fixture) {
  return Vid2VidLosses(fixture).compute();
}

}  // namespace

void add_loss_cases(Cases& cases) {
  cases["SPADE GANLoss/KLDLoss and the pix2pixHD sums, on given predictions"] = {compute_gan_losses, tolerance_of_loss};
  cases["pytorch-ssim SSIM"] = {compute_padded_ssim, tolerance_of_loss};
  cases["torch.nn.utils.spectral_norm(Conv2d)"] = {compute_spectral_norm, tolerance_of_loss};
  cases["VGGLoss / Vgg19"] = {compute_vgg_loss, tolerance_of_loss};
  cases["vgg19 features slices"] = {compute_vgg_maps, tolerance_of_loss};
  cases["Vid2VidModelD.forward(0,...) and (1,...) + get_losses"] = {compute_vid2vid_losses, tolerance_of_loss};
}

}  // namespace weft::conformance

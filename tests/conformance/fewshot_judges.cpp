#include "tests/conformance/fewshot_judges.h"

#include "framework/base/text.h"
#include "tests/conformance/fewshot_config.h"

namespace weft::conformance {
namespace {

std::string node(const std::string& name, const std::string& use, const std::string& lines) {
  return text("[node.", name, "]\nuse = \"", use, "\"\n", lines);
}

}  // namespace

FewShotJudges::FewShotJudges(const nlohmann::json& of_file)
    : config(of_file),
      is_pose(config.value("dataset_mode", "") == "fewshot_pose"),
      combines(config.value("spade_combine", false)),
      has_faces(config.value("add_face_D", false)) {}

std::string FewShotJudges::label_nodes() const {
  if (!is_pose) return "[stream]\ns = \"s_full\"\nexample_s = \"example_full\"\n";
  const bool loses_face = config.value("remove_face_labels", false);
  const char* of = loses_face ? ".without_face\"\n" : "";
  return node("body", "fewshot.pose_masks", "in = \"s_full\"\n") +
         node("example_body", "fewshot.pose_masks", "in = \"example_full\"\n") +
         node("example_seen", "fewshot.pose_masks", "in = \"example_s\"\n") +
         (loses_face ? text("[stream]\ns = \"body", of, "example_s = \"example_body", of)
                     : "[stream]\ns = \"s_full\"\nexample_s = \"example_full\"\n");
}

std::string FewShotJudges::judge(const std::string& of, const std::string& inputs, int64_t scales) const {
  const FewShotNorm norm(config.value("norm_D", "spectralinstance"));
  return node(of, "gan.patch_discriminator",
              text("variant = \"fewshot\"\nfeatures = ", config.value("ndf", int64_t{32}),
                   "\nlayers = ", config.value("n_layers_D", int64_t{4}), "\nscales = ", scales, "\nnorm = \"",
                   norm.kind(), "\"\nspectral_norm = ", norm.is_spectral ? "true\n" : "false\n", inputs)) +
         losses_of(of);
}

std::string FewShotJudges::judge_again(const std::string& of, const std::string& inputs) const {
  return text("[node.", of, "_raw]\nshare = \"", of, "\"\n", inputs) + losses_of(of + "_raw");
}

std::string FewShotJudges::losses_of(const std::string& judge) const {
  static const std::map<std::string, std::string> kKinds = {
      {"ls", "least_squares"}, {"hinge", "hinge"}, {"original", "vanilla"}, {"w", "wasserstein"}};
  return node("gan_" + judge, "loss.gan",
              text("in = \"", judge, "\"\nscales = \"mean\"\ngenerator = \"as_real\"\nkind = \"",
                   kKinds.at(config.value("gan_mode", "hinge")), "\"\n")) +
         node("match_" + judge, "loss.feature_matching", text("in = \"", judge, "\"\nlayer_weight = 1\n"));
}

std::vector<std::string> FewShotJudges::flows() const {
  std::vector<std::string> flows;
  if (warps_example) flows.emplace_back("e");
  if (has_previous) flows.emplace_back("p");
  return flows;
}

/// A second fake, the raw frame, counts where the example or the frame shows a person.
std::string FewShotJudges::pose_nodes() const {
  std::string graph = node("conditions", "image.concat",
                           is_pose ? "in = [\"example_s\", \"example_seen.foreground\", \"example_image\", \"s\", "
                                     "\"body.foreground\"]\n"
                                   : "in = [\"example_s\", \"example_image\", \"s\"]\n");
  if (!has_raw) return graph;
  for (const char* map : {"real", "raw"}) {
    graph += is_pose
                 ? node(text("seen_", map), "fewshot.masked",
                        text("in.map = \"", map, "\"\nin.masks = [\"body.foreground\", \"example_body.foreground\"]\n"))
                 : text("[stream]\nseen_", map, " = \"", map, "\"\n");
  }
  return graph;
}

std::string FewShotJudges::face_nodes() const {
  const bool is_drawn = !config.value("basic_point_only", false) && !config.value("remove_face_labels", false);
  const std::string map = text("map = \"", is_drawn ? "openpose" : "densepose", "\"\n");
  std::string graph = node("face_box", "fewshot.face_box", "in = \"s_full\"\n" + map) +
                      node("example_face_box", "fewshot.face_box", "in = \"example_s\"\n" + map);
  const auto crop = [&](const std::string& name, const std::string& map_of, const std::string& box) {
    graph += node(name, "fewshot.face_crop",
                  text("in.map = \"", map_of, "\"\nin.box = \"", box, "\"\nsize = ", face_size, '\n'));
  };
  crop("face_real", "real", "face_box");
  crop("face_fake", "fake", "face_box");
  crop("face_example", "example_image", "example_face_box");
  graph += node("face_l1", "loss.l1", "in.a = \"face_fake\"\nin.b = \"face_real\"\n") +
           judge("D_f", "in.real = \"face_real\"\nin.fake = [\"face_fake\"]\nin.conditions = \"face_example\"\n", 1);
  if (!has_raw) return graph;
  crop("face_seen_real", "seen_real", "face_box");
  crop("face_raw", "seen_raw", "face_box");
  return graph + node("face_l1_raw", "loss.l1", "in.a = \"face_raw\"\nin.b = \"face_seen_real\"\n") +
         judge_again("D_f",
                     "in.real = \"face_seen_real\"\nin.fake = [\"face_raw\"]\nin.conditions = \"face_example\"\n");
}

std::string FewShotJudges::flow_nodes() const {
  std::string graph;
  for (const std::string& to : flows()) {
    if (is_pose) {
      graph += node("sure_flow_" + to, "fewshot.masked",
                    text("in.map = \"sure_", to, "\"\nin.masks = [\"body.foreground\"]\n"));
    } else {
      graph += text("[stream]\nsure_flow_", to, " = \"sure_", to, "\"\n");
    }
    graph += node("flow_error_" + to, "loss.flow_endpoint",
                  text("in.flow = \"flow_", to, "\"\nin.reference = \"reference_", to,
                       "\"\nin.confidence = \"sure_flow_", to, "\"\n")) +
             node("warp_error_" + to, "loss.l1", text("in.a = \"warped_", to, "\"\nin.b = \"real\"\n")) +
             node("mask_error_" + to, "fewshot.mask_loss",
                  text("in.mask = \"mask_", to, "\"\nin.warped = \"warped_", to, "\"\nin.real = \"real\"\n"));
  }
  if (!is_pose || !warps_example) return graph;
  for (const char* map : {"parts", "foreground"}) {
    graph +=
        node(text("warped_", map), "flow.warp", text("in.image = \"example_seen.", map, "\"\nin.flow = \"flow_e\"\n")) +
        node(text("warp_error_", map), "loss.l1", text("in.a = \"warped_", map, "\"\nin.b = \"body.", map, "\"\n"));
  }
  return graph +
         node("mask_error_pose", "fewshot.pose_mask_loss",
              text("in.mask = \"mask_e\"\nin.face = \"body.around_face\"\nin.foreground = \"body.foreground\"\n",
                   "in.example_foreground = \"example_body.foreground\"\nin.parts = \"body.parts\"\n",
                   "in.warped_parts = \"warped_parts\"\n")) +
         (combines ? node("sure_example", "tensor.detach", "in = \"warped_e\"\n") +
                         node("mask_error_face", "loss.l1",
                              "in.a = \"fake\"\nin.b = \"sure_example\"\nin.mask = \"body.around_face\"\n")
                   : "");
}

std::string FewShotJudges::nodes() const {
  std::string graph =
      pose_nodes() + judge("D", "in.real = \"real\"\nin.fake = [\"fake\"]\nin.conditions = \"conditions\"\n",
                           config.value("num_D", int64_t{1}));
  if (has_raw)
    graph += judge_again("D", "in.real = \"seen_real\"\nin.fake = [\"seen_raw\"]\nin.conditions = \"conditions\"\n");
  if (is_temporal) graph += judge("D_T", "in.real = \"real[t-1..t]\"\nin.fake = [\"fake[t-1..t]\"]\n", 1);
  if (has_faces) graph += face_nodes();
  return graph + flow_nodes();
}

std::map<std::string, std::vector<FewShotJudges::Term>> FewShotJudges::terms() const {
  std::map<std::string, std::vector<Term>> terms;
  for (const char* name : {"G_GAN", "G_GAN_Feat", "G_VGG", "Gf_GAN", "Gf_GAN_Feat", "GT_GAN", "GT_GAN_Feat", "F_Flow",
                           "F_Warp", "F_Mask", "D_real", "D_fake", "Df_real", "Df_fake", "DT_real", "DT_fake"})
    terms[name];
  const double features = factor("lambda_feat", 10), face = factor("lambda_face", 10);
  const auto judged = [&](const std::string& by, const std::string& prefix, double weight, double of_judge) {
    terms[text('G', prefix, "_GAN")].push_back({text("gan_", by, ".generator"), weight});
    terms[text('G', prefix, "_GAN_Feat")].push_back({"match_" + by, weight * features});
    terms[text('D', prefix, "_real")].push_back({text("gan_", by, ".real"), of_judge});
    terms[text('D', prefix, "_fake")].push_back({text("gan_", by, ".fake"), of_judge});
  };
  for (const char* by : {"D", "D_raw"}) {
    if (has_raw || std::string(by) == "D") judged(by, "", 1, 1);
    if (!has_faces || (!has_raw && std::string(by) != "D")) continue;
    const bool is_raw = std::string(by) != "D";
    judged(is_raw ? "D_f_raw" : "D_f", "f", face, face);
    terms["Gf_GAN_Feat"].push_back({is_raw ? "face_l1_raw" : "face_l1", features});
  }
  if (is_temporal) judged("D_T", "T", factor("lambda_temp", 0), 1);
  // Several examples have no reference flow in the original.
  const bool has_reference = config.value("n_shot", int64_t{1}) == 1;
  const double flow = factor("lambda_flow", 10), mask = factor("lambda_mask", 10);
  for (const std::string& to : flows()) {
    if (has_reference) terms["F_Flow"].push_back({"flow_error_" + to, flow});
    terms["F_Warp"].push_back({"warp_error_" + to, flow});
    terms["F_Mask"].push_back({"mask_error_" + to, mask});
  }
  if (is_pose && warps_example) {
    terms["F_Warp"].push_back({"warp_error_parts", flow});
    terms["F_Warp"].push_back({"warp_error_foreground", flow});
    terms["F_Mask"].push_back({"mask_error_pose.value", mask});
    if (combines) terms["F_Mask"].push_back({"mask_error_face", mask});
  }
  return terms;
}

std::string FewShotJudges::networks() const {
  return text("\"D\"", is_temporal ? ", \"D_T\"" : "", has_faces ? ", \"D_f\"" : "");
}

}  // namespace weft::conformance

#include "tests/conformance/fewshot_graph.h"

#include "framework/base/text.h"
#include "tests/conformance/fewshot_config.h"

#include <vector>

namespace weft::conformance {
namespace {

const char* word(bool is_true) {
  return is_true ? "true" : "false";
}

std::string in_quotes(const std::string& word) {
  return text('"', word, '"');
}

}  // namespace

FewShotGraph::FewShotGraph(const nlohmann::json& of_file)
    : config(of_file),
      shots(config.value("n_shot", int64_t{1})),
      warps_example(is_on("warp_ref") && !is_on("for_face")),
      is_temporal(config.value("temporal", false)),
      combines(is_on("spade_combine")) {}

bool FewShotGraph::shares_flow() const {
  return !is_on("sep_flow_prev") && config.value("n_frames_G", int64_t{2}) == 2 && warps_example;
}

bool FewShotGraph::shares_embedding() const {
  return is_on("no_sep_warp_embed") && warps_example;
}

bool FewShotGraph::has_weights() const {
  return is_on("adaptive_spade") || is_on("adaptive_conv");
}

std::string FewShotGraph::pyramid(const char* features) const {
  const bool is_flow = std::string(features) == "nff";
  return text("features = ", config.value(features, int64_t{32}), "\ndown = ",
              is_flow ? config.value("n_downsample_F", int64_t{3}) : config.value("n_downsample_G", int64_t{5}), '\n');
}

std::string FewShotGraph::norms(const char* of) const {
  const bool is_flow = std::string(of) == "norm_F";
  const FewShotNorm norm(config.value(of, is_flow ? "spectralsyncbatch" : "spectralspadesyncbatch"));
  return text("norm = ", in_quotes(norm.kind()), "\nspectral_norm = ", word(norm.is_spectral), '\n');
}

std::string FewShotGraph::reference_params() const {
  return text(pyramid(), norms(), "labels = \"", config.value("use_label_ref", "mul") == "mul" ? "product" : "concat",
              "\"\nresidual = ", word(is_on("res_for_ref")), '\n',
              "attention_down = ", config.value("n_downsample_A", int64_t{2}), '\n');
}

std::string FewShotGraph::generated_params() const {
  return text(pyramid(), norms(), "labels = \"", config.value("use_label_ref", "mul") == "mul" ? "product" : "concat",
              "\"\nspade = ", word(is_on("adaptive_spade")), "\nconv = ", word(is_on("adaptive_conv")),
              "\nembedding = ", word(!is_on("no_adaptive_embed")),
              "\nlayers = ", config.value("n_adaptive_layers", int64_t{4}),
              "\nmap_kernel = ", config.value("spade_ks", int64_t{1}),
              "\nembedding_kernel = ", config.value("embed_ks", int64_t{1}), '\n');
}

std::string FewShotGraph::reference_nodes() const {
  std::string graph = text("[node.examples]\nuse = \"fewshot.examples\"\nin.image = \"example_images\"\n",
                           "in.label = \"example_labels\"\n", reference_params());
  const std::string which = shots > 1 ? "in.which = \"attention.which\"\n" : "";
  if (shots > 1) {
    const std::string tower = text("features = ", config.value("ngf", int64_t{32}),
                                   "\nattention_down = ", config.value("n_downsample_A", int64_t{2}), '\n', norms());
    graph += text("[node.keys]\nuse = \"fewshot.attention_keys\"\nin = \"example_labels\"\n", tower,
                  "[node.attention]\nuse = \"fewshot.attention\"\nin.label = \"s\"\nin.keys = \"keys\"\n",
                  "in.feature = \"examples\"\n", tower);
  } else {
    graph += "[node.only]\nuse = \"fewshot.pick\"\nin.examples = \"examples\"\n";
  }
  graph += text("[node.example_image]\nuse = \"fewshot.pick\"\nin.examples = \"example_images\"\n", which,
                "[node.example_label]\nuse = \"fewshot.pick\"\nin.examples = \"example_labels\"\n", which,
                "[node.encoder]\nuse = \"fewshot.encoder\"\nin = \"", shots > 1 ? "attention.feature" : "only", "\"\n",
                reference_params());
  if (has_weights()) {
    graph += text("[node.weights]\nuse = \"fewshot.weights\"\nin = \"encoder.encoded\"\n", generated_params(),
                  "residual = ", word(is_on("res_for_ref")),
                  "\nhidden_layers = ", config.value("n_fc_layers", int64_t{2}), '\n');
  }
  if (begins_with_crop) {
    graph +=
        "[node.crops]\nshare = \"examples\"\nin.image = \"crop[t..t]\"\nin.label = \"example_labels\"\n"
        "[node.only_crop]\nuse = \"fewshot.pick\"\nin.examples = \"crops\"\n"
        "[node.encoded_crop]\nshare = \"encoder\"\nin = \"only_crop\"\n";
  }
  if (config.value("lambda_kld", 0.0) > 0) {
    const int64_t factor = int64_t{1} << config.value("n_downsample_G", int64_t{5});
    graph += text("[node.code]\nuse = \"fewshot.code\"\nin = \"encoder.start\"\nsize = [",
                  config.at("H").get<int64_t>() / factor, ", ", config.at("W").get<int64_t>() / factor, "]\n");
  }
  return graph;
}

std::string FewShotGraph::flow_nodes() const {
  const std::string params = text(pyramid("nff"), norms("norm_F"), "blocks = ", config.value("n_blocks_F", int64_t{6}),
                                  "\nrange = ", config.value("flow_multiplier", int64_t{20}), '\n');
  std::string graph;
  if (warps_example) {
    graph += text("[node.flow_example]\nuse = \"fewshot.flow\"\nin.label = \"s\"\nin.labels = [\"example_label\"]\n",
                  "in.images = [\"example_image\"]\n", params,
                  "[node.warped_example]\nuse = \"flow.warp\"\nin.image = \"example_image\"\n",
                  "in.flow = \"flow_example.flow\"\n");
  }
  if (!is_temporal) return graph;
  // The first frame stands for all before it.
  std::vector<std::string> labels, images;
  for (int64_t back = config.value("n_frames_G", int64_t{2}) - 1; back >= 1; --back) {
    std::string label = text("s[t-", back, ']'), image = text("fake[t-", back, ']');
    for (int64_t later = back - 1; later >= 1; --later) {
      label += text(" else s[t-", later, ']');
      image += text(" else fake[t-", later, ']');
    }
    labels.push_back(in_quotes(label));
    images.push_back(in_quotes(image));
  }
  return graph + text("[node.flow_previous]\n",
                      shares_flow() ? std::string("share = \"flow_example\"\n")
                                    : text("use = \"fewshot.flow\"\nto = \"previous\"\n", params),
                      "in.label = \"s\"\nin.labels = [", join(labels), "]\nin.images = [", join(images), "]\n",
                      "[node.warped_previous]\nuse = \"flow.warp\"\nin.image = \"fake[t-1]\"\n",
                      "in.flow = \"flow_previous.flow\"\n");
}

std::string FewShotGraph::generator_node() const {
  const std::string start = begins_with_crop                      ? "encoded_crop.start"
                            : config.value("lambda_kld", 0.0) > 0 ? "code.start"
                                                                  : "encoder.start";
  std::string graph = text("[node.G]\nuse = \"fewshot.generator\"\nin.start = \"", start, "\"\nin.label = \"s\"\n",
                           generated_params(), has_weights() ? "in.weights = \"weights\"\n" : "",
                           "embedder = ", in_quotes(config.value("netS", "encoderdecoder")),
                           "\nkernel = ", config.value("conv_ks", int64_t{3}), '\n');
  if (combines) {
    graph +=
        text("combine = ", config.value("n_sc_layers", int64_t{2}),
             "\ncombine_embedder = ", in_quotes(config.value("sc_arch", "unet")),
             "\nraw = ", word(is_on("add_raw_output_loss")), "\nshare_embedding = ", word(shares_embedding()), '\n');
    if (warps_example) graph += "in.warped_example = \"warped_example\"\nin.example_mask = \"flow_example.mask\"\n";
    if (is_temporal) graph += "in.warped_previous = \"warped_previous\"\nin.previous_mask = \"flow_previous.mask\"\n";
    return graph + "[stream]\nfake = \"G.image\"\n";
  }
  std::string frame = "G.image";
  const auto blend = [&](const std::string& name) {
    const std::string node = "blended_" + name;
    graph += text("[node.", node, "]\nuse = \"image.blend\"\nin.under = \"warped_", name, "\"\nin.over = \"", frame,
                  "\"\nin.mask = \"flow_", name, ".mask\"\n");
    return node;
  };
  if (warps_example) frame = blend("example");
  if (is_temporal) frame = blend("previous") + " else " + frame;
  return graph + text("[stream]\nfake = \"", frame, "\"\n");
}

std::string FewShotGraph::nodes() const {
  return reference_nodes() + flow_nodes() + generator_node();
}

Tensors FewShotGraph::wanted(Tensors params) const {
  std::erase_if(params, [&](const auto& entry) {
    const std::string& key = entry.first;
    if (is_temporal && shares_flow() && key.starts_with("flow_network_temp.")) return true;
    if (is_temporal && combines && shares_embedding() && key.starts_with("img_prev_embedding.")) return true;
    const bool is_decoder = key.starts_with("ref_img_up_") || key.starts_with("ref_label_up_");
    return is_decoder && !has_weights();
  });
  return params;
}

}  // namespace weft::conformance

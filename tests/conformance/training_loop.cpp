#include "tests/conformance/training_loop.h"

#include "framework/base/text.h"
#include "tests/conformance/rules.h"

#include <algorithm>
#include <vector>

namespace weft::conformance {

std::string flow_of(int64_t time) {
  return time == 0 ? "flow" : text("flow_", time);
}

std::string Loop::inputs() const {
  std::string shown = "\"F.image\", \"fake_before\", \"gan.real\", \"gan.fake\"", flows;
  if (has_faces()) shown += ", \"gan_f.real\", \"gan_f.fake\"";
  for (int64_t time = 0; time < times(); ++time) {
    shown += text(", \"gan_T", time, ".real\", \"gan_T", time, ".fake\"");
    flows += text(flow_of(time), " = \"flow[B,2,H,W]\"\n");
  }
  return text("[run]\nbatch = ", batch, "\nchunk = ", load(), "\nbptt = ", config.at("n_frames_bp").get<int64_t>(),
              "\nshow = [", shown, "]\n[inputs]\nreal = \"image[B,3,H,W]\"\ngiven = \"image[B,3,H,W]\"\n", flows,
              "confidence = \"mask[B,1,H,W]\"\n",
              has_labels() ? "labels = \"labels[B,1,H,W]\"\n"
                           : text("s = \"conditions[B,", config.at("input_nc").get<int64_t>(), ",H,W]\"\n"),
              has_instances() ? "instances = \"instances[B,1,H,W]\"\n" : "",
              "[stream]\nfake = \"F.image\"\nfake_before = \"real[t-1] before ", generator.past + 1,
              " else before_fake\"\n");
}

std::string Loop::networks() const {
  std::string graph;
  if (has_labels()) {
    graph += text("[node.semantics]\nuse = \"semantics.one_hot\"\nin = \"labels\"\nclasses = ",
                  config.at("label_nc").get<int64_t>(), "\n[node.s]\nuse = \"image.concat\"\nin = [\"semantics\"",
                  has_instances() ? ", \"edges\"" : "", "]\n");
  }
  if (has_instances()) graph += "[node.edges]\nuse = \"semantics.edges\"\nin = \"instances\"\n";
  if (generator.has_foreground) {
    std::vector<std::string> ids;
    for (const int64_t id : config.at("fg_labels").get<std::vector<int64_t>>()) ids.push_back(text(id));
    graph += text("[node.cars]\nuse = \"semantics.mask\"\nin = \"labels\"\nclasses = [", join(ids), "]\n");
  }
  return graph + generator_node(generator) + "in.s = \"s\"\nin.given = \"given\"\n" +
         (generator.has_foreground ? "in.foreground = \"cars\"\n" : "") +
         "[node.before_fake]\nuse = \"vid2vid.frames_before\"\nin = \"fake\"\nfold = \"chunk\"\n";
}

std::string Loop::discriminators() const {
  const auto judge = [&](const std::string& name, int64_t scale_count, const std::string& inputs) {
    return text("[node.", name, "]\nuse = \"gan.patch_discriminator\"\nfeatures = ", config.at("ndf").get<int64_t>(),
                "\nlayers = ", config.value("n_layers_D", 3),
                "\nfeature_matching = ", has_features() ? "true" : "false", "\nscales = ", scale_count,
                "\nfold = \"chunk\"\n", inputs);
  };
  const auto num_d = config.at("num_D").get<int64_t>();
  std::string graph = judge("D", num_d, "in.real = \"real\"\nin.fake = [\"fake\", \"F.raw\"]\nin.conditions = \"s\"\n");
  for (int64_t time = 0; time < times(); ++time) {
    const int64_t apart = step(time), first = apart * (frames_of_clip() - 1);
    const std::string clip = text("[t-", first, "..t:", apart, "]");
    // The flows that lead to all frames of a clip but the first.
    const std::string flows = first == apart ? "" : text("[t-", first - apart, "..t:", apart, "]");
    graph += judge(
        text("D_T", time), num_d,
        text("in.real = \"real", clip, "\"\nin.fake = [\"fake", clip, "\"]\nin.conditions = \"", flow_of(time), flows,
             "\"\nevery = ", frames_of_clip(), '\n', is_on("sparse_D") ? text("multiple = ", apart, '\n') : ""));
  }
  if (!has_faces()) return graph;
  const int64_t size = config.at("fineSize").get<int64_t>() / 32 * 8;
  graph += text("[node.face]\nuse = \"gan.face_box\"\nin = \"s\"\nmap = \"",
                is_on("openpose_only") ? "openpose" : "densepose", "\"\nsize = ", size, '\n');
  for (const char* map : {"real", "fake", "s"}) {
    graph += text("[node.face_", map, "]\nuse = \"image.cut\"\nin.map = \"", map, "\"\nin.box = \"face\"\nsize = [",
                  size, ", ", size, "]\n");
  }
  return graph + judge("D_f", std::max<int64_t>(1, num_d - 2),
                       "in.real = \"face_real\"\nin.fake = [\"face_fake\"]\nin.conditions = \"face_s\"\n");
}

std::string Loop::losses() const {
  std::string graph;
  const auto judge = [&](const std::string& of) {
    const std::string in = text("in = \"D", of, "\"\nfold = \"chunk\"\n");
    graph += text("[node.gan", of, "]\nuse = \"loss.gan\"\nkind = \"", kind_of_gan(config), "\"\n", in);
    if (has_features()) graph += text("[node.match", of, "]\nuse = \"loss.feature_matching\"\n", in);
  };
  judge("");
  if (has_faces()) judge("_f");
  for (int64_t time = 0; time < times(); ++time) judge(text("_T", time));
  if (has_vgg()) graph += "[node.vgg]\nuse = \"loss.vgg\"\nin.fake = [\"fake\", \"F.raw\"]\nin.real = \"real\"\n";
  graph +=
      "[node.warp_fake]\nuse = \"loss.warp_fake\"\nin.image = \"fake\"\nin.previous = \"fake_before\"\n"
      "in.flow = \"flow\"\nin.confidence = \"confidence\"\n";
  if (!generator.has_flow) return graph;
  return graph +
         "[node.flow_error]\nuse = \"loss.flow_endpoint\"\nin.flow = \"F.flow\"\nin.reference = \"flow\"\n"
         "in.confidence = \"confidence\"\n"
         "[node.warp_real]\nuse = \"loss.warp_real\"\nin.image = \"real\"\nin.previous = \"real[t-1]\"\n"
         "in.flow = \"F.flow\"\nin.confidence = \"confidence\"\n"
         "[node.mask]\nuse = \"loss.mask\"\nin.mask = \"F.mask\"\nin.confidence = \"confidence\"\n";
}

std::string Loop::updates() const {
  const double rate = config.at("lr");
  const bool has_two_rates = is_on("TTUR");
  const auto update = [&](const std::string& name, const std::string& of, double factor, double first, double second) {
    return text("[update.", name, "]\nof = [", of, "]\nlr = ", number_text(rate * factor), "\nbetas = [",
                number_text(first), ", ", number_text(second), "]\n[update.", name, ".loss]\n");
  };
  const double second = has_two_rates ? 0.9 : 0.999;
  const std::string finest = scale_path(generator, scales() - 1);
  const double of_flow = factor("lambda_F") / static_cast<double>(1 << (scales() - 1));
  std::string graph =
      update("G", text('"', is_finest_alone() ? finest : "F", '"'), has_two_rates ? 0.5 : 1, beta1(), second);
  const auto add = [&](const std::string& of, double weight) {
    graph += text("\"gan", of, ".generator\" = ", number_text(weight), '\n');
    if (has_features()) graph += text("match", of, " = ", number_text(weight * factor("lambda_feat")), '\n');
  };
  add("", 1);
  if (has_faces()) add("_f", 2);
  for (int64_t time = 0; time < times(); ++time) add(text("_T", time), 1);
  if (has_vgg()) graph += text("vgg = ", number_text(factor("lambda_feat")), '\n');
  graph += text("warp_fake = ", number_text(factor("lambda_T")), '\n');
  if (generator.has_flow) {
    graph += text("flow_error = ", number_text(of_flow), "\nwarp_real = ", number_text(factor("lambda_T")),
                  "\nmask = ", has_no_first() ? "1.0" : "0.0", '\n');
  }
  graph += update("D", has_faces() ? "\"D\", \"D_f\"" : "\"D\"", has_two_rates ? 2 : 1, beta1(), second) +
           "\"gan.discriminator\" = 0.5\n" + (has_faces() ? "\"gan_f.discriminator\" = 0.5\n" : "");
  for (int64_t time = 0; time < times(); ++time) {
    const std::string name = text("D_T", time);
    graph += update(name, text('"', name, '"'), 1, config.at("beta1"), 0.999) +
             text("\"gan_T", time, ".discriminator\" = 0.5\n");
  }
  return graph;
}

}  // namespace weft::conformance

#include "cli/cli.h"
#include "framework/base/text.h"
#include "framework/run/session.h"
#include "framework/weights/fill.h"
#include "framework/weights/safetensors.h"
#include "framework/weights/shape_text.h"
#include "framework/weights/weight_file.h"

#include <ATen/TensorOperators.h>
#include <c10/core/ScalarType.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>

namespace weft::cli {
namespace {

int64_t bytes_of(const weights::WeightFile& file) {
  int64_t bytes = 0;
  for (const auto& [key, tensor] : file.tensors) bytes += static_cast<int64_t>(tensor.nbytes());
  return bytes;
}

int64_t numbers_of(const weights::WeightFile& file) {
  int64_t numbers = 0;
  for (const auto& [key, tensor] : file.tensors) numbers += tensor.numel();
  return numbers;
}

std::string type_text(at::ScalarType type) {
  switch (type) {
    case at::kFloat:
      return "f32";
    case at::kBFloat16:
      return "bf16";
    case at::kHalf:
      return "f16";
    case at::kDouble:
      return "f64";
    case at::kLong:
      return "i64";
    case at::kFloat8_e4m3fn:
      return "f8_e4m3";
    case at::kFloat8_e5m2:
      return "f8_e5m2";
    case at::kFloat8_e8m0fnu:
      return "f8_e8m0";
    default:
      return c10::toString(type);
  }
}

/// Writes a file and makes the folders above it, as writers of videos do.
/// @throws Error  (Exit::Failed) when it exists and is not to be replaced, with the way out
void write(const std::string& file, const weights::WeightFile& weights, bool replaces,
           const std::string& way_out = "--force replaces it") {
  if (!replaces && std::filesystem::exists(file))
    throw Error(Exit::Failed, text(file, " is already there")).hint(way_out);
  std::error_code cannot;  // then the write says why
  std::filesystem::create_directories(std::filesystem::path(file).parent_path(), cannot);
  weights::write_safetensors(file, weights);
}

/// The networks of a graph with the tensors that they want, made without weights.
std::vector<run::WeightGroup> groups_of(const GraphArguments& graph, Program& program,
                                        std::unique_ptr<run::Session>& session) {
  graph::CheckOptions options = graph.options();
  options.with_stages = options.with_variants = false;
  run::SessionOptions without_weights;
  without_weights.loads_weights = false;
  session = std::make_unique<run::Session>(read_checked(graph, options, program), program.plugins(), without_weights,
                                           *program.log);
  return session->weights();
}

Exit list_file(const std::string& file, const weights::SkippedNames& skipped) {
  const weights::WeightFile weights = weights::read_weights(file, skipped);
  Columns columns;
  for (const auto& [key, tensor] : weights.tensors)
    columns.add({key, type_text(tensor.scalar_type()), weights::shape_text(tensor)});
  std::cout << columns.text();
  constexpr size_t kLongest = 400;  // bytes of a value; a checkpoint has the whole graph as one
  for (const auto& [key, value] : weights.metadata)
    std::cout << "metadata " << printable(key) << " = " << printable(shortened(value, kLongest)) << '\n';
  std::cerr << count_text(static_cast<int64_t>(weights.tensors.size()), "tensor") << ", " << numbers_of(weights)
            << " numbers, " << bytes_text(bytes_of(weights)) << '\n';
  return Exit::Done;
}

Exit list_graph(const GraphArguments& graph, Program& program) {
  std::unique_ptr<run::Session> session;
  const std::vector<run::WeightGroup> groups = groups_of(graph, program, session);
  if (groups.empty()) program.log->note(text(graph.file, ": no network of this graph needs weights"));
  for (const run::WeightGroup& group : groups) {
    int64_t numbers = 0;
    Columns columns;
    for (const run::WantedTensor& tensor : group.tensors) {
      if (!tensor.is_needed) continue;
      columns.add({tensor.key, weights::shape_text(tensor.parameter->shape()), tensor.node->path});
      if (tensor.parameter->role() == nn::Parameter::Role::Learnt) numbers += tensor.parameter->count();
    }
    std::cout << "[weights] " << group.source->path << " = " << printable(group.source->file) << "   (" << numbers
              << " parameters)\n"
              << columns.text("  ");
  }
  return Exit::Done;
}

Exit list(const GraphArguments& arguments, const weights::SkippedNames& skipped, Program& program) {
  return arguments.file.ends_with(".toml") ? list_graph(arguments, program) : list_file(arguments.file, skipped);
}

struct Conversion {
  std::string from, to, prefix, type = "keep";
  bool replaces = false;
  weights::SkippedNames skipped;
};

Exit convert(const Conversion& conversion, Program& program) {
  const auto& [from, to, prefix, type, replaces, skipped] = conversion;
  weights::WeightFile weights = weights::read_weights(from, skipped);
  if (!prefix.empty()) weights = weights.below(prefix);
  if (!to.ends_with(".safetensors"))
    throw Error(Exit::Usage, text(to, ": weights are written as .safetensors"))
        .hint("write another name, such as out.safetensors");
  static const std::map<std::string, at::ScalarType> types = {
      {"f32", at::kFloat}, {"bf16", at::kBFloat16}, {"f16", at::kHalf}};
  if (type != "keep") {
    for (auto& [key, tensor] : weights.tensors) {
      if (c10::isFloat8Type(tensor.scalar_type())) {
        throw Error(Exit::Data, text(from, ": ", key, " has numbers of 8 bits (", type_text(tensor.scalar_type()),
                                     "), whose factors weft does not know"))
            .hint("--type keep writes them as they are");
      }
      if (tensor.is_floating_point()) tensor = tensor.to(types.at(type));
    }
  }
  write(to, weights, replaces);
  program.log->note(text(to, ": ", count_text(static_cast<int64_t>(weights.tensors.size()), "tensor"), ", ",
                         bytes_text(bytes_of(weights))));
  return Exit::Done;
}

Exit diff(const std::string& a_file, const std::string& b_file) {
  const weights::WeightFile a = weights::read_weights(a_file), b = weights::read_weights(b_file);
  std::map<std::string, at::Tensor> of_b(b.tensors.begin(), b.tensors.end());
  Columns columns;
  int64_t differences = 0;
  for (const auto& [key, tensor] : a.tensors) {
    const auto other = of_b.find(key);
    if (other == of_b.end()) {
      columns.add({"- " + key, weights::shape_text(tensor), "only in the first"});
    } else if (other->second.sizes() != tensor.sizes()) {
      columns.add({"! " + key, text(weights::shape_text(tensor), " and ", weights::shape_text(other->second)),
                   "shapes differ"});
    } else {
      const at::ScalarType exact = tensor.is_complex() ? at::kComplexDouble : at::kDouble;
      // The same value, not finite or not, differs by nothing.
      const at::Tensor a_exact = tensor.to(exact), b_exact = other->second.to(exact);
      const at::Tensor same = a_exact.eq(b_exact).logical_or_(a_exact.isnan().logical_and_(b_exact.isnan()));
      const at::Tensor difference = (a_exact - b_exact).abs().masked_fill_(same, 0);
      const double largest = difference.numel() > 0 ? difference.max().item<double>() : 0;
      if (largest != 0)
        columns.add({"~ " + key, weights::shape_text(tensor), text("largest difference ", number_text(largest))});
      if (largest == 0) --differences;
    }
    ++differences;
    if (other != of_b.end()) of_b.erase(other);
  }
  for (const auto& [key, tensor] : b.tensors) {
    if (!of_b.contains(key)) continue;
    columns.add({"+ " + key, weights::shape_text(tensor), "only in the second"});
    ++differences;
  }
  std::cout << columns.text();
  std::cerr << (differences == 0 ? "the same tensors" : count_text(differences, "difference")) << '\n';
  return differences == 0 ? Exit::Done : Exit::Failed;
}

struct FillArguments {
  GraphArguments graph;
  std::string output;
  std::string path;
  std::vector<std::string> scales;
  bool replaces = false;
};

/// KEY=FACTOR; the key may be a pattern.
std::pair<std::string, double> read_scale(const std::string& scale) {
  const size_t equals = scale.rfind('=');
  char* end = nullptr;
  const double factor = equals == std::string::npos ? 0 : std::strtod(scale.c_str() + equals + 1, &end);
  if (equals == std::string::npos || equals == 0 || end == scale.c_str() + equals + 1 || *end != '\0') {
    throw Error(Exit::Usage, text("--scale ", scale, ": write KEY=FACTOR, as in model_final_flow.1.weight=0.05"));
  }
  return {scale.substr(0, equals), factor};
}

weights::WeightFile filled(const run::WeightGroup& group, const std::vector<std::pair<std::string, double>>& scales) {
  weights::WeightFile weights;
  for (const run::WantedTensor& wanted : group.tensors) {
    at::Tensor tensor = weights::fill(wanted.key, wanted.parameter->shape(), wanted.parameter->type());
    for (const auto& [pattern, factor] : scales) {
      if (matches(wanted.key, pattern)) tensor = tensor * factor;
    }
    weights.tensors.emplace_back(wanted.key, tensor);
  }
  return weights;
}

Exit fill(const FillArguments& arguments, Program& program) {
  std::vector<std::pair<std::string, double>> scales;
  for (const std::string& scale : arguments.scales) scales.push_back(read_scale(scale));
  std::unique_ptr<run::Session> session;
  const std::vector<run::WeightGroup> groups = groups_of(arguments.graph, program, session);
  if (groups.empty()) throw Error(Exit::Usage, text(arguments.graph.file, ": no network of this graph needs weights"));
  std::vector<std::string> paths;
  for (const run::WeightGroup& group : groups) paths.push_back(group.source->path);
  for (const auto& [pattern, factor] : scales) {
    const bool is_used = std::any_of(groups.begin(), groups.end(), [&](const run::WeightGroup& group) {
      return std::any_of(group.tensors.begin(), group.tensors.end(),
                         [&](const run::WantedTensor& tensor) { return matches(tensor.key, pattern); });
    });
    if (!is_used)
      throw Error(Exit::Usage, text("--scale ", pattern, ": no tensor of the graph has such a key"))
          .hint("`weft weights list` shows the keys");
  }
  bool has_written = false;
  for (const run::WeightGroup& group : groups) {
    if (!arguments.path.empty() && group.source->path != arguments.path) continue;
    // Without -o each file of the graph's [weights] is made, where the graph looks for it.
    const std::string output = arguments.output.empty() ? group.source->file : arguments.output;
    if (arguments.output.empty() && !group.source->is_file()) continue;
    if (!arguments.output.empty() && has_written) {
      throw Error(Exit::Usage, text("the graph has several networks: ", quoted_list(paths, "and")))
          .hint("choose one: --node PATH");
    }
    if (!output.ends_with(".safetensors")) {
      throw Error(Exit::Usage, text(output, ": filled weights are written as .safetensors"))
          .hint("set the graph's weights to such a name, or give -o");
    }
    arguments.graph.refuse_as_output(output);
    const bool is_one_of_many = arguments.path.empty() && groups.size() > 1;
    write(output, filled(group, scales), arguments.replaces,
          is_one_of_many ? text("--node PATH fills the file of one network alone, of ", quoted_list(paths, "and"),
                                "; --force replaces all")
                         : "--force replaces it");
    program.log->note(text(output, ": ", count_text(static_cast<int64_t>(group.tensors.size()), "tensor"), " for \"",
                           group.source->path, '"'));
    has_written = true;
  }
  if (!has_written)
    throw Error(Exit::Usage, text("there is nothing to fill; the graph has weights for ", quoted_list(paths, "and")));
  return Exit::Done;
}

void add_skip(CLI::App& verb, weights::SkippedNames& skipped) {
  verb.add_option(
          "--skip", skipped,
          "Leaves out values of this Python class or function from a .pth, as in argparse.Namespace; `*` stands "
          "for any characters; nothing is run")
      ->type_name("NAME")
      ->allow_extra_args(false);
}

}  // namespace

void add_weights_verb(CLI::App& app, Program& program) {
  CLI::App* verb = app.add_subcommand("weights", "Lists, converts, compares and makes weight files");
  verb->require_subcommand(1);

  CLI::App* list_verb = verb->add_subcommand("list", "Lists the tensors of a weight file, or those that a graph needs");
  auto list_arguments = std::make_shared<GraphArguments>();
  list_verb->add_option("file", list_arguments->file, "A .safetensors, .pth or graph file")->required();
  list_verb->add_option("--set", list_arguments->settings, "As for `weft run`, if the file is a graph")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false);
  auto skipped = std::make_shared<weights::SkippedNames>();
  add_skip(*list_verb, *skipped);
  list_verb->callback([list_arguments, skipped, &program] {
    program.action = [list_arguments, skipped, &program] { return list(*list_arguments, *skipped, program); };
  });

  CLI::App* convert_verb = verb->add_subcommand("convert", "Writes a weight file of any kind as .safetensors");
  auto conversion = std::make_shared<Conversion>();
  convert_verb->add_option("from", conversion->from, "A .pth or .safetensors file")->required();
  convert_verb->add_option("to", conversion->to, "The .safetensors file to write")->required();
  convert_verb->add_option("--type", conversion->type, "keep, f32, bf16 or f16")
      ->check(CLI::IsMember({"keep", "f32", "bf16", "f16"}))
      ->type_name("")
      ->capture_default_str();
  convert_verb->add_option("--prefix", conversion->prefix, "Only the tensors below this name, as in state_dict")
      ->type_name("NAME");
  convert_verb->add_flag("--force", conversion->replaces, "Replaces a file that is there");
  add_skip(*convert_verb, conversion->skipped);
  convert_verb->callback(
      [conversion, &program] { program.action = [conversion, &program] { return convert(*conversion, program); }; });

  CLI::App* diff_verb = verb->add_subcommand("diff", "Compares two weight files; exit code 0 when they hold the same");
  auto files = std::make_shared<std::pair<std::string, std::string>>();
  diff_verb->add_option("first", files->first, "A weight file")->required();
  diff_verb->add_option("second", files->second, "Another one")->required();
  diff_verb->callback([files, &program] { program.action = [files] { return diff(files->first, files->second); }; });

  CLI::App* fill_verb =
      verb->add_subcommand("fill", "Writes weights by the rule of the conformance data for a graph's networks");
  auto fill_arguments = std::make_shared<FillArguments>();
  fill_arguments->graph.add_to(*fill_verb);
  fill_verb
      ->add_option("-o,--output", fill_arguments->output,
                   "The .safetensors file; without it, the files that the graph names")
      ->type_name("FILE");
  fill_verb->add_option("--node", fill_arguments->path, "Only the network of this line of [weights]")
      ->type_name("PATH");
  fill_verb
      ->add_option("--scale", fill_arguments->scales,
                   "Multiplies a tensor afterwards, as in model_final_flow.1.weight=0.05")
      ->type_name("KEY=FACTOR")
      ->allow_extra_args(false);
  fill_verb->add_flag("--force", fill_arguments->replaces, "Replaces files that are there, trained weights too");
  fill_verb->callback([fill_arguments, &program] {
    program.action = [fill_arguments, &program] { return fill(*fill_arguments, program); };
  });
}

}  // namespace weft::cli

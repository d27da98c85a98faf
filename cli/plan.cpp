#include "cli/cli.h"
#include "framework/base/text.h"

#include <nlohmann/json.hpp>

#include <iostream>

namespace weft::cli {
namespace {

using graph::Plan;
using graph::Step;
using nlohmann::ordered_json;

/// Of a window that are written one by one.
constexpr int64_t kMostFrames = 16;

std::string atom_text(const Plan& plan, const graph::Atom& atom) {
  if (atom.slot == graph::Atom::kZeros) return "zeros";
  std::string name = plan.slot_name(atom.slot);
  if (atom.delay != 0) name += text("[t", atom.delay > 0 ? "" : "+", -atom.delay, ']');
  return atom.before == graph::kAlways ? name : text(name, " before ", atom.before);
}

std::string frame_text(const Plan& plan, const graph::FrameRead& frame) {
  std::vector<std::string> atoms;
  for (const graph::Atom& atom : frame.atoms) atoms.push_back(atom_text(plan, atom));
  return join(atoms, " else ");
}

std::string read_text(const Plan& plan, const graph::Read& read) {
  std::vector<std::string> alternatives;
  for (const graph::Alternative& alternative : read.alternatives) {
    std::vector<std::string> frames;
    for (int64_t index = 0; index < alternative.frames; ++index) {
      const bool is_shown = alternative.frames <= kMostFrames || index < 2 || index + 2 >= alternative.frames;
      if (is_shown) frames.push_back(frame_text(plan, alternative.frame(index)));
      if (!is_shown && index == 2) frames.push_back(text("… ", alternative.frames - 4, " frames …"));
    }
    alternatives.push_back(alternative.is_window ? text("{ ", join(frames, " | "), " }") : join(frames));
  }
  return join(alternatives, " else ");
}

std::vector<std::string> reads_of(const Plan& plan, const Step& step) {
  std::vector<std::string> lines;
  const NodeSpec& spec = *plan.graph.nodes[static_cast<size_t>(step.node)].spec;
  for (size_t port = 0; port < step.inputs.size(); ++port) {
    for (const graph::Read& read : step.inputs[port].reads) {
      if (!read.alternatives.empty()) lines.push_back(text(spec.inputs[port].name, " = ", read_text(plan, read)));
    }
  }
  return lines;
}

std::string size_text(const Plan& plan, int slot) {
  const graph::Slot& of = plan.slots[static_cast<size_t>(slot)];
  const auto& type =
      plan.typing
          .outputs[static_cast<size_t>(plan.steps[static_cast<size_t>(of.step)].node)][static_cast<size_t>(of.output)];
  return plan.typing.describe(type);
}

void print_text(const Plan& plan) {
  // Reads are long, so they stand on lines of their own and do not widen the columns.
  Columns heads;
  std::cout << "order\n";
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    const Step& step = plan.steps[i];
    const graph::FlatNode& node = plan.graph.nodes[static_cast<size_t>(step.node)];
    const std::string when = step.is_still ? "once" : text("t = ", plan.times_text(static_cast<int>(i)));
    heads.add({text(i), node.path, node.spec->type, when + (step.lead > 0 ? text(", ", step.lead, " ahead") : "")});
  }
  const std::vector<std::string> head_lines = split(heads.text("  "), '\n');
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    std::cout << head_lines[i] << '\n';
    for (const std::string& read : reads_of(plan, plan.steps[i])) std::cout << "         " << read << '\n';
  }
  Columns slots;
  for (size_t slot = 0; slot < plan.slots.size(); ++slot) {
    const graph::Slot& of = plan.slots[slot];
    slots.add({text(slot), plan.slot_name(static_cast<int>(slot)), size_text(plan, static_cast<int>(slot)),
               count_text(of.length, "frame"), of.bytes ? bytes_text(*of.bytes * of.length) : ""});
  }
  std::cout << "\nslots\n" << slots.text("  ");
  std::cout << "\nvalues between nodes: "
            << (plan.peak_bytes ? text(bytes_text(*plan.peak_bytes), " at most")
                                : "sizes are known when the data is read")
            << '\n';
  for (const graph::NeverRuns& one : plan.never) {
    std::cout << "left out, never runs: " << plan.graph.nodes[static_cast<size_t>(one.node)].path
              << (one.reason.empty() ? "" : text(": ", one.reason)) << '\n';
  }
}

ordered_json bound_json(int64_t bound) {
  return bound == graph::kAlways ? ordered_json() : ordered_json(bound);
}

ordered_json to_json(const graph::Read& read) {
  ordered_json alternatives = ordered_json::array();
  for (const graph::Alternative& alternative : read.alternatives) {
    ordered_json frames = ordered_json::array();
    for (int64_t index = 0; index < alternative.frames; ++index) {
      const graph::FrameRead frame = alternative.frame(index);
      ordered_json atoms = ordered_json::array();
      for (const graph::Atom& atom : frame.atoms) {
        atoms.push_back({{"slot", atom.slot == graph::Atom::kZeros ? ordered_json("zeros") : ordered_json(atom.slot)},
                         {"delay", atom.delay},
                         {"before", bound_json(atom.before)}});
      }
      frames.push_back(std::move(atoms));
    }
    alternatives.push_back(
        {{"window", alternative.is_window}, {"before", bound_json(alternative.before)}, {"frames", frames}});
  }
  return {{"text", read.text}, {"alternatives", alternatives}};
}

void print_json(const Plan& plan) {
  ordered_json out;
  out["steps"] = ordered_json::array();
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    const Step& step = plan.steps[i];
    const graph::FlatNode& node = plan.graph.nodes[static_cast<size_t>(step.node)];
    ordered_json inputs = ordered_json::object();
    for (size_t port = 0; port < step.inputs.size(); ++port) {
      ordered_json reads = ordered_json::array();
      for (const graph::Read& read : step.inputs[port].reads) reads.push_back(to_json(read));
      inputs[node.spec->inputs[port].name] = reads;
    }
    out["steps"].push_back({{"node", node.path},
                            {"type", node.spec->type},
                            {"runs", step.is_still ? "once" : plan.times_text(static_cast<int>(i))},
                            {"goal", step.is_goal},
                            {"lead", step.lead},
                            {"inputs", inputs},
                            {"slots", step.slots}});
  }
  out["slots"] = ordered_json::array();
  for (size_t slot = 0; slot < plan.slots.size(); ++slot) {
    const graph::Slot& of = plan.slots[slot];
    out["slots"].push_back({{"name", plan.slot_name(static_cast<int>(slot))},
                            {"value", size_text(plan, static_cast<int>(slot))},
                            {"frames", of.length},
                            {"bytes", of.bytes ? ordered_json(*of.bytes) : ordered_json()}});
  }
  out["peak_bytes"] = plan.peak_bytes ? ordered_json(*plan.peak_bytes) : ordered_json();
  std::cout << out.dump(2, ' ', false, ordered_json::error_handler_t::replace) << '\n';
}

}  // namespace

void add_plan_verb(CLI::App& app, Program& program) {
  struct Arguments {
    GraphArguments graph;
    std::string format = "text";
    bool is_training = false;
  };
  CLI::App* verb =
      app.add_subcommand("plan", "Shows the order and the times at which nodes run, and how long values are kept");
  auto arguments = std::make_shared<Arguments>();
  arguments->graph.add_to(*verb);
  arguments->graph.add_variant_to(*verb);
  arguments->graph.add_inputs_to(*verb);
  add_format(*verb, arguments->format);
  verb->add_flag("--train", arguments->is_training, "The plan for training: its goals are losses, not writers");
  verb->callback([arguments, &program] {
    program.action = [arguments, &program] {
      const graph::Checked checked = read_checked(arguments->graph, arguments->graph.options(), program);
      const bool trains = arguments->is_training || !checked.run;
      const std::optional<Plan>& plan = trains ? checked.train : checked.run;
      if (!plan) {
        throw Error(Exit::Graph, text(arguments->graph.file, ": this graph has no ",
                                      arguments->is_training ? "[update]" : "writer and no [update]"));
      }
      arguments->format == "json" ? print_json(*plan) : print_text(*plan);
      return Exit::Done;
    };
  });
}

}  // namespace weft::cli

#include "framework/graph/diagnostics.h"

#include <algorithm>
#include <iterator>

namespace weft::graph {

namespace {

constexpr Explanation kExplanations[] = {
    {"E101", "not TOML",
     "The file breaks a rule of TOML 1.0. The place is where the parser stopped. The cause may be a little earlier, "
     "such as a quote or bracket that is not closed.",
     "  wrong: in = \"x\n  right: in = \"x\""},
    {"E102", "a file cannot be read",
     "The file is missing, is a folder, may not be read, or is too large to be a graph. Paths in a graph file are "
     "relative to that file, paths on the command line to the working directory.",
     ""},
    {"E103", "the format is missing or unknown",
     "Every graph file begins with the number of the format that it is written in.", "  right: format = 1"},
    {"E104", "files that include each other",
     "A graph file includes itself by `use` or `base`, directly or through other files. The message lists the files "
     "of this cycle.",
     ""},
    {"E105", "an unknown key",
     "The table has no such key. Nodes have the keys use, in, about, every, multiple, fold, share and the parameters "
     "of their type; edges stand only under `in`.",
     "  wrong: input = \"x\"\n  right: in = \"x\""},
    {"E106", "a value of the wrong type",
     "The key is right, but it wants another type of value, such as a text instead of a number or a table instead of "
     "a list.",
     ""},
    {"E108", "an invalid name",
     "A name consists of letters, digits and _, and begins with a letter. `t`, `zeros`, `else` and `before` are "
     "reserved words of the reference language.",
     ""},
    {"E109", "a name that is taken",
     "Inputs, streams and nodes of one file share one namespace, so that each reference is unambiguous. Parameters, "
     "which are written with a dollar sign, have a namespace of their own.",
     ""},
    {"E110", "a graph that is too large",
     "With all used graph files expanded, the graph has more nodes and streams than the limit, one of its values more "
     "bytes, or one of its lists more items. Files that use each other many times multiply: three uses in each of "
     "eight files give 6561 copies of the last file.",
     ""},
    {"E201", "an unknown node type",
     "No plugin has this node type. `weft nodes` lists all node types, `weft nodes --refused` the plugins that could "
     "not be loaded.",
     ""},
    {"E202", "the plugin was refused",
     "The plugin of this type was found but does not fit this weft. In most cases it was built with another LibTorch "
     "or an older weft. Rebuild it.",
     ""},
    {"E203", "an unknown input",
     "The node type or graph file has no input of this name. `weft nodes TYPE` shows the ports of a type; a graph "
     "file lists its own under [inputs].",
     ""},
    {"E204", "an unknown parameter",
     "The node type or graph file has no parameter of this name. A parameter belongs to its own file and is passed "
     "on explicitly.",
     "  right: L = \"$L\""},
    {"E205", "a parameter of the wrong type",
     "The parameter wants another type of value. An integer is also a number; nothing else is converted.", ""},
    {"E206", "a parameter out of its range", "The value is of the right type, but not one that the parameter takes.",
     ""},
    {"E207", "a parameter is missing", "The parameter has no default, so each use must give it.", ""},
    {"E208", "`$name` without a parameter",
     "`\"$name\"` stands for a parameter of the same file, `\"$run.name\"` for a setting of [run]. A text that "
     "begins with a dollar sign is written with two dollar signs.",
     ""},
    {"E209", "`every`, `multiple` or `fold` on a graph file",
     "These keys set when a single node runs. Set them on the nodes inside the file.", ""},
    {"E210", "a node that cannot be recomputed",
     "`recompute = true` makes a network discard its intermediate values and compute them again for the gradients. A "
     "node with state would change its state twice; a node without parameters would save no memory.",
     ""},
    {"E211", "an address in a file",
     "Addresses of a network, `SCHEME://…`, are opened only where the user names them: the graph of a stranger could "
     "make weft call at any address. Give the address on the command line, or run the file with --trust.",
     "  right: url = \"$url\"      with --set url=rtsp://192.168.1.7/stream"},
    {"E301", "an invalid reference",
     "A reference is one or more terms with `else` between them; a term is a name with an optional window and an "
     "optional `before`, or `zeros`.",
     "  right: labels    x[t-1]    s[t-2..t]    x[t-6..t:3]    w.flow    given before 2 else image    x[t-2..t-1] "
     "else zeros"},
    {"E302", "an unknown name",
     "There is no input, stream or node of this name in the same file. Names of other files are not visible; pass "
     "values through inputs and outputs.",
     ""},
    {"E303", "which output?",
     "The node has several outputs and the reference names none of them, or it names an output that does not exist, "
     "or the named node or stream has no outputs.",
     "  wrong: in.flow = \"w\"\n  right: in.flow = \"w.flow\""},
    {"E304", "an input is not wired",
     "Every required input needs a source. Optional inputs (with ? in a graph file) may be left out.", ""},
    {"E305", "`in =` with several inputs", "`in = \"x\"` is for nodes with one input. With several, each is named.",
     "  right: in.image = \"x[t-1]\"\n         in.flow  = \"w.flow\""},
    {"E306", "a list for one value", "Only variadic inputs take a list.", ""},
    {"E307", "an invalid window",
     "The window runs backwards, its step does not lead from its first to its last frame, it reaches too far, or the "
     "stream is static: it has one value for the whole sequence and no other frames.",
     ""},
    {"E308", "an invalid bound",
     "The bounds in [ ] and after `before` are integers, or integer parameters of the same file by their bare names.",
     "  right: s[t-L..t]"},
    {"E309", "`zeros` alone",
     "`zeros` takes kind and size from the other terms of its choice, so it cannot stand alone.",
     "  right: x[t-2..t-1] else zeros"},
    {"E401", "another kind",
     "The input does not accept a value of this kind. docs/kinds.md lists the kinds, and which kinds each port "
     "accepts.",
     ""},
    {"E402", "one frame or several",
     "An input for several frames needs a window, x[t-2..t], which adds a time dimension. An input for one frame "
     "takes no window.",
     ""},
    {"E403", "another size",
     "A size at this input contradicts the declaration or a size at another input of the same node, or the node "
     "refuses a parameter from which its sizes follow.",
     ""},
    {"E404", "a size that is not divisible",
     "A network halves its maps several times, so height and width must be divisible by that power of two.", ""},
    {"E405", "terms of different kinds or sizes", "All terms of a choice must have the same kind and size.", ""},
    {"E501", "a cycle without delay",
     "A value would be needed before it exists. The delays around every cycle add up to at least 1; reading a later "
     "frame counts negative.",
     "  wrong: in.image = \"x\"\n  right: in.image = \"x[t-1]\""},
    {"E502", "a run without end",
     "The inputs of the writers, or in training those of the losses, `show` or `best`, do not end with the sources, so "
     "the run would never end. Set the number of frames of each sequence, or the number of training steps.",
     "  right: [run]\n         frames = 40"},
    {"E503", "a node that cannot fold a chunk",
     "`fold = \"chunk\"` runs a node once for all frames of a chunk. That is not possible for a node in a cycle, "
     "with state, or at the border of the graph.",
     ""},
    {"E504", "too many frames are kept",
     "A delay of n frames keeps n values of what it reads, for each output that is read so. Shorten the longest "
     "delays "
     "and windows.",
     ""},
    {"E601", "`of` names no network",
     "`of` lists paths of trainable nodes, or of graph files that contain trainable nodes. Patterns are allowed.", ""},
    {"E602", "a network in two updates", "A network is changed by one update only. List all its losses in that update.",
     ""},
    {"E603", "a network that no loss reaches",
     "The network is listed in an update and runs, but no loss of the update depends on it, so it could never "
     "change. Where only `show` or `best` of [run] ask for what it draws, the error stands there.",
     ""},
    {"E604", "a loss that is no scalar",
     "Losses are nodes or outputs of kind scalar, and so is what `best` of [run] names: a loss or a metric.", ""},
    {"E605", "an invalid loss",
     "[update.NAME.loss] has lines such as match = 10.0: the name of a node or of node.output, and a number.", ""},
    {"E606", "[weights] names no network",
     "The path must be that of a trainable node, or of a graph file that contains trainable nodes.", ""},
    {"E607", "a network without weights",
     "A network that runs needs a line in [weights]: a file, or \"random\" or \"fill\"; there is no default.", ""},
    {"E608", "an invalid `share`",
     "`share` makes a node a second call of the network of a node above it in the same file. Only `in`, `every`, "
     "`multiple` and `fold` may differ.",
     ""},
    {"E701", "a change without effect",
     "A path or pattern of `set`, `swap`, `without`, `bypass` or --set matches nothing; or the file has one of these "
     "keys and "
     "no `base`, so that there is nothing to change.",
     ""},
    {"E702", "a node that cannot be bypassed", "The node type does not declare an input that passes through.", ""},
    {"E703", "a required input loses its source",
     "`without` removes the only source of a required input. Remove the node of that input too, or wire the input to "
     "another stream.",
     ""},
    {"W301", "a node never runs",
     "An input of the node never has all its frames, for instance because its window is longer than the sequence.", ""},
    {"W302", "a node is not used", "No writer and no loss needs this node, so it does not run.", ""},
    {"W303", "a setting without effect",
     "--set gives a value to a parameter that nothing in the file reads, such as one of a node that `without` removes.",
     ""},
};

}  // namespace

const std::vector<Explanation>& explanations() {
  static const std::vector<Explanation> rows(std::begin(kExplanations), std::end(kExplanations));
  return rows;
}

const Explanation* explain(std::string_view code) {
  const auto& rows = explanations();
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const Explanation& row) { return row.code == code; });
  return found == rows.end() ? nullptr : &*found;
}

}  // namespace weft::graph

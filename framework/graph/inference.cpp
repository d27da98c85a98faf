#include "framework/base/text.h"
#include "framework/graph/needs_all.h"
#include "framework/graph/port_sizes.h"
#include "framework/graph/typing.h"

#include <algorithm>

namespace weft::graph {
namespace {

/// Bytes of one value: more than any machine holds, and few enough that those of all values can be added.
constexpr int64_t kLargestValue = int64_t{1} << 44;

/// Goes through the graph three times. The first round follows the streams from their readers to their sources and leaves
/// out what leads back to itself; the second knows the sizes of that; the third finds every value known and compares all of
/// them.
class Inference {
 public:
  Inference(const GoalGraph& graph, Diagnostics& diagnostics)
      : graph_(graph),
        diagnostics_(diagnostics),
        sizes_(typing_.symbols, [this](std::string_view code, const Place& place, std::string message,
                                       std::string hint) { error(code, place, std::move(message), std::move(hint)); }) {
    typing_.outputs.resize(graph.nodes.size());
    typing_.streams.resize(graph.streams.size());
    typing_.inputs.resize(graph.nodes.size());
    typing_.shapes.resize(graph.nodes.size());
    letters_.resize(graph.instances.size());
    for (size_t i = 0; i < graph.nodes.size(); ++i) {
      typing_.outputs[i].resize(graph.nodes[i].spec->outputs.size());
      typing_.shapes[i].symbols = &typing_.symbols;
    }
  }

  Typing run() {
    for (const bool reports : {false, false, true}) {
      reports_ = reports;
      states_.assign(graph_.nodes.size() + graph_.streams.size(), State::New);
      for (size_t i = 0; i < graph_.streams.size(); ++i) infer_from(graph_.nodes.size() + i);
      for (size_t i = 0; i < graph_.nodes.size(); ++i) infer_from(i);
    }
    for (size_t i = 0; i < graph_.nodes.size(); ++i)
      typing_.needs_all.push_back(inputs_that_need_all(graph_.nodes[i], typing_.shapes[i], typing_.symbols));
    for (Shapes& shapes : typing_.shapes) shapes.symbols = nullptr;  // the address changes with the move
    return std::move(typing_);
  }

 private:
  enum class State { New, Open, Done };

  void error(std::string_view code, const Place& place, std::string message, std::string hint = {}) {
    if (reports_) diagnostics_.error(code, place, std::move(message), std::move(hint));
  }

  /// How many sequences run side by side: of a batch only the most that there can be is known.
  Dim batch() {
    if (graph_.run.batch == 1) return 1;
    if (!batch_) batch_ = typing_.symbols.make("batch");
    return *batch_;
  }

  /// Infers a vertex, a node or, counted on from the nodes, a stream, after all that it reads. It keeps its own stack,
  /// since chains may be long; what leads back to an open vertex finds that one without a type.
  void infer_from(size_t start) {
    std::vector<size_t> stack = {start};
    while (!stack.empty()) {
      const size_t vertex = stack.back();
      if (states_[vertex] == State::New) {
        states_[vertex] = State::Open;
        push_sources(vertex, stack);
        continue;
      }
      stack.pop_back();
      if (states_[vertex] == State::Done) continue;
      const size_t nodes = graph_.nodes.size();
      vertex < nodes ? infer_node(vertex) : infer_stream(vertex - nodes);
      states_[vertex] = State::Done;
    }
  }

  /// Pushes the streams that a vertex reads and that are not begun yet, so that the first is on top.
  void push_sources(size_t vertex, std::vector<size_t>& stack) const {
    const size_t nodes = graph_.nodes.size(), first = stack.size();
    const auto push = [&](const FlatExpression& expression) {
      for (const FlatTerm& term : expression.terms) {
        const bool is_output = term.source == FlatTerm::Source::Output;
        if (!is_output && term.source != FlatTerm::Source::Stream) continue;
        const size_t source = static_cast<size_t>(term.index) + (is_output ? 0 : nodes);
        if (states_[source] == State::New) stack.push_back(source);
      }
    };
    if (vertex >= nodes) {
      push(graph_.streams[vertex - nodes].definition);
    } else {
      for (const FlatInput& input : graph_.nodes[vertex].inputs) {
        for (const FlatExpression& source : input.sources) push(source);
      }
    }
    std::reverse(stack.begin() + static_cast<std::ptrdiff_t>(first), stack.end());
  }

  void infer_stream(size_t at) {
    const FlatStream& stream = graph_.streams[at];
    const ValueType given = infer_expression(stream.definition);
    typing_.streams[at] = stream.declared ? declared_type(stream, given) : given;
  }

  /// The type of an input of a graph file: as it is declared, in the sizes of what is wired to it.
  ValueType declared_type(const FlatStream& stream, const ValueType& given) {
    const PortSpec& port = *stream.declared;
    // What is not wired is never present: it has a kind, so that its readers are checked for that, but no size.
    if (stream.definition.terms.empty()) return {port.kind, std::nullopt, false};
    auto& letters = letters_[static_cast<size_t>(stream.instance)];
    const std::string owner =
        text("the input `", port.name, "` of ", graph_.instances[static_cast<size_t>(stream.instance)].file);
    const Place& place = stream.definition.place;
    if (given.kind && !accepts(port.kind, *given.kind)) {
      error("E401", place,
            text(owner, " wants ", port.declaration(), ", but \"", stream.definition.text, "\" is ",
                 typing_.describe(given)));
      return {};
    }
    if (given.dims && !sizes_.bind({port, owner, stream.definition}, *given.dims, letters)) return {};
    ValueType type{port.kind, Dims(), given.is_still};
    if (port.shape.any_rank) {
      type.dims = given.dims;
      return type;
    }
    const std::string name = stream.path;
    for (size_t i = 0; i < port.shape.dims.size(); ++i)
      type.dims->push_back(sizes_.size_of(port.shape.dims[i], letters, name, nullptr));
    return type;
  }

  ValueType infer_expression(const FlatExpression& expression) {
    ValueType type;
    type.is_still = !expression.terms.empty();
    for (const FlatTerm& term : expression.terms) {
      if (term.source == FlatTerm::Source::Zeros) continue;
      const ValueType one = infer_term(term);
      type.is_still = type.is_still && one.is_still;
      if (one.kind && type.kind && !accepts(*type.kind, *one.kind) && !accepts(*one.kind, *type.kind)) {
        error("E405", term.place,
              text("in \"", expression.text, "\": `", term.text, "` is ", typing_.describe(one),
                   ", but the term before it is ", typing_.describe(type)));
        return {};
      }
      if (one.kind && (!type.kind || accepts(*one.kind, *type.kind))) type.kind = one.kind;
      if (!one.dims) continue;
      if (!type.dims) {
        type.dims = one.dims;
      } else if (!unify(*type.dims, *one.dims)) {
        error("E405", term.place,
              text("in \"", expression.text, "\": `", term.text, "` is ", typing_.describe(one),
                   ", but the term before it is ", typing_.describe(type)));
        return {};
      }
    }
    check_zeros(expression, type);
    return type;
  }

  /// Zeros are a tensor, so they cannot stand for a record or a text.
  void check_zeros(const FlatExpression& expression, const ValueType& type) {
    if (!type.kind || is_tensor(*type.kind)) return;
    for (const FlatTerm& term : expression.terms) {
      if (term.source != FlatTerm::Source::Zeros) continue;
      error("E405", term.place,
            text("in \"", expression.text, "\": `zeros` is a tensor, but the other terms are ", typing_.describe(type)),
            "leave `zeros` out, and read the stream with an optional input");
    }
  }

  bool unify(const Dims& a, const Dims& b) {
    if (a.size() != b.size()) return false;
    for (size_t i = 0; i < a.size(); ++i) {
      if (typing_.symbols.unify(a[i], b[i]) == Symbols::Verdict::Different) return false;
    }
    return true;
  }

  ValueType infer_term(const FlatTerm& term) {
    const ValueType* known = typing_.type_of(term);
    ValueType type = known ? *known : ValueType();
    const bool is_delayed = term.is_window || term.first != 0;
    if (is_delayed && type.is_still) {
      error("E307", term.place,
            text("`", term.text,
                 "`: this stream is static: it has one value for the whole sequence, so it has no other frames"),
            "leave the [ ] out");
      return {};
    }
    if (term.before) type.is_still = false;
    if (!term.is_window || !type.dims) return type;
    if (type.dims->empty() || (type.kind && !is_tensor(*type.kind))) {
      error("E402", term.place, text("`", term.text, "`: a window needs maps; this is ", typing_.describe(type)));
      return {};
    }
    type.dims->insert(type.dims->begin() + 1, Dim((term.last - term.first) / term.step + 1));
    return type;
  }

  void infer_node(size_t at) {
    const FlatNode& node = graph_.nodes[at];
    Shapes fresh;
    fresh.symbols = &typing_.symbols;
    for (const auto& [letter, dim] : typing_.shapes[at].letters()) fresh.set(letter, dim);
    std::map<std::string, Dim> letters = fresh.letters();
    bool is_still = !node.spec->is_source && !node.spec->has_state && !node.spec->is_random && !node.spec->is_sink;
    bool has_inputs = false, knows_inputs = true;
    std::vector<ValueType> first_of_port(node.inputs.size());
    typing_.inputs[at].assign(node.inputs.size(), {});
    for (size_t port = 0; port < node.inputs.size(); ++port) {
      for (const FlatExpression& source : node.inputs[port].sources) {
        const ValueType type = infer_expression(source);
        typing_.inputs[at][port].push_back(type);
        if (source.terms.empty()) continue;
        has_inputs = true;
        knows_inputs = knows_inputs && type.dims;
        is_still = is_still && type.is_still;
        if (!first_of_port[port].kind) first_of_port[port] = type;
        take(node, node.spec->inputs[port], type, source, letters, fresh);
      }
    }
    is_still = node.spec->is_source ? node.spec->is_still : is_still && has_inputs;
    // Sources and records have no sizes at their inputs; they are of the batch that all values have.
    if (node.spec->is_source || reads_record(node)) letters.emplace("B", batch());
    for (const auto& [letter, dim] : letters) fresh.set(letter, dim);
    // What a node makes of some of its inputs is not what it makes of all: while those of a recurrence are not known yet,
    // its sizes stay open.
    if (knows_inputs || reports_) set_letters(node, fresh);
    set_outputs(node, fresh, first_of_port, is_still, typing_.outputs[at]);
    typing_.shapes[at] = fresh;
  }

  static bool reads_record(const FlatNode& node) {
    for (size_t port = 0; port < node.inputs.size(); ++port) {
      if (node.spec->inputs[port].kind == Kind::Record && !node.inputs[port].sources.empty()) return true;
    }
    return false;
  }

  /// Compares a value with the port it is wired to.
  void take(const FlatNode& node, const PortSpec& port, const ValueType& type, const FlatExpression& source,
            std::map<std::string, Dim>& letters, Shapes& shapes) {
    const std::string owner = text("node \"", node.path, "\": the input `", port.name, "` of ", node.spec->type);
    // A program can want values of each kind; `any`, as nodes declare it, stands for tensors.
    const bool takes_all = !node.is_of_plugin();
    if (type.kind && !takes_all && !accepts(port.kind, *type.kind)) {
      error("E401", source.place,
            text(owner, " wants ", port.declaration(), ", but \"", source.text, "\" is ", typing_.describe(type)));
      return;
    }
    if (!type.dims) return;
    shapes.add_input(port.name, *type.dims);
    sizes_.bind({port, owner, source, &node}, *type.dims, letters);
  }

  /// Lets the node say sizes that its letters cannot.
  void set_letters(const FlatNode& node, Shapes& shapes) {
    if (!node.spec->shape || node.has_faults) return;
    const std::map<std::string, Dim> before = shapes.letters();
    try {
      node.spec->shape(node.all_params(), shapes);
    } catch (const Error& fault) {
      error("E403", node.place, text("node \"", node.path, "\": ", fault.message()), join(fault.hints(), "; "));
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception& thrown) {  // of a library; LibTorch's texts end with stack traces
      const std::string_view said = thrown.what();
      error("E403", node.place,
            text("node \"", node.path, "\": ", said.substr(0, said.find("\nException raised from"))));
    }
    // What was an unknown size in the first round is the same size in the second.
    for (const auto& [letter, dim] : before) {
      const auto now = shapes.find(letter);
      if (now && !(*now == dim) && typing_.symbols.unify(dim, *now) == Symbols::Verdict::Different) {
        error("E403", node.place,
              text("node \"", node.path, "\": ", letter, " is ", typing_.symbols.describe(dim), ", but should be ",
                   typing_.symbols.describe(*now)));
      }
    }
  }

  void set_outputs(const FlatNode& node, Shapes& shapes, const std::vector<ValueType>& inputs, bool is_still,
                   std::vector<ValueType>& outputs) {
    std::map<std::string, Dim> letters = shapes.letters();
    for (size_t i = 0; i < outputs.size(); ++i) {
      const PortSpec& port = node.spec->outputs[i];
      ValueType& type = outputs[i];
      type.is_still = is_still;
      type.kind = port.kind;
      const ValueType* model = nullptr;
      if (!port.like.empty()) {
        model = &inputs[static_cast<size_t>(node.spec->find_input(port.like) - node.spec->inputs.data())];
        type.kind = model->kind;
      }
      if (port.shape.any_rank) {
        type.dims = model ? model->dims : std::nullopt;
        continue;
      }
      Dims dims;
      for (const DimSpec& dim : port.shape.dims) {
        dims.push_back(sizes_.size_of(dim, letters, node.path, &node));
        const Dim size = typing_.symbols.resolve(dims.back());
        if (size.symbol() == Dim::kNoSymbol && !size.is_known()) {
          sizes_.report_fraction(node, port, dims.size() - 1, size, letters);
          dims.clear();
          break;
        }
      }
      type.dims = dims.size() == port.shape.dims.size() ? std::optional<Dims>(dims) : std::nullopt;
      check_bytes(node, port, type);
    }
    for (const auto& [letter, dim] : letters) shapes.set(letter, dim);
  }

  /// Refuses a value that is too large; nothing more is known of it, so that its readers are not reported too.
  void check_bytes(const FlatNode& node, const PortSpec& port, ValueType& type) {
    if (typing_.bytes_of(type).value_or(0) <= kLargestValue) return;
    error("E110", node.place,
          text("node \"", node.path, "\": one value of its output ", port.name, ' ', typing_.describe(type),
               " has more than ", kLargestValue, " bytes"));
    type.dims.reset();
  }

  const GoalGraph& graph_;
  Diagnostics& diagnostics_;
  Typing typing_;
  PortSizes sizes_;
  std::optional<Dim> batch_;                         ///< its symbol
  std::vector<std::map<std::string, Dim>> letters_;  ///< by instance
  std::vector<State> states_;                        ///< of nodes, then of streams
  bool reports_ = false;
};

}  // namespace

std::shared_ptr<const TypedGraph> infer_types(std::shared_ptr<const GoalGraph> graph, Diagnostics& diagnostics) {
  Typing typing = Inference(*graph, diagnostics).run();
  return std::make_shared<const TypedGraph>(std::move(graph), std::move(typing));
}

}  // namespace weft::graph

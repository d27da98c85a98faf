#include "framework/graph/typing.h"

#include "framework/base/text.h"

#include <algorithm>

namespace weft::graph {
namespace {

/// Goes through the graph three times. The first round follows the streams from their readers to their sources and leaves
/// out what leads back to itself; the second knows the sizes of that; the third finds every value known and compares all of
/// them.
class Inference {
 public:
  Inference(const FlatGraph& graph, Diagnostics& diagnostics) : graph_(graph), diagnostics_(diagnostics) {
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
    if (graph_.run_integer("batch", 1) == 1) return 1;
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
    if (given.dims && !bind(port, *given.dims, letters, owner, stream.definition)) return {};
    ValueType type{port.kind, Dims(), given.is_still};
    if (port.shape.any_rank) {
      type.dims = given.dims;
      return type;
    }
    const std::string name = stream.path;
    for (size_t i = 0; i < port.shape.dims.size(); ++i)
      type.dims->push_back(size_of(port.shape.dims[i], letters, {}, name, nullptr));
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
    ValueType type;
    if (term.source == FlatTerm::Source::Output) {
      type = typing_.outputs[static_cast<size_t>(term.index)][static_cast<size_t>(term.output)];
    } else if (term.source == FlatTerm::Source::Stream) {
      type = typing_.streams[static_cast<size_t>(term.index)];
    }
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
    const bool takes_all = node.spec->type.starts_with("weft.");
    if (type.kind && !takes_all && !accepts(port.kind, *type.kind)) {
      error("E401", source.place,
            text(owner, " wants ", port.declaration(), ", but \"", source.text, "\" is ", typing_.describe(type)));
      return;
    }
    if (!type.dims) return;
    shapes.add_input(port.name, *type.dims);
    current_node_ = &node;
    bind(port, *type.dims, letters, owner, source);
    current_node_ = nullptr;
  }

  /// Binds the letters of a port to sizes; reports what does not fit.
  bool bind(const PortSpec& port, const Dims& dims, std::map<std::string, Dim>& letters, const std::string& owner,
            const FlatExpression& source) {
    if (port.shape.any_rank) return true;
    const auto wants = [&](const std::string& because) {
      return text(owner, " wants ", port.declaration(), ", but \"", source.text, "\" is ",
                  typing_.symbols.describe(dims), because);
    };
    if (port.shape.dims.size() != dims.size()) {
      const bool has_time = dims.size() == port.shape.dims.size() + 1,
                 lacks_time = dims.size() + 1 == port.shape.dims.size();
      error("E402", source.place, wants(""),
            has_time     ? "this input takes one frame, as in x[t-1]"
            : lacks_time ? "this input takes several frames, as in x[t-2..t]"
                         : "");
      return false;
    }
    for (size_t i = 0; i < dims.size(); ++i) {
      if (!bind_one(port.shape.dims[i], dims[i], letters, wants, source.place)) return false;
    }
    return true;
  }

  template <typename Wants>
  bool bind_one(const DimSpec& wanted, const Dim& dim, std::map<std::string, Dim>& letters, const Wants& wants,
                const Place& place) {
    Symbols& symbols = typing_.symbols;
    if (wanted.form == DimSpec::Form::Any) return true;
    if (wanted.form == DimSpec::Form::Letter && !letters.contains(wanted.name)) {
      const Dim letter = symbols.resolve(dim) * wanted.divisor / wanted.multiplier;
      if (letter.symbol() == Dim::kNoSymbol && !letter.is_known()) {
        error("E404", place, wants(text(": ", symbols.describe(dim), " is not a multiple of ", wanted.multiplier)));
        return false;
      }
      letters.emplace(wanted.name, letter);
      return true;
    }
    const Dim expected =
        size_of(wanted, letters, current_node_ ? current_node_->params : ParamValues(), "", current_node_);
    if (symbols.unify(expected, dim) != Symbols::Verdict::Different) return true;
    std::string because = text(": ", symbols.describe(dim), " is not ", symbols.describe(expected));
    if (wanted.form == DimSpec::Form::Letter) {
      const Dim bound = letters.at(wanted.name);
      because += text(" (", wanted.name, " is ", symbols.describe(bound), " at an earlier input)");
    }
    error("E403", place, wants(because));
    return false;
  }

  /// The size that a declaration means; letters that nothing has bound yet become unknown sizes.
  Dim size_of(const DimSpec& spec, std::map<std::string, Dim>& letters, const ParamValues& params,
              const std::string& owner, const FlatNode* node) {
    if (spec.form == DimSpec::Form::Number) return Dim(spec.number);
    if (spec.form == DimSpec::Form::Any) return typing_.symbols.make(text("a size of ", owner));
    if (spec.form == DimSpec::Form::Parameter) {
      auto value = params.find(spec.name);
      const ParamSpec* param = node ? node->spec->find_param(spec.name) : nullptr;
      const ParamValue* number = value != params.end()           ? &value->second
                                 : param && param->default_value ? &*param->default_value
                                                                 : nullptr;
      if (number && std::holds_alternative<int64_t>(*number))
        return Dim(std::get<int64_t>(*number)) * spec.multiplier / spec.divisor;
    }
    auto bound = letters.find(spec.name);
    if (bound == letters.end())
      bound = letters.emplace(spec.name, typing_.symbols.make(text(spec.name, " of ", owner))).first;
    return typing_.symbols.resolve(bound->second) * spec.multiplier / spec.divisor;
  }

  /// Lets the node say sizes that its letters cannot.
  void set_letters(const FlatNode& node, Shapes& shapes) {
    if (!node.spec->shape || node.has_faults) return;
    const std::map<std::string, Dim> before = shapes.letters();
    ParamValues params = node.params;
    for (const ParamSpec& spec : node.spec->params) {
      if (spec.default_value) params.emplace(spec.name, *spec.default_value);
    }
    try {
      node.spec->shape(params, shapes);
    } catch (const Error& fault) {
      error("E403", node.place, text("node \"", node.path, "\": ", fault.message()));
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
        dims.push_back(size_of(dim, letters, node.params, node.path, &node));
        const Dim size = typing_.symbols.resolve(dims.back());
        if (size.symbol() == Dim::kNoSymbol && !size.is_known()) {
          error("E404", node.place,
                text("node \"", node.path, "\": ", node.spec->type, " cannot divide ", size.numerator(), " by ",
                     size.denominator(), " for its output ", port.name, ' ', port.declaration()));
          dims.clear();
          break;
        }
      }
      type.dims = dims.size() == port.shape.dims.size() ? std::optional<Dims>(dims) : std::nullopt;
    }
    for (const auto& [letter, dim] : letters) shapes.set(letter, dim);
  }

  const FlatGraph& graph_;
  Diagnostics& diagnostics_;
  Typing typing_;
  std::optional<Dim> batch_;                         ///< its symbol
  std::vector<std::map<std::string, Dim>> letters_;  ///< by instance
  std::vector<State> states_;                        ///< of nodes, then of streams
  const FlatNode* current_node_ = nullptr;
  bool reports_ = false;
};

}  // namespace

std::string Typing::describe(const ValueType& type) const {
  if (!type.kind) return "something unknown";
  return text(name_of(*type.kind), type.dims && !type.dims->empty() ? symbols.describe(*type.dims) : "");
}

Typing infer_types(const FlatGraph& graph, Diagnostics& diagnostics) {
  return Inference(graph, diagnostics).run();
}

}  // namespace weft::graph

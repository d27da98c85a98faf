#include "framework/graph/cycles.h"

#include "framework/base/text.h"

#include <algorithm>
#include <functional>

namespace weft::graph {
namespace {

/// From a node or stream to what it reads.
struct Edge {
  int from, to;
  int64_t delay;
  const FlatTerm* term;
};

/// Nodes come first, then streams.
struct Dependencies {
  int nodes = 0;
  int count = 0;
  std::vector<Edge> edges;
};

Dependencies dependencies_of(const FlatGraph& graph) {
  Dependencies result;
  result.nodes = static_cast<int>(graph.nodes.size());
  result.count = result.nodes + static_cast<int>(graph.streams.size());
  const auto add = [&](int from, const FlatExpression& expression) {
    for (const FlatTerm& term : expression.terms) {
      if (term.source == FlatTerm::Source::Output) {
        result.edges.push_back({from, term.index, -term.last, &term});
      } else if (term.source == FlatTerm::Source::Stream) {
        result.edges.push_back({from, result.nodes + term.index, -term.last, &term});
      }
    }
  };
  for (int i = 0; i < result.nodes; ++i) {
    for (const FlatInput& input : graph.nodes[static_cast<size_t>(i)].inputs) {
      for (const FlatExpression& source : input.sources) add(i, source);
    }
  }
  for (size_t i = 0; i < graph.streams.size(); ++i)
    add(result.nodes + static_cast<int>(i), graph.streams[i].definition);
  return result;
}

/// Strongly connected components by Tarjan's method; each vertex gets the number of its component.
std::vector<int> components_of(const Dependencies& graph, bool (*follows)(const Dependencies&, const Edge&)) {
  std::vector<std::vector<int>> next(static_cast<size_t>(graph.count));
  for (const Edge& edge : graph.edges) {
    if (follows(graph, edge)) next[static_cast<size_t>(edge.from)].push_back(edge.to);
  }
  std::vector<int> index(static_cast<size_t>(graph.count), -1), low(index), component(index), stack;
  int visited = 0, components = 0;
  const std::function<void(int)> visit = [&](int vertex) {
    const auto v = static_cast<size_t>(vertex);
    index[v] = low[v] = visited++;
    stack.push_back(vertex);
    for (const int to : next[v]) {
      const auto w = static_cast<size_t>(to);
      if (index[w] < 0) visit(to);
      if (component[w] < 0) low[v] = std::min(low[v], low[w]);
    }
    if (low[v] != index[v]) return;
    for (int member = -1; member != vertex;) {
      member = stack.back();
      stack.pop_back();
      component[static_cast<size_t>(member)] = components;
    }
    ++components;
  };
  for (int vertex = 0; vertex < graph.count; ++vertex) {
    if (index[static_cast<size_t>(vertex)] < 0) visit(vertex);
  }
  return component;
}

bool follow_all(const Dependencies&, const Edge&) {
  return true;
}

bool follow_streams(const Dependencies& graph, const Edge& edge) {
  return edge.from >= graph.nodes && edge.to >= graph.nodes;
}

/// A cycle whose delays add up to 0 or less, by Bellman and Ford: with n vertices, weights of delay * (n + 1) - 1 make
/// exactly these cycles negative.
std::vector<const Edge*> find_bad_cycle(const Dependencies& graph) {
  const int64_t scale = graph.count + 1;
  std::vector<int64_t> distance(static_cast<size_t>(graph.count), 0);
  std::vector<const Edge*> reached_by(static_cast<size_t>(graph.count), nullptr);
  int changed = -1;
  for (int round = 0; round <= graph.count; ++round) {
    changed = -1;
    for (const Edge& edge : graph.edges) {
      const int64_t through = distance[static_cast<size_t>(edge.from)] + edge.delay * scale - 1;
      if (through >= distance[static_cast<size_t>(edge.to)]) continue;
      distance[static_cast<size_t>(edge.to)] = through;
      reached_by[static_cast<size_t>(edge.to)] = &edge;
      changed = edge.to;
    }
    if (changed < 0) return {};
  }
  for (int i = 0; i < graph.count; ++i)
    changed = reached_by[static_cast<size_t>(changed)]->from;  // now surely on the cycle
  std::vector<const Edge*> cycle;
  int vertex = changed;
  do {
    cycle.push_back(reached_by[static_cast<size_t>(vertex)]);
    vertex = cycle.back()->from;
  } while (vertex != changed);
  std::reverse(cycle.begin(), cycle.end());
  return cycle;
}

std::string name_of(const FlatGraph& graph, int vertex) {
  const int nodes = static_cast<int>(graph.nodes.size());
  return vertex < nodes ? graph.nodes[static_cast<size_t>(vertex)].path
                        : graph.streams[static_cast<size_t>(vertex - nodes)].path;
}

std::string with_delay(const std::string& name, int64_t delay) {
  return delay == 0 ? name : text(name, "[t", delay > 0 ? "" : "+", -delay, ']');
}

void report_cycle(const FlatGraph& graph, const std::vector<const Edge*>& cycle, Diagnostics& diagnostics) {
  // The path begins at the first vertex in the order of the files, so that it reads the same every time.
  const auto first = std::min_element(cycle.begin(), cycle.end(), [&](const Edge* a, const Edge* b) {
    return name_of(graph, a->from) < name_of(graph, b->from);
  });
  std::vector<const Edge*> path(first, cycle.end());
  path.insert(path.end(), cycle.begin(), first);
  std::string walk = name_of(graph, path.front()->from);
  int64_t total = 0;
  for (const Edge* edge : path) {
    walk += text(" <- ", with_delay(name_of(graph, edge->to), edge->delay));
    total += edge->delay;
  }
  diagnostics.error("E501", path.front()->term->place,
                    text("a cycle without delay: ", walk, total < 0 ? text("; its delays add up to ", total) : ""),
                    "one edge of the cycle must read a past frame, as in x[t-1]");
}

/// For each node whether its output comes back to it.
std::vector<bool> nodes_in_cycles(const FlatGraph& graph) {
  const Dependencies dependencies = dependencies_of(graph);
  const std::vector<int> component = components_of(dependencies, follow_all);
  std::vector<int> sizes(component.size());
  for (const int one : component) ++sizes[static_cast<size_t>(one)];
  std::vector<bool> in_cycle(graph.nodes.size());
  for (size_t i = 0; i < graph.nodes.size(); ++i) in_cycle[i] = sizes[static_cast<size_t>(component[i])] > 1;
  for (const Edge& edge : dependencies.edges) {
    if (edge.from == edge.to && edge.from < dependencies.nodes) in_cycle[static_cast<size_t>(edge.from)] = true;
  }
  return in_cycle;
}

}  // namespace

std::vector<bool> streams_in_cycles(const FlatGraph& graph) {
  const Dependencies dependencies = dependencies_of(graph);
  const std::vector<int> component = components_of(dependencies, follow_streams);
  std::vector<bool> is_recurrent(graph.streams.size());
  for (const Edge& edge : dependencies.edges) {
    if (follow_streams(dependencies, edge) &&
        component[static_cast<size_t>(edge.from)] == component[static_cast<size_t>(edge.to)]) {
      is_recurrent[static_cast<size_t>(edge.from - dependencies.nodes)] = true;
    }
  }
  return is_recurrent;
}

bool check_cycles(const FlatGraph& graph, Diagnostics& diagnostics) {
  Dependencies dependencies = dependencies_of(graph);
  // Edges that lead out of a component are in no cycle; without them long chains cost nothing.
  const std::vector<int> component = components_of(dependencies, follow_all);
  std::erase_if(dependencies.edges, [&](const Edge& edge) {
    return component[static_cast<size_t>(edge.from)] != component[static_cast<size_t>(edge.to)];
  });
  const std::vector<const Edge*> cycle = find_bad_cycle(dependencies);
  if (!cycle.empty()) {
    report_cycle(graph, cycle, diagnostics);
    return false;
  }
  const std::vector<bool> in_cycle = nodes_in_cycles(graph);
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    if (!graph.nodes[i].folds_chunk || !in_cycle[i]) continue;
    diagnostics.error(
        "E503", graph.nodes[i].place,
        text("node \"", graph.nodes[i].path, "\": it cannot fold a chunk, because its output comes back to it"));
  }
  return true;
}

}  // namespace weft::graph

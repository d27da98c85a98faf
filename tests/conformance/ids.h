#pragma once

#include "framework/testing/node_runner.h"
#include "tests/conformance/fixture.h"

#include <string>

namespace weft::conformance {

/// The numbers of a rule in a fixture's text, such as "blocks 8x4 of floor((inp("inst")+1)/2*7)": the last factor is the
/// number of ids.
int64_t ids_of_rule(const std::string& rule);

/// An integer map by such a rule: an input on the coarse grid, each cell repeated up to `height` and `width`.
at::Tensor ids_by_rule(const Fixture& fixture, const std::string& input, const std::string& rule, int64_t height,
                       int64_t width);
/// The same, with the number of repetitions that the rule says: "blocks 8x4 of …" or "… repeated 8x4".
at::Tensor ids_by_rule(const Fixture& fixture, const std::string& input, const std::string& rule);

/// The number after a word of a text: number_behind("global ngf 8, down 3", "down") is 3.
int64_t number_behind(const std::string& words, const std::string& word);

/// Sets all tensors of a node's layers; those that the original does not have keep what they start with.
void fill(testing::NodeRunner& node, const Tensors& params);

}  // namespace weft::conformance

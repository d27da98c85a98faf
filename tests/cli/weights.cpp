// Weight files: the verb that looks after them, and runs whose files do not fit.
#include "tests/cli/program.h"
#include "tests/weights/weight_bytes.h"

#include <gmock/gmock.h>

#include <limits>
#include <tuple>

namespace weft::testing {
namespace {

using bytes::floats;
using bytes::safetensors;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// toy.network on four channels wants `conv.weight` [3, 4, 3, 3] and `conv.bias` [3].
constexpr std::string_view kGraph = R"([params]
file = "net.safetensors"
[weights]
net = "$file"
[node.s]
use = "toy.semantics"
frames = 2
[node.net]
use = "toy.network"
in.s = "s"
[node.w]
use = "toy.write"
in = "net"
path = "out.txt"
)";

/// An entry of a safetensors header: floats of this shape from one byte to another.
std::string entry(const std::string& key, const std::string& shape, size_t begin, size_t end) {
  return '"' + key + R"(": {"dtype": "F32", "shape": )" + shape + R"(, "data_offsets": [)" + std::to_string(begin) +
         ", " + std::to_string(end) + "]}";
}

class Weights : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    write_graph("g.toml", kGraph);
  }
};

TEST_F(Weights, FillMakesWhatAGraphWants) {
  const Outcome fill = weft({"weights", "fill", "g.toml"});
  EXPECT_EQ(fill.exit, 0);
  EXPECT_EQ(fill.out, "");
  EXPECT_EQ(fill.err, "net.safetensors: 2 tensors for \"net\"\n");
  EXPECT_EQ(weft_out({"weights", "list", "net.safetensors"}),
            "conv.weight  f32  [3, 4, 3, 3]\nconv.bias    f32  [3]\n");
  EXPECT_EQ(weft_out({"weights", "list", "g.toml"}),
            "[weights] net = net.safetensors   (111 parameters)\n  conv.weight  [3, 4, 3, 3]  net\n  conv.bias    [3]  "
            "         net\n");
  EXPECT_EQ(weft({"run", "g.toml"}).exit, 0);
  EXPECT_THAT(read("out.txt"), StartsWith("0 "));
}

TEST_F(Weights, ThatAreNotFiniteEndARunAtTheFirstFrame) {
  std::vector<float> numbers(3 * 4 * 9 + 3, 0);
  numbers.front() = std::numeric_limits<float>::quiet_NaN();
  const std::string header =
      '{' + entry("conv.weight", "[3, 4, 3, 3]", 0, 432) + ", " + entry("conv.bias", "[3]", 432, 444) + '}';
  write("net.safetensors", safetensors(header, floats(numbers)));
  expect_error(weft({"run", "g.toml"}), 7,
               "weft: the input `in` has values that are not finite\n  its inputs: in [1, 3, 8, 8]\n"
               "  in node \"w\" (toy.write), frame 0, g.toml:12:7\n"
               "  the first output of a network that is not finite is net at t = 0\n"
               "  --peek of a stream writes it as a video; --allow-nan writes such values, too");
  EXPECT_EQ(weft({"run", "g.toml", "--allow-nan"}).exit, 0);
  EXPECT_THAT(read("out.txt"), HasSubstr("nan"));
}

TEST_F(Weights, FillScalesWhatIsAsked) {
  weft({"weights", "fill", "g.toml", "-o", "a.safetensors"});
  weft({"weights", "fill", "g.toml", "-o", "b.safetensors", "--scale", "*.bias=0.5"});
  const Outcome diff = weft({"weights", "diff", "a.safetensors", "b.safetensors"});
  EXPECT_EQ(diff.exit, 1);
  EXPECT_THAT(diff.out, StartsWith("~ conv.bias  [3]  largest difference "));
  EXPECT_EQ(diff.err, "1 difference\n");
  expect_error(weft({"weights", "fill", "g.toml", "--scale", "conv.bais=2"}), 2,
               "weft: --scale conv.bais: no tensor of the graph has such a key\n"
               "  `weft weights list` shows the keys");
  expect_error(weft({"weights", "fill", "g.toml", "--scale", "conv.bias"}), 2,
               "weft: --scale conv.bias: write KEY=FACTOR, as in model_final_flow.1.weight=0.05");
}

TEST_F(Weights, DiffSaysWhatDiffers) {
  const std::string two = floats({1, 2});
  write("a.safetensors", safetensors('{' + entry("same", "[2]", 0, 8) + ',' + entry("mine", "[2]", 8, 16) + ',' +
                                         entry("shape", "[2]", 16, 24) + '}',
                                     two + two + two));
  write("b.safetensors", safetensors('{' + entry("same", "[2]", 0, 8) + ',' + entry("shape", "[1,2]", 8, 16) + ',' +
                                         entry("yours", "[2]", 16, 24) + '}',
                                     two + two + two));
  const Outcome diff = weft({"weights", "diff", "a.safetensors", "b.safetensors"});
  EXPECT_EQ(diff.exit, 1);
  EXPECT_EQ(diff.out,
            "- mine   [2]             only in the first\n"
            "! shape  [2] and [1, 2]  shapes differ\n"
            "+ yours  [2]             only in the second\n");
  EXPECT_EQ(diff.err, "3 differences\n");
  const Outcome same = weft({"weights", "diff", "a.safetensors", "a.safetensors"});
  EXPECT_EQ(same.exit, 0);
  EXPECT_EQ(same.out, "");
  EXPECT_EQ(same.err, "the same tensors\n");
}

TEST_F(Weights, DiffTakesAValueThatIsNoNumberForItself) {
  write("nan.safetensors", safetensors('{' + entry("w", "[2]", 0, 8) + '}', std::string(8, '\xff')));
  const Outcome same = weft({"weights", "diff", "nan.safetensors", "nan.safetensors"});
  EXPECT_EQ(same.exit, 0);
  EXPECT_EQ(same.err, "the same tensors\n");
}

TEST_F(Weights, NamesThatTheSystemRefusesAreNamed) {
  std::filesystem::create_symlink("p", folder_ / "q");
  std::filesystem::create_symlink("q", folder_ / "p");
  write_graph("g.toml",
              "[node.a]\nuse = \"toy.counter\"\n[node.net]\nuse = \"toy.network\"\nin = \"a\"\n"
              "[node.w]\nuse = \"toy.write\"\nin = \"net\"\npath = \"out.txt\"\n[weights]\nnet = \"p\"\n");
  const Outcome outcome = weft({"run", "g.toml"});
  EXPECT_EQ(outcome.exit, 4);
  EXPECT_THAT(outcome.err, HasSubstr("Too many levels of symbolic links"));
  EXPECT_THAT(outcome.err, ::testing::Not(HasSubstr("filesystem error")));
}

TEST_F(Weights, ConvertWritesAPthAsSafetensors) {
  const std::string pth = WEFT_SOURCE_DIR "/tests/conformance/weight-files/leg_sd.pth";
  EXPECT_EQ(weft({"weights", "convert", pth, "made/here/a.safetensors"}).exit, 0);
  EXPECT_EQ(weft({"weights", "diff", pth, "made/here/a.safetensors"}).exit, 0);
  EXPECT_EQ(weft({"weights", "convert", pth, "b.safetensors", "--type", "bf16"}).exit, 0);
  EXPECT_THAT(weft_out({"weights", "list", "b.safetensors"}), HasSubstr("bf16"));
  expect_error(weft({"weights", "convert", pth, "a.pth"}), 2,
               "weft: a.pth: weights are written as .safetensors\n  write another name, such as out.safetensors");
}

TEST_F(Weights, ConvertLeavesOutWhatTheCommandLineNames) {
  const std::string pth = WEFT_SOURCE_DIR "/tests/conformance/weight-files/zip_namespace.pth";
  const Outcome refused = weft({"weights", "convert", pth, "a.safetensors"});
  EXPECT_EQ(refused.exit, 4);
  EXPECT_THAT(refused.err, HasSubstr("names `argparse.Namespace` in its pickle"));
  EXPECT_THAT(refused.err, HasSubstr("weights.safetensors --skip argparse.Namespace\n"));
  EXPECT_EQ(weft({"weights", "convert", pth, "a.safetensors", "--skip", "argparse.Namespace"}).exit, 0);
  EXPECT_EQ(weft_out({"weights", "list", "a.safetensors"}), "w  f32  [2]\n");
  EXPECT_EQ(weft_out({"weights", "list", pth, "--skip", "argparse.*"}), "w  f32  [2]\n");
}

TEST_F(Weights, OfAGraphWithoutNetworksThereAreNone) {
  write_graph("h.toml",
              "[node.a]\nuse = \"toy.counter\"\nframes = 1\n[node.w]\nuse = \"toy.write\"\nin = \"a\"\n"
              "path = \"out.txt\"\n");
  const Outcome list = weft({"weights", "list", "h.toml"});
  EXPECT_EQ(list.exit, 0);
  EXPECT_EQ(list.out, "");
  EXPECT_EQ(list.err, "h.toml: no network of this graph needs weights\n");
  expect_error(weft({"weights", "fill", "h.toml"}), 2, "weft: h.toml: no network of this graph needs weights");
}

TEST_F(Weights, ThatAreMissingExtraAndMisshapenAreListed) {
  write("net.safetensors",
        safetensors('{' + entry("conv.weight", "[3,4,1,1]", 0, 48) + ',' + entry("head.bias", "[2]", 48, 56) + '}',
                    floats(std::vector<float>(14, 1))));
  expect_error(weft({"run", "g.toml"}), 4,
               "weft: g.toml:5:1: net.safetensors does not fit \"net\"\n  missing in the file (1):\n    conv.bias [3] "
               "of net\n  unknown to the network (1):\n    head.bias [2]\n  of another shape (1):\n    conv.weight is "
               "[3, 4, 1, 1], the network wants [3, 4, 3, 3]\n  `weft weights list` shows the keys of a file and of a "
               "graph; only = \"matching\" loads the tensors that fit");
  EXPECT_FALSE(has("out.txt"));
}

/// A graph beside the one that is run has the network of the file: another variant of it.
TEST_F(Weights, OfAnotherVariantNameTheNearestGraph) {
  std::string wide(kGraph);
  wide.replace(wide.find("frames = 2"), 10, "frames = 2\nclasses = 6");
  write_graph("wide.toml", wide);
  write_graph("other.toml", "[node.a]\nuse = \"toy.counter\"\nframes = 1\n");
  ASSERT_EQ(weft({"weights", "fill", "wide.toml"}).exit, 0);
  const std::string misfit =
      "weft: g.toml:5:1: net.safetensors does not fit \"net\"\n  of another shape (1):\n    conv.weight is [3, 6, 3, "
      "3], "
      "the network wants [3, 4, 3, 3]\n  `weft weights list` shows the keys of a file and of a graph; only = "
      "\"matching\" loads the tensors that fit\n  ";
  expect_error(weft({"run", "g.toml"}), 4, misfit + "the file fits \"net\" of wide.toml");
  // With a tensor of its own it fits neither, but one of them better.
  write("net.safetensors",
        safetensors('{' + entry("conv.weight", "[3,6,3,3]", 0, 648) + ',' + entry("conv.bias", "[3]", 648, 660) + ',' +
                        entry("head", "[1]", 660, 664) + '}',
                    floats(std::vector<float>(166, 1))));
  const Outcome outcome = weft({"run", "g.toml"});
  EXPECT_EQ(outcome.exit, 4);
  EXPECT_THAT(outcome.err, HasSubstr("nearest is \"net\" of wide.toml, where 1 tensor does not fit"));
}

/// A whole file of toy.network's two tensors, of this type, below this prefix.
std::string network(const std::string& type, size_t bytes, const std::string& prefix = "") {
  std::string header = '{' + entry(prefix + "conv.bias", "[3]", 0, 3 * bytes) + ',' +
                       entry(prefix + "conv.weight", "[3,4,3,3]", 3 * bytes, 111 * bytes) + '}';
  for (size_t at = header.find("F32"); at != std::string::npos; at = header.find("F32", at + 1))
    header.replace(at, 3, type);
  return safetensors(header, std::string(111 * bytes, '\0'));
}

TEST_F(Weights, OfAnotherKindOfNumberAreRefused) {
  for (const auto& [type, bytes, name] : {std::tuple{"I64", 8, "Long"},
                                          {"BOOL", 1, "Bool"},
                                          {"C64", 8, "ComplexFloat"},
                                          {"F8_E4M3", 1, "Float8_e4m3fn"}}) {
    write("net.safetensors", network(type, static_cast<size_t>(bytes)));
    const std::string is = std::string(" is ") + name + ", the network wants Float\n";
    expect_error(weft({"run", "g.toml"}), 4,
                 "weft: g.toml:5:1: net.safetensors does not fit \"net\"\n  of another type (2):\n    conv.weight" +
                     is + "    conv.bias" + is +
                     "  `weft weights list` shows the keys of a file and of a graph; only = \"matching\" loads the "
                     "tensors that fit");
  }
  for (const auto& [type, bytes] : {std::pair{"F64", 8}, {"BF16", 2}}) {
    write("net.safetensors", network(type, static_cast<size_t>(bytes)));
    EXPECT_EQ(weft({"run", "g.toml", "--force"}).exit, 0) << type;
  }
}

TEST_F(Weights, AreNotReplacedUnasked) {
  write("net.safetensors", network("F32", 4));
  write("small.safetensors", network("F8_E4M3", 1));
  const std::string trained = read("net.safetensors"), small = read("small.safetensors");
  const std::string message = "weft: net.safetensors is already there\n  --force replaces it";
  expect_error(weft({"weights", "fill", "g.toml"}), 1, message);
  expect_error(weft({"weights", "convert", "small.safetensors", "net.safetensors"}), 1, message);
  EXPECT_EQ(read("net.safetensors"), trained);
  EXPECT_EQ(weft({"weights", "fill", "g.toml", "--force"}).exit, 0);
  EXPECT_NE(read("net.safetensors"), trained);
  EXPECT_EQ(weft({"weights", "convert", "net.safetensors", "small.safetensors", "--force"}).exit, 0);
  EXPECT_NE(read("small.safetensors"), small);
}

TEST_F(Weights, OfEightBitsAreListedAndKept) {
  write("a.safetensors", network("F8_E4M3", 1));
  EXPECT_EQ(weft_out({"weights", "list", "a.safetensors"}),
            "conv.bias    f8_e4m3  [3]\nconv.weight  f8_e4m3  [3, 4, 3, 3]\n");
  EXPECT_EQ(weft({"weights", "convert", "a.safetensors", "b.safetensors"}).exit, 0);
  EXPECT_EQ(weft({"weights", "diff", "a.safetensors", "b.safetensors"}).exit, 0);
  expect_error(weft({"weights", "convert", "a.safetensors", "c.safetensors", "--type", "f32"}), 4,
               "weft: a.safetensors: conv.bias has numbers of 8 bits (f8_e4m3), whose factors weft does not know\n"
               "  --type keep writes them as they are");
}

TEST_F(Weights, ThatLieBelowAPrefixAreFoundThere) {
  for (const std::string prefix : {"module", "state_dict.module"}) {
    write("net.safetensors", network("F32", 4, prefix + '.'));
    const Outcome outcome = weft({"run", "g.toml"});
    EXPECT_EQ(outcome.exit, 4);
    EXPECT_THAT(outcome.err, HasSubstr("\n  prefix = \"" + prefix +
                                       "\" takes the keys below it: 2 of the 2 that the network wants\n"));
    std::string graph(kGraph);
    graph.replace(graph.find("\"$file\""), 7, "{ file = \"$file\", prefix = \"" + prefix + "\" }");
    write_graph("p.toml", graph);
    EXPECT_EQ(weft({"run", "p.toml", "--force"}).exit, 0);
  }
}

TEST_F(Weights, OfWhichNothingMatchesAreRefused) {
  std::string graph(kGraph);
  graph.replace(graph.find("\"$file\""), 7, "{ file = \"$file\", only = \"matching\" }");
  write_graph("m.toml", graph);
  write("net.safetensors", network("F32", 4, "G."));
  expect_error(weft({"run", "m.toml"}), 4,
               "weft: m.toml:5:1: net.safetensors does not fit \"net\"\n"
               "  missing in the file (2):\n    conv.weight [3, 4, 3, 3] of net\n    conv.bias [3] of net\n"
               "  unknown to the network (2):\n    G.conv.bias [3]\n    G.conv.weight [3, 4, 3, 3]\n"
               "  prefix = \"G\" takes the keys below it: 2 of the 2 that the network wants\n"
               "  only = \"matching\" loads the tensors that fit, and none does");
  write("net.safetensors", safetensors('{' + entry("conv.bias", "[3]", 0, 12) + '}', floats({1, 2, 3})));
  const Outcome some = weft({"run", "m.toml"});
  EXPECT_EQ(some.exit, 0);
  EXPECT_THAT(some.err, HasSubstr("weights of \"net\": 1 of 2 tensors are in net.safetensors; the others are random"));
}

TEST_F(Weights, OfWhichAllAreOptionalAndNoneIsThereAreRefused) {
  std::string graph(kGraph);
  graph.replace(graph.find("\"$file\""), 7, "{ file = \"$file\", optional = [\"*\"] }");
  write_graph("m.toml", graph);
  write("net.safetensors", safetensors('{' + entry("other", "[3]", 0, 12) + '}', floats({1, 2, 3})));
  expect_error(weft({"run", "m.toml"}), 4,
               "weft: m.toml:5:1: net.safetensors has no tensor of \"net\"\n"
               "  its keys may all be `optional`, but then the file would change nothing");
}

TEST_F(Weights, ThatAreNotThereAreNamed) {
  expect_error(weft({"run", "g.toml"}), 4,
               "weft: net.safetensors: there is no such file\n  which g.toml:5:1 wants for \"net\"\n"
               "  --set 'weights.net=FILE' takes another; `weft weights fill` makes one by rule");
}

TEST_F(Weights, ThatAreCutShortAreRefused) {
  const std::string whole = safetensors('{' + entry("conv.bias", "[3]", 0, 12) + '}', floats({1, 2, 3}));
  write("net.safetensors", whole.substr(0, whole.size() - 1));
  const Outcome outcome = weft({"run", "g.toml"});
  EXPECT_EQ(outcome.exit, 4);
  EXPECT_THAT(outcome.err, StartsWith("weft: net.safetensors: "));
  EXPECT_THAT(outcome.err, HasSubstr("\n  which g.toml:5:1 wants for \"net\"\n"));
}

TEST_F(Weights, ThatWouldRunAProgramAreRefused) {
  for (const std::string kind : {"leg", "zip"}) {
    const std::string file = WEFT_SOURCE_DIR "/tests/conformance/weight-files/" + kind + "_evil.pth";
    const Outcome outcome = weft({"run", "g.toml", "--set", "file=" + file});
    EXPECT_EQ(outcome.exit, 4);
    EXPECT_THAT(outcome.err, StartsWith("weft: SOURCE/tests/conformance/weight-files/" + kind + "_evil.pth"));
    EXPECT_THAT(outcome.err, HasSubstr("posix.system"));
    EXPECT_FALSE(has("out.txt"));
  }
}

}  // namespace
}  // namespace weft::testing

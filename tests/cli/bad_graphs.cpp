// Graph files that are no graphs: one error each, with its place, and no crash.
#include "tests/cli/program.h"

namespace weft::testing {
namespace {

class BadGraph : public ProgramTest {
 protected:
  /// Expects that running the file ends with this one error.
  void expect_fault(const std::string& file, const std::string& message, const Surroundings& surroundings = {}) const {
    expect_error(weft({"run", file}, surroundings), 3, message);
  }
};

TEST_F(BadGraph, OfTenMegabytesIsNotReadWhole) {
  write_graph("g.toml", repeated("# " + std::string(97, 'x') + '\n', 100'000));
  expect_fault("g.toml", "g.toml: error E102: the file is larger than 2.0 MB, so it is not a graph");
}

TEST_F(BadGraph, OfListsInListsIsReadToADepthOf64) {
  write_graph("g.toml", "x = " + std::string(10'000, '[') + std::string(10'000, ']') + '\n');
  expect_fault("g.toml", "g.toml:2:69: error E101: lists and tables lie in each other more than 64 deep");
}

TEST_F(BadGraph, OfTablesInTablesIsReadToADepthOf64) {
  write_graph("g.toml", "x = " + repeated("{ a = ", 10'000) + '1' + repeated(" }", 10'000) + '\n');
  expect_fault("g.toml", "g.toml:2:389: error E101: lists and tables lie in each other more than 64 deep");
}

TEST_F(BadGraph, OfAKeyWithManyDotsIsReadToThe16th) {
  const std::string dots = repeated("a.", 900'000);
  const std::string message = "error E101: a key has more than 16 parts";
  write_graph("g.toml",
              "# 1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16.17\nabout = '1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16.17'\n" +
                  dots + "a = 1\n");
  expect_fault("g.toml", "g.toml:4:32: " + message);
  write_graph("h.toml", "x = [ \"\"\"text\"\"\"\", { \"a\" . " + dots + "a = 1 } ]\n");
  expect_fault("h.toml", "h.toml:2:57: " + message);
}

TEST_F(BadGraph, OfFilesThatMultiplyEndsAtASize) {
  for (const int level : {0, 1, 2, 3, 4, 5, 6, 7}) {
    std::string graph = "[inputs]\nx = \"image[B,3,H,W]\"\n";
    for (const char name : {'a', 'b', 'c', 'd', 'e'}) {
      graph += std::string("[node.") + name + "]\nuse = \"" +
               (level == 7 ? "toy.add" : "./" + std::to_string(level + 1) + ".toml") + "\"\nin = \"x\"\n";
    }
    write_graph(std::to_string(level) + ".toml", graph + "[outputs]\ny = \"e\"\n");
  }
  // A use of 7.toml counts 8 (itself, its input and output, its nodes), of 6.toml 3 + 5 * 8, and so on: the fourth
  // thousand ends in the second use of 6.toml in the fourth of 5.toml in the fourth of 4.toml.
  expect_fault("0.toml",
               "7.toml:4:7: error E110: the graph has more than 4000 nodes, streams and uses of graph files  "
               "(a.a.a.d.d.b.a, used at 6.toml:4:7)\n    uses multiply: look for a file that uses another many times, "
               "which uses a third many times");
}

TEST_F(BadGraph, OfALongChainWrittenBackwardsIsChecked) {
  constexpr int kNodes = 3900;
  std::string graph;
  for (int i = kNodes; i > 0; --i) {
    const std::string name = std::to_string(i), before = std::to_string(i - 1);
    graph += "[node.n" + name + "]\nuse = \"toy.add\"\nin = \"n" + before + "\"\n";
  }
  write_graph("g.toml", graph +
                            "[node.n0]\nuse = \"toy.counter\"\nframes = 1\n[node.w]\nuse = \"toy.write\"\nin = \"n" +
                            std::to_string(kNodes) + "\"\npath = \"out.txt\"\n");
  EXPECT_EQ(weft_out({"check", "g.toml"}), "g.toml: good; 3902 nodes in 1 file\n");
}

TEST_F(BadGraph, ThatIsBasedOnItselfShowsTheWayRound) {
  write("a.toml", "base = \"b.toml\"\n");
  write("b.toml", "base = \"./a.toml\"\n");
  expect_fault("a.toml", "a.toml:1:8: error E104: files are based on each other: a.toml -> b.toml -> a.toml");
}

TEST_F(BadGraph, ThatUsesItselfShowsTheWayRound) {
  const auto using_file = [](const std::string& other) {
    return "[inputs]\nx = \"image[B,3,H,W]\"\n[node.inner]\nuse = \"" + other +
           "\"\nin = \"x\"\n[outputs]\ny = \"inner\"\n";
  };
  write_graph("a.toml", using_file("./b.toml"));
  write_graph("b.toml", using_file("./a.toml"));
  expect_fault(
      "a.toml",
      "b.toml:5:7: error E104: files that include each other: a.toml -> b.toml -> a.toml  (inner, used at a.toml:4:7)");
}

TEST_F(BadGraph, ThatIsAProgramIsNoText) {
  write("g.toml", std::string("\x7f"
                              "ELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0>\0\x01\0\0\0\xe0\xff",
                              26));
  expect_fault("g.toml",
               "g.toml:1:24: error E101: this is not TOML: Encountered invalid utf-8 sequence      "
               "graph files are text in UTF-8; is it another kind of file?");
}

TEST_F(BadGraph, ThatIsLatin1SaysThatItIsNotUtf8) {
  write_graph("g.toml", "about = \"caf\xe9\"\n");
  expect_fault("g.toml",
               "g.toml:2:12: error E101: this is not TOML: Encountered invalid utf-8 sequence      "
               "graph files are text in UTF-8; is it another kind of file?");
}

TEST_F(BadGraph, WithVeryManyFaultsShowsTheFirst) {
  std::string keys;
  for (int i = 0; i < 100'000; ++i) keys += "k" + std::to_string(i) + " = 1\n";
  write_graph("g.toml", keys);
  const std::string shown = weft({"check", "g.toml"}).out;
  EXPECT_EQ(std::count(shown.begin(), shown.end(), '\n'), 22);
  EXPECT_NE(shown.find("and 99980 more errors: the first 20 are shown"), std::string::npos) << shown;
}

TEST_F(BadGraph, WithNamesOfSixtyThousandBytesIsShownInShort) {
  const std::string name(60'000, 'p');
  write_graph("g.toml", "[params]\n" + name + " = 1\n[node.s]\nuse = \"toy.counter\"\nframes = \"$" + name + "q\"\n");
  EXPECT_LT(weft({"check", "g.toml"}).out.size(), 3'000U);
}

TEST_F(BadGraph, ThatIsEmptyLacksItsFormat) {
  write("g.toml", "");
  expect_fault("g.toml", "g.toml:1:1: error E103: `format` is missing      begin the file with `format = 1`");
}

TEST_F(BadGraph, ThatIsNotThereIsNamed) {
  expect_fault("g.toml", "g.toml: error E102: there is no such file");
}

TEST_F(BadGraph, ThatIsAFolderIsNamed) {
  write("g.toml/inner.toml", "");
  expect_fault("g.toml", "g.toml: error E102: this is a folder, not a graph file");
}

TEST_F(BadGraph, ThatMayNotBeReadIsNamed) {
  write_graph("g.toml", "");
  std::filesystem::permissions(folder_ / "g.toml", std::filesystem::perms::none);
  Surroundings surroundings;
  surroundings.obeys_permissions = true;
  expect_fault("g.toml", "g.toml: error E102: the file cannot be read      check its permissions", surroundings);
}

TEST_F(BadGraph, ThatIsALinkToItselfIsNamed) {
  std::filesystem::create_symlink("g.toml", folder_ / "g.toml");
  expect_fault("g.toml", "g.toml: error E102: the file cannot be read: Too many levels of symbolic links");
}

TEST_F(BadGraph, IsNotOneWithWindowsLineEndsOrAByteOrderMark) {
  write("g.toml",
        "\xef\xbb\xbf"
        "format = 1\r\n[node.a]\r\nuse = \"toy.counter\"\r\nframes = 2\r\n[node.w]\r\n"
        "use = \"toy.write\"\r\nin = \"a\"\r\npath = \"out.txt\"\r\n");
  EXPECT_EQ(weft_out({"check", "g.toml"}), "g.toml: good; 2 nodes in 1 file\n");
  write("h.toml",
        "\xef\xbb\xbf"
        "format = 1\r\n[node.a]\r\nuse = \"toy.countr\"\r\n");
  expect_fault("h.toml",
               "h.toml:3:7: error E201: node \"a\": there is no node type \"toy.countr\"      "
               "did you mean \"toy.counter\"?");
}

}  // namespace
}  // namespace weft::testing

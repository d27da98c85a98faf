// Folders that run elsewhere, and the look at a machine.
#include "tests/cli/program.h"

#include <gmock/gmock.h>

#include <cstdlib>

namespace weft::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Pack : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    write_graph("graphs/parts/twice.toml", R"(
[inputs]
s = "image[B,3,H,W]"
[node.twice]
use = "toy.network"
in = "s"
[outputs]
image = "twice"
)");
    write_graph("graphs/base.toml", R"(
about = "Counts, and computes"
[params]
weights = "../net.safetensors"
out = { default = "../out/counts.txt", about = "the numbers" }
n = 3
[weights]
net = "$weights"
[node.count]
use = "toy.counter"
frames = "$n"
size = [4, 4]
[node.net]
use = "./parts/twice.toml"
in.s = "count"
[node.write]
use = "toy.write"
in = "net"
path = "$out"
)");
    write_graph("graphs/top.toml", "base = \"./base.toml\"\n[params]\nn = 2\n");
    ASSERT_EQ(weft({"weights", "fill", "graphs/top.toml"}).exit, 0);
  }

  /// Runs a packed folder in an empty folder `elsewhere`, with nothing of this build in its environment.
  int run_elsewhere(const std::string& script, const std::string& arguments = "") const {
    fs::create_directories(folder_ / "elsewhere");
    return std::system(("cd '" + (folder_ / "elsewhere").string() + "' && env -i PATH=/usr/bin:/bin \"" +
                        (folder_ / script).string() + "\" " + arguments + " 2>err.txt")
                           .c_str());
  }
};

TEST_F(Pack, AnAblationIsRefused) {
  write_graph("graphs/variants.toml", "base = \"./base.toml\"\n[variant.one]\n");
  EXPECT_THAT(weft({"pack", "graphs/variants.toml", "-o", "packed"}).err,
              HasSubstr("the file is an ablation, and a folder runs one graph"));
  EXPECT_FALSE(has("packed"));
}

TEST_F(Pack, TheFolderRunsElsewhereAfterAllElseIsGone) {
  const std::string here = weft_out({"run", "graphs/top.toml", "--set", "out=here.txt"});
  const Outcome pack = weft({"pack", "graphs/top.toml", "-o", "packed", "--set", "run.seed=5"});
  ASSERT_EQ(pack.exit, 0) << pack.err;
  EXPECT_THAT(pack.err, HasSubstr("packed/run runs it"));
  for (const char* file : {"README.txt", "graphs/top.toml", "graphs/base.toml", "graphs/parts/twice.toml",
                           "weights/net.safetensors", "weft/plugins/weft_toy.so", "licences/weft/LICENSE"})
    EXPECT_TRUE(has(std::string("packed/") + file)) << file;
  EXPECT_THAT(read("packed/README.txt"), AllOf(HasSubstr("Counts, and computes"), HasSubstr("counts.txt")));
  fs::rename(folder_ / "packed", folder_ / "moved it's");
  fs::remove_all(folder_ / "graphs");
  fs::remove(folder_ / "net.safetensors");
  ASSERT_EQ(run_elsewhere("moved it's/run", "--run-folder none"), 0) << read("elsewhere/err.txt");
  EXPECT_EQ(read("elsewhere/counts.txt"), read("here.txt"));
  ASSERT_EQ(run_elsewhere("moved it's/run", "--run-folder none --set out=other.txt --set n=1"), 0);
  EXPECT_EQ(read("elsewhere/other.txt"), read("here.txt").substr(0, read("here.txt").find('\n') + 1));
}

TEST_F(Pack, AbsolutePathsOfGraphFilesLeadIntoTheFolder) {
  write_graph("elsewhere_lies/thrice.toml", read("graphs/parts/twice.toml").substr(std::string("format = 1\n").size()));
  write_graph("absolute.toml", "base = '" + (folder_ / "graphs/base.toml").string() + "'\n[swap.net]\nuse = \"" +
                                   (folder_ / "elsewhere_lies/thrice.toml").string() + "\"\nin.s = \"count\"\n");
  const std::string here = weft_out({"run", "absolute.toml", "--set", "out=here.txt"});
  const Outcome pack = weft({"pack", "absolute.toml", "-o", "packed"});
  ASSERT_EQ(pack.exit, 0) << pack.err;
  EXPECT_THAT(read("packed/graphs/absolute.toml"), Not(HasSubstr(folder_.string())));
  fs::remove_all(folder_ / "graphs");
  fs::remove_all(folder_ / "elsewhere_lies");
  fs::remove(folder_ / "net.safetensors");
  ASSERT_EQ(run_elsewhere("packed/run", "--run-folder none"), 0) << read("elsewhere/err.txt");
  EXPECT_EQ(read("elsewhere/counts.txt"), read("here.txt"));
}

TEST_F(Pack, APartThatTheCommandLineNamesIsInTheFolder) {
  write_graph("thrice.toml", read("graphs/parts/twice.toml").substr(std::string("format = 1\n").size()));
  const Outcome pack = weft({"pack", "graphs/top.toml", "-o", "packed", "--set", "net.use=thrice.toml"});
  ASSERT_EQ(pack.exit, 0) << pack.err;
  fs::remove(folder_ / "thrice.toml");
  fs::remove_all(folder_ / "graphs");
  EXPECT_EQ(run_elsewhere("packed/run", "--run-folder none"), 0) << read("elsewhere/err.txt");
}

TEST_F(Pack, APathThatWouldLeadOutOfTheFolderIsRefused) {
  // A link beside the graph: its file lies elsewhere, and names its part from there.
  write_graph("real/graphs/linked.toml",
              "[node.net]\nuse = \"../parts/twice.toml\"\n[node.net.in]\ns = \"count\"\n"
              "[node.count]\nuse = \"toy.counter\"\nframes = 2\nsize = [4, 4]\n"
              "[weights]\nnet = \"random\"\n"
              "[node.write]\nuse = \"toy.write\"\nin = \"net\"\npath = \"out.txt\"\n");
  fs::create_directories(folder_ / "graphs/links");
  fs::create_symlink(folder_ / "real/graphs/linked.toml", folder_ / "graphs/links/linked.toml");
  const Outcome pack = weft({"pack", "graphs/links/linked.toml", "-o", "packed"});
  EXPECT_EQ(pack.exit, 3) << pack.err;
  EXPECT_THAT(pack.err, AllOf(HasSubstr("the copy of the graph would not run: "),
                              HasSubstr("name other graph files relative to the file that uses them")));
  EXPECT_FALSE(has("packed"));
}

TEST_F(Pack, NothingIsOverwrittenAndNothingIsLeftHalfDone) {
  write("packed/mine.txt", "mine");
  expect_error(weft({"pack", "graphs/top.toml", "-o", "packed"}), 2,
               "weft: packed is there already\n  name another folder with -o, or remove this one");
  EXPECT_EQ(read("packed/mine.txt"), "mine");
  fs::remove(folder_ / "net.safetensors");
  EXPECT_EQ(weft({"pack", "graphs/top.toml", "-o", "other"}).exit, 4);
  for (const auto& entry : fs::directory_iterator(folder_))
    EXPECT_FALSE(entry.path().filename().string().starts_with("other")) << entry.path();
}

TEST_F(Pack, DataIsNamedOrPacked) {
  write_graph("labels.toml", R"(
[params]
labels = { default = "labels", about = "folder of label maps" }
[node.labels]
use = "media.label_folder"
path = "$labels"
[node.write]
use = "toy.write"
in = "labels"
path = "out.txt"
)");
  fs::copy(WEFT_SOURCE_DIR "/graphs/tiny/labels/000.png",
           (fs::create_directory(folder_ / "labels"), folder_ / "labels/0.png"));
  const Outcome without = weft({"pack", "labels.toml", "-o", "without"});
  if (without.err.find("media.label_folder") != std::string::npos) GTEST_SKIP() << "this build has no media";
  EXPECT_THAT(without.err, HasSubstr("not in it: labels (folder of label maps); --data packs it too"));
  EXPECT_THAT(read("without/README.txt"), HasSubstr("--set labels=…    folder of label maps"));
  fs::remove_all(folder_ / "without");
  expect_error(weft({"pack", "labels.toml", "-o", "labels/packed", "--data"}), 2,
               "weft: the folder to write, labels/packed, lies in labels, which is packed\n  name a folder outside of "
               "it with -o");
  EXPECT_FALSE(has("labels/packed"));
  ASSERT_EQ(weft({"pack", "labels.toml", "-o", "with", "--data"}).exit, 0);
  fs::remove_all(folder_ / "labels");
  EXPECT_EQ(run_elsewhere("with/run", "--run-folder none"), 0) << read("elsewhere/err.txt");
  EXPECT_TRUE(has("elsewhere/out.txt"));
}

TEST_F(ProgramTest, DoctorSaysWhatWorks) {
  const Outcome doctor = weft({"doctor"});
  EXPECT_EQ(doctor.exit, 0) << doctor.out;
  EXPECT_THAT(doctor.out, AllOf(HasSubstr("LibTorch 2."), HasSubstr("toy "), HasSubstr("--precision bf16"),
                                Not(HasSubstr("FAULT"))));
}

TEST_F(ProgramTest, DoctorNamesARefusedPlugin) {
  write("bad/weft_bad.so", "no library");
  const Outcome doctor = weft({"doctor"}, {.environment = {{"WEFT_PLUGIN_PATH", (folder_ / "bad").string()}}});
  EXPECT_EQ(doctor.exit, 5);
  EXPECT_THAT(doctor.out, HasSubstr("FAULT"));
  EXPECT_THAT(doctor.out, HasSubstr("weft_bad.so"));
}

}  // namespace
}  // namespace weft::testing

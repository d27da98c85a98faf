// The loader: what fits is loaded, what does not is refused with its reason, and nothing crashes.
#include "framework/plugin/plugins.h"

#include "framework/base/text.h"
#include "framework/plugin/elf.h"
#include "framework/testing/values.h"
#include "tests/plugin/loader.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/ones.h>
#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>

namespace weft::plugin {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

TEST_F(Loader, APluginThatFitsIsLoadedWhenATypeOfItsIsAskedFor) {
  fs::copy_file(kFickle, folder_ / "weft_fickle.so");
  const Plugins plugins({folder_});
  ASSERT_THAT(plugins.found(), SizeIs(1));
  EXPECT_FALSE(plugins.found().front().is_loaded);
  EXPECT_STREQ(plugins.found().front().stamp.version, "1.2.3");
  const NodeSpec* spec = plugins.find("fickle.twice");
  ASSERT_NE(spec, nullptr);
  EXPECT_EQ(spec->plugin, "fickle");
  EXPECT_TRUE(plugins.found().front().is_loaded);
  EXPECT_THAT(plugins.refused(), SizeIs(0));
  EXPECT_EQ(plugins.refusal("fickle"), "");
}

TEST_F(Loader, ATypeMayLieInAPluginOfAnotherName) {
  fs::copy_file(kFickle, folder_ / "weft_mylab.so");
  EXPECT_NE(Plugins({folder_}).find("fickle.twice"), nullptr);
}

TEST_F(Loader, AnotherApiIsRefusedWithBothNumbers) {
  EXPECT_EQ(reason(with_stamp([](Stamp& stamp) { stamp.api = 999; })),
            text("it was built with plugin API 999, but weft with ", Stamp::kApi,
                 "; rebuild it: cmake --build BUILD_FOLDER --clean-first"));
}

TEST_F(Loader, AnotherLibTorchIsRefusedWithBothVersions) {
  EXPECT_EQ(reason(with_stamp([](Stamp& stamp) { std::strcpy(stamp.torch, "2.10.0"); })),
            std::string("it was built with LibTorch 2.10.0, but weft with ") + make_stamp("", "").torch +
                "; rebuild it: cmake --build BUILD_FOLDER --clean-first");
}

TEST_F(Loader, AnotherCppLibraryIsRefusedWithBothNames) {
  EXPECT_EQ(reason(with_stamp([](Stamp& stamp) { std::strcpy(stamp.standard, "libc++, ABI 1"); })),
            std::string("it was built with the C++ library libc++, ABI 1, but weft with ") +
                make_stamp("", "").standard + "; rebuild it: cmake --build BUILD_FOLDER --clean-first");
}

TEST_F(Loader, OtherSanitizersAreRefusedWithBothNames) {
  const std::string ours = make_stamp("", "").sanitizers;
  EXPECT_EQ(reason(with_stamp([](Stamp& stamp) { std::strcpy(stamp.sanitizers, "thread"); })),
            "it was built with the sanitizers thread, but weft with " + (ours.empty() ? "none" : ours) +
                "; rebuild it: cmake --build BUILD_FOLDER --clean-first");
}

TEST_F(Loader, ATextWithoutEndMakesAStampDamaged) {
  EXPECT_EQ(reason(with_stamp([](Stamp& stamp) { std::memset(stamp.version, 'x', sizeof stamp.version); })),
            "its stamp is damaged");
}

TEST_F(Loader, ALibraryWithoutStampIsNoPlugin) {
  EXPECT_EQ(reason(with_text(".weft_stamp", ".left_stamp")),
            "it has no stamp, so it is not a plugin of weft (WEFT_PLUGIN makes the stamp)");
}

TEST_F(Loader, APluginWithoutRegistrationIsRefused) {
  EXPECT_EQ(reason(with_text("weft_register", "weft_registry")),
            "it does not export weft_register (WEFT_PLUGIN makes it)");
}

TEST_F(Loader, APluginThatLacksASymbolIsRefusedByItsName) {
  const std::string text = reason(with_text("register_safely", "register_rudely"));
  EXPECT_THAT(text,
              StartsWith("it cannot be opened: it uses the symbol weft::detail::register_rudely(weft::Registry&, "));
  EXPECT_THAT(text, HasSubstr(", which no library has that it is linked with; a source or a library is missing"));
  EXPECT_THAT(text, Not(HasSubstr("_ZN4weft")));
}

TEST_F(Loader, WhatRegistrationThrowsIsTold) {
  EXPECT_EQ(reason_when("error"), "no licence\n  ask for one");
  EXPECT_EQ(reason_when("exception"), "no driver");
  EXPECT_EQ(reason_when("number"), "its registration threw something that is no std::exception");
}

TEST_F(Loader, APluginWhoseRegistrationFailsIsNotInUse) {
  fs::copy_file(kFickle, folder_ / "weft_fickle.so");
  setenv("WEFT_FICKLE", "error", 1);
  const Plugins plugins({folder_});
  EXPECT_FALSE(plugins.has_refused());
  EXPECT_EQ(plugins.find("fickle.twice"), nullptr);
  ASSERT_THAT(plugins.found(), SizeIs(1));
  EXPECT_FALSE(plugins.found().front().is_loaded) << "the lock of a run lists what is loaded";
  EXPECT_TRUE(plugins.found().front().is_refused);
  EXPECT_TRUE(plugins.has_refused());
  EXPECT_EQ(plugins.find("fickle.twice"), nullptr);
  EXPECT_THAT(plugins.refused(), SizeIs(1)) << "it is not opened again";
}

TEST_F(Loader, FaultyTypesAreTold) {
  EXPECT_EQ(reason_when("again"), "the node type fickle.twice is already there, from the plugin fickle");
  EXPECT_EQ(reason_when("name"), "\"Fickle\" is not a node type: write family.name in small letters");
  EXPECT_EQ(reason_when("port"),
            "port `out` is declared as \"imago[B,3,H,W]\": there is no kind \"imago\"; did you mean \"image\"?");
}

TEST_F(Loader, ATypeOfAnotherPluginStaysWithIt) {
  fs::copy_file(kFickle, folder_ / "weft_fickle.so");
  setenv("WEFT_FICKLE", "taken", 1);
  const Plugins plugins({fs::path(kToy).parent_path(), folder_});
  ASSERT_NE(plugins.find("toy.add"), nullptr);
  EXPECT_EQ(plugins.find("fickle.twice"), nullptr);
  ASSERT_THAT(plugins.refused(), SizeIs(1));
  EXPECT_EQ(plugins.refused().front().reason, "the node type toy.add is already there, from the plugin toy");
  EXPECT_EQ(plugins.find("toy.add")->plugin, "toy");
}

TEST_F(Loader, OfTwoPluginsOfOneNameTheFirstCounts) {
  fs::create_directories(folder_ / "other");
  fs::copy_file(kFickle, folder_ / "weft_fickle.so");
  fs::copy_file(kFickle, folder_ / "other/weft_fickle.so");
  const Plugins plugins({folder_, folder_ / "other"});
  EXPECT_NE(plugins.find("fickle.twice"), nullptr);
  ASSERT_THAT(plugins.refused(), SizeIs(1));
  EXPECT_EQ(plugins.refused().front().file, folder_ / "other/weft_fickle.so");
  EXPECT_EQ(plugins.refused().front().reason,
            "a plugin called fickle was found before it: " + fs::canonical(folder_ / "weft_fickle.so").string());
  EXPECT_EQ(plugins.refusal("fickle"), "") << "a type that is misspelt is not the fault of the second";
}

TEST_F(Loader, TheSamePluginFoundTwiceIsFoundOnce) {
  fs::copy_file(kFickle, folder_ / "weft_fickle.so");
  fs::create_symlink("weft_fickle.so", folder_ / "weft_link.so");
  const Plugins plugins({folder_, folder_});
  EXPECT_THAT(plugins.found(), SizeIs(1));
  EXPECT_THAT(plugins.refused(), SizeIs(0));
}

TEST_F(Loader, FilesThatAreNoLibrariesAreRefused) {
  EXPECT_EQ(reason("", "weft_fickle.so"), "it is not a shared library");
  EXPECT_EQ(reason("a text", "weft_fickle.so"), "it is not a shared library");
}

TEST_F(Loader, LibrariesForOtherMachinesAreRefused) {
  std::string bytes = content_of(kFickle);
  bytes[EI_CLASS] = ELFCLASS32;
  EXPECT_EQ(reason(bytes), "it was built for another kind of machine");
}

TEST_F(Loader, ALinkToNothingIsRefused) {
  fs::create_symlink("nowhere.so", folder_ / "weft_fickle.so");
  EXPECT_EQ(reason_of_folder(), "it cannot be read: No such file or directory");
}

TEST_F(Loader, APipeIsRefusedWithoutWaiting) {
  ASSERT_EQ(mkfifo((folder_ / "weft_fickle.so").c_str(), 0600), 0);
  EXPECT_EQ(reason_of_folder(), "it cannot be read: it is no ordinary file");
}

TEST_F(Loader, AFolderCalledLikeAPluginIsRefused) {
  fs::create_directory(folder_ / "weft_fickle.so");
  EXPECT_EQ(reason_of_folder(), "it is not a shared library");
}

TEST_F(Loader, AFolderThatIsNotThereIsTold) {
  const Plugins plugins({folder_ / "nowhere"});
  ASSERT_THAT(plugins.refused(), SizeIs(1));
  EXPECT_EQ(plugins.refused().front().file, folder_ / "nowhere");
  EXPECT_EQ(plugins.refused().front().reason, "this folder of plugins cannot be read: No such file or directory");
  EXPECT_THAT(plugins.types(), SizeIs(0));
}

TEST_F(Loader, AnEmptyFolderHasNoPlugins) {
  const Plugins plugins({folder_});
  EXPECT_THAT(plugins.types(), SizeIs(0));
  EXPECT_THAT(plugins.refused(), SizeIs(0));
}

TEST_F(Loader, OtherFilesArePassedOver) {
  write("README.md", "");
  write("libweft_fickle.so", "");
  write("weft_fickle.so.bak", "");
  EXPECT_THAT(Plugins({folder_}).refused(), SizeIs(0));
}

TEST_F(Loader, TheSearchPathIsOfTheProgramThenOfItsLibrariesThenOfTheEnvironment) {
  setenv("WEFT_PLUGIN_PATH", "/a:/b::/c", 1);
  const std::vector<std::string> folders = default_folders();
  unsetenv("WEFT_PLUGIN_PATH");
  EXPECT_THAT(folders, ElementsAre(WEFT_BUILD_DIR "/tests/plugins", WEFT_BUILD_DIR "/plugins", "/a", "/b", "/c"));
}

TEST_F(Loader, NodesAndTheirResultsOutliveThePlugins) {
  fs::copy_file(kFickle, folder_ / "weft_fickle.so");
  std::unique_ptr<Node> node;
  at::Tensor before;
  Log log(Log::Level::Quiet);
  Context context("n", 1, at::kCPU, at::kFloat, log);
  const at::Tensor one = at::ones({2}).requires_grad_(true);
  const Value input(one);
  const Value* const pointer = &input;
  const std::vector<PortInput> inputs = {{&pointer, 1}};
  std::vector<Value> outputs(1);
  {
    const Plugins plugins({folder_});
    node = plugins.make("fickle.twice");
    node->run(inputs, outputs, context);
    before = outputs.front().tensor();
  }
  fs::remove(folder_ / "weft_fickle.so");
  node->run(inputs, outputs, context);
  (before + outputs.front().tensor()).sum().backward();
  EXPECT_EQ(testing::values(one.grad()), std::vector<float>({4, 4}));
}

}  // namespace
}  // namespace weft::plugin

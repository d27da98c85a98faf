// Files in which NumPy has pickled a dict of arrays. Those in tests/weights/npy were read back by NumPy 2.4.6, which wrote
// numpy_2 and python_3_*; their names in the pickle are those of earlier versions, but for numpy_2. python_2 has the
// instructions that Python 2.7 wrote.
#include "tests/weights/temporary_files.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/tensor.h>

namespace weft::weights {
namespace {

const std::string kNoDict = "of .npy files weft reads those of one dict of arrays: numpy.save(file, {\"name\": array})";

class Npy : public TemporaryFiles, public ::testing::WithParamInterface<const char*> {
 protected:
  static std::string kept() { return std::string(WEFT_SOURCE_DIR) + "/tests/weights/npy/" + GetParam() + ".npy"; }
};

TEST_P(Npy, HasTheArraysOfTheDictByName) {
  const auto tensors = read_weights(kept()).tensors;
  ASSERT_EQ(tensors.size(), 3U);
  EXPECT_EQ(tensors[0].first, "7");
  EXPECT_TRUE(at::equal(tensors[0].second, at::tensor({0.5F, -0.25F, 1.0F, 0.0F, 2.0F, -1.5F}).view({2, 3})));
  EXPECT_EQ(tensors[1].first, "26");
  EXPECT_EQ(tensors[1].second.sizes(), (std::vector<int64_t>{0, 3}));
  EXPECT_EQ(tensors[2].first, "cars");  // its first index is the fastest in the file
  EXPECT_TRUE(at::equal(tensors[2].second, at::tensor({1.0, 2.0, 3.0, 4.0, 5.0, 6.0}, at::kDouble).view({2, 3})));
}

TEST_P(Npy, ThatIsCutOffIsRefused) {
  expect_every_cut_is_refused(read(kept()));
}

TEST_P(Npy, ThatIsDamagedDoesNoHarm) {
  expect_flips_do_no_harm(read(kept()), 2000);
}

INSTANTIATE_TEST_SUITE_P(Files, Npy,
                         ::testing::Values("numpy_2", "python_2", "python_3_protocol_2", "python_3_protocol_3"),
                         [](const auto& info) { return std::string(info.param); });

class NpyRefused : public TemporaryFiles {
 protected:
  /// What is said of a pickle behind a header.
  std::string pickle_fault(const std::string& pickle) const { return fault(with_header("'|O'", "()") + pickle); }

  static std::string with_header(const std::string& type, const std::string& shape) {
    std::string header = "{'descr': " + type + ", 'fortran_order': False, 'shape': " + shape + ", }";
    header.resize(118, ' ');
    return std::string("\x93NUMPY\x01\x00\x76\x00", 10) + header;
  }

  /// An array of NumPy with this content.
  static std::string array(const std::string& sizes, const std::string& type, const std::string& content) {
    return "cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK" + std::string(1, '\0') + "\x85U\x01" +
           "b\x87R(K\x01" + sizes + "cnumpy\ndtype\nU\x02" + type +
           "\x89\x88\x87R(K\x03U\x01<NNNJ\xFF\xFF\xFF\xFFJ\xFF\xFF\xFF\xFFK" + std::string(1, '\0') + "tb\x89" +
           content + "tb";
  }

  /// A dict with one entry, as numpy.save pickles it.
  static std::string dict(const std::string& key, const std::string& value) {
    return "\x80\x02" + array(")", "O8", "](}" + key + value + "se") + ".";
  }
};

const std::string kKey = "K\x07", kTwo = "(K\x02t", kBytes = "U\x08";

TEST_F(NpyRefused, IsTheFileThatTheTestsChange) {
  const std::string numbers("\0\0\x80\x3F\0\0\0\x40", 8);
  const auto tensors =
      read_weights(write("weights", with_header("'|O'", "()") + dict(kKey, array(kTwo, "f4", kBytes + numbers))))
          .tensors;
  ASSERT_EQ(tensors.size(), 1U);
  EXPECT_TRUE(at::equal(tensors[0].second, at::tensor({1.0F, 2.0F})));
}

TEST_F(NpyRefused, RunsNothing) {
  EXPECT_EQ(pickle_fault("\x80\x02"
                         "cos\nsystem\nU\x05pwned\x85R."),
            "names `os.system` in its pickle, which is no part of weights: refused, and nothing in the file was run");
  EXPECT_EQ(pickle_fault("\x80\x02"
                         "ctorch\nFloatStorage\n."),
            "names `torch.FloatStorage` in its pickle, which is no part of weights: refused, and nothing in the file "
            "was run");
}

TEST_F(NpyRefused, NamesWhatItHoldsInsteadOfADict) {
  const std::string numbers(8, '\0');
  EXPECT_EQ(fault(with_header("'<f4'", "(2,)") + numbers), "is an array of NumPy without names");
  EXPECT_EQ(fault(with_header("'|O'", "(2,)") + numbers), "is an array of NumPy without names");
  EXPECT_EQ(pickle_fault("\x80\x02}."), "holds something other than a dict of arrays");
  EXPECT_EQ(pickle_fault("\x80\x02" + array(")", "O8", "](NNe") + "."), "holds something other than a dict of arrays");
  EXPECT_EQ(pickle_fault(dict(kKey, "K\x01")), "holds \"7\", which is no array");
  EXPECT_EQ(pickle_fault(dict("N", array(kTwo, "f4", kBytes + numbers))),
            "has a key that is neither a text nor an integer");
  EXPECT_EQ(pickle_fault("\x80\x02" + array(")", "O8", "](}e") + "."), "holds no arrays");
  EXPECT_EQ(pickle_fault(dict(kKey, array(kTwo, "U4", kBytes + numbers))),
            "\"7\" has numbers of the type U4, which is not read");
}

TEST_F(NpyRefused, NamesAWayOut) {
  const std::string file = write("weights", with_header("'<f4'", "(2,)"));
  try {
    read_weights(file);
    FAIL() << "it was read";
  } catch (const Error& error) {
    EXPECT_EQ(error.hints(), std::vector<std::string>{kNoDict});
  }
}

TEST_F(NpyRefused, FindsContradictionsOfItsSizes) {
  const std::string damaged = "is damaged or was cut off: ", numbers(8, '\0');
  const std::string bytes = damaged + "\"7\" has another number of bytes than its sizes say";
  EXPECT_EQ(pickle_fault(dict(kKey, array("(K\x03t", "f4", kBytes + numbers))), bytes);
  EXPECT_EQ(pickle_fault(dict(kKey, array("(J\xFF\xFF\xFF\xFFt", "f4", kBytes + numbers))), bytes);
  EXPECT_EQ(
      pickle_fault(dict(kKey, array("(J\xFF\xFF\xFF\x7FJ\xFF\xFF\xFF\x7FJ\xFF\xFF\xFF\x7Ft", "f4", kBytes + numbers))),
      bytes);
  const std::string large = "J\xFF\xFF\xFF\x7F";
  EXPECT_EQ(pickle_fault(dict(kKey, array("(K" + std::string(1, '\0') + large + large + large + "t", "f4",
                                          "U" + std::string(1, '\0')))),
            bytes);
  EXPECT_EQ(pickle_fault(dict(kKey, array(kTwo, "f4", "](NNe"))), bytes);
  EXPECT_EQ(pickle_fault(dict(kKey, array(kTwo, "b1", "U\x02\x01\x02"))),
            damaged + "\"7\" has booleans other than 0 and 1");
  EXPECT_EQ(pickle_fault(dict(kKey, array(kTwo, "f4", kBytes + numbers)) + "."),
            damaged + "something follows the end of its pickle");
  EXPECT_EQ(fault(std::string("\x93NUMPY\x07\x00\xFF\xFF\xFF\xFF", 12)), damaged + "its header is not NumPy's");
}

}  // namespace
}  // namespace weft::weights

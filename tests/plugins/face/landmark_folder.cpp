#include "framework/base/text.h"
#include "framework/testing/node_runner.h"
#include "tests/plugins/text_files.h"

#include <ATen/ops/equal.h>

namespace weft::face {
namespace {

using testing::error_of;
using testing::NodeRunner;

class LandmarkFolder : public testing::TextFiles {
 protected:
  at::Tensor read(const std::string& content) const {
    write("frame.txt", content);
    return NodeRunner("face.landmark_folder").set("path", path()).run().tensor("keypoints");
  }

  /// What is said of a file, without its name.
  std::string fault(const std::string& content) const {
    const std::string all = error_of([&] { read(content); });
    const std::string name = path("frame.txt");
    EXPECT_EQ(all.substr(0, name.size()), name);
    return all.substr(std::min(all.size(), name.size()));
  }

  /// Landmark i at (i, i + 0.5), but `first` in place of the first.
  static std::string rows(int count, const std::string& first = "0,0.5", const std::string& end = "\n") {
    std::string content;
    for (int i = 0; i < count; ++i) content += i == 0 ? first + end : text(i, ',', i, ".5", end);
    return content;
  }

  static std::string list(int count, const std::string& first = "[0, 0.5]") {
    std::string content = "[";
    for (int i = 0; i < count; ++i) content += i == 0 ? first : text(", [", i, ", ", i, ".5]");
    return content + "]";
  }
};

TEST_F(LandmarkFolder, ReadsRowsOfText) {
  const at::Tensor keypoints = read(rows(68));
  ASSERT_EQ(keypoints.sizes(), (at::IntArrayRef{1, 68, 3}));
  EXPECT_EQ(keypoints[0][67][0].item<double>(), 67);
  EXPECT_EQ(keypoints[0][67][1].item<double>(), 67.5);
  EXPECT_EQ(keypoints[0][67][2].item<double>(), 1);
}

TEST_F(LandmarkFolder, ReadsOtherFormsOfTheSame) {
  const at::Tensor keypoints = read(rows(68));
  EXPECT_TRUE(read(list(68)).equal(keypoints));
  EXPECT_TRUE(read(rows(68, " 0 , 5e-1 ", "\r\n")).equal(keypoints));
  EXPECT_TRUE(read(text("\n", rows(68), "\n\n")).equal(keypoints));
}

TEST_F(LandmarkFolder, ReadsRowsAsToolsWriteThem) {
  const at::Tensor keypoints = read(rows(68));
  std::string spaces, tabs, semicolons, numbered, scored, named;
  for (int i = 0; i < 68; ++i) {
    spaces += text("  ", i, "  ", i, ".5 \n");
    tabs += text(i, '\t', i, ".5\n");
    semicolons += text(i, " ; ", i, ".5\n");
    numbered += text(i + 1, ',', i, ',', i, ".5\n");
    scored += text(i, ' ', i, ".5 0.9\n");
    named += text("7,", i, ',', i, ".5\n");
  }
  const std::string pts = text("version: 1\nn_points:  68\n{\n", spaces, "}\n");
  for (const std::string& content :
       {spaces, tabs, semicolons, numbered, text("x y score\n", scored), text("x,y\n", rows(68)),
        text("\"x\",\"y\"\n", rows(68)), text("face,x,y\n", named), text("# by hand\n", rows(68)),
        text("\xEF\xBB\xBF", rows(68)), text("\xEF\xBB\xBFx y\n", spaces), pts, rows(70)}) {
    EXPECT_TRUE(read(content).equal(keypoints)) << content.substr(0, 60);
  }
}

TEST_F(LandmarkFolder, NamesAndNumbersOfColumnsAreFollowed) {
  const at::Tensor keypoints = read(rows(68));
  std::string turned, turned_by_id, backwards, later, numbered;
  for (int i = 0; i < 68; ++i) {
    turned += text(i, ".5,", i, '\n');
    turned_by_id += text(i, ',', i, ".5,", i, '\n');
    backwards += text(67 - i, ',', 67 - i, ',', 67 - i, ".5\n");
    numbered += text(i, ',', i, ',', i, ".5\n");
    later += text(i + 2, ',', i, ',', i, ".5\n");
  }
  for (const std::string& content :
       {text("y,x\n", turned), text("id,y,x\n", turned_by_id), backwards, text("id,x,y\n", backwards),
        text("index,x,y\n", numbered), text("identity,pointX,pointY\n", numbered), text("INDEX,X,Y\n", numbered),
        later}) {
    EXPECT_TRUE(read(content).equal(keypoints)) << content.substr(0, 60);
  }
  EXPECT_EQ(fault(text("id,y,x\n", turned)), " has 2 columns below names of more");
  for (const char* words : {"Permission denied by server", "id,row,column", "a b"}) {
    EXPECT_EQ(fault(text(words, '\n')), text(":1: a row must be `x,y`, but this is \"", words, '"'));
  }
}

TEST_F(LandmarkFolder, OfSeveralPeopleTheLargestFaceIsTaken) {
  const auto face = [](double scale, double confidence, int of_landmark = 67) {
    std::string numbers;
    for (int i = 0; i < 70; ++i)
      numbers += text(i > 0 ? ", " : "", scale * i, ", ", scale * i + 0.5, ", ", i == of_landmark ? confidence : 0.9);
    return text("{\"face_keypoints_2d\": [", numbers, "]}");
  };
  const at::Tensor keypoints = read(rows(68));
  const std::string none = "{\"face_keypoints_2d\": []}";
  for (const std::string& people : {text(none, ", ", face(1, 0.9)), text(face(0.5, 0.9), ", ", face(1, 0.9)),
                                    text(face(1, 0.9), ", ", face(0.5, 0.9)), text(face(2, 0), ", ", face(1, 0.9)),
                                    face(1, 0, 69), text("{\"pose_keypoints_2d\": []}, ", face(1, 0.9))}) {
    EXPECT_TRUE(read(text("{\"people\": [", people, "]}")).equal(keypoints)) << people.substr(0, 60);
  }
  EXPECT_EQ(read(text("{\"people\": [", face(1, 0), "]}")).abs().sum().item<double>(), 0)
      << "a landmark that was not found is not in the corner of the frame";
  std::string words = face(1, 0.9);
  words.replace(words.find("0.9"), 3, "\"x\"");
  EXPECT_EQ(fault(text("{\"people\": [", words, "]}")), " has a text as the confidence of landmark 0");
}

TEST_F(LandmarkFolder, ReadsJsonAsToolsWriteIt) {
  const at::Tensor keypoints = read(rows(68));
  std::string flat, triples, objects;
  for (int i = 0; i < 70; ++i) {
    const char* between = i > 0 ? ", " : "";
    if (i < 68) flat += text(between, i, ", ", i, ".5");
    if (i < 68) objects += text(between, "{\"x\": ", i, ", \"y\": ", i, ".5}");
    triples += text(between, i, ", ", i, ".5, 0.9");
  }
  for (const std::string& content :
       {text('[', flat, ']'), text('[', objects, ']'), text('[', list(68), ']'),
        text("{\"landmarks\": ", list(68), "}"), text("{\"landmarks\": [", list(68), "]}"), list(70),
        text("\xEF\xBB\xBF", list(68)), text("{\"people\": [{\"face_keypoints_2d\": [", triples, "]}]}")}) {
    EXPECT_TRUE(read(content).equal(keypoints)) << content.substr(0, 60);
  }
}

TEST_F(LandmarkFolder, AFrameWithoutAFaceHasConfidenceZero) {
  std::string zeros = "0";
  for (int i = 1; i < 210; ++i) zeros += ", 0";
  for (const std::string& content :
       {std::string(), std::string(" \n"), std::string("x,y\n"), std::string("version: 1\nn_points: 0\n{\n}\n"),
        std::string("[]"), std::string("null"), std::string("{\"landmarks\": []}"), std::string("{\"people\": []}"),
        text("{\"people\": [{\"face_keypoints_2d\": [", zeros, "]}]}"),
        std::string("<dataset><images><image file='a.jpg'></image></images></dataset>")}) {
    const at::Tensor keypoints = read(content);
    EXPECT_EQ(keypoints.sizes(), (at::IntArrayRef{1, 68, 3})) << content;
    EXPECT_EQ(keypoints.abs().sum().item<double>(), 0) << content;
  }
}

class DlibXml : public LandmarkFolder {
 protected:
  static std::string box(int parts, const std::string& rest = "") {
    std::string content = "<box top='1' left='2' width='3' height='4'><label>me</label>\n";
    for (int i = parts - 1; i >= 0; --i)
      content += text("<part name='", i < 10 ? "0" : "", i, "' x='", i, "' y=\"", i, ".5\"/>\n");
    return content + rest + "</box>";
  }
  static std::string file(const std::string& images) {
    return "<?xml version='1.0'?><!-- made > by hand --><dataset><name>x</name><images>" + images +
           "</images></dataset>";
  }
  static std::string image(const std::string& name, const std::string& content) {
    return text("<image file='", name, "'>", content, "</image>");
  }
};

TEST_F(DlibXml, ReadsThePartsOfTheFirstBox) {
  const at::Tensor keypoints = read(rows(68));
  EXPECT_TRUE(read(file(image("a.jpg", box(68) + box(3)))).equal(keypoints));
}

TEST_F(DlibXml, OneFileMayListAllFrames) {
  write("all.xml",
        file(image("video/008.jpg", box(68)) + image("video/011.jpg", box(68)) + image("video/009.jpg", "")));
  NodeRunner folder("face.landmark_folder");
  folder.set("path", path("all.xml"));
  std::vector<double> confidence;
  while (folder.run().has_values()) confidence.push_back(folder.tensor("keypoints")[0][0][2].item<double>());
  EXPECT_EQ(confidence, (std::vector<double>{1, 0, 0, 1}));  // 10 is not in the list
  EXPECT_EQ(folder.source().frame_names(), (std::vector<std::string>{"008", "009", "010", "011"}));
}

TEST_F(DlibXml, ImagesOfOneNameAreRefused) {
  write("all.xml", file(image("a/000.jpg", box(68)) + image("b/000.jpg", box(68))));
  NodeRunner folder("face.landmark_folder");
  folder.set("path", path("all.xml"));
  EXPECT_EQ(error_of([&] { folder.run(); }), path("all.xml") +
                                                 " lists a/000.jpg and b/000.jpg, which are both frame \"000\"\n"
                                                 "  give each folder of images a file of its own");
}

TEST_F(DlibXml, RefusesWhatIsDamaged) {
  const std::string whole = file(image("a.jpg", box(68)));
  EXPECT_EQ(fault(whole.substr(0, whole.size() - 10)), " ends before </dataset>: it is cut off, or no file of dlib's");
  EXPECT_EQ(fault(whole.substr(0, 40)), " ends within a tag: it is cut off, or not XML");
  EXPECT_EQ(fault(file(image("a.jpg", box(67)))).substr(0, 36), " has 67 landmarks, but a face has 68");
  EXPECT_EQ(fault(file(image("a.jpg", box(68, "<part name='68' x='a' y='1'/>")))),
            " has \"a\" instead of a number as x of a <part>");
  EXPECT_EQ(fault(file(image("a.jpg", box(68, "<part name='99999999' x='1' y='1'/>")))),
            " has a part with the number 99999999");
  EXPECT_EQ(fault(file(image("a.jpg", box(68, "<part name='1' y='1'/>")))), " has a <part> without x");
  for (const char* number : {"nan", "0.7", "-1", "inf"}) {
    EXPECT_EQ(fault(file(image("a.jpg", box(68, text("<part name='", number, "' x='1' y='1'/>"))))),
              text(" has a part with the number ", number));
  }
  EXPECT_EQ(fault(file(image("a.jpg", box(68, "<part name='3' x='1' y='1'/>")))), " has part 3 twice in one <box>");
  EXPECT_EQ(fault(file(image("b.jpg", "<box>" + std::string("<part name='1' x='1' y='1'/></box>")))),
            " has no part 0 in image \"b\", but a part of a larger number");
}

TEST_F(LandmarkFolder, RefusesAnotherNumberOfLandmarks) {
  const std::string hint = "\n  the landmarks must be those of dlib's predictor with 68 points";
  EXPECT_EQ(fault(rows(67)), " has 67 landmarks, but a face has 68" + hint);
  EXPECT_EQ(fault(list(69)), " has 69 landmarks, but a face has 68" + hint);
  EXPECT_EQ(fault("0 1\n2 3\n"), " has 2 landmarks, but a face has 68" + hint);
}

TEST_F(LandmarkFolder, RefusesWhatIsNoRow) {
  EXPECT_EQ(fault(rows(68, "1,2,3")), ":2: a row must be `x,y`, but this is \"1,1.5\"");
  EXPECT_EQ(fault(rows(68, "1,2,3,4")), ":1: a row must be `x,y`, but this is \"1,2,3,4\"");
  EXPECT_EQ(fault(rows(68, "1,two")), ":1: a row must be `x,y`, but this is \"1,two\"");
  EXPECT_EQ(fault("nonsense\n"), ":1: a row must be `x,y`, but this is \"nonsense\"");
  EXPECT_EQ(fault("x,y\nx,y\n"), ":2: a row must be `x,y`, but this is \"x,y\"");
  EXPECT_EQ(fault(rows(3) + "x,y\n"), ":4: a row must be `x,y`, but this is \"x,y\"");
}

TEST_F(LandmarkFolder, RefusesWhatIsNoPosition) {
  EXPECT_EQ(fault(rows(68, "nan,1")), " has nan in landmark 0, which is not a position in an image");
  EXPECT_EQ(fault(rows(68, "1,-1e7")), " has -1e7 in landmark 0, which is not a position in an image");
  EXPECT_EQ(fault(list(68, "[1, 1e7]")), " has 1e7 in landmark 0, which is not a position in an image");
}

TEST_F(LandmarkFolder, RefusesWhatIsNoListOfPairs) {
  EXPECT_EQ(fault(list(68, "[1, 2, 3]")), " has something else than [x, y] as landmark 1: a list of 2");
  EXPECT_EQ(fault(list(68, "[1, 2, 3, 4]")), " has something else than [x, y] as landmark 0: a list of 4");
  EXPECT_EQ(fault(list(68, "[\"1\", 2]")), " has something else than [x, y] as landmark 0: a list of 2");
  EXPECT_EQ(fault("{\"x\": 1}"), " is no file of landmarks: a list of 68 lists [x, y] is wanted");
  EXPECT_EQ(fault("[1, 2, 3, 4]"), " has 4 numbers, but 68 landmarks of x and y make 136");
  EXPECT_EQ(fault(std::string(1'000'001, ' ')),
            " has 1.0 MB, which is too large for what it should be\n  such files have at most 1.0 MB");
}

TEST_F(LandmarkFolder, RefusesJsonThatIsNestedWithoutMeasure) {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_EQ(fault(list(68, deep)), " is nested more than 64 deep");
  EXPECT_EQ(fault(list(68, "[[[[]]]]")), " has something else than [x, y] as landmark 0: a list of 1");
  EXPECT_EQ(fault(list(68, '"' + std::string(900'000, 'x') + '"')),
            " has something else than [x, y] as landmark 0: a text");
}

TEST_F(LandmarkFolder, TruncatedFilesAreRefused) {
  const std::string pairs = list(68);
  for (size_t length = 1; length < pairs.size(); length += 5) {
    EXPECT_TRUE(fault(pairs.substr(0, length)).starts_with(" is not JSON\n  ")) << length;
  }
}

TEST_F(LandmarkFolder, ReadsTheRealFrames) {
  const std::string folder = testing::shared_folder("data/face/landmarks");
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no shared data at " << folder;
  NodeRunner frames("face.landmark_folder");
  frames.set("path", folder);
  EXPECT_EQ(frames.run().tensor("keypoints")[0][0][0].item<double>(), 292);  // the file's first number
  for (int i = 1; i < 5; ++i) EXPECT_TRUE(frames.run().has_values());
  EXPECT_FALSE(frames.run().has_values());
}

}  // namespace
}  // namespace weft::face

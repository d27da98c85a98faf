// Live streams: senders on this machine, which the tests are themselves; and cameras that are not there.
#include "framework/base/text.h"
#include "framework/testing/node_runner.h"
#include "plugins/media/live_queue.h"
#include "tests/plugins/media/ffmpeg.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <thread>

namespace weft {
namespace {

using media::LiveQueue;
using media::OnFull;
using testing::content_of;
using ::testing::Each;
using ::testing::ElementsAre;
using testing::error_of;
using testing::film_number;
using ::testing::HasSubstr;
using testing::NodeRunner;
using ::testing::Not;
using testing::Reading;
using testing::TemporaryFolder;
using testing::TestFilm;

/// A socket of this machine with a number that the system chooses.
class Socket {
 public:
  explicit Socket(int type) : number_(::socket(AF_INET, type, 0)) {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(number_, reinterpret_cast<sockaddr*>(&address_), sizeof address_), 0);
    socklen_t size = sizeof address_;
    ::getsockname(number_, reinterpret_cast<sockaddr*>(&address_), &size);
  }
  ~Socket() { close(); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  void close() {
    if (number_ >= 0) ::close(std::exchange(number_, -1));
  }
  int number() const { return number_; }
  int port() const { return ntohs(address_.sin_port); }

 private:
  int number_;
  sockaddr_in address_{};
};

/// Takes one caller by TCP, and lets `talk` have the connection.
class Server {
 public:
  explicit Server(std::function<void(int connection)> talk) {
    ::listen(socket_.number(), 4);
    thread_ = std::thread([this, talk = std::move(talk)] {
      const int connection = ::accept(socket_.number(), nullptr, nullptr);
      if (connection < 0) return;
      talk(connection);
      ::close(connection);
    });
  }
  ~Server() {
    ::shutdown(socket_.number(), SHUT_RDWR);  // where nobody called
    thread_.join();
  }

  std::string at(const std::string& scheme) const { return text(scheme, "://127.0.0.1:", socket_.port()); }

 private:
  Socket socket_{SOCK_STREAM};
  std::thread thread_;
};

void send_all(int connection, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
}

/// Until the other side closes its end.
void wait_for_end(int connection) {
  char byte = 0;
  while (::recv(connection, &byte, 1, 0) > 0) continue;
}

/// What a node of a live stream gave, and how it ended.
Reading read_stream(const std::string& url, const std::vector<std::pair<std::string, ParamValue>>& params = {}) {
  Reading reading;
  reading.error = error_of([&] {
    NodeRunner node("media.stream");
    node.set("url", url).set("on_full", "wait");
    node.context().log().listen([&](const std::string& level, const std::string& line) {
      if (level == "warning") reading.warnings.push_back(line);
    });
    for (const auto& [name, value] : params) node.set(name, value);
    while (node.run().has_values()) reading.frames.push_back(node.tensor("image"));
  });
  return reading;
}

std::vector<int> numbers_of(const Reading& reading) {
  std::vector<int> numbers;
  for (const at::Tensor& frame : reading.frames) numbers.push_back(film_number(frame));
  return numbers;
}

class Live : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!testing::has_ffmpeg()) GTEST_SKIP() << "there is no ffmpeg";
    // The film five times, 2.4 seconds: what a stream holds is known after one.
    std::vector<std::string> arguments = film_.input();
    arguments.insert(arguments.begin(), {"-stream_loop", "4"});
    arguments.insert(arguments.end(), {"-c:v", "mpeg2video", "-q:v", "2", folder_ / "film.ts"});
    ASSERT_EQ(testing::ffmpeg(arguments), "");
    film_bytes_ = content_of(folder_ / "film.ts");
  }

  const TemporaryFolder folder_;
  const TestFilm film_{folder_};
  std::string film_bytes_;  ///< as MPEG-TS
};

TEST_F(Live, AStreamByTcpGivesAllFramesInTheirOrder) {
  const Server server([&](int connection) { send_all(connection, film_bytes_); });
  const Reading reading = read_stream(server.at("tcp"));
  EXPECT_EQ(reading.error, "");
  EXPECT_THAT(reading.warnings, ElementsAre());
  std::vector<int> wanted;
  for (int i = 0; i < 60; ++i) wanted.push_back(i % testing::kFilmFrames);
  EXPECT_EQ(numbers_of(reading), wanted);
}

TEST_F(Live, AStreamByHttpIsResized) {
  const Server server([&](int connection) {
    send_all(connection, text("HTTP/1.1 200 OK\r\nContent-Type: video/mp2t\r\nConnection: close\r\n\r\n", film_bytes_));
  });
  const Reading reading = read_stream(server.at("http") + "/film.ts", {{"size", std::vector<int64_t>{24, 32}}});
  EXPECT_EQ(reading.error, "");
  ASSERT_EQ(reading.frames.size(), 60U);
  EXPECT_EQ(reading.frames[3].sizes(), at::IntArrayRef({1, 3, 24, 32}));
}

TEST_F(Live, AStreamByUdpEndsWhereItsSenderFallsSilent) {
  int port = 0;
  { port = Socket(SOCK_DGRAM).port(); }
  std::atomic<bool> is_read = false;
  std::thread sender([&] {
    const Socket socket(SOCK_DGRAM);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    // The reader may begin anywhere, so the film is sent until frames have come.
    while (!is_read) {
      for (size_t at = 0; at < film_bytes_.size(); at += size_t{7} * 188) {
        const std::string_view packet = std::string_view(film_bytes_).substr(at, size_t{7} * 188);
        ::sendto(socket.number(), packet.data(), packet.size(), 0, reinterpret_cast<sockaddr*>(&to), sizeof to);
        std::this_thread::sleep_for(std::chrono::microseconds(200));
      }
    }
  });
  NodeRunner node("media.stream");
  std::vector<std::string> warnings;
  node.context().log().listen([&](const std::string& level, const std::string& line) {
    if (level == "warning") warnings.push_back(line);
  });
  node.set("url", text("udp://127.0.0.1:", port)).set("patience", 2.0).set("on_full", "wait");
  std::vector<int> numbers;
  const std::string error = error_of([&] {
    while (node.run().has_values()) {
      numbers.push_back(film_number(node.tensor("image")));
      if (numbers.size() == 20) is_read = true;
    }
  });
  is_read = true;
  sender.join();
  EXPECT_EQ(error, "");
  EXPECT_GE(numbers.size(), 20U);
  EXPECT_THAT(numbers, Each(::testing::Ge(0)));
  ASSERT_FALSE(warnings.empty());
  EXPECT_THAT(warnings.back(), HasSubstr("nothing came for 2 s; the stream ends here"));
}

TEST_F(Live, ASenderThatIsSilentFromTheBeginningIsAnError) {
  const Server server(wait_for_end);
  EXPECT_EQ(read_stream(server.at("tcp"), {{"patience", 0.2}}).error,
            server.at("tcp") + ": no frame came within 0.2 s\n  does it send? `patience` waits longer");
}

TEST_F(Live, ANodeThatIsNotNeededAnyMoreDoesNotWaitForItsStream) {
  const Server server([&](int connection) {
    send_all(connection, film_bytes_);
    wait_for_end(connection);  // which comes when the node is gone: long before its patience is over
  });
  NodeRunner node("media.stream");
  node.set("url", server.at("tcp")).set("patience", 3600.0).set("on_full", "wait").set("queue", int64_t{1});
  EXPECT_TRUE(node.run().has_values());
}

TEST_F(Live, NobodyWhoListensIsToldInTheSystemsWords) {
  int port = 0;
  { port = Socket(SOCK_STREAM).port(); }
  const std::string url = text("tcp://127.0.0.1:", port);
  EXPECT_EQ(read_stream(url).error, url + " cannot be opened: Connection refused");
}

TEST_F(Live, APlaylistCannotNameFilesOfThisMachine) {
  const Server server([&](int connection) {
    send_all(connection,
             text("HTTP/1.1 200 OK\r\nContent-Type: application/vnd.apple.mpegurl\r\nConnection: close\r\n\r\n",
                  "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://", folder_ / "film.ts", "\n#EXT-X-ENDLIST\n"));
  });
  const Reading reading = read_stream(server.at("http") + "/list.m3u8", {{"patience", 2.0}});
  EXPECT_NE(reading.error, "");
  EXPECT_EQ(reading.frames.size(), 0U);
}

TEST_F(Live, OtherAddressesThanThoseOfStreamsAreRefused) {
  for (const std::string& url : {"file://" + (folder_ / "film.ts"), folder_ / "film.ts", std::string("concat:a|b")}) {
    EXPECT_THAT(read_stream(url).error, HasSubstr(text("`url` is no address that is read: \"", url, '"')));
    EXPECT_THAT(read_stream(url).error, HasSubstr("files are read by media.video"));
  }
}

TEST_F(Live, APasswordIsInNoMessage) {
  int port = 0;
  { port = Socket(SOCK_STREAM).port(); }
  const std::string error = read_stream(text("http://me:secret@127.0.0.1:", port, "/a@b")).error;
  EXPECT_THAT(error, HasSubstr(text("http://…@127.0.0.1:", port, "/a@b cannot be opened: ")));
  EXPECT_THAT(error, Not(HasSubstr("secret")));
}

TEST(LiveQueue, DropsThoseThatHaveWaitedLongest) {
  LiveQueue<int> queue(2, OnFull::Drop);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(queue.push(i));
  queue.end(nullptr);
  EXPECT_EQ(queue.dropped(), 3);
  EXPECT_EQ(queue.pop(), 3);
  EXPECT_EQ(queue.pop(), 4);
  EXPECT_EQ(queue.pop(), std::nullopt);
}

TEST(LiveQueue, LetsTheSenderWait) {
  LiveQueue<int> queue(2, OnFull::Wait);
  std::thread sender([&] {
    for (int i = 0; i < 100; ++i) queue.push(i);
    queue.end(std::make_exception_ptr(Error(Exit::Data, "cut")));
  });
  for (int i = 0; i < 100; ++i) EXPECT_EQ(queue.pop(), i);
  EXPECT_EQ(error_of([&] { queue.pop(); }), "cut");
  EXPECT_EQ(queue.dropped(), 0);
  sender.join();
}

TEST(LiveQueue, ASenderThatWaitsGoesOnWhereNobodyTakesAnyMore) {
  LiveQueue<int> queue(1, OnFull::Wait);
  EXPECT_TRUE(queue.push(0));
  std::thread sender([&] { EXPECT_FALSE(queue.push(1)); });
  queue.give_up();
  sender.join();
}

/// The error with which a camera cannot be read.
std::string error_of_camera(const std::string& device) {
  return error_of([&] {
    NodeRunner node("media.camera");
    node.set("device", device).run();
  });
}

class Camera : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!NodeRunner::built_plugins().find("media.camera")) GTEST_SKIP() << "this build has no media.camera";
  }
};

TEST_F(Camera, ThatIsNotThereIsTold) {
  EXPECT_THAT(error_of_camera("/dev/video987"), ::testing::StartsWith("there is no camera /dev/video987\n  there "));
}

TEST_F(Camera, IsADevice) {
  const TemporaryFolder folder;
  EXPECT_THAT(error_of_camera(folder.add("video0", "no device")), HasSubstr("video0 is no camera: it is not a device"));
  EXPECT_THAT(error_of_camera(folder.path()), HasSubstr(" is no camera: it is not a device"));
}

TEST_F(Camera, IsADeviceOfVideo) {
  EXPECT_THAT(error_of_camera("/dev/null"),
              ::testing::StartsWith("the camera /dev/null cannot be opened: Inappropriate ioctl for device\n"));
}

TEST_F(Camera, WithoutPermissionTheGroupIsNamed) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may open everything";
  EXPECT_THAT(error_of_camera("/dev/mem"), HasSubstr("Permission denied\n  cameras are for the group `video`"));
}

}  // namespace
}  // namespace weft

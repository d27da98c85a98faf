#include "framework/base/error.h"
#include "framework/base/text.h"
#include "plugins/media/live_source.h"
#include <weft/node.h>

#include <array>
#include <optional>
#include <utility>

namespace weft::media {
namespace {

/// What libav may open for an address: a stream names no files of this machine.
struct Scheme {
  const char* name;
  const char* protocols;
};
constexpr std::array<Scheme, 10> kSchemes = {{{"rtsp", "rtsp,rtp,udp,tcp"},
                                              {"rtsps", "rtsp,rtp,udp,tcp,tls"},
                                              {"http", "http,https,tcp,tls,crypto"},
                                              {"https", "http,https,tcp,tls,crypto"},
                                              {"udp", "udp"},
                                              {"tcp", "tcp"},
                                              {"rtp", "rtp,udp"},
                                              {"rtmp", "rtmp,tcp"},
                                              {"rtmps", "rtmps,tcp,tls"},
                                              {"srt", "srt"}}};

/// Frames that come over a network.
struct Stream {
  static constexpr auto about =
      "Frames of a live stream over a network (RTSP, HTTP, HLS, UDP, TCP, RTP, RTMP, SRT), as they come; upright and "
      "with square pixels. The address is read from the command line alone, unless --trust says otherwise";

  std::string url;
  LiveSource live{OnDamage::Skip};

  void params(Params& p) {
    p("url", url, "the address, such as \"rtsp://192.168.1.7/stream\", \"udp://@:5000\" or \"tcp://server:5000\"")
        .required();
    live.params(p);
  }
  void shape(Shapes& shapes) const {
    scheme();
    live.shape(shapes);
  }
  std::vector<std::string> sequences() { return {"stream"}; }
  std::optional<std::string> next_sequence(Context&) {
    if (live.is_open()) return {};
    live.open(place());
    return "stream";
  }
  std::optional<Recording> recording() { return live.recording(); }

  std::optional<Out<"image", "image[B,3,H,W]">> run(Context& context) { return live.next(context); }

 private:
  /// @throws Error  (Graph) for another one
  const Scheme& scheme() const {
    std::vector<std::string> known;
    for (const Scheme& scheme : kSchemes) {
      if (url.starts_with(text(scheme.name, "://"))) return scheme;
      known.push_back(text(scheme.name, "://"));
    }
    throw Error(Exit::Graph, text("`url` is no address that is read: \"", url, '"'))
        .hint(text("addresses begin with ", join(known), "; files are read by media.video"));
  }

  LivePlace place() const {
    LivePlace place{
        .url = url, .name = without_password(), .protocols = scheme().protocols, .patience = live.patience()};
    if (url.starts_with("rtsp")) place.options["rtsp_flags"] = "prefer_tcp";
    return place;
  }

  /// The address for messages and logs: "rtsp://user:secret@host" has a secret in it.
  std::string without_password() const {
    const size_t host = url.find("://") + 3, end = url.find('/', host);
    const size_t at = url.substr(0, end).rfind('@');
    return at == std::string::npos || at < host || at == host ? url : text(url.substr(0, host), "…", url.substr(at));
  }
};

}  // namespace

void add_stream(Registry& registry) {
  registry.add<Stream>("media.stream");
}

}  // namespace weft::media

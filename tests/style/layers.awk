# Who may include what.   usage, in the source folder: awk -f layers.awk framework/CMakeLists.txt SOURCE…
#
# The first file's weft_add_layer calls are the table of layers. A folder of framework/ includes itself and what its USES
# reach; a plugin includes what framework/node reaches, <weft/…> and its own folder; the rest is in `homes` below.

# Packages and where they may be included; the first pattern that fits an include decides.
function packages() {
  home("^torch/(torch|all|types|extension)\\.h$|^ATen/ATen\\.h$", "^$", "is slow to compile: ATen/core/Tensor.h, ATen/TensorOperators.h and ATen/ops/NAME.h do")
  home("^torch/(csrc/api|nn|optim|serialize|data|jit)|^torch/(script|optim|nn|serialize|enum|utils)\\.h$", "^framework/train/", "is for framework/train alone")
  home("^(fmt/|format$)", "^$", "is not used: framework/base/text.h is")
  home("^toml\\+\\+/", "^framework/graph/", "is for framework/graph alone")
  home("^boost/", "^framework/plugin/", "is for framework/plugin alone")
  home("^(libav|libsw|spng\\.h|turbojpeg\\.h)", "^(plugins/media|tests/plugins/media)/", "is for plugins/media alone")
  home("^zlib\\.h$", "^(framework|tests)/train/", "is for framework/train alone")
  home("^opencv2/", "^(plugins|tests/plugins)/", "is for plugins alone")
  home("^CLI/", "^cli/", "is for cli alone")
  home("^nlohmann/", "^(framework/nn|framework/train|cli|plugins/pose|plugins/face|tests)/", "is for framework/nn, framework/train, cli, plugins/pose, plugins/face and tests")
  # What cli/plugin_template.cpp writes has a test.
  home("^(gtest|gmock)/", "^tests/|^cli/plugin_template\\.cpp$", "is for tests alone")
}

function home(include, folder, rule) {
  include_of[++packages_known] = include
  folder_of[packages_known] = folder
  rule_of[packages_known] = rule
}

# The table: `weft_add_layer(name SOURCES … USES a b)`, over as many lines as it likes.
function read_table(line,    i, words, count) {
  sub(/#.*/, "", line)
  gsub(/[()]/, " & ", line)
  count = split(line, words, /[ \t]+/)
  for (i = 1; i <= count; ++i) {
    if (words[i] == "weft_add_layer") { layer = "?"; in_uses = 0 }
    else if (words[i] == ")") layer = ""
    else if (layer == "" || words[i] == "(" || words[i] == "") continue
    else if (layer == "?") { layer = words[i]; is_layer[layer] = 1; reaches[layer, layer] = 1 }
    else if (words[i] == "SOURCES") in_uses = 0
    else if (words[i] == "USES") in_uses = 1
    else if (in_uses) { reaches[layer, words[i]] = 1; used[words[i]] = 1 }
  }
}

# What is used by what is used is used.
function close_table(    a, b, c, has_grown) {
  do {
    has_grown = 0
    for (a in is_layer) for (b in is_layer) if (a != b && (a, b) in reaches) {
      for (c in is_layer) if ((b, c) in reaches && !((a, c) in reaches)) { reaches[a, c] = 1; has_grown = 1 }
      for (c in used) if ((b, c) in reaches && !((a, c) in reaches)) { reaches[a, c] = 1; has_grown = 1 }
    }
  } while (has_grown)
}

function part(path, number,    parts) {
  split(path, parts, "/")
  return parts[number]
}

# The layer on which a file stands: for a plugin framework/node, which is all that it sees.
function layer_of(file) {
  if (file == "framework/include/weft/session.h") return ""  # for programs, which see every layer
  if (file ~ /^framework\/include\//) return file ~ /\/testing\.h$/ ? "testing" : "node"
  if (file ~ /^framework\//) return part(file, 2)
  return file ~ /^plugins\// ? "node" : ""
}

function fault(include, rule) {
  printf "%s:%d: %s: %s\n", FILENAME, FNR, include, rule
  faults++
}

function check_own(include,    layer, wanted) {
  layer = layer_of(FILENAME)
  if (include !~ /^(framework|plugins|cli|tests)\//) fault(include, "an include begins at the root: \"framework/nn/warp.h\"")
  else if (include ~ /^framework\//) {
    wanted = layer_of(include)
    if (!(wanted in is_layer)) fault(include, "framework/" wanted " is no layer of framework/CMakeLists.txt")
    else if (layer != "" && !((layer, wanted) in reaches))
      fault(include, FILENAME ~ /^plugins\// ? "a plugin sees framework/node and what that uses" : "framework/" layer " does not use " wanted " (framework/CMakeLists.txt)")
  }
  else if (include ~ /^tests\//) { if (FILENAME !~ /^tests\//) fault(include, "only tests include tests") }
  else if (include ~ /^cli\//) { if (FILENAME !~ /^(cli|tests)\//) fault(include, "only cli and its tests include cli") }
  else if (FILENAME ~ /^plugins\//) { if (part(FILENAME, 2) != part(include, 2)) fault(include, "a plugin never includes another plugin") }
  else if (FILENAME !~ /^tests\//) fault(include, "only plugins and tests include plugins")
}

function check_package(include,    i, layer) {
  layer = layer_of(FILENAME)
  if (include == "weft/session.h" && FILENAME ~ /^plugins\//) fault(include, "is for programs; a plugin sees framework/node and what that uses")
  if (include ~ /^weft\// && FILENAME ~ /^framework\//) fault(include, "<weft/…> is for plugins; inside framework/ the layer's own header is included")
  if (include ~ /^(ATen|c10|torch|caffe2)\// && layer != "" && !((layer, "LibTorch") in reaches)) fault(include, "framework/" layer " does without LibTorch (framework/CMakeLists.txt)")
  for (i = 1; i <= packages_known; ++i) {
    if (include !~ include_of[i]) continue
    if (FILENAME !~ folder_of[i]) fault(include, include " " rule_of[i])
    return
  }
}

BEGIN { packages() }
FILENAME == "framework/CMakeLists.txt" { read_table($0); next }
!is_closed { close_table(); is_closed = 1 }
/^[ \t]*#[ \t]*include[ \t]*"/ { split($0, quoted, "\""); check_own(quoted[2]) }
/^[ \t]*#[ \t]*include[ \t]*</ { split($0, angled, /[<>]/); check_package(angled[2]) }
END { exit faults > 0 }

# Who may include what.   usage, in the source folder: awk -f layers.awk framework/CMakeLists.txt plugins/*/CMakeLists.txt SOURCE…
#
# The first file's weft_add_layer calls are the table of layers. A folder of framework/ includes itself and what its USES
# reach. A plugin includes its own folder, framework/base, spec and node, and the layers that the USES of its weft_add_plugin
# name. The rest is in `packages` below.

# Packages and where they may be included; the first pattern that fits an include decides.
function packages() {
  home("^torch/(torch|all|types|extension)\\.h$|^ATen/ATen\\.h$", "^$", "is slow to compile: ATen/core/Tensor.h, ATen/TensorOperators.h and ATen/ops/NAME.h do")
  home("^torch/(csrc/api|nn|optim|serialize|data|jit)|^torch/(script|optim|nn|serialize|enum|utils)\\.h$", "^framework/train/", "is for framework/train alone")
  home("^(fmt/|format$)", "^$", "is not used: framework/base/text.h is")
  home("^toml\\+\\+/", "^framework/graph/", "is for framework/graph alone")
  home("^boost/", "^framework/plugin/", "is for framework/plugin alone")
  home("^(libav|libsw|turbojpeg\\.h)", "^(plugins/media|tests/plugins/media)/", "is for plugins/media alone")
  home("^spng\\.h$", "^(framework/vision|plugins/media|tests/plugins/media)/", "is for framework/vision and plugins/media")
  home("^zlib\\.h$", "^tests/report/", "is for tests of reports alone")
  home("^opencv2/", "^(plugins|tests/plugins)/", "is for plugins alone")
  home("^openvino/", "^framework/engines/", "is for framework/engines alone")
  home("^dlib/", "^plugins/face/", "is for plugins/face alone")
  home("^CLI/", "^cli/", "is for cli alone")
  home("^nlohmann/", "^(framework/weights|framework/report|framework/train|cli|plugins/pose|plugins/face|plugins/metric|tests)/", "is for framework/weights, report and train, cli, plugins/pose, plugins/face, plugins/metric and tests")
  # What cli/plugin_template.cpp writes has a test.
  home("^(gtest|gmock)/", "^tests/|^cli/plugin_template\\.cpp$", "is for tests alone")
}

function home(include, folder, rule) {
  include_of[++packages_known] = include
  folder_of[packages_known] = folder
  rule_of[packages_known] = rule
}

# The tables: `weft_add_layer(name SOURCES … USES a b)` and `weft_add_plugin(name SOURCES … USES a b)`, over as many lines as
# they like.
function read_table(line,    i, words, count) {
  sub(/#.*/, "", line)
  gsub(/[()]/, " & ", line)
  count = split(line, words, /[ \t]+/)
  for (i = 1; i <= count; ++i) {
    if (words[i] ~ /^weft_add_(layer|plugin)$/) { call = words[i]; table = "?"; in_uses = 0 }
    else if (words[i] == ")") table = ""
    else if (table == "" || words[i] == "(" || words[i] == "") continue
    else if (table == "?") { table = words[i]; begin_table() }
    else if (words[i] ~ /^[A-Z_]+$/) in_uses = words[i] == "USES"
    else if (in_uses && call == "weft_add_layer") { reaches[table, words[i]] = 1; used[words[i]] = 1 }
    else if (in_uses) sees[table, words[i]] = 1
  }
}

function begin_table() {
  if (call == "weft_add_layer") { is_layer[table] = 1; reaches[table, table] = 1 }
  else sees[table, "base"] = sees[table, "spec"] = sees[table, "node"] = 1
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

# The layer in which a file lies; none for plugins, programs and tests. A header <weft/LAYER.h> is part of that layer.
function layer_of(file,    name) {
  if (file == "framework/include/weft/session.h") return ""  # for programs, which see every layer
  if (file !~ /^framework\//) return ""
  name = part(file, file ~ /^framework\/include\// ? 4 : 2)
  sub(/\.h$/, "", name)
  return name
}

# Whether the plugin to which a file belongs may include a layer.
function plugin_sees(file, layer) { return (part(file, 2), layer) in sees }

function fault(include, rule) {
  printf "%s:%d: %s: %s\n", FILENAME, FNR, include, rule
  faults++
}

function check_own(include,    layer, wanted) {
  layer = layer_of(FILENAME)
  if (include !~ /^(framework|plugins|cli|tests)\//) fault(include, "an include begins at the root: \"framework/vision/warp.h\"")
  else if (include ~ /^framework\//) {
    wanted = layer_of(include)
    if (!(wanted in is_layer)) fault(include, "framework/" wanted " is no layer of framework/CMakeLists.txt")
    else if (layer != "" && !((layer, wanted) in reaches)) fault(include, "framework/" layer " does not use " wanted " (framework/CMakeLists.txt)")
    else if (FILENAME ~ /^plugins\// && !plugin_sees(FILENAME, wanted)) fault(include, "plugins/" part(FILENAME, 2) " does not use " wanted " (its CMakeLists.txt)")
  }
  else if (include ~ /^tests\//) { if (FILENAME !~ /^tests\//) fault(include, "only tests include tests") }
  else if (include ~ /^cli\//) { if (FILENAME !~ /^(cli|tests)\//) fault(include, "only cli and its tests include cli") }
  else if (FILENAME ~ /^plugins\//) { if (part(FILENAME, 2) != part(include, 2)) fault(include, "a plugin never includes another plugin") }
  else if (FILENAME !~ /^tests\//) fault(include, "only plugins and tests include plugins")
}

function check_package(include,    i, layer) {
  layer = layer_of(FILENAME)
  if (include == "weft/session.h" && FILENAME ~ /^plugins\//) fault(include, "is for programs; a plugin sees framework/node and the layers that it uses")
  else if (include ~ /^weft\// && FILENAME ~ /^plugins\// && !plugin_sees(FILENAME, layer_of("framework/include/" include)))
    fault(include, "plugins/" part(FILENAME, 2) " does not use " layer_of("framework/include/" include) " (its CMakeLists.txt)")
  if (include ~ /^weft\// && FILENAME ~ /^framework\//) fault(include, "<weft/…> is for plugins; inside framework/ the layer's own header is included")
  if (include ~ /^(ATen|c10|torch|caffe2)\// && layer != "" && !((layer, "LibTorch") in reaches)) fault(include, "framework/" layer " does without LibTorch (framework/CMakeLists.txt)")
  for (i = 1; i <= packages_known; ++i) {
    if (include !~ include_of[i]) continue
    if (FILENAME !~ folder_of[i]) fault(include, include " " rule_of[i])
    return
  }
}

BEGIN { packages() }
FILENAME ~ /CMakeLists\.txt$/ { read_table($0); next }
!is_closed { close_table(); is_closed = 1 }
/^[ \t]*#[ \t]*include[ \t]*"/ { split($0, quoted, "\""); check_own(quoted[2]) }
/^[ \t]*#[ \t]*include[ \t]*</ { split($0, angled, /[<>]/); check_package(angled[2]) }
END { exit faults > 0 }

#include "framework/report/study_page.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/report/html.h"
#include "framework/report/report.h"

#include <nlohmann/json.hpp>

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace weft::report {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kTypes = {
    {{".mp4", "video/mp4"}, {".webm", "video/webm"}, {".gif", "image/gif"}, {".png", "image/png"}}};

/// The media type by the file's ending; empty for others.
std::string_view type_of(const std::string& file) {
  const std::string ending = lower_case(std::filesystem::path(file).extension().string());
  for (const auto& [known, type] : kTypes) {
    if (known == ending) return type;
  }
  return {};
}

constexpr const char* kStyle = R"css(
main { max-width: none; }
[hidden] { display: none !important; }
#pair { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; }
#pair figure { text-align: center; }
#pair video, #pair img { width: 100%; max-height: 70vh; object-fit: contain; background: #000; display: block; }
button { font: inherit; padding: .5rem 1.2rem; margin: .6rem .3rem 0; }
label { display: block; margin: .6rem 0; }
input { font: inherit; width: 7rem; }
.center { text-align: center; }
#fault { color: #b3261e; font-weight: 600; }
)css";

constexpr const char* kBody = R"html(
<section id="start">
<p><b class="question"></b></p>
<p class="note">Two clips of the same content play side by side, again and again. Choose one; there is no tie.</p>
<form><label>Your number <input name="worker" type="number" min="1" required></label>
<label id="approval">Your rate of approved answers, in percent <input name="approval" type="number" min="0" max="100"
step="0.1"></label>
<button>Begin (Enter)</button></form>
</section>
<section id="ask" hidden>
<p class="center"><b class="question"></b> <span id="progress" class="note" role="status"></span></p>
<div id="pair"><figure><div></div><button data-choice="left">← left</button></figure>
<figure><div></div><button data-choice="right">right →</button></figure></div>
<p class="center"><button id="again">Play again (space)</button><button id="back">Back (backspace)</button></p>
</section>
<section id="end" hidden>
<p>All questions are answered. Save the file, and send it to the person who asked you.</p>
<p><button id="save">Save the answers (Enter)</button></p>
</section>
<p id="fault" role="alert"></p>
)html";

constexpr const char* kScript = R"js(
'use strict';
const study = JSON.parse(document.getElementById('study').textContent);
const by = id => document.getElementById(id);
let worker = 0, approval = 0, order = [], answers = [], since = 0;

// mulberry32: the same order and sides for a worker whenever the page is opened.
function random(seed) {
  return () => {
    seed = seed + 0x6D2B79F5 | 0;
    let t = Math.imul(seed ^ seed >>> 15, 1 | seed);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return ((t ^ t >>> 14) >>> 0) / 4294967296;
  };
}

function draw() {
  const next = random(Math.imul(study.seed, 0x9E3779B1) ^ Math.imul(worker, 0x85EBCA6B));
  const own = [...Array(study.per_worker).keys()]
    .map(i => ((worker - 1) * study.per_worker + i) % study.questions.length);
  for (let i = own.length - 1; i > 0; --i) {
    const j = Math.floor(next() * (i + 1));
    [own[i], own[j]] = [own[j], own[i]];
  }
  return own.map(question => {
    const [first, second] = study.questions[question];
    return next() < 0.5 ? { question, left: first, right: second } : { question, left: second, right: first };
  });
}

const memory = () => `weft-study-${study.id}-${worker}`;
function remember() {
  try { localStorage.setItem(memory(), JSON.stringify(answers)); } catch { /* a browser that keeps nothing */ }
}
function recall() {
  try { return JSON.parse(localStorage.getItem(memory())) ?? []; } catch { return []; }
}

function show(id) {
  for (const section of ['start', 'ask', 'end']) by(section).hidden = section !== id;
}

// Of a clip within the page as a blob: some browsers play no videos from data addresses.
const addresses = new Map();
function address(clip) {
  const place = study.places[clip];
  if (!place.startsWith('data:')) return place;
  if (!addresses.has(clip)) {
    const bytes = Uint8Array.from(atob(place.slice(place.indexOf(',') + 1)), one => one.charCodeAt(0));
    addresses.set(clip, URL.createObjectURL(new Blob([bytes], { type: study.types[clip] })));
  }
  return addresses.get(clip);
}

function player(clip, ready) {
  const is_video = study.types[clip].startsWith('video/');
  const shown = document.createElement(is_video ? 'video' : 'img');
  shown.addEventListener(is_video ? 'loadeddata' : 'load', ready, { once: true });
  shown.addEventListener('error', () => {
    by('fault').textContent = 'A clip cannot be played here. Try another browser; your answers so far are kept.';
  });
  if (is_video) Object.assign(shown, { muted: true, playsInline: true, preload: 'auto' });
  shown.dataset.clip = clip;
  shown.src = address(clip);
  return shown;
}

function play() {
  for (const shown of document.querySelectorAll('#pair video, #pair img')) {
    if (shown.tagName === 'IMG') {
      shown.replaceWith(player(Number(shown.dataset.clip), () => {}));
      continue;
    }
    shown.currentTime = 0;
    shown.play();
  }
}

function ask() {
  by('fault').textContent = '';
  if (answers.length === order.length) return show('end');
  show('ask');
  by('progress').textContent = `${answers.length + 1} of ${order.length}`;
  by('back').disabled = answers.length === 0;
  const { left, right } = order[answers.length];
  const buttons = document.querySelectorAll('[data-choice]');
  let waits = 2;
  const ready = () => {
    if (--waits > 0) return;
    for (const button of buttons) button.disabled = false;
    since = performance.now();
    for (const video of document.querySelectorAll('#pair video')) video.play();
  };
  for (const button of buttons) button.disabled = true;
  const places = document.querySelectorAll('#pair figure div');
  places[0].replaceChildren(player(left, ready));
  places[1].replaceChildren(player(right, ready));
  const videos = [...document.querySelectorAll('#pair video')];
  for (const video of videos) video.onended = () => { if (videos.every(one => one.ended)) play(); };
}

function choose(choice) {
  if (by('ask').hidden || document.querySelector('[data-choice]').disabled) return;
  answers.push({ ...order[answers.length], choice, milliseconds: Math.round(performance.now() - since) });
  remember();
  ask();
}

function back() {
  if (by('ask').hidden || answers.length === 0) return;
  answers.pop();
  remember();
  ask();
}

function crc32(bytes) {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; ++bit) crc = crc >>> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
  }
  return ((crc ^ -1) >>> 0).toString(16).padStart(8, '0');
}

function file() {
  const content = [study.id, worker, approval,
    ...answers.map(one => [one.question, one.left, one.right, one.choice, one.milliseconds].join(' '))].join('\n');
  return JSON.stringify({ format: 1, study: study.id, worker, approval_permille: approval, answers,
    checksum: crc32(new TextEncoder().encode(content)) }, null, 1) + '\n';
}

function save() {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([file()], { type: 'application/json' }));
  link.download = `${study.file}-${worker}.json`;
  link.click();
}

function begin(event) {
  event.preventDefault();
  const form = event.target;
  worker = Number(form.worker.value);
  approval = study.approval_permille > 0 ? Math.round(10 * Number(form.approval.value)) : 0;
  order = draw();
  answers = recall().filter((one, i) => one.question === order[i]?.question);
  ask();
}

for (const place of document.querySelectorAll('.question')) place.textContent = study.question;
const form = document.querySelector('form');
form.worker.max = study.worker_count;
form.worker.value = new URLSearchParams(location.search).get('worker') ?? '';
form.addEventListener('submit', begin);
by('approval').hidden = study.approval_permille === 0;
form.approval.required = study.approval_permille > 0;
for (const button of document.querySelectorAll('[data-choice]'))
  button.onclick = () => choose(button.dataset.choice);
by('again').onclick = play;
by('back').onclick = back;
by('save').onclick = save;
document.addEventListener('keydown', event => {
  if (event.target.tagName === 'INPUT' || event.repeat) return;
  const work = { ArrowLeft: () => choose('left'), ArrowRight: () => choose('right'), Backspace: back }[event.key]
    ?? (event.key === ' ' && !by('ask').hidden ? play : event.key === 'Enter' && !by('end').hidden ? save : null);
  if (!work) return;
  event.preventDefault();
  work();
});
)js";

/// What the script needs, as JSON that may stand in a page.
std::string facts_of(const Study& study, const std::vector<std::string>& places) {
  nlohmann::ordered_json facts = {{"id", study.id()},
                                  {"file", "answers"},
                                  {"question", study.question},
                                  {"seed", study.seed},
                                  {"per_worker", study.per_worker},
                                  {"worker_count", study.worker_count()},
                                  {"approval_permille", study.approval_permille},
                                  {"questions", nlohmann::ordered_json::array()},
                                  {"types", nlohmann::ordered_json::array()},
                                  {"places", places}};
  // In the order of the clips' numbers, which says nothing of methods.
  for (const Study::Question& one : study.questions)
    facts["questions"].push_back({std::min(one.first, one.second), std::max(one.first, one.second)});
  for (const Study::Clip& clip : study.clips) facts["types"].push_back(type_of(clip.file));
  std::string safe;
  for (const char c : facts.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace)) {
    if (c == '<')
      safe += "\\u003c";  // no </script> within
    else
      safe += c;
  }
  return safe;
}

}  // namespace

bool is_playable(const std::string& file) {
  return !type_of(file).empty();
}

std::string data_address(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::stringstream content;
  if (in) content << in.rdbuf();
  if (!in || content.str().empty()) throw Error(Exit::Data, Place{file}, "cannot be read, or is empty");
  return text("data:", type_of(file), ";base64,", base64(content.str()));
}

std::string study_page(const Study& study, const std::vector<std::string>& places) {
  return text(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n<meta name=\"viewport\" "
      "content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<title>",
      escaped(study.name), "</title>\n<style>", kReportStyle, kStyle, "</style></head>\n<body><main>\n<header><h1>",
      escaped(study.name), "</h1></header>", kBody, "</main>\n<script type=\"application/json\" id=\"study\">",
      facts_of(study, places), "</script>\n<script>", kScript, "</script></body></html>\n");
}

}  // namespace weft::report

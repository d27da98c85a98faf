#include "framework/report/report.h"

namespace weft::report {

// Both stand inside the page as they are: the style without `<` and `&`, the script within CDATA.

const char* const kReportStyle = R"css(
:root { color-scheme: light dark; --text: #1d2127; --faint: #667080; --back: #f6f7f9; --card: #fff; --line: #d9dde3;
  --smooth: #1f5fbf; --raw: #1f5fbf55; --stage: #b5541c; --source: #2e8b57; --network: #2f6fd0; --goal: #c2571a;
  --c0: #2f6fd0; --c1: #b5541c; --c2: #2e8b57; --c3: #8a4bb8; --c4: #a07800; --c5: #1b8a9a; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e4e7ec; --faint: #98a2b0; --back: #14171b; --card: #1c2026; --line: #333a44;
    --smooth: #74a7f5; --raw: #74a7f555; --stage: #e8935f; --source: #62c08d; --network: #74a7f5; --goal: #ec9660;
    --c0: #74a7f5; --c1: #ec9660; --c2: #62c08d; --c3: #c596ea; --c4: #d8b64a; --c5: #5cc3d2; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); font: 15px/1.45 system-ui, sans-serif; }
main { max-width: 78rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.5rem; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 0 0 .5rem; }
h3 { font-size: .95rem; margin: 1rem 0 .4rem; overflow-wrap: anywhere; }
p { margin: 0; }
small, .note, dt, figcaption span { color: var(--faint); }
.note { font-size: .87rem; margin-bottom: .6rem; overflow-wrap: anywhere; }
.state { font-weight: 600; overflow-wrap: anywhere; }
header, section { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 1rem;
  margin-bottom: 1rem; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: .6rem 1rem; margin: .8rem 0 0; }
dt { font-size: .8rem; }
dd { margin: 0; overflow-wrap: anywhere; }
figure { margin: 0; min-width: 0; }
figcaption { font-size: .87rem; overflow-wrap: anywhere; }
.clips { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 18rem), 1fr)); gap: .8rem; }
.clips img { display: block; width: 100%; height: auto; image-rendering: pixelated; border-radius: 4px; }
.curves { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); gap: .9rem 1.2rem; }
.curve svg { display: block; width: 100%; height: auto; touch-action: pan-y; }
.curve text { font-size: 11px; fill: var(--faint); }
.curve path { fill: none; stroke-linejoin: round; vector-effect: non-scaling-stroke; }
.curve .grid { stroke: var(--line); stroke-width: 1; }
.curve .stage { stroke: var(--stage); stroke-width: 1; stroke-dasharray: 3 3; }
.curve .band { fill: var(--raw); opacity: .5; }
.curve .raw { stroke: var(--raw); stroke-width: 1; }
.curve .smooth { stroke: var(--smooth); stroke-width: 1.8; }
.curve .last, .curve .mark circle { fill: var(--smooth); }
.curve .mark path { stroke: var(--faint); stroke-width: 1; }
.key { font-size: .8rem; margin-bottom: .6rem; }
.key span { border-left: 4px solid var(--faint); padding: 0 .7rem 0 .35rem; }
.key .source, .plan .source { border-left-color: var(--source); }
.key .network, .plan .network { border-left-color: var(--network); }
.key .goal, .plan .goal { border-left-color: var(--goal); }
.plan { display: flex; align-items: flex-start; }
.plan svg { flex: none; max-width: 45%; }
.plan ol { flex: 1; min-width: 0; margin: 0; padding: 2px 0 0; list-style: none; }
.plan li { height: 38px; margin: 0 0 4px; padding: 1px .5rem; border-left: 4px solid var(--faint); background: var(--back);
  display: grid; grid-template-columns: minmax(0, 1fr) auto; column-gap: .6rem; line-height: 18px; border-radius: 3px; }
.plan li p { grid-column: 1; overflow: hidden; white-space: nowrap; text-overflow: ellipsis; font-size: .85rem; }
.plan li i { color: var(--faint); font-size: .8rem; }
.plan li em { color: var(--goal); font-style: normal; font-size: .8rem; }
.plan li div { grid-column: 2; grid-row: 1 / 3; display: flex; flex-direction: column; text-align: right; font-size: .75rem;
  color: var(--faint); }
.strand path { stroke: var(--strand); fill: none; stroke-width: 1.3; opacity: .75; }
.strand .arrow { fill: var(--strand); }
.strand.delayed .line { stroke-dasharray: 4 3; }
.strand.lit path { stroke-width: 2.6; opacity: 1; }
.plan.dim .strand:not(.lit) path { opacity: .15; }
.plan li.lit { outline: 1px solid var(--faint); }
.c0 { --strand: var(--c0); } .c1 { --strand: var(--c1); } .c2 { --strand: var(--c2); }
.c3 { --strand: var(--c3); } .c4 { --strand: var(--c4); } .c5 { --strand: var(--c5); }
table { border-collapse: collapse; width: 100%; font-size: .87rem; }
th, td { text-align: right; padding: .2rem .4rem; border-bottom: 1px solid var(--line); vertical-align: top; }
th:first-child { text-align: left; font-weight: 400; overflow-wrap: anywhere; }
thead th, thead th:first-child { color: var(--faint); font-size: .8rem; }
tfoot th, tfoot td { font-weight: 600; }
meter { width: 4.5rem; height: .7rem; }
.share span { display: inline-block; min-width: 3.4rem; }
details { margin-top: .8rem; }
summary { cursor: pointer; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: .78rem; background: var(--back); padding: .7rem;
  border-radius: 4px; }
@media (max-width: 32rem) { main { padding: .5rem; } header, section { padding: .7rem; } meter { display: none; }
  .plan li div, .plan li i { display: none; } }
)css";

const char* const kReportScript = R"js(
'use strict';
const drawn = name => document.createElementNS('http://www.w3.org/2000/svg', name);

// The point of a curve that is nearest to the pointer.
for (const svg of document.querySelectorAll('svg[data-points]')) {
  const points = svg.dataset.points.split(';').map(point => point.split(' '));
  const shown = svg.parentNode.querySelector('figcaption span');
  const last = shown.textContent, mark = drawn('g'), line = drawn('path'), dot = drawn('circle');
  mark.setAttribute('class', 'mark');
  dot.setAttribute('r', 3);
  mark.append(line, dot);
  svg.addEventListener('pointermove', event => {
    const box = svg.getBoundingClientRect();
    const x = (event.clientX - box.left) / box.width * svg.viewBox.baseVal.width;
    const best = points.reduce((a, b) => Math.abs(b[2] - x) < Math.abs(a[2] - x) ? b : a);
    line.setAttribute('d', `M${best[2]},8 V146`);
    dot.setAttribute('cx', best[2]);
    dot.setAttribute('cy', best[3]);
    svg.append(mark);
    shown.textContent = `${best[1]} at step ${best[0]}`;
  });
  svg.addEventListener('pointerleave', () => { mark.remove(); shown.textContent = last; });
}

// The lines of the node under the pointer, and the nodes that they lead to.
for (const plan of document.querySelectorAll('.plan')) {
  const rows = [...plan.querySelectorAll('li')];
  const strands = [...plan.querySelectorAll('.strand')].map(strand => [strand, strand.dataset.rows.split(' ')]);
  const light = chosen => {
    plan.classList.toggle('dim', chosen !== null);
    for (const row of rows) row.classList.remove('lit');
    for (const [strand, ends] of strands) {
      const isLit = chosen !== null && ends.includes(chosen);
      strand.classList.toggle('lit', isLit);
      if (isLit) for (const end of ends[0] === chosen ? ends : [ends[0], chosen]) rows[end].classList.add('lit');
    }
  };
  rows.forEach((row, i) => {
    row.addEventListener('pointerenter', () => light(String(i)));
    row.addEventListener('pointerleave', () => light(null));
  });
}
)js";

}  // namespace weft::report

// The style sheet of the status page. One column on a phone, two where there is room; colours follow the reader's
// setting. Words of any length break rather than widen the page.
#pragma once

#include <string_view>

namespace promfleet::elector {

inline constexpr std::string_view kPageStyle = R"css(
:root {
  color-scheme: light dark;
  --ground: #f4f5f7; --surface: #ffffff; --line: #dfe2e7; --text: #1b1f27; --quiet: #5b6472;
  --good: #17733f; --good-ground: #e3f4ea; --warn: #8a5300; --warn-ground: #fdf0d9;
  --bad: #b3231b; --bad-ground: #fde8e6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #12151a; --surface: #1b2028; --line: #2e3540; --text: #e6e9ee; --quiet: #99a3b2;
    --good: #6fd39a; --good-ground: #14301f; --warn: #f0bd6b; --warn-ground: #33260d;
    --bad: #ff9b93; --bad-ground: #3b1815;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 68rem; padding: 1rem; background: var(--ground); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere;
}
header { display: flex; flex-wrap: wrap; gap: 0 1rem; justify-content: space-between; color: var(--quiet); }
header b { color: var(--text); }
h1 { margin: 0; font-size: 1.6rem; line-height: 1.25; }
h2 { margin: 0 0 .6rem; font-size: .8rem; letter-spacing: .06em; text-transform: uppercase; color: var(--quiet); }
p { margin: .3rem 0 0; }
a { color: inherit; }
code { font: .9em ui-monospace, monospace; }
section { background: var(--surface); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem; }
main { display: grid; grid-template-columns: minmax(0, 1fr); gap: 1rem; margin: .75rem 0; }
.verdict { border-left-width: .4rem; }
.verdict strong { display: block; margin-top: .6rem; }
.good { background: var(--good-ground); border-color: var(--good); } .good strong { color: var(--good); }
.warn { background: var(--warn-ground); border-color: var(--warn); } .warn strong { color: var(--warn); }
.bad { background: var(--bad-ground); border-color: var(--bad); } .bad strong { color: var(--bad); }
ul { margin: 0; padding: 0; list-style: none; }
li + li { margin-top: .6rem; padding-top: .6rem; border-top: 1px solid var(--line); }
li p { color: var(--quiet); }
.entry { display: grid; grid-template-columns: minmax(0, 1fr); gap: 0 1rem; }
.entry b { font-weight: 500; }
dl { display: grid; grid-template-columns: minmax(6.5rem, auto) minmax(0, 1fr); gap: .35rem 1rem; margin: 0; }
dt, .quiet { color: var(--quiet); }
dd { margin: 0; }
time { white-space: nowrap; font-size: .9em; }
pre { margin: 0; font: .85rem/1.45 ui-monospace, monospace; white-space: pre-wrap; }
footer { color: var(--quiet); font-size: .875rem; }
@media (min-width: 50rem) {
  body { padding: 2rem; }
  main { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .wide { grid-column: 1 / -1; }
  .entry { grid-template-columns: minmax(0, 3fr) minmax(0, 4fr) minmax(0, 2fr); }
}
)css";

}  // namespace promfleet::elector

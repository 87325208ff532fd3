/** What the reference needs beyond the style of every page: two columns where there is room, lists within lists. */
export const referenceStyle = `
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--card); padding: 0.5rem 1rem; }
body { display: grid; grid-template-columns: 18rem minmax(0, 52rem); justify-content: center; gap: 0 3rem; padding: 0 1.5rem; }
header { grid-column: 1 / -1; padding: 3rem 0 1rem; border-bottom: 1px solid var(--line); }
nav { position: sticky; top: 0; align-self: start; max-height: 100vh; overflow-y: auto; padding: 2rem 0; font-size: 0.875rem; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav > ul > li { margin-bottom: 1rem; }
nav ul ul a { display: block; padding: 0.125rem 0; overflow-wrap: anywhere; }
nav a { text-decoration: none; }
nav a:hover, h3 a:hover { text-decoration: underline; }
main { max-width: none; margin: 0; padding: 1rem 0 6rem; }
main > section { margin-top: 3rem; }
h2 { font-size: 1.5rem; margin: 0 0 0.25rem; }
h3 { font-size: 1rem; margin: 0 0 0.5rem; }
h3 a { color: inherit; text-decoration: none; overflow-wrap: anywhere; }
h3 code { font-size: 1rem; }
h3 .type { font-weight: 400; }
section > h3 { margin: 1.5rem 0 0.5rem; }
main > section:first-child { margin-top: 0.75rem; }
h4 { font-size: 0.875rem; margin: 1.25rem 0 0.5rem; }
article { margin-top: 2.5rem; padding-top: 1.5rem; border-top: 1px solid var(--line); scroll-margin-top: 0.5rem; }
article > p { margin: 0.25rem 0; }
.method { font: 600 0.75rem/1.6 ui-monospace, SFMono-Regular, Menlo, monospace; color: var(--accent); }
dl.fields { display: block; border-left: 2px solid var(--line); padding-left: 1rem; }
dl.fields dt { margin-top: 0.5rem; overflow-wrap: anywhere; }
dl.fields dt > code:first-child { color: var(--ink); }
dl.fields dt:first-child { margin-top: 0; }
dl.fields dd { margin: 0 0 0.25rem; }
dl.fields dd > dl.fields, dl.fields dd > ul.choices { margin-top: 0.5rem; }
dd p, .body > p { margin: 0; }
ul.choices { margin: 0.25rem 0 0; padding-left: 1.25rem; }
.type { color: var(--soft); font-size: 0.875rem; }
.required { color: var(--accent); font-size: 0.8125rem; }
.rules { font-size: 0.875rem; color: var(--soft); overflow-wrap: anywhere; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
@media (max-width: 60rem) {
  body { display: block; }
  header { padding-top: 2rem; }
  nav { position: static; max-height: none; padding: 1rem 0; }
  nav > ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; }
  nav > ul > li { margin: 0; }
  nav ul ul { display: none; }
}
`;

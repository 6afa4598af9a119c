import type { Problem } from '@shared/problem'

/** Where the window goes when no workspace could be opened. */
export const TROUBLE_PATH = '/-/trouble'

/** What a person can choose there; each is a link that the main process acts on, as the page runs no code. */
export type TroubleChoice = 'retry' | 'open' | 'new' | 'quit'

/** The choice that a link of the page stands for. */
export function troubleChoice(address: string): TroubleChoice | undefined {
  return /^app:\/\/gatehouse\/-\/(retry|open|new|quit)$/.exec(address)?.[1] as TroubleChoice | undefined
}

/** The page that says why a workspace could not be opened and what can be done about it. */
export function troublePage(folder: string, problem: Problem): string {
  const field = (problem.errors ?? []).map(
    (error) =>
      `<li><code>${escape(error.field)}</code> ${escape(error.message)}${error.remedy ? ` ${escape(error.remedy)}` : ''}</li>`,
  )
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Workspace not opened - Gatehouse</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escape(problem.title)}</h1>
<p><code>${escape(folder)}</code></p>
${problem.detail ? `<p>${escape(problem.detail)}</p>` : ''}
${field.length > 0 ? `<ul>${field.join('')}</ul>` : ''}
${problem.remedy ? `<p><strong>What to do.</strong> ${escape(problem.remedy)}</p>` : ''}
<p class="quiet">Nothing in the folder was changed.</p>
<nav aria-label="What now">
<a class="first" href="/-/retry">Try again</a>
<a href="/-/open">Open another workspace…</a>
<a href="/-/new">New workspace…</a>
<a href="/-/quit">Quit</a>
</nav>
</main>
</body>
</html>
`
}

const style = `
:root { color-scheme: light dark; --line: light-dark(#e4e4e7, #27272a); --quiet: light-dark(#52525b, #a1a1aa); }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; font: 15px/1.55 Inter, system-ui, sans-serif;
  background: light-dark(#ffffff, #09090b); color: light-dark(#18181b, #fafafa); }
main { max-width: 40rem; padding: 2rem; }
h1 { font-size: 1.25rem; margin: 0 0 .75rem; }
code { font-family: ui-monospace, monospace; font-size: .9em; overflow-wrap: anywhere; }
.quiet { color: var(--quiet); }
nav { display: flex; flex-wrap: wrap; gap: .5rem; margin-top: 1.5rem; }
a { padding: .4rem .8rem; border: 1px solid var(--line); border-radius: .4rem; color: inherit; text-decoration: none; }
a:hover { background: var(--line); }
a:focus-visible { outline: 2px solid light-dark(#4338ca, #a5b4fc); outline-offset: 2px; }
a.first { background: light-dark(#18181b, #fafafa); color: light-dark(#ffffff, #09090b); }
`

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

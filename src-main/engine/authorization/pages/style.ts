import { DEFAULT_COLOR, textOn } from '@shared/colors'

/** One style sheet for all pages, with the domain's colour. It loads nothing: fonts are the system's. */
export function styleSheet(color = DEFAULT_COLOR): string {
  return `:root{--brand:${color};--on-brand:${textOn(color)};${STYLE}`
}

const STYLE = `
color-scheme:light dark;
--page:#f4f4f6;--card:#fff;--text:#18181b;--muted:#52525b;--line:#d4d4d8;--field:#fff;--field-line:#85858f;
--soft:#f4f4f5;--focus:#1d4ed8;--bad:#b42318;--bad-soft:#fef3f2;--bad-line:#fda29b}
@media (prefers-color-scheme:dark){:root{
--page:#0e0e11;--card:#18181b;--text:#f4f4f5;--muted:#a8a8b3;--line:#34343b;--field:#111114;--field-line:#74747f;
--soft:#212126;--focus:#8fb4ff;--bad:#fda29b;--bad-soft:#2f1513;--bad-line:#7a271a}}
*,::before,::after{box-sizing:border-box}
html{font:16px/1.5 ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",Ubuntu,Cantarell,sans-serif;
-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;min-height:100vh;min-height:100dvh;display:flex;flex-direction:column;align-items:center;justify-content:center;
padding:24px 16px;background:var(--page);color:var(--text)}
main{width:100%;max-width:26rem;padding:32px;background:var(--card);border:1px solid var(--line);border-radius:16px;
box-shadow:0 1px 2px #0000000d,0 12px 32px -12px #00000026}
header{display:flex;align-items:center;gap:12px;margin-bottom:24px;font-weight:600;overflow-wrap:anywhere}
header.logo{flex-direction:column;align-items:flex-start}
header img{display:block;max-width:100%;max-height:48px;object-fit:contain}
.mark{flex:none;width:36px;height:36px;display:grid;place-items:center;border-radius:9px;font-weight:700;
background:var(--brand);color:var(--on-brand);border:1px solid color-mix(in srgb,var(--brand) 75%,var(--text))}
h1{margin:0;font-size:1.5rem;line-height:1.25;letter-spacing:-.015em;text-wrap:balance;overflow-wrap:anywhere}
p{margin:8px 0 0;overflow-wrap:anywhere}
.lead{color:var(--muted)}
.lead strong,.who strong{color:var(--text);font-weight:600}
form{margin-top:24px}
form+form{margin-top:12px}
label{display:block;margin:16px 0 6px;font-size:.9375rem;font-weight:500}
input{display:block;width:100%;height:44px;padding:0 12px;font:inherit;color:inherit;background:var(--field);
border:1px solid var(--field-line);border-radius:8px}
input[aria-invalid=true]{border-color:var(--bad)}
button{display:flex;align-items:center;justify-content:center;gap:8px;width:100%;min-height:44px;padding:8px 16px;font:inherit;font-weight:600;
border-radius:8px;cursor:pointer;border:1px solid var(--field-line);background:var(--card);color:var(--text);overflow-wrap:anywhere}
button:hover{background:var(--soft)}
button.main{background:var(--brand);color:var(--on-brand);border-color:color-mix(in srgb,var(--brand) 75%,var(--text))}
button.main:hover{background:color-mix(in srgb,var(--brand) 92%,var(--on-brand))}
.actions{display:grid;gap:12px;margin-top:24px}
.pair{grid-template-columns:1fr 1fr}
.plain{border-color:transparent;background:none;font-weight:500;color:var(--muted)}
.quiet{width:auto;min-height:28px;padding:2px 4px;margin:-2px -4px;border:0;background:none;display:inline;font-size:inherit;font-weight:500;
text-decoration:underline;text-underline-offset:3px;color:inherit}
.quiet:hover{background:var(--soft)}
:focus-visible{outline:2px solid var(--focus);outline-offset:2px}
input:focus-visible{outline-offset:-1px;border-color:var(--focus)}
.problem{margin:24px 0 -4px;padding:10px 12px;border:1px solid var(--bad-line);border-radius:8px;background:var(--bad-soft);
color:var(--bad);font-size:.9375rem}
.who{margin-top:24px;padding:10px 12px;border-radius:8px;background:var(--soft);font-size:.9375rem;color:var(--muted)}
.who form{display:inline;margin:0}
ul{list-style:none;margin:24px 0 0;padding:0;border-top:1px solid var(--line)}
li{padding:10px 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
li span{display:block;font-size:.875rem;color:var(--muted)}
.note{margin-top:20px;font-size:.875rem;color:var(--muted)}
li code{font-size:.9375em}
code{font:.875em/1.5 ui-monospace,"SF Mono","Cascadia Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;color:var(--text)}
dl{display:grid;grid-template-columns:auto 1fr;gap:4px 16px;margin:24px 0 0;padding:14px 0 0;border-top:1px solid var(--line);font-size:.875rem}
dt{color:var(--muted)}
dd{margin:0;overflow-wrap:anywhere}
@media (max-width:30rem){body{justify-content:flex-start;padding:0;background:var(--card)}
main{max-width:none;padding:24px 20px;border:0;border-radius:0;box-shadow:none}}
@media (prefers-color-scheme:dark){header img{padding:8px 10px;border-radius:8px;background:#fff;max-height:64px}}
@media (forced-colors:active){main,.problem,.who,button{border:1px solid}}
`

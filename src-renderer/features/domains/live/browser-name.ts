/** What browsers call themselves, those that also call themselves otherwise first; systems likewise. */
const BROWSERS: readonly (readonly [string, RegExp])[] = [
  ['Gatehouse', /Gatehouse\/([\d.]+)/],
  ['Edge', /Edg(?:A|iOS)?\/(\d+)/],
  ['Opera', /OPR\/(\d+)/],
  ['Firefox', /(?:Firefox|FxiOS)\/(\d+)/],
  ['Chrome', /(?:Chrome|CriOS)\/(\d+)/],
  ['Safari', /Version\/(\d+)[\d.]* (?:Mobile\/\w+ )?Safari\//],
  ['curl', /^curl\/([\d.]+)/],
]
const SYSTEMS: readonly (readonly [string, RegExp])[] = [
  ['Windows', /Windows NT/],
  ['iOS', /iPhone|iPad/],
  ['Android', /Android/],
  ['macOS', /Mac OS X/],
  ['ChromeOS', /CrOS/],
  ['Linux', /Linux/],
]

/** A browser as people call it: `Firefox 140 on Linux`. One that is not known is called what it calls itself. */
export function browserName(userAgent: string): string {
  const [system] = SYSTEMS.find(([, pattern]) => pattern.test(userAgent)) ?? []
  for (const [name, pattern] of BROWSERS) {
    const version = pattern.exec(userAgent)?.[1]
    if (version !== undefined) return `${name} ${version}${system ? ` on ${system}` : ''}`
  }
  return userAgent
}

import type { Branding } from './domain'
import type { Fault } from './problem'

/** Bytes of a logo: it stands in every page, and in the domain's file. */
export const LOGO_MOST_BYTES = 256 * 1024

/** Kinds of pictures that every browser shows, by their media types, with how their bytes begin. */
const pictures = {
  'image/png': { name: 'PNG', begins: (bytes) => bytes.startsWith('\x89PNG\r\n\x1a\n') },
  'image/jpeg': { name: 'JPEG', begins: (bytes) => bytes.startsWith('\xff\xd8\xff') },
  'image/webp': { name: 'WebP', begins: (bytes) => bytes.startsWith('RIFF') && bytes.slice(8, 12) === 'WEBP' },
  'image/svg+xml': {
    name: 'SVG',
    begins: (bytes) => /^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*|<!--[^]*?-->\s*)*<svg[\s>]/.test(bytes),
  },
} as const satisfies Record<string, { name: string; begins: (bytes: string) => boolean }>

/** For a file dialog. */
export const logoTypes = Object.keys(pictures)

/** What an SVG can hold beside a picture: shown as one, none of it would run or be loaded, and whoever put it there is told. */
const notDrawn: readonly (readonly [RegExp, string])[] = [
  [/<!(?:DOCTYPE|ENTITY)/i, 'a document type'],
  [/<(?:script|foreignObject|iframe|object|embed)\b/i, 'a script or a foreign document'],
  [/\son[a-z]+\s*=/i, 'a script'],
  [/javascript:/i, 'a script'],
  [/(?:href|src)\s*=\s*["']?\s*(?:https?:)?\/\//i, 'a reference to another address'],
  [/url\(\s*["']?\s*(?:https?:)?\/\//i, 'a reference to another address'],
]

/** Why a `data:` address is no logo; undefined when it is one. */
export function logoFault(logo: string): Fault | undefined {
  const [, type = '', base64 = ''] = /^data:([a-z+/-]+);base64,([A-Za-z0-9+/]*={0,2})$/.exec(logo) ?? []
  const picture = Object.hasOwn(pictures, type) ? pictures[type as keyof typeof pictures] : undefined
  if (picture === undefined) return { message: 'The logo is not a PNG, JPEG, WebP or SVG picture', remedy: CHOOSE }
  const bytes = bytesOf(base64)
  if (bytes === undefined) return { message: 'The logo is not written in Base64', remedy: CHOOSE }
  if (bytes.length > LOGO_MOST_BYTES) {
    const size = Math.ceil(bytes.length / 1024)
    return {
      message: `The logo has ${size} KiB; 256 KiB is the most`,
      remedy: 'Make the picture smaller: it is shown 48 pixels high.',
    }
  }
  if (!picture.begins(bytes)) return { message: `The logo says that it is ${picture.name}, and is not`, remedy: CHOOSE }
  const extra = type === 'image/svg+xml' ? notDrawn.find(([form]) => form.test(bytes)) : undefined
  if (extra === undefined) return undefined
  return {
    message: `The SVG holds ${extra[1]}, which no page would show`,
    remedy: 'Export it as a plain SVG, or as PNG.',
  }
}

const CHOOSE = 'Choose a PNG, JPEG, WebP or SVG file.'

/** A character for each byte. */
function bytesOf(base64: string): string | undefined {
  try {
    return atob(base64)
  } catch {
    return undefined
  }
}

/** Branding without what says nothing. */
export function brandingOf({ logo = '', color = '' }: { logo?: string; color?: string }): Branding {
  return { ...(logo === '' ? {} : { logo }), ...(color === '' ? {} : { color: color.toLowerCase() }) }
}

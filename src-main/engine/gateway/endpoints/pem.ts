/**
 * PEM blocks of a text, each on lines of its own again: a text that went through a single-line field has lost them, and OpenSSL
 * would not read it (RFC 7468 §2).
 *
 * @param label which ones, such as `CERTIFICATE`, or a pattern of labels
 */
export function pemBlocks(text: string, label: RegExp): string[] {
  return [...text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/g)].flatMap(
    ([, name = '', body = '']) => {
      if (!label.test(name)) return []
      const lines = body.replaceAll(/\s+/g, '').match(/.{1,64}/g) ?? []
      return [[`-----BEGIN ${name}-----`, ...lines, `-----END ${name}-----`, ''].join('\n')]
    },
  )
}

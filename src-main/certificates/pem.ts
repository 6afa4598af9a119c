/** A key with its certificate, both PEM; the certificate may be followed by those that lead to its authority. */
export interface Credentials {
  readonly certificate: string
  readonly key: string
}

const blocks = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g

/** The PEM blocks of a text, in their order (RFC 7468 §2). What stands between them is explanation. */
export function pemBlocks(text: string): { readonly label: string; readonly block: string }[] {
  return [...text.matchAll(blocks)].map(([block, label = '']) => ({ label, block: `${block}\n` }))
}

/** Both as one text, so that they are kept and replaced together. */
export function joinCredentials({ certificate, key }: Credentials): string {
  return `${certificate}${key}`
}

/** What joinCredentials joined; undefined when a part is missing. */
export function splitCredentials(text: string): Credentials | undefined {
  const found = pemBlocks(text)
  const certificate = found.flatMap(({ label, block }) => (label === 'CERTIFICATE' ? [block] : [])).join('')
  const key = found.find(({ label }) => label === 'PRIVATE KEY')?.block
  return certificate === '' || key === undefined ? undefined : { certificate, key }
}

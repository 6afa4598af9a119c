import { keyInvalid, privateKeyFrom, type ReadKey } from './read-key'

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?(?:-----END \1-----|$)/g

/** The private key of a PEM text: PKCS #8, PKCS #1 or SEC 1. Certificates, parameters and a public key beside it are passed over. @throws ProblemError */
export function readPem(text: string): ReadKey {
  // In an environment variable or a JSON file its lines are often put into one.
  const lines = text.replaceAll('\\n', '\n')
  const blocks = [...lines.matchAll(BLOCK)].map(([block, label = '']) => ({ block, label }))
  const labels = blocks.map(({ label }) => label)
  const encrypted = labels.includes('ENCRYPTED PRIVATE KEY') || /^Proc-Type: *4, *ENCRYPTED/m.test(lines)
  if (encrypted)
    throw keyInvalid(
      'The private key is protected by a passphrase',
      'Take it off first: openssl pkey -in key.pem -out plain.pem',
    )
  if (labels.includes('OPENSSH PRIVATE KEY'))
    throw keyInvalid(
      "The key is in OpenSSH's own format",
      'Convert a copy of the file first: ssh-keygen -p -m PKCS8 -f copy-of-the-key',
    )
  const privates = blocks.filter(({ label }) => label.endsWith('PRIVATE KEY'))
  if (privates.length > 1)
    throw keyInvalid(`The text holds ${privates.length} private keys`, 'Give one private key at a time.')
  const [found] = privates
  if (!found)
    throw keyInvalid(
      labels.length === 0
        ? 'The text begins like PEM, but names no kind of key'
        : `The text holds no private key, only ${[...new Set(labels)].join(', ')}`,
      'Give the private key: a block that begins with -----BEGIN PRIVATE KEY-----.',
    )
  const unreadable = keyInvalid(
    `The block ${found.label} cannot be read: it is cut off, changed, or not what its first line says`,
    'Copy the whole file, from its BEGIN line to its END line.',
  )
  return { privateKey: privateKeyFrom({ key: found.block, format: 'pem' }, unreadable) }
}

import { signingAlgorithms, type SigningAlgorithm, type SigningKey } from '@shared/signing-key'

/** What an algorithm is, and whom it suits, for a person who chooses one. */
export interface AlgorithmChoice {
  readonly value: SigningAlgorithm
  /** e.g. RS256 · RSA key pair */
  readonly label: string
  readonly meaning: string
}

export const algorithmChoices: readonly AlgorithmChoice[] = (Object.keys(signingAlgorithms) as SigningAlgorithm[]).map(
  (value) => {
    const { kind, meaning } = words(value)
    return { value, label: `${value} · ${kind}`, meaning }
  },
)

/** Whether its keys are secrets, without a public part. */
export function isSecret(algorithm: SigningAlgorithm): boolean {
  return signingAlgorithms[algorithm].kty === 'oct'
}

/** An algorithm with the size of its key where it has several. */
export function algorithmOf({ algorithm, modulusBits }: SigningKey): string {
  return modulusBits === undefined ? algorithm : `${algorithm}, ${modulusBits} bits`
}

function words(algorithm: SigningAlgorithm): { kind: string; meaning: string } {
  const traits = signingAlgorithms[algorithm]
  const longer = 'hash' in traits && traits.hash !== 'sha256' ? ' With a longer hash, for who is told to use it.' : ''
  switch (traits.kty) {
    case 'oct':
      return {
        kind: 'shared secret',
        meaning: `Signs and verifies with one secret. Only this authorization server can check a token, so APIs ask it.${longer}`,
      }
    case 'RSA':
      return traits.padding === 'PSS'
        ? {
            kind: 'RSA-PSS key pair',
            meaning: 'As RS256 with a newer padding, which profiles such as FAPI ask for.',
          }
        : {
            kind: 'RSA key pair',
            meaning: `Everybody can verify with the public key at jwks.json. What most libraries expect; the largest tokens.${longer}`,
          }
    case 'EC':
      return {
        kind: `${traits.crv} key pair`,
        meaning: `As RS256 with a much shorter signature. Understood by all current libraries.${longer}`,
      }
    case 'OKP':
      return {
        kind: `${traits.crv} key pair`,
        meaning: 'The fastest and smallest of the key pairs. Older libraries may not know it.',
      }
  }
}

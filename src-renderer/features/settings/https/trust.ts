import { shellQuote } from '@shared/curl'

/** How one system or program is made to trust the certificate authority. */
export interface TrustWay {
  readonly key: string
  readonly label: string
  readonly steps: readonly TrustStep[]
}

/** What to do, in words, with the command where it is one. */
export interface TrustStep {
  readonly text: string
  readonly command?: string
}

/**
 * The ways to trust an authority, each with how to take it back.
 *
 * @param file the certificate's, as this machine has it
 * @param name the authority's common name, e.g. Gatehouse CA lab 3fa2c1
 * @param address of a server that it vouches for, to try it
 */
export function trustWays(file: string, name: string, address: string): TrustWay[] {
  const path = shellQuote(file)
  const cn = shellQuote(name)
  // Several workspaces may each have theirs there.
  const short = `gatehouse-${name.split(' ').at(-1)}`
  const keychain = '~/Library/Keychains/login.keychain-db'
  const debian = `/usr/local/share/ca-certificates/${short}.crt`
  const fedora = `/etc/pki/ca-trust/source/anchors/${short}.pem`
  return [
    {
      key: 'macos',
      label: 'macOS',
      steps: [
        {
          text: 'For your user: Safari, Chrome, curl and whatever else asks the system. It asks for your password.',
          command: `security add-trusted-cert -r trustRoot -k ${keychain} \\\n  ${path}`,
        },
        { text: 'To take it back:', command: `security delete-certificate -t -c ${cn} \\\n  ${keychain}` },
      ],
    },
    {
      key: 'windows',
      label: 'Windows',
      steps: [
        {
          text: 'For your user: Edge, Chrome and whatever else asks the system. It shows the fingerprint and asks.',
          command: `certutil -user -addstore Root "${file}"`,
        },
        { text: 'To take it back:', command: `certutil -user -delstore Root "${name}"` },
      ],
    },
    {
      key: 'debian',
      label: 'Debian, Ubuntu',
      steps: [
        {
          text: 'For every user: curl, Python, Go and whatever else asks the system; browsers have their own lists.',
          command: `sudo cp ${path} ${debian}\nsudo update-ca-certificates`,
        },
        { text: 'To take it back:', command: `sudo rm ${debian}\nsudo update-ca-certificates --fresh` },
        chromeOnLinux('libnss3-tools', path, cn),
      ],
    },
    {
      key: 'fedora',
      label: 'Fedora',
      steps: [
        {
          text: 'For every user: curl, Python, Go and whatever else asks the system; browsers have their own lists.',
          command: `sudo cp ${path} ${fedora}\nsudo update-ca-trust`,
        },
        { text: 'To take it back:', command: `sudo rm ${fedora}\nsudo update-ca-trust` },
        chromeOnLinux('nss-tools', path, cn),
      ],
    },
    {
      key: 'firefox',
      label: 'Firefox',
      steps: [
        {
          text: 'Open Settings → Privacy & Security → Certificates → View Certificates → Authorities → Import, choose the file, and tick “Trust this CA to identify websites”. On macOS and Windows, Firefox also takes what the system trusts.',
        },
        { text: 'To take it back: the same list, “Gatehouse local certificate authority”, Delete or Distrust.' },
      ],
    },
    {
      key: 'node',
      label: 'Node',
      steps: [
        {
          text: 'For one program. Node reads the variable when it starts.',
          command: `NODE_EXTRA_CA_CERTS=${path} node app.js`,
        },
        { text: 'In PowerShell:', command: `$env:NODE_EXTRA_CA_CERTS = '${file.replaceAll("'", "''")}'; node app.js` },
      ],
    },
    {
      key: 'curl',
      label: 'curl',
      steps: [
        { text: 'For one call, without trusting it anywhere else.', command: `curl --cacert ${path} ${address}` },
      ],
    },
  ]
}

/** The way that comes first for a person, by what their browser engine says of the system. */
export function likelyWay(platform: string): string {
  if (/mac/i.test(platform)) return 'macos'
  return /win/i.test(platform) ? 'windows' : 'debian'
}

function chromeOnLinux(tools: string, path: string, cn: string): TrustStep {
  return {
    text: `Chrome and Chromium, for your user (certutil comes with ${tools}):`,
    command: `certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n ${cn} \\\n  -i ${path}`,
  }
}

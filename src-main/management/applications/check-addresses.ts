import type { ApplicationType } from '@shared/domain'

/** What is wrong with an address, and what to do. */
export interface AddressFault {
  readonly message: string
  readonly remedy: string
}

/** Schemes that run or show something in place of leading back to an application. */
const DANGEROUS_SCHEMES = new Set(['javascript', 'data', 'vbscript', 'file', 'blob', 'about', 'ws', 'wss', 'ftp'])

/**
 * An address that a browser is sent back to after a login or logout: https; http only to this machine; a scheme of its own only
 * for a native application (RFC 9700 §2.1, RFC 8252 §7). It is compared letter by letter, so that what stands in it counts.
 */
export function redirectFault(address: string, type: ApplicationType): AddressFault | undefined {
  const unreadable = characterFault(address)
  if (unreadable) return unreadable
  if (address.includes('#'))
    return {
      message: 'It has a fragment, the part from # on, which a redirect address must not have (RFC 6749 §3.1.2)',
      remedy: 'Leave the # and what follows it out.',
    }
  if (address.includes('*'))
    return {
      message: 'It has a wildcard, and addresses are compared letter by letter',
      remedy: 'Add each address by itself, as the application sends it.',
    }
  const scheme = schemeOf(address)
  if (scheme === undefined)
    return {
      message: 'It is not a whole address',
      remedy: 'Start with https://, such as https://app.example.com/callback.',
    }
  if (DANGEROUS_SCHEMES.has(scheme))
    return {
      message: `${scheme}: does not lead back to an application`,
      remedy: 'Use https://, or http:// to this machine.',
    }
  return scheme === 'http' || scheme === 'https' ? webFault(address, scheme) : customSchemeFault(scheme, type)
}

/** A scheme of an application's own that another application could claim as well: without a dot it is no reversed domain name (RFC 8252 §7.1). */
export function redirectAdvice(address: string): AddressFault | undefined {
  const scheme = schemeOf(address)
  if (scheme === undefined || scheme === 'http' || scheme === 'https' || scheme.includes('.')) return undefined
  return {
    message: `The scheme ${scheme}: may be taken by another application too`,
    remedy: 'Use the reverse of a domain name that is yours, such as com.example.app: (RFC 8252 §7.1).',
  }
}

/** The origin of a page, as a browser sends it (RFC 6454 §6.1). */
export function originFault(origin: string, type: ApplicationType): AddressFault | undefined {
  const unreadable = characterFault(origin)
  if (unreadable) return unreadable
  if (origin.includes('*'))
    return {
      message: 'It has a wildcard, and origins are compared letter by letter',
      remedy: 'Add each origin by itself.',
    }
  const scheme = schemeOf(origin)
  // Pages within a native application have origins such as capacitor://localhost.
  if (type === 'native' && scheme !== undefined && scheme !== 'http' && scheme !== 'https')
    return /^[a-z][a-z0-9+.-]*:\/\/[a-z0-9.-]+$/.test(origin)
      ? undefined
      : { message: 'It is not an origin', remedy: 'Write scheme and host, such as capacitor://localhost.' }
  if (scheme !== 'http' && scheme !== 'https')
    return { message: 'It is not an origin', remedy: 'Write scheme, host and port, such as https://app.example.com.' }
  const wrong = webFault(origin, scheme)
  if (wrong) return wrong
  const sent = new URL(origin).origin
  return sent === origin
    ? undefined
    : { message: 'It is more than an origin, or not as a browser sends it', remedy: `Write ${sent}.` }
}

/** What a token may be asked for: an absolute address without a fragment (RFC 8707 §2). */
export function resourceFault(address: string): AddressFault | undefined {
  const unreadable = characterFault(address)
  if (unreadable) return unreadable
  if (schemeOf(address) === undefined || !URL.canParse(address))
    return {
      message: 'It is not a whole address (RFC 8707 §2)',
      remedy: 'Write it with its scheme, such as https://api.example.com/orders.',
    }
  return address.includes('#')
    ? {
        message: 'It has a fragment, the part from # on, which a resource must not have (RFC 8707 §2)',
        remedy: 'Leave the # and what follows it out.',
      }
    : undefined
}

function webFault(address: string, scheme: 'http' | 'https'): AddressFault | undefined {
  if (!/^https?:\/\/[^/?]/i.test(address) || !URL.canParse(address))
    return { message: 'It names no host', remedy: `Write the host behind ${scheme}://, such as app.example.com.` }
  const { username, password, hostname } = new URL(address)
  if (username !== '' || password !== '' || /^https?:\/\/[^/?]*@/i.test(address))
    return {
      message: 'It carries a name or password in front of the host',
      remedy: 'Leave out what stands before the @.',
    }
  if (scheme === 'http' && !isLoopback(hostname))
    return {
      message: `It uses http to ${hostname}, where the code could be read on its way`,
      remedy: 'Use https. Only an address of this machine (127.0.0.1, [::1] or localhost) may use http.',
    }
  return undefined
}

function customSchemeFault(scheme: string, type: ApplicationType): AddressFault | undefined {
  if (type === 'native') return undefined
  return {
    message: `${scheme}: is a scheme of its own, which only a native application can answer to`,
    remedy: 'Use https://, or http:// to this machine.',
  }
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}

/** In lower case; undefined when the address does not start with one (RFC 3986 §3.1). */
function schemeOf(address: string): string | undefined {
  return /^([a-z][a-z0-9+.-]*):/i.exec(address)?.[1]?.toLowerCase()
}

/** The first character that no address may have as it stands (RFC 3986 §2). */
function characterFault(address: string): AddressFault | undefined {
  const wrong = /[^A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]/u.exec(address)?.[0]
  if (wrong !== undefined)
    return /\s/.test(wrong)
      ? { message: 'It has a space in it', remedy: 'Take the space out, or write it %20.' }
      : {
          message: `It has the character ${wrong}, which an address cannot have`,
          remedy: 'Write it percent-encoded, or leave it out.',
        }
  return /%(?![0-9A-Fa-f]{2})/.test(address)
    ? { message: 'It has a % that is not followed by two hexadecimal digits', remedy: 'Write a percent sign %25.' }
    : undefined
}

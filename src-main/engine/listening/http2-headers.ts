const OF_CONNECTION: ReadonlySet<string> = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade', 'http2-settings']) // prettier-ignore

/** Whether a field says something of a connection of HTTP/1.1, and may not stand in a message of HTTP/2 (RFC 9113 §8.2.2). */
export const isOfConnection = (name: string): boolean => OF_CONNECTION.has(name)

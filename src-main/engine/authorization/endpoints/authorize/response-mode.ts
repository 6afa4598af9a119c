/** How an authorization response is handed over (OAuth 2.0 Multiple Response Type Encoding Practices §2.1, Form Post Response Mode). */
export const responseModes = ['query', 'fragment', 'form_post'] as const
export type ResponseMode = (typeof responseModes)[number]

export function isResponseMode(text: string | undefined): text is ResponseMode {
  return responseModes.some((mode) => mode === text)
}

/** The mode of a request that names none that is known: an error is looked for where the response type has its answers. */
export function defaultResponseMode(responseType: string | undefined): ResponseMode {
  return /(?:^| )(?:token|id_token)(?: |$)/.test(responseType ?? '') ? 'fragment' : 'query'
}

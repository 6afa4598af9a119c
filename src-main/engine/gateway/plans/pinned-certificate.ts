/** Attribute with the thumbprint of the certificate that a subscription names, once the call has come in by its plan. */
export const PINNED_CERTIFICATE = 'gatehouse.pinned-certificate'

import { logoFault, LOGO_MOST_BYTES } from '@shared/branding'
import type { Fault } from '@shared/problem'

/** A picture that a person chose as a `data:` address, or why it cannot be a logo. */
export async function readLogo(file: File): Promise<{ logo: string } | { fault: Fault }> {
  if (file.size > LOGO_MOST_BYTES) {
    const message = `The logo has ${Math.ceil(file.size / 1024)} KiB; 256 KiB is the most`
    return { fault: { message, remedy: 'Make the picture smaller: it is shown 48 pixels high.' } }
  }
  const logo = await dataAddress(file)
  const fault = logoFault(logo)
  return fault === undefined ? { logo } : { fault }
}

function dataAddress(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(String(reader.result))
    reader.onerror = () => reject(reader.error ?? new Error('The file cannot be read'))
    reader.readAsDataURL(file)
  })
}

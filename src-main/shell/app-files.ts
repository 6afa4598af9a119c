import { join, normalize, sep } from 'node:path'

/**
 * The file behind a path of the window; undefined when the path cannot be read or leads out of the folder. The window's
 * pages stand in the hash, so the only path without a file's name is the root.
 *
 * @param folder the built window, absolute
 * @param pathname of the request's address, still encoded
 */
export function fileFor(folder: string, pathname: string): string | undefined {
  let path: string
  try {
    path = decodeURIComponent(pathname)
  } catch {
    return undefined
  }
  if (path.includes('\0')) return undefined
  const file = normalize(join(folder, path === '/' ? 'index.html' : path))
  return file.startsWith(folder + sep) ? file : undefined
}

/** Finds by the longest context path, on segment borders. */
export interface Router<T> {
  /** @param matched a path as of RequestPath.matched */
  find(matched: string): { readonly contextPath: string; readonly target: T } | undefined
}

/** @param routes context paths as of `normalizeContextPath` */
export function createRouter<T>(routes: ReadonlyMap<string, T>): Router<T> {
  return {
    find(matched) {
      for (let contextPath = matched; ; contextPath = contextPath.slice(0, contextPath.lastIndexOf('/'))) {
        const target = routes.get(contextPath)
        if (target !== undefined) return { contextPath, target }
        if (contextPath === '') return undefined
      }
    },
  }
}

/** `/echo/`, `//echo` and `/echo` are one; `` is the root, which everything matches. */
export function normalizeContextPath(path: string): string {
  return path
    .split('/')
    .filter((segment) => segment !== '')
    .map((segment) => `/${segment}`)
    .join('')
}

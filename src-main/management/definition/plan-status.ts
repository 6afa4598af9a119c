/** Whether a plan lets calls in: one that is being prepared or is closed does not. Published unless it says otherwise. */
export function publishedStatus(status = 'PUBLISHED'): boolean {
  return ['PUBLISHED', 'DEPRECATED'].includes(status.toUpperCase())
}

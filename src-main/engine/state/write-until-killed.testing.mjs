/** Writes durably, one entry after the other, and tells its parent how many were answered: until it is killed. */
import { ClassicLevel } from 'classic-level'

const db = new ClassicLevel(process.argv[2])
for (let written = 1; ; written++) {
  await db.put(`key/${String(written).padStart(8, '0')}`, '\nvalue', { sync: true })
  process.send(written)
}

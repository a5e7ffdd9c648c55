import { setPriority } from 'node:os'
import { json } from 'node:stream/consumers'
import { databaseTrouble } from '../platform/database.ts'
import { copySpool, lookAtSpool, resettleSpool } from './spool-copies.ts'
import type { SpoolErrand, SpoolErrandAnswer } from './spool-errands.ts'

// An errand in, an answer out; then the process ends. Mail comes first: it runs when nobody else wants to.

const background = 15
process.umask(0o077)
setPriority(background)
const errand = (await json(process.stdin)) as SpoolErrand
process.stdout.write(JSON.stringify(run(errand)))

function run(errand: SpoolErrand): SpoolErrandAnswer {
  try {
    switch (errand.kind) {
      case 'copy':
        return copySpool(errand.file, errand.to)
      case 'resettle':
        return resettleSpool(errand.file, errand)
      case 'look':
        return lookAtSpool(errand.file)
    }
  } catch (error) {
    const trouble = databaseTrouble(error)
    if (trouble === undefined) throw error
    const detail = error instanceof Error ? error.message : String(error)
    return { kind: 'refused', refusal: trouble === 'io' ? 'unreadable' : trouble, detail }
  }
}

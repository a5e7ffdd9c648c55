import type { Migration } from '../platform/database.ts'
import { first } from './migrations/001-first.ts'
import { verdicts } from './migrations/002-verdicts.ts'
import { learning } from './migrations/003-learning.ts'
import { dialogue } from './migrations/004-dialogue.ts'
import { reports } from './migrations/005-reports.ts'
import { telling } from './migrations/006-telling.ts'
import { monthUse } from './migrations/007-month-use.ts'
import { pages } from './migrations/008-pages.ts'
import { fragments } from './migrations/010-fragments.ts'

/** Every step of `spool.db`, in order. A released step never changes. */
export const spoolMigrations: readonly Migration[] = [
  first,
  verdicts,
  learning,
  dialogue,
  reports,
  telling,
  monthUse,
  pages,
  fragments,
]

/** True of deliveries that are not final; word for word as in the partial index, or SQLite won't use that. */
export const isOpenSql = "state NOT IN ('accepted', 'confirmed', 'bounced', 'expired', 'dropped')"

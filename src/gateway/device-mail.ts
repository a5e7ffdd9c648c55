import type { DeviceMail } from '../core/operations.ts'
import type { Spool } from '../core/spool.ts'
import { day, type WallMs, wallMs } from '../core/time.ts'

const mostNamed = 1000
const none = { sent: 0, delivered: 0, failed: 0, suppressed: 0 }

/** What became of a device's mail, from the history. */
export async function deviceMail(
  spool: Pick<Spool, 'mailCounts' | 'suppressions'>,
  name: string,
  now: WallMs,
): Promise<DeviceMail> {
  const countsSince = async (ms: number) => {
    const counts = (await spool.mailCounts(wallMs(now - ms))).find(({ device }) => device === name)
    if (!counts) return none
    const { sent, delivered, failed, suppressed } = counts
    return { sent, delivered, failed, suppressed }
  }
  const suppressed = (await spool.suppressions(wallMs(now - 30 * day), mostNamed))
    .filter(({ device }) => device === name)
    .map(({ address, at, mails }) => ({ address, at, mails }))
  return { lastDay: await countsSince(day), lastMonth: await countsSince(30 * day), suppressed }
}

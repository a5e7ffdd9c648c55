import { withSessions } from '../core/device-health.ts'
import type { DeviceMarks } from '../core/page-spool.ts'
import type { SessionRecord, Spool } from '../core/spool.ts'

interface MarksWorld {
  readonly spool: Pick<Spool, 'deviceMarks'>
  /** Of memory, the newest first. */
  readonly sessions: () => readonly SessionRecord[]
}

/** What is known of devices by their sessions, those of memory too. */
export async function marksOf(
  devices: readonly string[],
  { spool, sessions }: MarksWorld,
): Promise<ReadonlyMap<string, DeviceMarks>> {
  const latest = sessions()
  const marks = await spool.deviceMarks(devices)
  return new Map(marks.map((each) => [each.device, withSessions(each, latest)]))
}

import { existsSync } from 'node:fs'

/** systemd-timesyncd's mark that it has heard from a server since boot (systemd-timesyncd.service(8), "Files"). */
const runtimeFolder = '/run/systemd/timesync'

/** Whether the machine's time service has set the clock since boot; undefined: it runs none that leaves a mark. */
export function isTimeSynchronised(folder: string = runtimeFolder): boolean | undefined {
  if (!existsSync(folder)) return undefined
  return existsSync(`${folder}/synchronized`)
}

// A start that comes to no end is begun again, and U-Boot counts it: nobody stands beside a box.
import type { Checks } from '../../../test/package/checks.ts'
import { addKernelWords } from '../card.ts'
import { VirtualBox } from '../virtual-box.ts'
import { serialLog } from './scratch-folder.ts'
import type { SerialShell } from './serial-shell.ts'

const place = 'watchdog'
const longestMs = 15 * 60_000
/** U-Boot says it at each start (`boot.cmd`). */
export const slotLine = /inkpost: slot (\w) \(order [\w ]+, left A (\d+), B (\d+)/

/** systemd's own last resort is a shell for whoever has a password, and nobody has one. */
export async function emergency(disk: string, checks: Checks): Promise<string> {
  addKernelWords(disk, 'systemd.unit=emergency.target')
  await using box = await VirtualBox.start({ disk, log: serialLog('emergency') })
  await box.says(slotLine)
  await box.hears(/Reached target .*emergency\.target/, longestMs)
  const began = performance.now()
  const again = await box.hears(slotLine, longestMs)
  checks.note(place, 'a start that ends in emergency mode is begun again', again !== undefined)
  checks.equal(place, 'and U-Boot counts it', again?.[2], '1')
  return `out of emergency mode: U-Boot again after ${Math.round((performance.now() - began) / 1000)} s`
}

const units = '/run/systemd/system'
/** As long as it may take in a box nobody would wait for. */
const sooner = `mkdir -p ${units}/multi-user.target.d; printf '[Unit]\\nJobTimeoutSec=20\\n' > ${units}/multi-user.target.d/sooner.conf`
const hung = `printf '[Unit]\\nBefore=multi-user.target\\n[Service]\\nType=oneshot\\nExecStart=/bin/sleep infinity\\n' > ${units}/hung.service`

/** The end of a start is asked for once more, with a unit before it that never ends. */
export async function hungStart(box: VirtualBox, shell: SerialShell, checks: Checks): Promise<void> {
  const longest = await shell.ask('systemctl show -P JobTimeoutUSec multi-user.target')
  checks.equal(place, 'a start has half an hour', longest, '30min')
  for (const line of [sooner, hung, 'systemctl daemon-reload', 'systemctl stop multi-user.target'])
    await shell.ask(line)
  shell.last('systemctl start --no-block hung.service multi-user.target')
  const again = await box.hears(slotLine, longestMs)
  checks.note(place, 'a start that hangs for longer is begun again', again !== undefined)
}

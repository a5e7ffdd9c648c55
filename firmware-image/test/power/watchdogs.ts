// Who hangs is started anew: the gateway by systemd, the machine by its watchdog. QEMU's `i6300esb` stands in for a Pi's.
import { join } from 'node:path'
import type { Checks } from '../../../test/package/checks.ts'
import { addKernelWords } from '../card.ts'
import { VirtualBox } from '../virtual-box.ts'
import { emergency, hungStart, slotLine } from './dead-starts.ts'
import { greeted } from './greeting.ts'
import { type Acknowledged, sendMails } from './mail-load.ts'
import { scratchFolder, serialLog } from './scratch-folder.ts'
import { SerialShell } from './serial-shell.ts'
import { copyCard, device, prepareCard } from './test-card.ts'

const place = 'watchdog'
const minuteMs = 60_000
/** A box has no shell (systemd's own one is masked): it comes with the kernel's words, as who holds the card could write them. */
const shell = `[Unit]
DefaultDependencies=no
[Service]
ExecStart=/bin/bash
StandardInput=tty
TTYPath=/dev/ttyAMA0
Restart=always
RestartSec=0
`
const shellOnSerialLine = `systemd.set_credential_binary=systemd.extra-unit.line.service:${Buffer.from(shell).toString('base64')} systemd.wants=line.service`

/** PID 1 is frozen by its cgroup: the kernel and all else run on, and nobody touches the watchdog. */
const freeze = 'echo 1 > /sys/fs/cgroup/init.scope/cgroup.freeze'
/** A kernel that is dead and was told to stay so. */
const crash = 'echo 0 > /proc/sys/kernel/panic; echo c > /proc/sysrq-trigger'

/** What was measured, a line each. `image` is not changed. */
export async function watchdogs(image: string, checks: Checks): Promise<readonly string[]> {
  using scratch = scratchFolder('watchdog')
  const card = prepareCard(image, scratch.path)
  addKernelWords(card, shellOnSerialLine)
  const [other, third] = [join(scratch.path, 'other.img'), join(scratch.path, 'third.img')]
  for (const copy of [other, third]) copyCard(card, copy)
  const facts = await withWatchdog(card, checks)
  await withoutWatchdog(other, checks)
  return [...facts, await emergency(third, checks)]
}

async function withWatchdog(disk: string, checks: Checks): Promise<readonly string[]> {
  await using box = await VirtualBox.start({
    disk,
    log: serialLog('watchdog'),
    entrances: [25],
    hasWatchdog: true,
  })
  const shell = await started(box)
  const kept = await oneMail(box, disk)
  const asked = await shell.ask('systemctl show -P RuntimeWatchdogUSec')
  checks.equal(place, 'systemd touches the hardware watchdog', asked, '15s')
  const gateway = await hungGateway(box, shell, checks)
  const manager = await hungMachine('a hung service manager', freeze, box, shell, checks)
  const kernel = await hungMachine('a dead kernel', crash, box, shell, checks)
  const { status } = await shell.run(`inkpost message ${kept.id} > /dev/null`)
  checks.equal(place, 'the mail that was taken before all this is there', status, 0)
  await hungStart(box, shell, checks)
  return [gateway, manager, kernel]
}

/** The same machine without the device: what starts it anew is the watchdog and nothing else. */
async function withoutWatchdog(disk: string, checks: Checks): Promise<void> {
  await using box = await VirtualBox.start({
    disk,
    log: serialLog('no-watchdog'),
    entrances: [25],
    hasWatchdog: false,
  })
  const shell = await started(box)
  for (const [name, hang] of [
    ['a hung service manager', freeze],
    ['a dead kernel', crash],
  ] as const) {
    shell.last(hang)
    const again = await box.hears(slotLine, 2 * minuteMs)
    checks.equal(place, `${name} stays so where there is no watchdog`, again?.[0], undefined)
  }
}

async function started(box: VirtualBox): Promise<SerialShell> {
  await greeted(box)
  const shell = new SerialShell(box)
  // The kernel's own words would stand between those of the shell.
  await shell.ask('dmesg -n 1')
  // It takes mail before systemd hears that it is ready, and whoever hangs until then has a quarter of an hour.
  await shell.ask('systemctl start inkpost.service')
  return shell
}

async function oneMail(box: VirtualBox, disk: string): Promise<Acknowledged> {
  const load = { ...device, port: box.port(25), mails: 1, printers: 1, to: 'anna@fabrikam.com' }
  const [mail] = await sendMails(load, disk)
  if (mail === undefined) throw new Error('no mail was taken')
  return mail
}

/** It is stopped as it stands; systemd hears no more of it (`WatchdogSec` of its unit). */
async function hungGateway(box: VirtualBox, shell: SerialShell, checks: Checks): Promise<string> {
  const process = 'systemctl show -P MainPID inkpost.service'
  const before = await shell.ask(process)
  const began = performance.now()
  await shell.ask('systemctl kill --kill-whom=main --signal=SIGSTOP inkpost.service')
  await greeted(box)
  const took = secondsSince(began)
  checks.note(place, 'a hung gateway is another process afterwards', (await shell.ask(process)) !== before)
  const said = await shell.ask('journalctl -b --no-pager | grep -c "inkpost.service: Watchdog timeout"')
  checks.equal(place, 'a hung gateway: the watchdog of its unit was it', said, '1')
  return `a hung gateway greets again after ${took} s`
}

async function hungMachine(
  name: string,
  hang: string,
  box: VirtualBox,
  shell: SerialShell,
  checks: Checks,
): Promise<string> {
  const before = await triesLeft(shell)
  await shell.ask('sync')
  const began = performance.now()
  shell.last(hang)
  const again = await box.hears(slotLine, 5 * minuteMs)
  const reset = secondsSince(began)
  checks.note(place, `${name} starts anew`, again !== undefined)
  checks.equal(place, `${name}: U-Boot counts the start`, Number(again?.[2]), before - 1)
  await started(box)
  return `${name}: U-Boot again after ${reset} s, mail again after ${secondsSince(began)} s; tries left to slot A ${before}, then ${again?.[2]}`
}

/** Of the slot that runs, as U-Boot will find it, once it has its three back for having come up. */
async function triesLeft(shell: SerialShell): Promise<number> {
  await shell.ask('systemctl start inkpost-update-start.service')
  return Number(
    await shell.ask("grep -ao 'BOOT_A_LEFT=[0-9]*' /boot/firmware/inkpost-boot-1.env | cut -d= -f2"),
  )
}

const secondsSince = (began: number): number => Math.round((performance.now() - began) / 1000)
